// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"crypto/sha256"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
)

// digest stands for a state. Two of a chain's million states have the same one with a chance of 10^-27: then one would not be explored.
type digest [16]byte

func (p *pair) digest() digest {
	sum := sha256.Sum256(p.key())
	return digest(sum[:16])
}

// exploration plays every order of events on one chain, from each distinct state once, breadth first. Of a state it keeps the path that led
// to it. Those of the last layer it plays on with as soon as it finds them: all that take fewer events have been seen before.
type exploration struct {
	*tally
	t     *testing.T
	start *pair
	links links
	seen  map[digest]struct{}
}

// path leads to a state: the numbers of the moves from the start.
type path string

// explore plays every order of so many events on one chain.
func (c *tally) explore(t *testing.T, start *pair, events int) {
	t.Helper()
	c.chains++
	e := exploration{tally: c, t: t, start: start, links: linksOf(start), seen: map[digest]struct{}{}}
	if !*scopeWhole && e.links.open(start, move{}) > events {
		c.stood++
		return
	}
	layer := []path{""}
	for left := events - 1; left > 1; left-- {
		var next []path
		for _, to := range layer {
			e.next(e.at(to), left, func(_ *pair, i int) { next = append(next, to+path(rune(i))) })
		}
		layer = next
	}
	for _, to := range layer {
		if events == 1 {
			e.next(e.at(to), 0, nil)
		} else {
			e.next(e.at(to), 1, func(q *pair, _ int) { e.next(q, 0, nil) })
		}
	}
}

// at plays what leads to a state. It was compared when it was found.
func (e *exploration) at(to path) *pair {
	p := e.start.clone()
	for _, i := range to {
		m := p.moves()[i]
		p.unwritten = true
		if err := p.take(m); err != nil {
			panic(err)
		}
	}
	return p
}

// next takes each move in a state. It passes to found the new states from which so many events are left, with the numbers of the moves.
func (e *exploration) next(p *pair, left int, found func(q *pair, i int)) {
	e.states++
	for i, m := range p.moves() {
		if !*scopeWhole && e.links.open(p, m) > left {
			continue
		}
		q := p.clone()
		q.unwritten = left == 0
		e.events++
		if err := q.take(m); err != nil {
			e.differs(e.t, q, err)
			continue
		}
		if left == 0 {
			continue
		}
		d := q.digest()
		if _, seen := e.seen[d]; !seen {
			e.seen[d] = struct{}{}
			found(q, i)
		}
	}
}

// A condition is asked of a result. As long as a step has no result, its links with failure and completion lead to the same as with
// success. As long as it has none but success, those with completion do. Such an order of events is played on the chain with success there,
// which stands for this one: TestChainsThatStandForOthers compares them. An order is played on those chains alone in which each condition
// matters, and on the way to one.

// links are, by step, which conditions but success the links from it have. Steps without have no entry.
type links map[string]struct{ failure, completion bool }

func linksOf(p *pair) links {
	l := links{}
	for _, s := range p.model.Steps {
		for _, link := range s.After {
			if link.On != reference.Success {
				from := l[link.From]
				from.failure = from.failure || link.On == reference.Failure
				from.completion = from.completion || link.On == reference.Completion
				l[link.From] = from
			}
		}
	}
	return l
}

// mattering reports which of the conditions of links from a step matter after a move, or before any.
func (p *pair) mattering(step string, m move) (failure, completion bool) {
	result := func(outcome string) { failure, completion = true, completion || outcome != reference.Succeeded }
	for _, r := range p.model.Results {
		if r.Step == step {
			result(r.Outcome)
		}
	}
	if m.outcome != "" && m.steps[0] == step {
		result(outcomes[m.outcome])
	}
	return failure, completion
}

// open is the number of steps with a link that has a condition which does not matter yet after a move. Each takes a further result.
func (l links) open(p *pair, m move) int {
	open := 0
	for step, from := range l {
		if failure, completion := p.mattering(step, m); from.failure && !failure || from.completion && !completion {
			open++
		}
	}
	return open
}

// stand is the shape of the chain that stands for the one of p, with what has been played.
func (p *pair) stand() run.Shape {
	shape := maps.Clone(p.shape)
	for step, waits := range shape {
		waits.After = maps.Clone(waits.After)
		for up, condition := range waits.After {
			failure, completion := p.mattering(up, move{})
			if condition == chain.ConditionFailure && !failure || condition == chain.ConditionCompletion && !completion {
				waits.After[up] = chain.ConditionSuccess
			}
		}
		shape[step] = waits
	}
	return shape
}

// TestChainsThatStandForOthers plays random events on a chain, and compares it after each with the one that stands for it.
func TestChainsThatStandForOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	sample, compared := rand.New(rand.NewPCG(5, 6)), 0
	for i := range *scopeStand {
		n := 2 + i%3
		p := plans(n)[sample.IntN(len(plans(n)))].pair(n)
		for range 6 {
			moves := p.moves()
			if err := p.take(moves[sample.IntN(len(moves))]); err != nil {
				t.Fatalf("%v: after %v: %v", p.shape, p.played, err)
			}
			shape := p.stand()
			if reflect.DeepEqual(shape, p.shape) {
				continue
			}
			compared++
			q, err := p.again(shape, p.played)
			if err != nil {
				t.Fatalf("%v: after %v: %v", q.shape, q.played, err)
			}
			q.model.Steps = p.model.Steps
			if have, want := fmt.Sprint(q.model, q.stands), fmt.Sprint(p.model, p.stands); have != want {
				t.Fatalf("after %v, %v stands for %v, but\n%s\nis not\n%s", p.played, shape, p.shape, have, want)
			}
		}
	}
	if compared < *scopeStand {
		t.Errorf("only %d were compared", compared)
	}
	fmt.Printf("chains: %d stand for others with the same events\n", compared)
}
