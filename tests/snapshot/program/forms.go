// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"fmt"
	"os"
	"strings"
)

// The forms of go statements.

var forever = make(chan int)

//go:noinline
func plain() { park("plain", "main.plain") }

//go:noinline
func arguments(kind string, a, b int) { park(kind, "main.arguments"); fmt.Fprint(os.Stderr, a, b) }

// One that is inlined into the wrapper.
func small(kind string) { park(kind, "main.small") }

type form struct{ kind string }

//go:noinline
func (f *form) method(n int) { park(f.kind, "main.(*form).method"); fmt.Fprint(os.Stderr, n) }

//go:noinline
func (f form) value() { park(f.kind, "main.form.value") }

func park(kind, entry string) {
	tell(truth{Kind: kind, Entry: entry, Creator: "main.startForms", Parent: 1})
	<-forever
}

type runner interface{ method(n int) }

func startForms() {
	for i := 0; i < 10; i++ {
		expect()
	}
	go plain()
	go arguments("arguments", 1, 2)
	go small("small")
	f := &form{"method"}
	go f.method(3)
	go form{"value"}.value()
	var r runner = &form{"interface"}
	g := func(kind string) { park(kind, "") }
	if len(os.Args) > 5 {
		r = nil
		g = small
	}
	go r.method(len(os.Args))
	go g("function value")
	go func() { park("literal", "main.startForms.func2") }()
	go func(kind string) { park(kind, "main.startForms.func3") }("literal with arguments")
	expect()
	go parent()
	go later(strings.ToUpper)
}

// A goroutine that starts another one.
func parent() {
	id := goid()
	tell(truth{Kind: "parent", Entry: "main.parent", Creator: "main.startForms", Parent: 1})
	expect()
	go child(id)
	<-forever
}

//go:noinline
func child(parent int64) {
	tell(truth{Kind: "child", Entry: "main.child", Creator: "main.parent", Parent: parent})
	<-forever
}

//go:noinline
func later(f func(string) string) { park(strings.ToLower(f("later")), "main.later") }
