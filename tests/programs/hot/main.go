// SPDX-License-Identifier: GPL-2.0-only

// A program whose time goes to one call that the compiler inlines only when a profile says so. It
// writes the profile of runtime/pprof to the file it is given.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"time"
)

type number interface{ ~int | ~uint64 }

// mix costs more than what is inlined without a profile.
func mix[T number](a, b T) T {
	a ^= b << 7
	b ^= a >> 3
	a += b * 5
	b ^= a << 11
	a -= b >> 2
	b += a * 3
	a ^= b << 5
	b ^= a >> 9
	a += b * 7
	b ^= a << 3
	a -= b >> 4
	b += a * 9
	a ^= b << 13
	b ^= a >> 7
	a += b * 11
	b ^= a << 2
	return a ^ b
}

//go:noinline
func sum(until time.Time) (total uint64) {
	for time.Now().Before(until) {
		for i := uint64(0); i < 1<<16; i++ {
			total = mix(total, i)
		}
	}
	return total
}

func main() {
	file, err := os.Create(os.Args[1])
	if err == nil {
		err = pprof.StartCPUProfile(file)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	labels := pprof.Labels("tenant", "acme")
	pprof.Do(context.Background(), labels, func(context.Context) {
		fmt.Println(sum(time.Now().Add(time.Second)))
	})
	pprof.StopCPUProfile()
}
