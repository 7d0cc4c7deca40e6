// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"net"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"
)

// kinds are the ways to wait, each by a function that does not return.
var kinds = map[string]func(){
	"chan receive":          func() { <-make(chan int) },
	"chan receive nil":      func() { var c chan int; <-c },
	"chan send":             func() { make(chan int) <- 1 },
	"chan send nil":         func() { var c chan int; c <- 1 },
	"select":                parkSelect,
	"select nothing":        func() { select {} },
	"sleep":                 func() { time.Sleep(time.Hour) },
	"mutex":                 parkMutex,
	"rwmutex read":          parkRead,
	"rwmutex write":         parkWrite,
	"cond":                  parkCond,
	"waitgroup":             parkWaitGroup,
	"io":                    parkIO,
	"syscall":               parkSyscall,
	"syscall locked":        parkSyscallLocked,
	"deep":                  func() { parkDeep(60) },
	"large frames":          func() { parkLarge(40) },
	"deferred while panics": parkInPanic,
	"range over a channel": func() {
		for range make(chan int) {
		}
	},
	"once":                   parkOnce,
	"locked thread":          func() { runtime.LockOSThread(); <-make(chan int) },
	"while another one runs": parkNested,
}

func parkSelect() {
	a, b := make(chan int), make(chan string)
	select {
	case <-a:
	case b <- "never":
	}
}

var heldMutex sync.Mutex

func parkMutex() { heldMutex.Lock() }

var heldForWrite, heldForRead sync.RWMutex

func parkRead()  { heldForWrite.RLock() }
func parkWrite() { heldForRead.Lock() }

func parkCond() {
	var mutex sync.Mutex
	cond := sync.NewCond(&mutex)
	mutex.Lock()
	cond.Wait()
}

func parkWaitGroup() {
	var group sync.WaitGroup
	group.Add(1)
	group.Wait()
}

func parkIO() {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		panic(err)
	}
	listener.Accept()
}

// A pipe that the runtime does not poll.
func parkSyscall() {
	var pipe [2]int
	if err := syscall.Pipe(pipe[:]); err != nil {
		panic(err)
	}
	var buffer [1]byte
	syscall.Read(pipe[0], buffer[:])
}

func parkSyscallLocked() {
	runtime.LockOSThread()
	parkSyscall()
}

//go:noinline
func parkDeep(depth int) int {
	if depth == 0 {
		<-make(chan int)
	}
	return parkDeep(depth-1) + 1
}

//go:noinline
func parkLarge(depth int) byte {
	var frame [4096]byte
	if depth == 0 {
		<-make(chan int)
	}
	frame[depth] = parkLarge(depth - 1)
	return frame[len(os.Args)]
}

func parkInPanic() {
	defer func() { <-make(chan int) }()
	var nothing *truth
	nothing.Goid++
}

func parkOnce() {
	var once sync.Once
	once.Do(func() { <-make(chan int) })
}

type outer struct{ inner }
type inner struct{ channel chan int }

func (i inner) park(times int) {
	for ; times > 0; times-- {
		<-i.channel
	}
}

type parker interface{ park(times int) }

// The method is called through the wrapper that the compiler makes for an embedded type.
func parkNested() {
	var p parker = &outer{inner{make(chan int)}}
	p.park(len(os.Args))
}

func runKind(kind string) {
	tell(truth{Kind: kind, Entry: "main.runKind", Creator: "main.startKinds", Parent: 1})
	kinds[kind]()
}

func startKinds() {
	heldMutex.Lock()
	heldForWrite.Lock()
	heldForRead.RLock()
	for kind := range kinds {
		expect()
		go runKind(kind)
	}
	expect()
	go spin()
}

// spin runs all the time, on a thread that it knows.
func spin() {
	runtime.LockOSThread()
	withLabels(map[string]string{"runs": "always"})
	tell(truth{Kind: "spin", Entry: "main.spin", Creator: "main.startKinds", Parent: 1,
		Thread: syscall.Gettid(), Labels: map[string]string{"runs": "always"}})
	for {
	}
}
