// SPDX-License-Identifier: GPL-2.0-only

//go:build !go1.18

package main

func generics() {}
