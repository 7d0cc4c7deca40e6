// SPDX-License-Identifier: GPL-2.0-only

//go:build cgo
// +build cgo

package main

/*
#cgo CFLAGS: -O2 -fno-omit-frame-pointer
void burn_in_c(long count);
void call_back(int depth);
*/
import "C"

func init() {
	leaves = append(leaves, leafC)
	ways["callback"] = func(leaf func()) {
		called = leaf
		C.call_back(3)
	}
	ways["callback-deep"] = func(leaf func()) {
		called = func() { recurse(5, leaf) }
		C.call_back(0)
	}
}

var called func()

//export goCallback
func goCallback() {
	called()
	sink++
}

//go:noinline
func leafC() {
	c := enter()
	for c.more() {
		C.burn_in_c(20000)
	}
	c.leave()
}
