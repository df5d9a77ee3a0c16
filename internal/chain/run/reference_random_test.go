// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
)

// randomPair makes a chain of up to so many steps, with every kind of link and of wait_for. Some steps are disabled, some have a guard
// that is false.
func randomPair(r *rand.Rand, most int) *pair {
	n := 2 + r.IntN(most-1)
	names := r.Perm(n)
	name := func(i int) string { return fmt.Sprintf("s%02d", names[i]) }
	s, steps := run.Shape{}, []string{}
	plain := r.IntN(3) // with many success links among the conditions, or with nothing else
	for i := range n {
		waits := run.Waits{After: map[string]chain.Condition{}, For: run.WaitForAll}
		if i > 0 && r.IntN(4) > 0 {
			for range 1 + r.IntN(3) {
				condition := chain.ConditionSuccess
				if r.IntN(3) < plain {
					condition = conditions[r.IntN(3)]
				}
				waits.After[name(r.IntN(i))] = condition
			}
		}
		if len(waits.After) > 1 {
			waits.For = waitFors[r.IntN(4)]
		}
		s[name(i)] = waits
		steps = append(steps, name(i))
	}
	p := newPair(s, steps)
	for _, step := range steps {
		p.model.Disabled[step] = r.IntN(15) == 0
		p.model.Refuses[step] = r.IntN(15) == 0
		if r.IntN(15) == 0 {
			p.carry(step)
		}
	}
	p.off = maps.Clone(p.model.Disabled)
	l := limits{perHour: map[string]int{}, overlap: map[string]run.Overlap{}}
	if r.IntN(2) == 0 {
		l.running = 1 + r.IntN(3)
	}
	for _, step := range steps {
		if r.IntN(4) == 0 {
			l.perHour[step] = 1 + r.IntN(2)
		}
	}
	for _, schedule := range []string{"s", "t"} {
		l.overlap[schedule] = []run.Overlap{run.OverlapAllow, run.OverlapQueue, run.OverlapSkip}[r.IntN(3)]
	}
	p.limit(l)
	return p
}

// carry gives all steps after a step a successful result of an earlier cycle.
func (p *pair) carry(step string) {
	if p.state.Carried == nil {
		p.state.Carried = map[run.CarryKey]run.Result{}
	}
	p.carried = append(p.carried, step)
	for name, waits := range p.shape {
		if condition, ok := waits.After[step]; ok && condition != chain.ConditionFailure {
			p.state.Carried[run.CarryKey{Step: name, Upstream: step}] = run.Result{Step: step, Run: "before", Reload: "before", Outcome: success}
			p.model.Carries = append(p.model.Carries, reference.Carried{Step: name, From: step,
				Use: reference.Use{Step: step, Run: "before", Reload: "before"}})
		}
	}
}

// randomMove is one event that can come next. What is under way ends more often than new things begin.
func (p *pair) randomMove(r *rand.Rand) move {
	var ends []move
	for _, id := range slices.Sorted(maps.Keys(p.state.Runs)) {
		for _, step := range slices.Sorted(maps.Keys(p.state.Runs[id].Steps)) {
			if f := p.state.Runs[id].Steps[step]; f.Start != nil && f.Start.Phase == run.PhaseRequested {
				outcome := success
				if r.IntN(4) == 0 {
					outcome = []chain.Outcome{failure, failure, canceled}[r.IntN(3)]
				}
				ends = append(ends, move{kind: "end", run: id, steps: []string{step}, outcome: outcome})
			}
		}
	}
	if len(ends) > 0 && r.IntN(10) < 6 {
		return ends[r.IntN(len(ends))]
	}
	runs := slices.Sorted(maps.Keys(p.state.Runs))
	next := fmt.Sprintf("r%02d", len(runs))
	step := func() string { return p.model.Steps[r.IntN(len(p.model.Steps))].Name }
	switch k := r.IntN(100); {
	case k < 25:
		roots := p.roots()
		return move{kind: "begin", run: next, steps: []string{roots[r.IntN(len(roots))]}, name: []string{"", "s", "s", "t"}[r.IntN(4)]}
	case k < 32:
		return move{kind: "begin", run: next, steps: p.roots(), name: []string{"", "s", "s", "t"}[r.IntN(4)]}
	case k < 42:
		return move{kind: "begin", run: next, steps: slices.Compact(slices.Sorted(slices.Values([]string{step(), step()})))}
	case k < 50:
		return move{kind: "only", run: next, steps: []string{step()}}
	case k < 80:
		outcome := success
		if r.IntN(4) == 0 {
			outcome = failure
		}
		m := move{kind: "hand", run: next, steps: []string{step()}, outcome: outcome, began: time.Duration(1+r.IntN(300)) * time.Second}
		if p.state.Over { // It began before the cycle's end, and is reported late.
			m.began += p.clock.Add(time.Minute).Sub(p.state.End)
		}
		m.began += time.Duration(p.serial)
		return m
	case k < 87 && len(runs) > 0:
		return move{kind: "cancel", run: runs[r.IntN(len(runs))]}
	case k < 89:
		return move{kind: "mark", run: next, steps: []string{step()}}
	case k < 92:
		return move{kind: "pause"}
	case k < 94:
		return move{kind: []string{"disable", "enable", "skip"}[r.IntN(3)], steps: []string{step()}}
	case k < 95:
		return []move{
			{kind: "elsewhere", steps: []string{step(), step()}[:r.IntN(3)]}, {kind: "busy", name: "s"}, {kind: "free", name: "s"},
			{kind: "resume", steps: []string{step()}},
		}[r.IntN(4)]
	case k < 98 || p.state.Over || r.IntN(2) == 0:
		return move{kind: "resume"}
	}
	return move{kind: "over"}
}

// night plays up to so many events, and returns how many, and how the two differ.
func (p *pair) night(r *rand.Rand, most int) (int, error) {
	for i := range most {
		m := p.randomMove(r)
		m.again = r.IntN(4) == 0 && m.kind != "resume" // which lets go what was parked since
		if r.IntN(4) == 0 {
			m.later = time.Duration(r.IntN(30)) * time.Minute
		}
		if err := p.take(m); err != nil {
			return i + 1, err
		}
		if r.IntN(6) == 0 && len(p.events) > 0 { // An old event comes once more.
			if err := p.take(move{kind: "old", old: r.IntN(len(p.events))}); err != nil {
				return i + 1, err
			}
		}
	}
	return most, nil
}

func TestRandomNights(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	c := &tally{}
	for seed := range uint64(*scopeRandom) {
		r := rand.New(rand.NewPCG(seed, 3))
		p := randomPair(r, 3+int(seed)%10)
		events, err := p.night(r, 10+int(seed)%31)
		c.chains, c.events, c.states = c.chains+1, c.events+events, c.states+events
		if err != nil {
			c.differs(t, p, err)
		}
	}
	fmt.Println(c)
}
