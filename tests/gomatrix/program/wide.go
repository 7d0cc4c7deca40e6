// SPDX-License-Identifier: GPL-2.0-only

//go:build matrixwide
// +build matrixwide

package main

// Half of the standard library, to have more code to ask about.
import (
	_ "encoding/json"
	_ "expvar"
	_ "html/template"
	_ "image/png"
	_ "net/http/httputil"
)
