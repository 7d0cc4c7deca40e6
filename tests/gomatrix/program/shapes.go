// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"errors"
	"sort"
	"strings"
	"sync"

	"perfgo.test/matrix/native"
)

// Inlined three levels deep, with a call left at the bottom.

func level3(n int) int { return n*n + leaf(n) }

func level2(n int) int {
	m := level3(n) + 1
	return m ^ n
}

func level1(n int) int { return level2(n) - level2(n+1) }

//go:noinline
func deep(n int) int {
	sum := 0
	for i := 0; i < n; i++ {
		sum += level1(i)
	}
	return sum
}

// Methods promoted through embedding, by value and by pointer: the compiler
// writes wrappers, into which it inlines what they wrap.

type shape interface {
	Area() int
	Scale(by int)
	Name() string
}

type base struct{ side int }

func (b base) Area() int     { return b.side * b.side }
func (b *base) Scale(by int) { b.side *= by }

type named struct{ name string }

func (n named) Name() string { return strings.ToUpper(n.name) }

type square struct {
	base
	*named
}

type framed struct {
	square
	border int
}

func (f framed) Area() int { return f.square.Area() + 4*f.border }

//go:noinline
func measure(all []shape) int {
	sum := 0
	for _, s := range all {
		s.Scale(2)
		sum += s.Area() + len(s.Name())
	}
	return sum
}

// Method values, method expressions, closures in closures.

type counter struct {
	mu sync.Mutex
	n  int
}

func (c *counter) add(n int) int {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.n += n
	return c.n
}

func (c counter) peek() int { return c.n }

//go:noinline
func apply(f func(int) int, n int) int { return f(n) }

//go:noinline
func closures(n int) int {
	c := &counter{}
	outer := func(m int) int {
		inner := func(k int) int { return level3(k) + m }
		return apply(inner, m) + apply(func(k int) int {
			return apply(func(j int) int { return j + k + n }, k)
		}, m)
	}
	sum := apply(outer, n) + apply(c.add, n)
	peek := counter.peek
	return sum + peek(*c)
}

// Defer, panic and recover, among them a nil pointer behind a value method,
// which ends in the wrapper's panicwrap.

var errCaught = errors.New("caught")

func try(f func()) (err error) {
	defer func() {
		if recover() != nil {
			err = errCaught
		}
	}()
	f()
	return nil
}

//go:noinline
func panics() int {
	caught := 0
	var none *framed
	var s shape = none
	for _, f := range []func(){
		func() { panic("on purpose") },
		func() { s.Area() },
		func() { _ = none.border },
		func() {
			for i := 0; i < 3; i++ {
				defer func(n int) { caught += n }(i)
			}
			var list []int
			_ = list[caught+5]
		},
	} {
		if try(f) != nil {
			caught++
		}
	}
	return caught
}

// Goroutines, with arguments and without, select, channels.

func send(to chan<- int, n int, done *sync.WaitGroup) {
	defer done.Done()
	to <- level2(n)
}

//go:noinline
func goroutines(n int) int {
	var done sync.WaitGroup
	results := make(chan int)
	for i := 0; i < n; i++ {
		done.Add(1)
		go send(results, i, &done)
	}
	go func() {
		done.Wait()
		close(results)
	}()
	sum := 0
	for {
		select {
		case r, more := <-results:
			if !more {
				return sum
			}
			sum += r
		}
	}
}

// Compiler-made equality and hash functions, sorting, maps.

type key struct {
	name  string
	point [2]float64
	any   interface{}
}

type byName []key

func (b byName) Len() int           { return len(b) }
func (b byName) Less(i, j int) bool { return b[i].name < b[j].name }
func (b byName) Swap(i, j int)      { b[i], b[j] = b[j], b[i] }

//go:noinline
func maps(n int) int {
	m := map[key]int{}
	var keys []key
	for i := 0; i < n; i++ {
		k := key{name: strings.Repeat("k", i%7), any: i}
		m[k] += i
		keys = append(keys, k)
	}
	sort.Sort(byName(keys))
	return len(m) + len(keys[0].name)
}

func shapes() int {
	n := &named{"n"}
	sum := deep(5) + closures(3) + panics() + goroutines(4) + maps(20) + generic() + native.Compute()
	return sum + measure([]shape{&square{base{2}, n}, &framed{square{base{3}, n}, 1}})
}
