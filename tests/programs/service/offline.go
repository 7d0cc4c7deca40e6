// SPDX-License-Identifier: GPL-2.0-only

//go:build offline
// +build offline

package main

import (
	"context"
	"errors"
)

func serve() error {
	if *load <= 0 {
		return errors.New("without a network it needs -load, how long")
	}
	shop := newShop()
	return runCustomers(func(r *Request) error {
		_, err := shop.Answer(context.Background(), r)
		return err
	})
}
