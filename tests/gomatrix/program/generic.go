// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.18
// +build go1.18

package main

type number interface {
	~int | ~int64 | ~float64
}

func add[T number](a, b T) T { return a + b }

//go:noinline
func total[T number](list []T) T {
	var sum T
	for _, n := range list {
		sum = add(sum, n)
	}
	return sum
}

type stack[T any] struct{ items []T }

func (s *stack[T]) push(item T) { s.items = append(s.items, item) }

//go:noinline
func (s *stack[T]) each(f func(T)) {
	for _, item := range s.items {
		f(item)
	}
}

func pair[K comparable, V any](m map[K]V, k K, v V) func() V {
	return func() V {
		m[k] = v
		return m[k]
	}
}

type pusher[T any] interface{ push(T) }

//go:noinline
func pushAll[T any](to pusher[T], list ...T) {
	for _, item := range list {
		to.push(item)
	}
}

type labelled struct {
	stack[string]
	label string
}

func generic() int {
	words := &labelled{label: "words"}
	pushAll[string](words, "a", "b")
	letters := 0
	words.each(func(s string) { letters += len(s) })
	sum := total([]int{1, 2, 3}) + int(total([]float64{1.5, 2.5}))
	return sum + letters + pair(map[string]int{}, "k", 3)()
}
