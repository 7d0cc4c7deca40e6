// SPDX-License-Identifier: GPL-2.0-only

// The program tells the truth about its goroutines, for a recording of it to be judged by. Each
// goroutine runs under a function of its own, own000 to own063, so that a callchain names the
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
	duration = flag.Duration("d", 2*time.Second, "how long to run")
	modeList = flag.String("modes", "", "what the goroutines do, all by default")
	output   = flag.String("o", "truth.json", "where the truth goes")
)

var stop int32

func stopped() bool { return atomic.LoadInt32(&stop) != 0 }

// modes are what a worker can do for one request, until the time given. Files that not every build
// has add theirs.
var modes = map[string]func(w *worker, until int64){}

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "goroutines:", err)
		os.Exit(1)
	}
}

// chosenModes are those asked for, of the ones that this build has.
func chosenModes() []string {
	var chosen []string
	for name := range modes {
		if *modeList == "" || strings.Contains(","+*modeList+",", ","+name+",") {
			chosen = append(chosen, name)
		}
	}
	sort.Strings(chosen)
	if len(chosen) == 0 {
		check(fmt.Errorf("no mode in %q", *modeList))
	}
	return chosen
}

// startAll gives each mode to a goroutine, and once more to one that is locked to its thread.
func startAll(group *sync.WaitGroup, parent *worker) {
	chosen := chosenModes()
	for i := 0; i < 2*len(chosen); i++ {
		w := newWorker(1+i, chosen[i%len(chosen)], parent)
		w.locked = i >= len(chosen)
		w.done = group.Done
		group.Add(1)
		starts[w.Index](w)
	}
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

	self := newWorker(0, "cpu", nil)
	self.learn()
	self.Creator, self.Entry = "runtime.rt0_go", "runtime.main"
	var group sync.WaitGroup
	startAll(&group, self)
	time.AfterFunc(*duration, func() { atomic.StoreInt32(&stop, 1) })
	self.live(own000)
	group.Wait()
	pprof.StopCPUProfile()
	writeTruth()
	if next := flag.Args(); len(next) > 0 {
		check(syscall.Exec(next[0], next, os.Environ()))
	}
}
