// SPDX-License-Identifier: GPL-2.0-only

// The program tells the truth about its goroutines, for a recording of it to be judged by. Each
// goroutine runs under a function of its own, own000 to own059, so that a callchain names the
// goroutine; and it knows its id, who started it, and to the nanosecond which labels it had.
//
//	goroutines [-d TIME] [-modes MODE,MODE] [-o TRUTH] [COMMAND ARGUMENT ...]
//
// At the end TRUTH gets all that as JSON, and COMMAND, if any, takes the program's place.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"sort"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
)

var (
	duration = flag.Duration("d", 2*time.Second, "how long to run, half of it busy")
	modeList = flag.String("modes", "", "what the goroutines do, all by default")
	output   = flag.String("o", "truth.json", "where the truth goes")
)

var stop int32

func stopped() bool { return atomic.LoadInt32(&stop) != 0 }

// A mode is what a worker does for one request, until the time given.
type mode func(w *worker, until int64)

// Modes, in files that not every build has too. Those that leave their processor to others again
// and again get it back late beside busy ones, so they run after these.
var busy, yielding = map[string]mode{}, map[string]mode{}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "goroutines:", err)
		os.Exit(1)
	}
}

// chosen are the names of those asked for.
func chosen(modes map[string]mode) []string {
	var names []string
	for name := range modes {
		if *modeList == "" || strings.Contains(","+*modeList+",", ","+name+",") {
			names = append(names, name)
		}
	}
	sort.Strings(names)
	return names
}

// Of the goroutine that runs main.
var entry, parent = "runtime.main", int64(0)

// runAll gives each mode to a goroutine, and once more to one that is locked to its thread. They
// have functions from FIRST on; it returns the next.
func runAll(modes map[string]mode, first int) int {
	names := chosen(modes)
	if len(names) == 0 {
		return first
	}
	atomic.StoreInt32(&stop, 0)
	time.AfterFunc(*duration/2, func() { atomic.StoreInt32(&stop, 1) })

	self := newWorker(0, "main", nil)
	self.do = busy["cpu"]
	self.learn()
	self.Entry, self.Parent = entry, parent
	var group sync.WaitGroup
	for i := 0; i < 2*len(names); i++ {
		name := names[i%len(names)]
		w := newWorker(first+i, name, self)
		w.do, w.locked, w.done = modes[name], i >= len(names), group.Done
		group.Add(1)
		starts[w.Index](w)
	}
	self.live(own000)
	group.Wait()
	return first + 2*len(names)
}

func writeTruth() {
	file, err := os.Create(*output)
	check(err)
	check(json.NewEncoder(file).Encode(map[string]interface{}{
		"pid":        os.Getpid(),
		"version":    runtime.Version(),
		"goroutines": everyone(),
	}))
	check(file.Close())
}

func main() {
	flag.Parse()
	debug.SetGCPercent(50)
	check(pprof.StartCPUProfile(io.Discard)) // for SIGPROF

	runAll(yielding, runAll(busy, 1))
	pprof.StopCPUProfile()
	writeTruth()
	if next := flag.Args(); len(next) > 0 {
		check(syscall.Exec(next[0], next, os.Environ()))
	}
}
