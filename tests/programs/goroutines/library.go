// SPDX-License-Identifier: GPL-2.0-only

//go:build library
// +build library

package main

import "C"

// Run is main, of a program that loads this as a library (../host), on a goroutine of its own: that
// of a thread that calls from C has no function that it began with.
//
//export Run
func Run() {
	var caller worker
	caller.learn()
	entry, parent = "main.run", caller.Goid
	done := make(chan struct{})
	go run(done)
	<-done
}

func run(done chan struct{}) {
	main()
	close(done)
}
