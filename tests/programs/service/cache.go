// SPDX-License-Identifier: GPL-2.0-only

package main

import "sync"

// Session is what the shop knows of a customer.
type Session struct {
	ID     string  `json:"id"`
	Tenant string  `json:"tenant"`
	Lines  []Line  `json:"lines"`
	Total  float64 `json:"total"`
	Visits int     `json:"visits"`
}

// Line is one product in a session's cart.
type Line struct {
	Product int `json:"product"`
	Count   int `json:"count"`
}

// add puts a line into the cart, which forgets the oldest when it is full.
func (s *Session) add(line Line) {
	for i := range s.Lines {
		if s.Lines[i].Product == line.Product {
			s.Lines[i].Count += line.Count
			return
		}
	}
	s.Lines = append(s.Lines, line)
	if len(s.Lines) > 50 {
		s.Lines = s.Lines[25:]
	}
}

type entry struct {
	session    Session
	prev, next *entry
}

// SessionCache keeps the sessions that were used last.
type SessionCache struct {
	mu      sync.Mutex
	entries map[string]*entry
	used    entry // ring: used.next was used last, used.prev longest ago
	limit   int
	hits    int
	misses  int
}

func newSessionCache(limit int) *SessionCache {
	c := &SessionCache{entries: make(map[string]*entry, limit), limit: limit}
	c.used.prev, c.used.next = &c.used, &c.used
	return c
}

func (e *entry) unlink() {
	e.prev.next = e.next
	e.next.prev = e.prev
}

func (c *SessionCache) toFront(e *entry) {
	e.prev, e.next = &c.used, c.used.next
	c.used.next.prev = e
	c.used.next = e
}

// Get returns a copy of a session.
func (c *SessionCache) Get(id string) (Session, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	e, ok := c.entries[id]
	if !ok {
		c.misses++
		return Session{}, false
	}
	c.hits++
	e.unlink()
	c.toFront(e)
	session := e.session
	session.Lines = append([]Line(nil), session.Lines...)
	return session, true
}

// Put keeps a session, and drops the one not used for longest when there are too many.
func (c *SessionCache) Put(session Session) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if e, ok := c.entries[session.ID]; ok {
		e.session = session
		e.unlink()
		c.toFront(e)
		return
	}
	if len(c.entries) >= c.limit {
		oldest := c.used.prev
		oldest.unlink()
		delete(c.entries, oldest.session.ID)
	}
	e := &entry{session: session}
	c.entries[session.ID] = e
	c.toFront(e)
}

// Counts returns how many look-ups found their session, and how many did not.
func (c *SessionCache) Counts() (hits, misses int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.hits, c.misses
}
