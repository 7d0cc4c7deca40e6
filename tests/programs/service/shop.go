// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"runtime/pprof"
	"strconv"
)

// Shop answers the requests.
type Shop struct {
	catalogue *Catalogue
	sessions  *SessionCache
}

// Request is what a customer asks.
type Request struct {
	Tenant string
	Path   string
	Values url.Values
	Body   []byte
}

// An endpoint returns what is to be sent as JSON.
type endpoint func(s *Shop, r *Request) (interface{}, error)

var endpoints = map[string]endpoint{
	"/product": (*Shop).product,
	"/search":  (*Shop).search,
	"/cart":    (*Shop).cart,
	"/stats":   (*Shop).stats,
}

// Answer serves a request under its pprof labels, and returns JSON.
func (s *Shop) Answer(ctx context.Context, r *Request) (text []byte, err error) {
	serve, ok := endpoints[r.Path]
	if !ok {
		return nil, fmt.Errorf("no endpoint %q", r.Path)
	}
	pprof.Do(ctx, pprof.Labels("tenant", r.Tenant, "endpoint", r.Path[1:]), func(context.Context) {
		var answer interface{}
		if answer, err = serve(s, r); err == nil {
			text, err = json.Marshal(answer)
		}
	})
	return text, err
}

func (s *Shop) product(r *Request) (interface{}, error) {
	id, err := strconv.Atoi(r.Values.Get("id"))
	if err != nil {
		return nil, err
	}
	return s.find(id)
}

func (s *Shop) find(id int) (*Product, error) {
	p := s.catalogue.Get(id)
	if p == nil {
		return nil, fmt.Errorf("no product %d", id)
	}
	return p, nil
}

func (s *Shop) search(r *Request) (interface{}, error) {
	return s.catalogue.Search(r.Values.Get("q"), tasteOf(r.Tenant), 20), nil
}

// tasteOf spreads the tenants over the directions that products lie in.
func tasteOf(tenant string) *vector {
	var taste vector
	for i := 0; i < len(tenant); i++ {
		taste[i%len(taste)] += float64(tenant[i]%7) - 3
	}
	return &taste
}

// cart adds the lines of the request's body to the session's.
func (s *Shop) cart(r *Request) (interface{}, error) {
	var lines []Line
	if err := json.Unmarshal(r.Body, &lines); err != nil {
		return nil, err
	}
	id := r.Tenant + "/" + r.Values.Get("session")
	session, ok := s.sessions.Get(id)
	if !ok {
		session = Session{ID: id, Tenant: r.Tenant}
	}
	session.Visits++
	for _, line := range lines {
		p, err := s.find(line.Product)
		if err != nil {
			return nil, err
		}
		session.Total += p.Price * float64(line.Count)
		session.add(line)
	}
	s.sessions.Put(session)
	return session, nil
}

func (s *Shop) stats(r *Request) (interface{}, error) {
	hits, misses := s.sessions.Counts()
	return map[string]int{"hits": hits, "misses": misses}, nil
}
