// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"fmt"
	"math/rand"
	"sort"
	"strings"
)

// Product is one thing that the shop sells.
type Product struct {
	ID      int      `json:"id"`
	Name    string   `json:"name"`
	Tags    []string `json:"tags"`
	Price   float64  `json:"price"`
	Ratings []int    `json:"ratings"`
	Weight  vector   `json:"-"`
}

type vector [8]float64

// Catalogue holds the products, by id.
type Catalogue struct {
	products []*Product
}

var (
	materials = []string{"oak", "steel", "linen", "glass", "cork", "wool", "brass", "slate"}
	things    = []string{"table", "lamp", "chair", "shelf", "bowl", "clock", "rug", "mirror"}
)

// newCatalogue makes the same products every time.
func newCatalogue(n int) *Catalogue {
	random := rand.New(rand.NewSource(1))
	c := &Catalogue{products: make([]*Product, n)}
	for i := range c.products {
		material := materials[random.Intn(len(materials))]
		thing := things[random.Intn(len(things))]
		p := &Product{
			ID:    i,
			Name:  fmt.Sprintf("%s %s %d", material, thing, i),
			Tags:  []string{material, thing, fmt.Sprintf("series-%d", i%40)},
			Price: float64(random.Intn(50000)) / 100,
		}
		for k := 0; k < 5+random.Intn(20); k++ {
			p.Ratings = append(p.Ratings, 1+random.Intn(5))
		}
		for k := range p.Weight {
			p.Weight[k] = random.NormFloat64()
		}
		c.products[i] = p
	}
	return c
}

// Get returns a product, nil when there is none.
func (c *Catalogue) Get(id int) *Product {
	if id < 0 || id >= len(c.products) {
		return nil
	}
	return c.products[id]
}

func (v *vector) dot(w *vector) float64 {
	sum := 0.0
	for i := range v {
		sum += v[i] * w[i]
	}
	return sum
}

func (p *Product) rating() float64 {
	if len(p.Ratings) == 0 {
		return 0
	}
	sum := 0
	for _, r := range p.Ratings {
		sum += r
	}
	return float64(sum) / float64(len(p.Ratings))
}

func (p *Product) hasTag(words []string) bool {
	for _, tag := range p.Tags {
		for _, word := range words {
			if tag == word {
				return true
			}
		}
	}
	return false
}

// Hit is a product found, and how well it fits.
type Hit struct {
	Product *Product `json:"product"`
	Score   float64  `json:"score"`
}

// Search returns the best LIMIT products for the words of a query.
func (c *Catalogue) Search(query string, taste *vector, limit int) []Hit {
	words := strings.Fields(strings.ToLower(query))
	var hits []Hit
	for _, p := range c.products {
		if p.hasTag(words) {
			hits = append(hits, Hit{p, p.rating() + p.Weight.dot(taste)})
		}
	}
	sort.Slice(hits, func(i, j int) bool { return better(&hits[i], &hits[j]) })
	if len(hits) > limit {
		hits = hits[:limit]
	}
	return hits
}

func better(a, b *Hit) bool {
	if a.Score != b.Score {
		return a.Score > b.Score
	}
	return a.Product.ID < b.Product.ID
}
