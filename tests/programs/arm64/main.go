// SPDX-License-Identifier: GPL-2.0-only

// Program arm64 calls in many ways, for a debugger that goes with it step by step from Begin() to
// End() and keeps its own account of who has called whom. At every Mark() it says what
// runtime.Callers knows.
package main

import (
	"bufio"
	"fmt"
	"os"
	"runtime"
	"strings"

	"arm64/byhand"
)

var (
	told  [][]uintptr
	sink  uint64
	names []string
	round int
)

// tell asks for the callers of whoever has called it, and then is where they are.
//
//go:noinline
func tell() {
	pcs := make([]uintptr, 64)
	told = append(told, pcs[:runtime.Callers(1, pcs)])
	byhand.Mark()
}

// print writes a line a tell: the functions, innermost first.
func print() {
	out := bufio.NewWriter(os.Stdout)
	for _, pcs := range told {
		var line []string
		frames := runtime.CallersFrames(pcs)
		for {
			frame, more := frames.Next()
			line = append(line, frame.Function)
			if !more {
				break
			}
		}
		fmt.Fprintln(out, strings.Join(line, "\t"))
	}
	out.Flush()
}

func main() {
	runtime.LockOSThread()
	all() // once, for what is done at the first use only
	runtime.UnlockOSThread()
	told, round = nil, 1
	byhand.Begin()
	all()
	byhand.End()
	print()
}

func all() {
	for _, way := range ways {
		way()
	}
}
