// SPDX-License-Identifier: GPL-2.0-only

//go:build goruntimecgo
// +build goruntimecgo

package main

// static __thread int before[10] = {1};
// static __thread char after[52];
// int thread_local_of_c(int i) { return ++before[i % 10] + ++after[i % 52]; }
import "C"
import "fmt"

func init() {
	fmt.Println(C.thread_local_of_c(3))
}
