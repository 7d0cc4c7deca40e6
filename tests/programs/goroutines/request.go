// SPDX-License-Identifier: GPL-2.0-only

package main

import (
	"context"
	"fmt"
	"runtime/pprof"
	"strings"
)

// request is what labels are made of. The same one always has the same labels.
type request struct{ index, number int }

var unlabelled = request{-1, 0}

var kinds = [...]string{"read", "write", "заказ", "検索", "naïve café", "a=b,c;d", `"quoted" \`, "🜁"}

// labels are few or many, short or long, in any script; now and then there are none.
func (r request) labels() map[string]string {
	set := map[string]string{}
	if r.index < 0 || r.number%11 == 10 {
		return set
	}
	set["worker"] = fmt.Sprintf("%03d", r.index)
	set["request"] = fmt.Sprintf("%d-%d", r.index, r.number)
	set["kind"] = kinds[r.number%len(kinds)]
	if r.number%5 == 1 {
		set["арендатор"] = "株式会社 «α» " + strings.Repeat("é", r.number%40)
	}
	if r.number%7 == 3 {
		set["path"] = strings.Repeat("/a/long/path", 1+r.number%30) + fmt.Sprint(r.number)
	}
	if r.number%9 == 4 {
		for i := 0; i < 1+r.number%37; i++ {
			set[fmt.Sprintf("extra%02d", i)] = fmt.Sprint(i * r.number)
		}
	}
	if r.number%13 == 6 {
		set[""], set["empty"] = "of an empty key", ""
	}
	return set
}

// setLabels gives the calling goroutine the request's labels in place of those it has.
func (r request) setLabels() {
	var list []string
	for key, value := range r.labels() {
		list = append(list, key, value)
	}
	ctx := context.Background()
	if len(list) > 0 {
		ctx = pprof.WithLabels(ctx, pprof.Labels(list...))
	}
	pprof.SetGoroutineLabels(ctx)
}
