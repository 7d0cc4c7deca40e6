// SPDX-License-Identifier: GPL-2.0-only

// The program has very many goroutines that wait, at different depths, a third of them with labels,
// says so, and stands still until its standard input ends.
//
//	crowd [-n GOROUTINES]
package main

import (
	"context"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime/pprof"
	"strconv"
	"sync"
)

var (
	count   = flag.Int("n", 1000000, "how many goroutines")
	nothing = make(chan int)
	parked  sync.WaitGroup
)

func wait() {
	parked.Done()
	<-nothing
}

//go:noinline
func deep(depth int) {
	if depth == 0 {
		wait()
	} else {
		deep(depth - 1)
	}
	parked.Done() // so that the call above is no jump
}

func request(i int) {
	labels := pprof.Labels("tenant", strconv.Itoa(i%1000), "endpoint", "/pay")
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), labels))
	deep(i % 8)
}

func main() {
	flag.Parse()
	parked.Add(*count)
	for i := 0; i < *count; i++ {
		switch i % 3 {
		case 0:
			go wait()
		case 1:
			go deep(i % 5)
		default:
			go request(i)
		}
	}
	parked.Wait()
	fmt.Println("ready")
	_, _ = io.Copy(io.Discard, os.Stdin)
}
