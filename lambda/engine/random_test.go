// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// randomChain is a chain of 2 to so many steps. At most so many begin it, with every kind of link and of wait_for, delays,
// retries, guards, and disabled steps.
func randomChain(r *rand.Rand, most, roots int) *chain.Definition {
	n := 2 + r.IntN(most-1)
	roots = min(roots, n-1)
	d := &chain.Definition{Version: chain.Version, Name: "random", Steps: map[string]chain.Step{}}
	names := r.Perm(n) // so that the order of the ids says nothing
	name := func(i int) string { return fmt.Sprintf("s%02d", i) }
	conditions := []chain.Condition{chain.ConditionSuccess, chain.ConditionFailure, chain.ConditionCompletion}
	plain := r.IntN(3) // with many links on success, or with nothing else
	for i := range n {
		s := chain.Step{App: chaintest.AppID(names[i] + 1), Enabled: i < roots || r.IntN(20) > 0}
		if i >= roots {
			s.After = map[string]chain.Condition{}
			for range []int{1, 1, 1, 2, 3, 4}[r.IntN(6)] {
				condition := chain.ConditionSuccess
				if r.IntN(5) < plain {
					condition = conditions[r.IntN(3)]
				}
				s.After[name(r.IntN(i))] = condition
			}
			if len(s.After) > 1 && r.IntN(2) == 0 {
				s.WaitFor = []chain.WaitFor{chain.WaitForAny, "all_started", "all_settled"}[r.IntN(3)]
			}
			if r.IntN(8) == 0 {
				s.Delay = chain.Duration(time.Duration(1+r.IntN(10)) * time.Minute)
			}
			if r.IntN(8) == 0 {
				s.When = []string{always, never}[r.IntN(2)]
			}
		}
		if r.IntN(4) == 0 {
			s.Retry = &chain.Retry{MaxAttempts: 2 + r.IntN(2), Interval: chain.Duration(time.Minute)}
		}
		d.Steps[name(i)] = s
	}
	return d
}

// randomWorld is a world with a random chain: of three, one has automations and data tasks beside apps.
func randomWorld(tb testing.TB, seed uint64, most, roots int) (*world, *rand.Rand) {
	tb.Helper()
	r := rand.New(rand.NewPCG(seed, 3))
	d := randomChain(r, most, roots)
	if seed%3 == 0 {
		chaintest.Mix(rand.New(rand.NewPCG(seed, 4)), d)
	}
	w := newWorld(tb, seed, d)
	w.ending = chaintest.Endings(seed, d)
	return w, r
}
