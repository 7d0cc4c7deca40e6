// SPDX-License-Identifier: GPL-2.0-only

// The program works until it is killed, and counts in a file how much it has done:
//
//	busy COUNTER
package main

import (
	"context"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"sort"
	"strconv"
	"sync/atomic"
	"syscall"
	"unsafe"
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "busy:", err)
		os.Exit(1)
	}
}

// counter is the first word of the file, shared with who reads it.
func counter(path string) *int64 {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o644)
	check(err)
	check(file.Truncate(int64(os.Getpagesize())))
	words, err := syscall.Mmap(int(file.Fd()), 0, os.Getpagesize(),
		syscall.PROT_READ|syscall.PROT_WRITE, syscall.MAP_SHARED)
	check(err)
	return (*int64)(unsafe.Pointer(&words[0]))
}

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

// work allocates, looks up, sorts and computes, a unit at a time.
func work(done *int64) {
	counts := map[string]int{}
	numbers := make([]int, 60)
	for x := uint32(1); ; atomic.AddInt64(done, 1) {
		counts[strconv.Itoa(len(tree(5).payload)+int(x%5000))]++
		for i := range numbers {
			x = x*1664525 + 1013904223
			numbers[i] = int(x)
		}
		sort.Ints(numbers)
		for i := 0; i < 4000; i++ {
			x = x*1664525 + 1013904223
		}
	}
}

func main() {
	done := counter(os.Args[1])
	for i := 0; i < 2*runtime.GOMAXPROCS(0); i++ {
		labels := pprof.Labels("worker", strconv.Itoa(i), "tenant", "acme")
		go pprof.Do(context.Background(), labels, func(context.Context) { work(done) })
	}
	select {}
}
