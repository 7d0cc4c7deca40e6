// SPDX-License-Identifier: GPL-2.0-only

// Package clock has the clock that recordings are made on.
package clock

import _ "unsafe" // for linkname

// Now is CLOCK_MONOTONIC in ns.
//
//go:linkname Now runtime.nanotime
func Now() int64
