// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.18

package main

type list[T any] struct {
	items []T
}

//go:noinline
func (l *list[T]) each(f func(T)) {
	for _, item := range l.items {
		f(item)
	}
	sink++
}

//go:noinline
func reduce[T, R any](items []T, first R, f func(R, T) R) R {
	for _, item := range items {
		first = f(first, item)
	}
	return first
}

func generics() {
	(&list[int]{[]int{1}}).each(func(int) { tell() })
	(&list[string]{[]string{"a"}}).each(func(string) { tell() })
	sink += reduce([]string{"a", "b"}, uint64(0), func(n uint64, s string) uint64 {
		tell()
		return n + uint64(len(s))
	})
}
