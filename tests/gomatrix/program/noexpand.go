// SPDX-License-Identifier: GPL-2.0-only

//go:build !go1.14
// +build !go1.14

package main

// The runtime tells only the innermost function.
func expandFinalInlineFrame(stack []uintptr) []uintptr { return stack }
