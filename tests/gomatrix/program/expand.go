// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.14
// +build go1.14

package main

import _ "unsafe" // for linkname

//go:linkname expandFinalInlineFrame runtime/pprof.runtime_expandFinalInlineFrame
func expandFinalInlineFrame(stack []uintptr) []uintptr
