// SPDX-License-Identifier: GPL-2.0-only

//go:build cgo
// +build cgo

package main

/*
#cgo CFLAGS: -O2
unsigned long in_c(unsigned long n);
void call_back(int depth);
*/
import "C"

func init() {
	ways = append([]func(){native}, ways...)
}

//export goCallback
func goCallback() {
	tell()
	sink++
}

func native() {
	sink += uint64(C.in_c(3))
	C.call_back(2)
}
