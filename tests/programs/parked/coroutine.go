// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.23
// +build go1.23

package main

import "iter"

func init() {
	ways["coroutine"] = func() {
		next, _ := iter.Pull(func(yield func(int) bool) {
			yield(1)
		})
		next()
		receive()
	}
}
