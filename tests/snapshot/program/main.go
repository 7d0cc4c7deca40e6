// SPDX-License-Identifier: GPL-2.0-only

// waits has goroutines that wait in every way there is, and tells what the runtime and they
// themselves know of them. Run as `waits DIR` it writes DIR/truth.json and the runtime's own dump,
// DIR/before.txt, prints "ready", and stands still. On a line of input it dumps again, DIR/after.txt,
// for the proof that nothing has moved meanwhile, lets some goroutines end, starts others, and prints
// "changed". `waits DIR churn` has goroutines that never stand still.
package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"runtime/pprof"
	"strconv"
	"sync"
	"time"
)

// truth is what a goroutine knows of itself.
type truth struct {
	Goid    int64             `json:"goid"`
	Parent  int64             `json:"parent"`
	Kind    string            `json:"kind"`
	Entry   string            `json:"entry"` // the function its go statement names
	Creator string            `json:"creator"`
	Labels  map[string]string `json:"labels"`
	Thread  int               `json:"thread"` // that it is locked to, running; or 0
}

var registry struct {
	sync.Mutex
	goroutines []truth
	started    sync.WaitGroup
}

// goid is the id that runtime.Stack tells: "goroutine 7 [running]:".
func goid() int64 {
	var buffer [64]byte
	text := buffer[:runtime.Stack(buffer[:], false)]
	id, err := strconv.ParseInt(string(bytes.Fields(text)[1]), 10, 64)
	if err != nil {
		panic(err)
	}
	return id
}

// expect is called before a go statement, tell by the goroutine it starts.
func expect() { registry.started.Add(1) }

func tell(t truth) {
	t.Goid = goid()
	if t.Labels == nil {
		t.Labels = map[string]string{}
	}
	registry.Lock()
	registry.goroutines = append(registry.goroutines, t)
	registry.Unlock()
	registry.started.Done()
}

func dump(path string) {
	buffer := make([]byte, 16<<20)
	err := os.WriteFile(path, buffer[:runtime.Stack(buffer, true)], 0o666)
	if err != nil {
		panic(err)
	}
}

func withLabels(labels map[string]string) {
	var list []string
	for key, value := range labels {
		list = append(list, key, value)
	}
	pprof.SetGoroutineLabels(pprof.WithLabels(context.Background(), pprof.Labels(list...)))
}

func write(directory string) {
	data, err := json.Marshal(map[string]interface{}{
		"pid": os.Getpid(), "version": runtime.Version(), "goroutines": registry.goroutines,
	})
	if err == nil {
		err = os.WriteFile(filepath.Join(directory, "truth.json"), data, 0o666)
	}
	if err != nil {
		panic(err)
	}
}

// startBrief starts goroutines that end with the change.
func startBrief() {
	for i := 0; i < 3; i++ {
		expect()
		go brief()
	}
}

var change = make(chan int)

func brief() {
	tell(truth{Kind: "brief", Entry: "main.brief", Creator: "main.startBrief", Parent: 1})
	<-change
}

//go:noinline
func fresh() { <-forever }

func stand(directory string) {
	startKinds()
	startForms()
	startLabelled()
	startBrief()
	startNewer()
	registry.started.Wait()
	time.Sleep(100 * time.Millisecond)
	// The runtime notes here since when the goroutines wait.
	runtime.GC()
	runtime.GC()
	debug.SetGCPercent(-1)
	write(directory)
	time.Sleep(200 * time.Millisecond)
	dump(filepath.Join(directory, "before.txt"))
	fmt.Println("ready")
	input := bufio.NewReader(os.Stdin)
	input.ReadString('\n')
	dump(filepath.Join(directory, "after.txt"))
	close(change)
	for i := 0; i < 5; i++ {
		go fresh()
	}
	time.Sleep(100 * time.Millisecond)
	fmt.Println("changed")
	input.ReadString('\n')
}

func main() {
	if len(os.Args) > 2 {
		churn()
	} else {
		stand(os.Args[1])
	}
}
