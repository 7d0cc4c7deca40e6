// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"fmt"
	"strings"
)

func many(count int) map[string]string {
	labels := map[string]string{}
	for i := 0; i < count; i++ {
		labels[fmt.Sprintf("label%02d", i)] = fmt.Sprint(i * i)
	}
	return labels
}

var labelSets = []map[string]string{
	{},
	{"tenant": "acme"},
	{"tenant": "acme", "endpoint": "/pay"},
	{"mandant": "Müller & Söhne", "город": "Москва", "絵文字": "🐹"},
	{"long": strings.Repeat("0123456789abcdef", 256), strings.Repeat("k", 300): "v"},
	{"empty": "", " blank ": " ", "comma,": "a=b", "quote\"": "\\", "line": "a\nb\tc"},
	many(8),
	many(9),
	many(12),
	many(27),
	many(200),
}

// Each with two goroutines: one that sets them, and one that inherits them.
func startLabelled() {
	for _, labels := range labelSets {
		expect()
		expect()
		go labelled(labels)
	}
}

//go:noinline
func labelled(labels map[string]string) {
	withLabels(labels)
	t := truth{Kind: "labelled", Entry: "main.labelled", Creator: "main.startLabelled", Parent: 1,
		Labels: labels}
	go inherits(labels, goid())
	tell(t)
	<-forever
}

//go:noinline
func inherits(labels map[string]string, parent int64) {
	tell(truth{Kind: "inherits", Entry: "main.inherits", Creator: "main.labelled", Parent: parent,
		Labels: labels})
	<-forever
}
