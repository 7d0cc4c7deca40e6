// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"bytes"
	"crypto/aes"
	"crypto/sha256"
	"errors"
	"fmt"
	"hash/crc32"
	"math/big"
	"os"
	"runtime"
	"sort"
	"strings"
	"sync"
	"time"

	"arm64/byhand"
)

var ways = []func(){
	recursion, closures, methods, generics, defers, panics, faults, assembly, growth,
	goroutines, system, memory, tables, text, numbers,
}

//go:noinline
func recurse(n int) int {
	if n == 0 {
		tell()
		return 1
	}
	return recurse(n-1) + 1
}

func recursion() {
	recurse(5)
	even(4)
}

//go:noinline
func even(n int) {
	if n > 0 {
		odd(n - 1)
	} else {
		tell()
	}
	sink++
}

//go:noinline
func odd(n int) {
	even(n - 1)
	sink++
}

//go:noinline
func apply(f func(int) int, n int) int {
	return f(n) + 1
}

func inlined(n int) int {
	tell()
	return n
}

func closures() {
	total := 0
	apply(func(n int) int {
		total += n
		return apply(func(m int) int {
			total += inlined(m)
			return total
		}, n)
	}, 3)
	sink += uint64(total)
}

type shape interface{ area() int }
type square struct{ side int }
type wrapper struct{ square }

//go:noinline
func (s square) area() int {
	tell()
	return s.side * s.side
}

//go:noinline
func measure(s shape) int {
	return s.area() + 1
}

func methods() {
	w := &wrapper{square{3}}
	apply(func(int) int { return measure(w) }, 1)
	bound := w.area
	apply(func(int) int { return bound() }, 1)
	apply(func(int) int { return square.area(w.square) }, 1)
}

//go:noinline
func deferred(n int) (ret int) {
	defer func() { ret++; tell() }()
	for i := 0; i < n; i++ {
		defer tell()
	}
	return n
}

func defers() {
	deferred(0)
	deferred(2)
}

//go:noinline
func thrower(n int) {
	defer func() { sink++ }()
	if n == 0 {
		panic(errors.New("thrown"))
	}
	thrower(n - 1)
	sink++
}

//go:noinline
func catch(f func()) (ret interface{}) {
	defer func() {
		tell()
		ret = recover()
	}()
	f()
	return nil
}

func panics() {
	catch(func() { thrower(3) })
	var none map[string]int
	catch(func() { none["x"] = round })
	catch(func() { sink += uint64(names[round+len(names)][0]) })
}

type large struct {
	before [64]byte
	value  *int
}

var nothing *large

//go:noinline
func fault() int {
	return *nothing.value + 1
}

// faultLeaf has no frame.
//
//go:noinline
func faultLeaf(l *large) uint64 {
	return uint64(l.before[7])
}

func faults() {
	catch(func() { sink += uint64(fault()) })
	catch(func() { sink += faultLeaf(nothing) })
}

func assembly() {
	sink += byhand.Leaf(3)
	sink += byhand.LeafWithFrame(3)
	sink += byhand.LargeFrame(3)
	sink += byhand.Jumps(3)
	sink += byhand.ManualFrame(3)
	byhand.CallBack(tell)
	byhand.Frameless(tell)
}

var from, to = make([]byte, 5000), make([]byte, 5000)

func memory() {
	for _, n := range []int{0, 1, 7, 16, 33, 64, 65, 200, 300} {
		copy(to[:n], from)
		copy(to[1:], to[:n])
		bytes.Equal(to[:n], from[:n])
		bytes.Compare(to[:n], from[:n])
		bytes.IndexByte(from[:n], 1)
		bytes.Count(from[:n], []byte{1})
	}
	strings.Index("a long text with something in it, and more of it still", "something")
	var big [40]uint64
	other := big
	other[round] = sink
	sink += sum(big, other)
}

//go:noinline
func sum(a, b [40]uint64) (ret uint64) {
	c := a
	for i := range b {
		ret += b[i] + c[i]
	}
	return ret
}

func tables() {
	table := map[string]int{}
	keys := []string{"one", "two", strings.Repeat("three", 20), "four", "five", "six", "seven",
		"eight", "nine"}
	for i, key := range keys {
		table[key] = i
	}
	for key := range table {
		sink += uint64(table[key])
	}
	delete(table, "two")
	numbers := map[int]*int{}
	for i := 0; i < 9; i++ {
		numbers[i*7] = new(int)
	}
	var i interface{} = round
	mixed := map[interface{}]string{i: "a", "b": "b"}
	sink += uint64(len(mixed[i]))
	order := append([]string(nil), keys...)
	sort.Slice(order, func(i, j int) bool { return order[i] < order[j] })
}

//go:noinline
func deep(n int) int {
	var room [600]byte
	room[n] = byte(n)
	if n == 0 {
		tell()
		return 0
	}
	return deep(n-1) + int(room[n])
}

func growth() {
	done := make(chan bool)
	go func() {
		deep(12)
		done <- true
	}()
	<-done
	var list []uint64
	for i := uint64(0); i < 20; i++ {
		list = append(list, i)
	}
	kept = make([][]byte, 6)
	for i := range kept {
		kept[i] = make([]byte, 1<<uint(i+5))
	}
}

var kept [][]byte

func goroutines() {
	var group sync.WaitGroup
	var lock sync.Mutex
	in, out := make(chan int), make(chan int, 1)
	for i := 0; i < 3; i++ {
		group.Add(1)
		go func(n int) {
			defer group.Done()
			lock.Lock()
			runtime.Gosched()
			lock.Unlock()
			select {
			case out <- n:
			case n = <-in:
				tell()
			}
		}(i)
	}
	in <- 1
	in <- 2
	<-out
	group.Wait()
	var once sync.Once
	once.Do(tell)
}

func system() {
	sink += uint64(time.Now().Nanosecond())
	os.Getpid()
	if file, err := os.Open("/dev/null"); err == nil {
		file.Read(make([]byte, 10))
		file.Close()
	}
	time.Sleep(time.Microsecond)

}

func text() {
	s := fmt.Sprintf("%d %5.2f %s %v %q", 17, 3.25, "text", struct{ a, b int }{1, 2}, "quoted")
	fields := strings.Fields(strings.ToUpper(s))
	sink += uint64(len(strings.Join(fields, ",")))
}

func numbers() {
	a, b := big.NewInt(1), new(big.Int)
	a.Lsh(a, 500)
	b.Sub(a, big.NewInt(12345))
	a.Mul(a, b).Div(a, big.NewInt(987654321)).Mod(a, b)
	digest := sha256.Sum256(make([]byte, 100))
	sink += uint64(digest[0]) + uint64(crc32.ChecksumIEEE(digest[:]))
	if block, err := aes.NewCipher(digest[:16]); err == nil {
		block.Encrypt(digest[:], digest[:])
	}
}
