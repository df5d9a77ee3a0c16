// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
)

// Many orders of events lead to the same on several chains. One of these stands for the others:
//
//   - A condition is asked of a result. As long as a step has no result, its links with failure and completion lead to the same as with
//     success. As long as it has none but success, those with completion do.
//   - A step that waits for its upstreams in another way than for all of them leads to the same as one that waits for all: with any, as
//     long as none of them has settled; with all_settled, as long as none has settled otherwise than its link names; with all_started, as
//     long as none was skipped.
//   - The outcomes of an end in a canceled run lead to the same. So do failure and cancellation, if no link has the condition failure.
//
// An order is played on the one chain in which everything matters that can, and on the way to such an order. The tests below compare what
// is played with what is not.
type stood struct {
	links map[string]conditional // by step: which conditions but success its links have; steps without have no entry
	joins []reference.Step       // those that do not wait for all
	roots []string
}

type conditional struct{ failure, completion bool }

func stoodFor(p *pair) stood {
	s := stood{links: map[string]conditional{}, roots: p.roots()}
	for _, step := range p.model.Steps {
		if step.WaitFor != reference.All {
			s.joins = append(s.joins, step)
		}
		for _, link := range step.After {
			if link.On != reference.Success {
				from := s.links[link.From]
				from.failure = from.failure || link.On == reference.Failure
				from.completion = from.completion || link.On == reference.Completion
				s.links[link.From] = from
			}
		}
	}
	return s
}

// never reports whether another chain stands for every order of so many events.
func (s stood) never(start *pair, events int) bool {
	root := func(l reference.Link) bool { return slices.Contains(s.roots, l.From) } // A root is not skipped.
	return !*scopeWhole && (s.open(start, move{}) > events || slices.ContainsFunc(s.joins, func(j reference.Step) bool {
		return j.WaitFor == reference.AllStarted && !slices.ContainsFunc(j.After, func(l reference.Link) bool { return !root(l) })
	}))
}

// by reports whether another chain, or another outcome, stands for each order with a move and so many moves after it.
func (s stood) by(p *pair, m move, left int) bool {
	if *scopeWhole {
		return false
	}
	waits := left == 0 && slices.ContainsFunc(s.joins, func(j reference.Step) bool { return !p.waitMatters(j) && !s.mayMatter(j, m) })
	return waits || s.open(p, m) > left || s.standsFor(p, m).outcome != m.outcome
}

// open is the number of steps with a link that has a condition which does not matter yet after a move. Each takes a further result.
func (s stood) open(p *pair, m move) int {
	open := 0
	for step, from := range s.links {
		if matters := p.mattering(step, m); from.failure && !matters.failure || from.completion && !matters.completion {
			open++
		}
	}
	return open
}

// mattering reports which of the conditions of links from a step matter after a move, or before any.
func (p *pair) mattering(step string, m move) (matters conditional) {
	result := func(outcome string) {
		matters = conditional{failure: true, completion: matters.completion || outcome != reference.Succeeded}
	}
	for _, r := range p.model.Results {
		if r.Step == step {
			result(r.Outcome)
		}
	}
	if m.outcome != "" && m.steps[0] == step {
		result(outcomes[m.outcome])
	}
	return matters
}

// waitMatters reports whether it matters in which way a step waits, or may have mattered before a run was canceled.
func (p *pair) waitMatters(j reference.Step) bool {
	for id, stands := range p.stands {
		for _, link := range j.After {
			up, covered := stands[link.From]
			if !covered || !up.Settled() || up.Is == reference.Continued {
				continue
			}
			if j.WaitFor == reference.Any || up.Is == reference.Skipped || j.WaitFor == reference.AllSettled && !nameFor(link, up.Is) ||
				slices.Contains(p.model.Stopped, id) {
				return true
			}
		}
	}
	return false
}

// nameFor reports whether an outcome is the result that a link names.
func nameFor(link reference.Link, outcome string) bool {
	return link.On == reference.Completion || link.On == reference.Success && outcome == reference.Succeeded ||
		link.On == reference.Failure && outcome == reference.Failed
}

// mayMatter reports whether it may matter after a move in which way a step waits. No step settles when a run begins. An end that is not the
// one that a link names may skip any step.
func (s stood) mayMatter(j reference.Step, m move) bool {
	switch m.kind {
	case "begin", "only":
		return false
	case "end", "hand":
	default:
		return true
	}
	is, from := outcomes[m.outcome], s.links[m.steps[0]]
	return is != reference.Succeeded || from.failure ||
		j.WaitFor == reference.Any && slices.ContainsFunc(j.After, func(l reference.Link) bool { return l.From == m.steps[0] })
}

// standsFor is the move that is played for a move.
func (s stood) standsFor(p *pair, m move) move {
	switch {
	case m.kind != "end":
	case slices.Contains(p.model.Stopped, m.run):
		m.outcome = success
	case m.outcome == canceled && !s.links[m.steps[0]].failure:
		m.outcome = failure
	}
	return m
}

// stand is the shape of the chain that stands for the one of p, with what has been played.
func (p *pair) stand() run.Shape {
	shape := maps.Clone(p.shape)
	for _, step := range p.model.Steps {
		waits := shape[step.Name]
		waits.After = maps.Clone(waits.After)
		for up, condition := range waits.After {
			matters := p.mattering(up, move{})
			if condition == chain.ConditionFailure && !matters.failure || condition == chain.ConditionCompletion && !matters.completion {
				waits.After[up] = chain.ConditionSuccess
			}
		}
		if step.WaitFor != reference.All && !p.waitMatters(step) {
			waits.For = run.WaitForAll
		}
		shape[step.Name] = waits
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

// TestOutcomesThatStandForOthers plays random events on a chain, and on another one like it those that stand for them.
func TestOutcomesThatStandForOthers(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	sample, compared := rand.New(rand.NewPCG(7, 8)), 0
	for i := range *scopeStand {
		n := 2 + i%3
		plan := plans(n)[sample.IntN(len(plans(n)))]
		p, q := plan.pair(n), plan.pair(n)
		l, other := stoodFor(p), map[string]bool{} // the steps of runs with other outcomes
		for range 8 {
			moves := p.moves()
			m := moves[sample.IntN(len(moves))]
			stood := l.standsFor(p, m)
			if stood.outcome != m.outcome {
				other[m.run+"/"+m.steps[0]] = true
			}
			if err := errors.Join(p.take(m), q.take(stood)); err != nil {
				t.Fatalf("%v: after %v and %v: %v", p.shape, p.played, q.played, err)
			}
			if len(other) == 0 {
				continue
			}
			compared++
			for _, one := range []*pair{p, q} {
				for run, stands := range one.stands {
					for step := range stands {
						if other[run+"/"+step] {
							stands[step] = reference.Standing{}
						}
					}
				}
			}
			if have, want := fmt.Sprint(q.stands, q.model.Ended, q.model.Starts), fmt.Sprint(p.stands, p.model.Ended, p.model.Starts); have != want {
				t.Fatalf("%v: %v stands for %v, but\n%s\nis not\n%s", p.shape, q.played, p.played, have, want)
			}
		}
	}
	if compared < *scopeStand {
		t.Errorf("only %d were compared", compared)
	}
	fmt.Printf("outcomes: %d times others stand for them\n", compared)
}
