// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.23

package main

import "iter"

// startNewer starts what older releases do not have: a coroutine, which runs inside the one that
// pulls, and has stopped in its yield.
func startNewer() {
	expect()
	next, _ := iter.Pull(func(yield func(int) bool) {
		tell(truth{Kind: "coroutine", Creator: "main.startNewer", Parent: 1})
		for yield(1) {
		}
	})
	next()
}
