// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"reflect"
	"runtime"
	"sort"
	"sync"
)

// ways to call a leaf; files for newer releases and for cgo add theirs.
var ways = map[string]func(leaf func()){
	"direct":     func(leaf func()) { leaf(); sink++ },
	"inlined":    func(leaf func()) { inlined(leaf); sink++ },
	"recursion1": func(leaf func()) { recurse(1, leaf) },
	"recursion9": func(leaf func()) { recurse(9, leaf) },
	"recursion":  func(leaf func()) { recurse(60, leaf) },
	"large":      large,
	"deferred":   deferred,
	"loop":       deferredInLoop,
	"panic":      panicking,
	"fault":      faulting,
	"closure":    closure,
	"value":      func(leaf func()) { f := (&base{}).call; f(leaf); apply(f, leaf) },
	"wrapper":    func(leaf func()) { var c caller = derived{&base{}}; c.call(leaf); sink++ },
	"reflect":    func(leaf func()) { reflect.ValueOf(leaf).Call(nil); sink++ },
	"sort":       func(leaf func()) { sort.Slice(make([]int, 2), func(int, int) bool { leaf(); return false }) },
	"once":       func(leaf func()) { new(sync.Once).Do(leaf); sink++ },
	"goroutine":  goroutine,
	"started":    func(leaf func()) { goroutine(func() { recurse(3, leaf) }) },
}

func inlined(leaf func()) {
	leaf()
	sink++
}

//go:noinline
func recurse(depth int, leaf func()) {
	if depth == 0 {
		leaf()
	} else {
		recurse(depth-1, leaf)
	}
	sink++
}

// large has a frame of which a dump holds little.
//
//go:noinline
func large(leaf func()) {
	var room [3000]byte
	room[sink%3000] = 1
	leaf()
	sink += uint64(room[sink%3000])
}

//go:noinline
func deferred(leaf func()) {
	defer leaf()
	sink++
}

//go:noinline
func deferredInLoop(leaf func()) {
	for i := 0; i < 2; i++ {
		defer leaf()
	}
	sink++
}

//go:noinline
func panicking(leaf func()) {
	defer func() { recover() }()
	defer leaf()
	panic("leaf")
}

//go:noinline
func faulting(leaf func()) {
	defer func() {
		recover()
		leaf()
	}()
	var p *base
	p.count++
}

//go:noinline
func closure(leaf func()) {
	x := sink
	f := func() {
		leaf()
		x++
	}
	apply(func(func()) { f() }, leaf)
	sink = x
}

//go:noinline
func apply(f func(func()), leaf func()) {
	f(leaf)
	sink++
}

type caller interface{ call(func()) }

type base struct{ count int }

type derived struct{ *base }

//go:noinline
func (b *base) call(leaf func()) {
	leaf()
	b.count++
}

func goroutine(leaf func()) {
	done := make(chan bool)
	go func() {
		runtime.LockOSThread()
		leaf()
		close(done)
	}()
	<-done
}
