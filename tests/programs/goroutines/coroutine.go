// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.23
// +build go1.23

package main

import "iter"

func init() { busy["coroutine"] = doCoroutine }

// doCoroutine runs most of the time in a goroutine that iter.Pull made and switches to directly.
// It keeps one for some requests, so that the two have different labels.
func doCoroutine(w *worker, until int64) {
	if w.finish == nil {
		w.state.next, w.finish = iter.Pull(w.sequence())
	}
	for now() < until {
		x, _ := w.state.next()
		w.state.sum += x
	}
	if w.current.number%4 == 3 {
		w.finish()
		w.finish = nil
	}
}

// sequence is one of numbers that take some time to compute.
func (w *worker) sequence() iter.Seq[int] {
	child := newWorker(w.Index+children, "coroutine", w)
	return func(yield func(int) bool) {
		child.learn()
		child.Entry = "runtime.corostart"
		child.Begin = now()
		owns[child.Index](func() {
			child.during(func() {
				for yield(child.state.sum) {
					child.state.spin(requestTime / 10)
				}
			})
		})
		child.End = now()
	}
}
