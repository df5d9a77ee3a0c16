// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// fanIn is a chain of one step before n others, and one after all of these.
func fanIn(n int) *chain.Definition {
	steps := map[string]chain.Step{"a root": {}, "z last": {After: map[string]chain.Condition{}}}
	for i := range n {
		name := fmt.Sprintf("leaf %03d", i)
		steps[name] = chain.Step{After: after("a root", "success")}
		steps["z last"].After[name] = chain.ConditionSuccess
	}
	return definition(steps)
}

// random gives the steps of a chain ids and names that do not compress.
func random(d *chain.Definition, nameLength int) *chain.Definition {
	r := rand.New(rand.NewPCG(1, 2))
	names := map[string]string{}
	for name := range d.Steps {
		b := make([]rune, nameLength)
		for i := range b {
			b[i] = rune('!' + r.IntN(90))
		}
		names[name] = string(b)
	}
	c := *d
	c.Steps = map[string]chain.Step{}
	for name, s := range d.Steps {
		s.App = fmt.Sprintf("%08x-%04x-4%03x-8%03x-%012x", r.Uint32(), r.IntN(1<<16), r.IntN(1<<12), r.IntN(1<<12), r.Int64N(1<<48))
		upstreams := map[string]chain.Condition{}
		for upstream, condition := range s.After {
			upstreams[names[upstream]] = condition
		}
		s.After = upstreams
		c.Steps[names[name]] = s
	}
	return &c
}

// widest gives the steps of a chain ids that do not compress, and the longest such names with which it can be deployed.
func widest(t *testing.T, d *chain.Definition) *chain.Definition {
	t.Helper()
	for _, length := range []int{chain.KeyMaxLength, 60, 40, 20} {
		r := random(d, length)
		if _, err := r.Store(); err == nil {
			return r
		}
	}
	t.Fatal("the chain is too large to be deployed, whatever its names")
	return nil
}

// layers is a chain of so many steps, each after so many of those before it.
func layers(n, upstreams int) *chain.Definition {
	r := rand.New(rand.NewPCG(3, 4))
	steps := map[string]chain.Step{}
	for i := range n {
		s := chain.Step{After: map[string]chain.Condition{}}
		for range min(i, upstreams) {
			up := r.IntN(i)
			if upstreams >= n {
				up = len(s.After)
			}
			s.After[fmt.Sprintf("s%04d", up)] = chain.ConditionSuccess
		}
		steps[fmt.Sprintf("s%04d", i)] = s
	}
	return definition(steps)
}

// stored is how many bytes of an item its document takes: the table compresses the long ones.
func stored(doc string) int {
	if len(doc) <= 16<<10 {
		return len(doc)
	}
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write([]byte(doc)) // a buffer takes everything
	_ = z.Close()
	return b.Len()
}

// TestLargeChains: of wide, long and dense chains no item comes near the 400 KB that DynamoDB takes, and no transaction has more than 100.
// https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
func TestLargeChains(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	fails := func(string, int) string { return "FAILED" }
	for _, tt := range []struct {
		name   string
		d      *chain.Definition
		ending func(string, int) string
		events int // that are played; each of them reads the cycle
		starts int
	}{
		{"a fan-in of 300", widest(t, fanIn(300)), nil, 302, 302},
		{"a fan-out of 300", random(fanOut(300), 60), nil, 40, 301},
		{"a chain of 1,000 steps", widest(t, layers(1000, 1)), nil, 10, 21},
		{"1,000 steps with 10 upstreams, of which the first fails", widest(t, layers(1000, 10)), fails, 1, 1},
		{"300 steps, each after all others, of which the first fails", widest(t, layers(300, 300)), fails, 1, 1},
		{"a fan-out of 999", widest(t, fanOut(999)), nil, 3, 1000},
	} {
		w := newWorld(t, 1, tt.d)
		if tt.ending != nil {
			w.ending = tt.ending
		}
		w.schedule("", 1)
		w.run(1)
		begun := time.Now()
		events := 0
		for ; events < tt.events && len(w.active()) > 0; events++ {
			w.end(w.active()[0], 1)
			w.run(1)
		}
		took := time.Since(begun)
		largest, at := 0, engine.Key{}
		for key, doc := range w.store.Items() {
			if size := stored(doc); size > largest {
				largest, at = size, key
			}
		}
		kind, _, _ := strings.Cut(strings.ReplaceAll(at.PK, " ", "#")+"#", "#")
		fmt.Printf("large: %s: %d starts, %.0f ms an event, the largest item has %.0f KB (%s), the largest write %d items\n", tt.name,
			len(w.reloads),
			float64(took.Milliseconds())/float64(max(events, 1)), float64(largest)/1024, kind, w.largest)
		if largest > 200<<10 || w.largest > 100 {
			t.Errorf("%s: %s %s has %d bytes; the largest write has %d items", tt.name, at.PK, at.SK, largest, w.largest)
		}
		if len(w.reloads) != tt.starts && tt.starts > 21 || tt.ending != nil && len(w.unfinished()) > 0 {
			t.Errorf("%s: %d starts, want %d; unfinished %.300v", tt.name, len(w.reloads), tt.starts, w.unfinished())
		}
	}
}
