// SPDX-License-Identifier: GPL-2.0-only

// Package byhand has functions in assembly, which a package with cgo cannot have.
package byhand

// Where the debugger begins and ends, and a place in a function without a frame.
func Begin()
func End()
func Mark()

func Leaf(n uint64) uint64          // no frame
func LeafWithFrame(n uint64) uint64 // a frame though it calls nobody
func LargeFrame(n uint64) uint64    // more than one instruction can make
func Jumps(n uint64) uint64         // ends with a jump to another
func ManualFrame(n uint64) uint64   // moves the stack pointer by itself
func CallBack(f func())             // calls Go
func Frameless(f func())            // the same, with LR in a frame of its own making
