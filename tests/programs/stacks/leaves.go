// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"bytes"
	"strings"
)

var leaves = []func(){leafBurn, leafMove, leafEqual, leafIndex, leafHash, leafAlloc, leafGrow}

var (
	sink  uint64
	zeros = make([]byte, 1<<16)
	other = make([]byte, 1<<16)
	key   = strings.Repeat("key", 2000)
	table = map[string]int{key: 1}
	kept  *node
)

// burn has no frame.
//
//go:noinline
func burn(count int) {
	x := sink
	for i := 0; i < count; i++ {
		x = x*6364136223846793005 + 1442695040888963407
	}
	sink = x
}

//go:noinline
func leafBurn() {
	c := enter()
	for c.more() {
		burn(20000)
	}
	c.leave()
}

//go:noinline
func leafMove() {
	c := enter()
	for c.more() {
		copy(other, zeros)
	}
	c.leave()
}

//go:noinline
func leafEqual() {
	c := enter()
	for c.more() {
		if !bytes.Equal(zeros, other) {
			sink++
		}
	}
	c.leave()
}

//go:noinline
func leafIndex() {
	c := enter()
	for c.more() {
		sink += uint64(bytes.IndexByte(zeros, 1))
	}
	c.leave()
}

// leafHash hashes long keys with the processor's instructions for AES.
//
//go:noinline
func leafHash() {
	c := enter()
	for c.more() {
		for i := 0; i < 10; i++ {
			sink += uint64(table[key])
		}
	}
	c.leave()
}

type node struct {
	next *node
	more [6]*node
}

// leafAlloc helps the collector, and goes to the system stack for it.
//
//go:noinline
func leafAlloc() {
	c := enter()
	for c.more() {
		kept = nil
		for i := 0; i < 10000; i++ {
			kept = &node{next: kept}
		}
	}
	c.leave()
}

//go:noinline
func deep(depth int) byte {
	var room [1024]byte
	room[depth] = byte(depth)
	if depth > 0 {
		return deep(depth-1) + room[depth]
	}
	return room[0]
}

// leafGrow needs more and more stack, which the runtime copies on its own.
//
//go:noinline
func leafGrow() {
	c := enter()
	for c.more() {
		done := make(chan byte)
		go func() { done <- deep(200) }()
		<-done
	}
	c.leave()
}
