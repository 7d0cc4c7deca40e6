// SPDX-License-Identifier: GPL-2.0-only

package main

// Where the debugger begins and ends, and a place in a function without a frame.
func begin()
func end()
func mark()

func leaf(n uint64) uint64          // no frame
func leafWithFrame(n uint64) uint64 // a frame though it calls nobody
func largeFrame(n uint64) uint64    // more than one instruction can make
func jumps(n uint64) uint64         // ends with a jump to another
func manualFrame(n uint64) uint64   // moves the stack pointer by itself
func callBack(f func())             // calls Go
func frameless(f func())            // the same, with LR in a frame of its own making
