// SPDX-License-Identifier: GPL-2.0-only

//go:build go1.18
// +build go1.18

package main

func init() {
	ways["generic"] = func(leaf func()) {
		generic(1, leaf)
		generic("a", leaf)
		sink++
	}
	ways["generic-method"] = func(leaf func()) {
		(&pair[int, string]{}).call(leaf)
		sink++
	}
}

//go:noinline
func generic[T any](x T, leaf func()) T {
	leaf()
	sink++
	return x
}

type pair[K comparable, V any] struct {
	key   K
	value V
}

//go:noinline
func (p *pair[K, V]) call(leaf func()) {
	leaf()
	generic(p.key, leaf)
	sink++
}
