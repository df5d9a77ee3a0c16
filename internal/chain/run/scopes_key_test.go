// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
)

// matters reports whether what comes can depend on a run: it is open, or it has the latest result of a step that another one follows, or it
// has skipped one that has none, or a start of it has used the latest results, so that a run that would use the same goes on with it. A
// canceled one is seen by no other, but where something is continued in it.
func (p *pair) matters(r reference.Run) bool {
	m := p.model
	if slices.Contains(m.Stopped, r.ID) {
		return slices.ContainsFunc(m.Marks, func(f reference.Mark) bool {
			return f.In == r.ID && !slices.Contains(m.Stopped, f.Run) && p.matters(reference.Run{ID: f.Run})
		})
	}
	if !p.ended(r.ID) {
		return true
	}
	// A run that began in the cycle sees none that began later.
	return p.seenIn(r, p.latest(true)) || p.seenIn(r, p.latest(false))
}

func (p *pair) ended(id string) bool {
	return slices.ContainsFunc(p.model.Ended, func(e reference.Ending) bool { return e.Run == id })
}

// latest are the latest results of the steps in runs that have ended: an open one can still be canceled, and then the results before its
// own count again. Those of runs that began after the cycle's end are among them, or the others alone.
func (p *pair) latest(late bool) map[string]reference.Result {
	m, latest := p.model, map[string]reference.Result{}
	end, over := m.Over[theCycle]
	for _, result := range m.Results {
		from := m.Runs[slices.IndexFunc(m.Runs, func(r reference.Run) bool { return r.ID == result.Run })]
		if !p.ended(from.ID) || slices.Contains(m.Stopped, from.ID) || !late && over && from.Begins >= end {
			continue
		}
		last, there := latest[result.Step]
		if !there || result.Start > last.Start || result.Start == last.Start && result.Reload > last.Reload {
			latest[result.Step] = result
		}
	}
	return latest
}

func (p *pair) seenIn(r reference.Run, latest map[string]reference.Result) bool {
	for _, s := range p.model.Steps {
		last, settled := latest[s.Name]
		is, covered := p.stands[r.ID][s.Name]
		if p.followed(s.Name) && (settled && last.Run == r.ID || !settled && covered && is.Is == reference.Skipped) {
			return true
		}
	}
	return slices.ContainsFunc(p.model.Starts, func(s reference.Start) bool {
		old := func(u reference.Use) bool { return u.Reload != "" && latest[u.Step].Reload != u.Reload }
		return s.Run == r.ID && len(s.Uses) > 0 && !slices.ContainsFunc(s.Uses, old)
	})
}

// followed reports whether a step has downstreams.
func (p *pair) followed(step string) bool {
	return slices.ContainsFunc(p.model.Steps, func(s reference.Step) bool {
		return slices.ContainsFunc(s.After, func(l reference.Link) bool { return l.From == step })
	})
}

// successors are the states that can come next, by what leads to them, both without the runs' names.
func (p *pair) successors(t *testing.T) map[string]string {
	t.Helper()
	_, number := p.numbered()
	next := map[string]string{}
	for _, m := range p.moves() {
		named := m
		if m.kind == "end" || m.kind == "cancel" {
			if number[m.run] == 0 {
				continue // an end in a canceled run
			}
			named.run = string(number[m.run])
		} else {
			named.run = ""
		}
		q := p.clone()
		if err := q.take(m); err != nil {
			t.Fatal(err)
		}
		next[named.String()] = string(q.key())
	}
	return next
}

// TestStatesThatAreTaken for the same: what can come next is the same, so that it is enough to go on from one of them.
func TestStatesThatAreTaken(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	sample, compared := rand.New(rand.NewPCG(3, 4)), 0
	for n := 2; n <= 4; n++ {
		for _, chain := range plans(n) {
			if sample.IntN(map[int]int{2: 1, 3: 20, 4: 10000}[n]) > 0 {
				continue
			}
			from := map[string]*pair{}
			layer := []*pair{chain.pair(n)}
			for range 4 {
				var next []*pair
				for _, p := range layer {
					for _, m := range p.moves() {
						q := p.clone()
						if err := q.take(m); err != nil {
							t.Fatal(err)
						}
						key := string(q.key())
						if from[key] == nil {
							from[key], next = q, append(next, q)
							continue
						}
						if sample.IntN(3) > 0 {
							continue
						}
						compared++
						first := from[key].successors(t)
						for move, to := range q.successors(t) {
							if first[move] != to {
								t.Fatalf("%v: after %v and after %v, taken for the same, %s leads to\n%s\nand\n%s", p.shape, from[key].played, q.played, move,
									first[move], to)
							}
						}
					}
				}
				layer = next
				if len(layer) > 12 {
					sample.Shuffle(len(layer), func(i, j int) { layer[i], layer[j] = layer[j], layer[i] })
					layer = layer[:12]
				}
			}
		}
	}
	fmt.Printf("states: %d pairs that are taken for the same go on in the same way\n", compared)
}
