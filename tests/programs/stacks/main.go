// SPDX-License-Identifier: GPL-2.0-only

// The program tells the truth about its stacks, for a recording of it to be judged by: leaves, which
// take some time, are called in many ways, and each asks runtime.Callers who called it, and writes
// down on which thread and from when to when it ran, by CLOCK_MONOTONIC.
//
//	stacks [-t TIME] [-o TRUTH]
package main

import (
	"encoding/json"
	"flag"
	"os"
	"runtime"
	"runtime/debug"
	"sort"
	"syscall"
	"time"
	"unsafe"
)

type frame struct {
	Func string `json:"func"`
	Line int    `json:"line"`
}

// call is one of a leaf, whose frame is the first.
type call struct {
	Frames []frame `json:"frames"`
	Thread int     `json:"thread"`
	Begin  int64   `json:"begin"`
	End    int64   `json:"end"`
	start  time.Time
}

var (
	calls    []*call
	duration time.Duration
)

func now() int64 {
	var t syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, 1, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}

// enter is called by a leaf first, more in its loop, leave last.
func enter() *call {
	pcs := make([]uintptr, 256)
	frames := runtime.CallersFrames(pcs[:runtime.Callers(2, pcs)])
	c := &call{Thread: syscall.Gettid(), start: time.Now()}
	for {
		f, again := frames.Next()
		c.Frames = append(c.Frames, frame{f.Function, f.Line})
		if !again {
			break
		}
	}
	calls = append(calls, c)
	c.Begin = now()
	return c
}

//go:noinline
func (c *call) more() bool {
	return time.Since(c.start) < duration
}

func (c *call) leave() {
	c.End = now()
}

func main() {
	truth := flag.String("o", "", "where the truth goes")
	flag.DurationVar(&duration, "t", 4*time.Millisecond, "how long a leaf takes")
	flag.Parse()
	debug.SetGCPercent(20)
	runtime.LockOSThread()

	names := make([]string, 0, len(ways))
	for name := range ways {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		for _, leaf := range leaves {
			ways[name](leaf)
		}
	}

	file := os.Stdout
	if *truth != "" {
		var err error
		if file, err = os.Create(*truth); err != nil {
			panic(err)
		}
	}
	if err := json.NewEncoder(file).Encode(calls); err != nil {
		panic(err)
	}
}
