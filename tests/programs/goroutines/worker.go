// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"bytes"
	"runtime"
	"strconv"
	"sync"
	"syscall"

	"example.com/goroutines/clock"
)

const (
	requestTime = 200_000 // ns
	children    = 30      // the goroutine that worker N starts, one at a time, is N + children
)

// interval is a time in which the goroutine's labels were those of a request, all the time.
type interval struct {
	Begin  int64             `json:"begin"`
	End    int64             `json:"end"`
	Labels map[string]string `json:"labels"`

	request request
}

func now() int64 { return clock.Now() }

// worker is a goroutine. What it says of itself is the runtime's word.
type worker struct {
	Index     int        `json:"index"` // of the function it runs under
	Goid      int64      `json:"goid"`
	Parent    int64      `json:"parent"`
	Creator   string     `json:"creator"`
	Entry     string     `json:"entry"`
	Unnamed   bool       `json:"unnamed"` // the go statement does not name the entry
	Mode      string     `json:"mode"`
	Thread    int        `json:"thread"` // the only one it runs on, and that runs it; or 0
	Begin     int64      `json:"begin"`  // from here to End the function is on its stack
	End       int64      `json:"end"`
	Intervals []interval `json:"intervals"`

	locked  bool
	current request
	do      mode
	finish  func() // of what the mode began
	done    func()
	state   state
}

var registry struct {
	sync.Mutex
	workers []*worker
}

// newWorker is called by the goroutine that is its parent, nil for the first one.
func newWorker(index int, mode string, parent *worker) *worker {
	w := &worker{Index: index, Mode: mode, current: unlabelled, done: func() {}}
	w.Intervals = make([]interval, 0, 8)
	if parent != nil {
		w.Parent, w.current = parent.Goid, parent.current
	}
	registry.Lock()
	registry.workers = append(registry.workers, w)
	registry.Unlock()
	return w
}

// everyone is called when all have ended.
func everyone() []*worker {
	for _, w := range registry.workers {
		for i := range w.Intervals {
			w.Intervals[i].Labels = w.Intervals[i].request.labels()
		}
	}
	return registry.workers
}

// learn asks the runtime who the calling goroutine is, by the text of a traceback.
func (w *worker) learn() {
	text := make([]byte, 16384)
	lines := bytes.Split(text[:runtime.Stack(text, false)], []byte("\n"))
	w.Goid, _ = strconv.ParseInt(string(bytes.Fields(lines[0])[1]), 10, 64)
	for _, line := range lines[1:] {
		if bytes.HasPrefix(line, []byte("created by ")) {
			w.Creator = string(bytes.Fields(line)[2])
			return
		}
		if end := bytes.LastIndexByte(line, '('); end > 0 && line[0] != '\t' {
			w.Entry = string(line[:end])
		}
	}
}

// live is the goroutine's life, run under the function of its own.
func (w *worker) live(own func(work func())) {
	if w.locked {
		runtime.LockOSThread()
		w.Thread = syscall.Gettid()
	}
	w.Begin = now()
	own(w.serve)
	w.End = now()
	w.done()
}

// run is live for a goroutine that does not know itself yet.
func (w *worker) run(own func(work func())) {
	w.learn()
	w.live(own)
}

// serve serves requests to the end; a child serves its parent's and perhaps one of its own.
func (w *worker) serve() {
	if w.Index >= children {
		w.during(func() { w.state.spin(requestTime / 8) })
		if w.Goid%2 == 0 {
			w.begin(request{w.Index, int(w.Goid)})
			w.during(func() { w.state.spin(requestTime / 8) })
		}
		return
	}
	for number := 0; !stopped(); number++ {
		w.begin(request{w.Index, number})
		w.during(func() { w.do(w, now()+requestTime) })
	}
	if w.finish != nil {
		w.finish()
	}
}

func (w *worker) begin(r request) {
	w.current = r
	r.setLabels()
}

// during notes the time of work as one with the current labels.
func (w *worker) during(work func()) {
	begin := now()
	work()
	w.Intervals = append(w.Intervals, interval{Begin: begin, End: now(), request: w.current})
}
