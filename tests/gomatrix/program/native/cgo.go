// SPDX-License-Identifier: GPL-2.0-only

//go:build matrixcgo
// +build matrixcgo

package native

/*
static inline int matrix_inlined(int n)
{
	volatile int copy = n;
	return copy * 3;
}

__attribute__((noinline)) static int matrix_static(int n)
{
	return matrix_inlined(n) + 1;
}

__attribute__((noinline)) int matrix_native(int n)
{
	int sum = 0;
	for (int i = 0; i < n; i++)
		sum += matrix_inlined(i) ^ matrix_static(n);
	return sum;
}
*/
import "C"

// Compute goes through C where there is cgo.
func Compute() int { return int(C.matrix_native(7)) }
