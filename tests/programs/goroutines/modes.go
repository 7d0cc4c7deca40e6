// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"bytes"
	"os"
	"os/signal"
	"runtime"
	"strconv"
	"syscall"
	"time"
)

type node struct {
	left, right *node
	payload     [5]int64
}

func tree(depth int) *node {
	if depth == 0 {
		return &node{}
	}
	return &node{left: tree(depth - 1), right: tree(depth - 1)}
}

// state is what a worker computes with.
type state struct {
	sum    int
	trees  []*node
	counts map[string]int
	queue  chan int
	from   []byte
	to     []byte
	next   func() (int, bool) // of a coroutine
}

// spin computes for so many ns.
func (s *state) spin(ns int64) {
	for end := now() + ns; now() < end; {
		x := uint32(s.sum)
		for i := 0; i < 500; i++ {
			x = x*1664525 + 1013904223
		}
		s.sum += int(x & 1)
	}
}

func (s *state) buffers() (to, from []byte) {
	if s.to == nil {
		s.to, s.from = make([]byte, 1<<17), make([]byte, 1<<17)
	}
	return s.to, s.from
}

func init() {
	busy["alloc"] = doAlloc
	busy["cpu"] = func(w *worker, until int64) { w.state.spin(until - now()) }
	busy["map"] = doMap
	busy["memmove"] = doMemmove
	busy["signal"] = doSignal
	busy["syscall"] = doSyscall
	busy["time"] = doTime
	yielding["channel"] = doChannel
	yielding["spawn"] = doSpawn
	yielding["systemstack"] = doSystemstack
	signal.Notify(make(chan os.Signal, 1), syscall.SIGUSR1)
}

// doAlloc allocates what lives for a while, and pays for it with GC assists.
func doAlloc(w *worker, until int64) {
	for now() < until {
		w.state.trees = append(w.state.trees, tree(7))
		if len(w.state.trees) == 64 {
			w.state.trees = w.state.trees[:0]
		}
	}
}

func doSyscall(w *worker, until int64) {
	_, from := w.state.buffers()
	zero, err := syscall.Open("/dev/zero", syscall.O_RDONLY, 0)
	check(err)
	for now() < until {
		_, err := syscall.Read(zero, from)
		check(err)
		w.state.sum += syscall.Getppid()
	}
	check(syscall.Close(zero))
}

// doChannel goes through the scheduler all the time.
func doChannel(w *worker, until int64) {
	if w.state.queue == nil {
		w.state.queue = make(chan int, 1)
	}
	for now() < until {
		for i := 0; i < 200; i++ {
			w.state.queue <- i
			select {
			case x := <-w.state.queue:
				w.state.sum += x
			default:
			}
		}
		runtime.Gosched()
		time.Sleep(time.Microsecond)
	}
}

func doMap(w *worker, until int64) {
	if w.state.counts == nil {
		w.state.counts = map[string]int{}
	}
	for i := 0; now() < until; i++ {
		w.state.counts[strconv.Itoa(i%5000)]++
	}
}

// doTime is mostly in the vDSO.
func doTime(w *worker, until int64) {
	for now() < until {
		for i := 0; i < 100; i++ {
			w.state.sum += int(time.Now().UnixNano() & 1)
		}
	}
}

// doMemmove is in assembly that has no frame.
func doMemmove(w *worker, until int64) {
	to, from := w.state.buffers()
	for now() < until {
		copy(to, from)
		w.state.sum += bytes.IndexByte(from, 1)
	}
}

//go:noinline
func deep(depth int) int {
	var frame [64]int
	if depth > 0 {
		frame[depth%64] = deep(depth - 1)
	}
	return frame[depth%64] + 1
}

// doSystemstack makes the runtime work on the thread's own stack: it walks and grows stacks, and
// gets spans.
func doSystemstack(w *worker, until int64) {
	text := make([]byte, 4096)
	for now() < until {
		w.state.sum += runtime.Stack(text, false)
		w.state.to = make([]byte, 40<<10)
		grown := make(chan int)
		go func() { grown <- deep(100) }()
		w.state.sum += <-grown
	}
}

// doSignal has its thread run signal handlers.
func doSignal(w *worker, until int64) {
	for now() < until {
		_, _, failed := syscall.RawSyscall(syscall.SYS_TGKILL, uintptr(os.Getpid()),
			uintptr(syscall.Gettid()), uintptr(syscall.SIGUSR1))
		if failed != 0 && failed != syscall.EAGAIN && failed != syscall.ESRCH {
			check(failed)
		}
	}
}

// doSpawn starts one short-lived goroutine after another.
func doSpawn(w *worker, until int64) {
	for now() < until {
		ended := make(chan bool)
		child := newWorker(w.Index+children, "child", w)
		child.done = func() { close(ended) }
		starts[child.Index](child)
		<-ended
	}
}
