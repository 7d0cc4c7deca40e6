// SPDX-License-Identifier: GPL-2.0-only

// Waiting knows how long its goroutines waited and for what, and says so: a line each, "entry goid
// reason ns times". The time is that of the calls that block, so the way back to running is in it.
package main

import (
	"bytes"
	"fmt"
	"runtime"
	"strconv"
	"sync"
	"time"
)

const rounds = 30

type result struct {
	entry, reason string
	goid          uint64
	waited        time.Duration
	times         int
}

var (
	results = make(chan result, 16)
	mutex   sync.Mutex
	ticks   = make(chan int)
)

// goid reads it off the first line of the stack: "goroutine 7 [running]:".
func goid() uint64 {
	var buffer [64]byte
	line := buffer[:runtime.Stack(buffer[:], false)]
	id, _ := strconv.ParseUint(string(bytes.Fields(line)[1]), 10, 64)
	return id
}

func measure(entry, reason string, block func()) {
	r := result{entry: entry, reason: reason, goid: goid(), times: rounds}
	for i := 0; i < rounds; i++ {
		start := time.Now()
		block()
		r.waited += time.Since(start)
	}
	results <- r
}

func sleeper() { measure("main.sleeper", "sleep", func() { time.Sleep(4 * time.Millisecond) }) }

func receiver() { measure("main.receiver", "chan receive", func() { <-ticks }) }

func selector() {
	never := make(chan int)
	measure("main.selector", "select", func() {
		select {
		case <-never:
		case <-time.After(3 * time.Millisecond):
		}
	})
}

func locker() {
	measure("main.locker", "", func() { // Mutex.Lock, or semacquire before 1.20
		mutex.Lock()
		mutex.Unlock()
	})
}

func spin(d time.Duration) {
	for end := time.Now().Add(d); time.Now().Before(end); {
	}
}

// spinner runs all the time, on a thread of its own or not, and now and then lets others run.
func spinner() {
	r := result{entry: "main.spinner", reason: "running", goid: goid(), times: 1}
	start := time.Now()
	for i := 0; i < 100; i++ {
		spin(time.Millisecond)
		runtime.Gosched()
	}
	r.waited = time.Since(start)
	results <- r
}

func ticker() {
	for i := 0; i < rounds; i++ {
		time.Sleep(2 * time.Millisecond)
		ticks <- i
	}
}

// holder has the mutex most of the time.
func holder(stop chan bool) {
	for {
		mutex.Lock()
		time.Sleep(2 * time.Millisecond)
		mutex.Unlock()
		select {
		case <-stop:
			return
		case <-time.After(100 * time.Microsecond):
		}
	}
}

func main() {
	stop := make(chan bool)
	go holder(stop)
	go ticker()
	for _, f := range []func(){sleeper, receiver, selector, locker, spinner} {
		go f()
	}
	for i := 0; i < 5; i++ {
		r := <-results
		fmt.Println(r.entry, r.goid, strconv.Quote(r.reason), r.waited.Nanoseconds(), r.times)
	}
	close(stop)
}
