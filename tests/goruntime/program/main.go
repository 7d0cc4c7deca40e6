// SPDX-License-Identifier: GPL-2.0-only

// Enough of the runtime to have in it what is looked for.
package main

import (
	"fmt"
	"runtime"
)

func main() {
	done := make(chan bool)
	go func() { done <- true }()
	fmt.Println(<-done)
	runtime.GC()
}
