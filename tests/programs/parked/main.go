// SPDX-License-Identifier: GPL-2.0-only

// The program parks goroutines in every way there is, writes what labels they have, and stands still
// until its standard input ends. All else the runtime tells itself, on SIGQUIT.
//
//	parked [-n TIMES] [-o LABELS]
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"
)

var (
	times  = flag.Int("n", 1, "how often each way")
	output = flag.String("o", "labels.json", "where the labels go")
)

func check(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "parked:", err)
		os.Exit(1)
	}
}

// parking has what goroutines wait for, and nobody gives.
var parking struct {
	empty     chan int
	full      chan int
	nothing   chan int
	mutex     sync.Mutex
	readers   sync.RWMutex
	writers   sync.RWMutex
	condition *sync.Cond
	group     sync.WaitGroup
	from, to  *os.File // to is kept, lest it be closed
	pipe      [2]int
}

func prepare() {
	parking.empty, parking.full = make(chan int), make(chan int)
	parking.mutex.Lock()
	parking.readers.RLock()
	parking.writers.Lock()
	parking.condition = sync.NewCond(new(sync.Mutex))
	parking.group.Add(1)
	var err error
	parking.from, parking.to, err = os.Pipe()
	check(err)
	check(syscall.Pipe(parking.pipe[:]))
}

//go:noinline
func deep(depth int) int {
	var frame [16]int
	if depth == 0 {
		return <-parking.empty
	}
	frame[depth%16] = deep(depth - 1)
	return frame[depth%16] + 1
}

func inlined() { receive() }
func receive() { <-parking.empty }

// ways are how to park. Files that not every build has add theirs.
var ways = map[string]func(){
	"receive":         receive,
	"send":            func() { parking.full <- 1 },
	"receive of none": func() { <-parking.nothing },
	"send to none":    func() { parking.nothing <- 1 },
	"select":          doSelect,
	"select of none":  func() { select {} },
	"sleep":           func() { time.Sleep(time.Hour) },
	"mutex":           func() { parking.mutex.Lock() },
	"read lock":       func() { parking.writers.RLock() },
	"write lock":      func() { parking.readers.Lock() },
	"condition":       doCondition,
	"group":           func() { parking.group.Wait() },
	"network":         doNetwork,
	"system call":     doSyscall,
	"deep":            func() { deep(60) },
	"inlined":         func() { inlined() },
	"locked":          doLocked,
}

func doSelect() {
	select {
	case <-parking.empty:
	case parking.nothing <- 1:
	}
}

func doCondition() {
	parking.condition.L.Lock()
	parking.condition.Wait()
}

// doNetwork waits in the poller.
func doNetwork() {
	var one [1]byte
	_, err := parking.from.Read(one[:])
	check(err)
}

func doSyscall() {
	var one [1]byte
	_, err := syscall.Read(parking.pipe[0], one[:])
	check(err)
}

func doLocked() {
	runtime.LockOSThread()
	receive()
}

var known struct {
	sync.Mutex
	labels map[string]map[string]string // by goroutine id
}

func goid() string {
	var text [64]byte
	return string(bytes.Fields(text[:runtime.Stack(text[:], false)])[1])
}

// labels of a way: none, few, many, long.
func labelsOf(way string, number int) map[string]string {
	set := map[string]string{}
	if number%4 == 3 || way == "select" {
		return set
	}
	set["way"], set["номер"] = way, strconv.Itoa(number)
	for i := 0; i < number%4*5; i++ {
		set["extra"+strconv.Itoa(i)] = strings.Repeat("long ", i)
	}
	return set
}

func setLabels(set map[string]string) {
	var list []string
	for key, value := range set {
		list = append(list, key, value)
	}
	ctx := context.Background()
	if len(list) > 0 {
		ctx = pprof.WithLabels(ctx, pprof.Labels(list...))
	}
	pprof.SetGoroutineLabels(ctx)
}

func park(way string, number int, ready *sync.WaitGroup) {
	set := labelsOf(way, number)
	setLabels(set)
	known.Lock()
	known.labels[goid()] = set
	known.Unlock()
	ready.Done()
	ways[way]()
}

// writeLabels says with the file's appearance that all stands still.
func writeLabels() {
	file, err := os.Create(*output + ".new")
	check(err)
	check(json.NewEncoder(file).Encode(known.labels))
	check(file.Close())
	check(os.Rename(*output+".new", *output))
}

func main() {
	flag.Parse()
	prepare()
	known.labels = map[string]map[string]string{}
	var ready sync.WaitGroup
	for number := 0; number < *times; number++ {
		for way := range ways {
			ready.Add(1)
			go park(way, number, &ready)
		}
	}
	ready.Wait()
	runtime.GC() // or its workers are not there yet
	time.Sleep(200 * time.Millisecond)
	writeLabels()
	var one [1]byte
	_, err := syscall.Read(0, one[:])
	check(err)
}
