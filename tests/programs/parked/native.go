// SPDX-License-Identifier: GPL-2.0-only

//go:build cgo
// +build cgo

package main

// #include <unistd.h>
import "C"

func init() {
	ways["c"] = func() { C.pause() }
}
