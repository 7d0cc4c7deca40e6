// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"time"
)

const churners = 100

var pause = make(chan int)

// Where a goroutine is, its labels say too: of each of these functions the name.

//go:noinline
func churn0() { <-pause; runtime.KeepAlive(0) }

//go:noinline
func churn1() { time.Sleep(20 * time.Microsecond); runtime.KeepAlive(1) }

//go:noinline
func churn2() { runtime.Gosched(); runtime.KeepAlive(2) }

//go:noinline
func churn3() { pause <- 1; runtime.KeepAlive(3) }

var places = []func(){churn0, churn1, churn2, churn3}

// enter sets the labels and goes where they say. They are those of goroutine id in step n.
func enter(id, n int) {
	number := strconv.Itoa(n)
	place := n % len(places)
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(
		"goid", strconv.Itoa(id), "step", number, "again", number,
		"in", "main.churn"+strconv.Itoa(place))))
	places[place]()
	pprof.SetGoroutineLabels(context.Background())
}

// Without a partner a goroutine would wait for ever.
func keepGoing() {
	for {
		select {
		case pause <- 1:
		case <-pause:
		}
	}
}

func churner() {
	id := int(goid())
	for n := id; ; n++ {
		enter(id, n)
		if n%50 == 0 {
			go enter(0, n)
		}
	}
}

func churn() {
	debug.SetGCPercent(5)
	for i := 0; i < churners; i++ {
		go churner()
	}
	go keepGoing()
	go keepGoing()
	go func() {
		for {
			runtime.GC()
			time.Sleep(time.Millisecond)
		}
	}()
	fmt.Println("ready")
	bufio.NewReader(os.Stdin).ReadString('\n')
}
