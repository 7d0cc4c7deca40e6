// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"encoding/json"
	"fmt"
	"math/rand"
	"net/url"
	"sync"
	"time"
)

var tenants = []string{"acme", "globex", "initech", "umbrella"}

// A customer makes up requests, the same ones every time.
type customer struct {
	random *rand.Rand
}

// runCustomers lets all of them send their requests, each one after another, for so long.
func runCustomers(send func(*Request) error) error {
	end := time.Now().Add(*load)
	counts := make([]int, *clients)
	errs := make([]error, *clients)
	var wait sync.WaitGroup
	for i := range counts {
		wait.Add(1)
		go func(i int) {
			defer wait.Done()
			c := customer{rand.New(rand.NewSource(int64(i)))}
			for errs[i] == nil && time.Now().Before(end) {
				errs[i] = send(c.next())
				counts[i]++
			}
		}(i)
	}
	wait.Wait()
	total := 0
	for i := range counts {
		if errs[i] != nil {
			return errs[i]
		}
		total += counts[i]
	}
	report(total, *load)
	return nil
}

func (c *customer) next() *Request {
	r := &Request{Tenant: tenants[c.random.Intn(len(tenants))], Values: url.Values{}}
	switch n := c.random.Intn(10); {
	case n < 4:
		r.Path = "/product"
		r.Values.Set("id", fmt.Sprint(c.random.Intn(*products)))
	case n < 6:
		r.Path = "/search"
		r.Values.Set("q", c.word(materials)+" "+c.word(things))
	default:
		r.Path = "/cart"
		r.Values.Set("session", fmt.Sprint(c.random.Intn(800)))
		r.Body, _ = json.Marshal(c.lines())
	}
	return r
}

func (c *customer) word(words []string) string {
	return words[c.random.Intn(len(words))]
}

func (c *customer) lines() []Line {
	lines := make([]Line, 1+c.random.Intn(8))
	for i := range lines {
		lines[i] = Line{c.random.Intn(*products), 1 + c.random.Intn(3)}
	}
	return lines
}
