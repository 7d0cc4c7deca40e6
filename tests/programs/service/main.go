// SPDX-License-Identifier: GPL-2.0-only

// Service is what the demo and the tests profile: a shop that answers JSON over HTTP from a
// catalogue in memory, with a cache of sessions in front, and brings its own customers.
//
//	service            serves until it is interrupted
//	service -load 3s   serves, and runs its clients in a process of their own for 3 s
//
// Built with -tags offline it is the same shop without a network, its clients in the same process.
// Every request runs under pprof labels: tenant and endpoint.
package main

import (
	"flag"
	"fmt"
	"os"
	"time"
)

var (
	load     = flag.Duration("load", 0, "run the clients for so long, then end")
	clients  = flag.Int("clients", 4, "how many clients ask at the same time")
	products = flag.Int("products", 4000, "size of the catalogue")
	sessions = flag.Int("sessions", 512, "how many sessions the cache keeps")
)

func main() {
	flag.Parse()
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "service:", err)
		os.Exit(1)
	}
}

func run() error {
	if flag.NArg() > 0 {
		return fmt.Errorf("%q is not an option", flag.Arg(0))
	}
	return serve()
}

func newShop() *Shop {
	return &Shop{newCatalogue(*products), newSessionCache(*sessions)}
}

func report(requests int, duration time.Duration) {
	fmt.Printf("%d requests in %v\n", requests, duration)
}
