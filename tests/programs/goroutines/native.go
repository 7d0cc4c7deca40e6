// SPDX-License-Identifier: GPL-2.0-only

//go:build cgo
// +build cgo

package main

/*
#cgo CFLAGS: -O2 -fno-omit-frame-pointer
#cgo LDFLAGS: -lpthread
void spin(long count);
void spin_and_call(long count, int index);
int start_thread(int index);
*/
import "C"

import (
	"fmt"
	"sync/atomic"
)

func init() {
	busy["cgo"] = doCgo
	busy["callback"] = doCallback
	busy["thread"] = doThread
}

// doCgo runs C.
func doCgo(w *worker, until int64) {
	for now() < until {
		C.spin(5000)
	}
}

var callers [children]atomic.Value

// doCallback runs C that calls Go.
func doCallback(w *worker, until int64) {
	callers[w.Index].Store(w)
	for now() < until {
		C.spin_and_call(2000, C.int(w.Index))
	}
}

//export goCallback
func goCallback(index C.int) {
	w := callers[index].Load().(*worker)
	owns[w.Index](func() { w.state.spin(10_000) })
}

var ended [children]chan bool

// doThread has a thread born in C call Go, again and again, on whatever goroutine it gets there.
func doThread(w *worker, until int64) {
	if w.finish == nil {
		ended[w.Index] = make(chan bool)
		w.finish = func() { <-ended[w.Index] }
		if status := C.start_thread(C.int(w.Index)); status != 0 {
			check(fmt.Errorf("pthread_create: %d", status))
		}
	}
	w.state.spin(until - now())
}

//export goThread
func goThread(index C.int) C.int {
	w := newWorker(int(index)+children, "thread", nil)
	w.learn()
	w.Entry = ""
	w.Begin = now()
	owns[w.Index](func() { w.state.spin(requestTime) })
	w.End = now()
	if stopped() {
		close(ended[index])
		return 0
	}
	return 1
}
