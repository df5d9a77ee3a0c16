// SPDX-License-Identifier: MPL-2.0

// Package chaintest makes random chains for the tests that compare what was started with what the model of chain.Index.Play predicts, and
// large ones.
package chaintest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// AppID is the id of the n-th app.
func AppID(n int) string { return fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", n) }

// Tree makes a chain of so many steps, each but the first after one before it, and each but the last ones with three after it.
func Tree(steps int) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "tree", Steps: make(map[string]chain.Step, steps)}
	name := func(i int) string { return fmt.Sprintf("app %04d", i) }
	for i := range steps {
		s := chain.Step{App: AppID(i), Enabled: true}
		if i > 0 {
			s.After = map[string]chain.Condition{name((i - 1) / 3): chain.ConditionSuccess}
		}
		d.Steps[name(i)] = s
	}
	return d
}

// Random makes a chain of 2 to so many steps, of which so many begin it. What each start of a step comes to does not depend on the order in which simultaneous
// things happen: a step that may start several times in a run is not joined, and has neither a retry nor a guard.
func Random(r *rand.Rand, steps, roots int) *chain.Definition {
	n := 2 + r.IntN(steps-1)
	roots = min(roots, n-1)
	d := &chain.Definition{Version: chain.Version, Name: "random", Timezone: "UTC", Steps: map[string]chain.Step{}}
	name := func(i int) string { return fmt.Sprintf("s%02d", i) }
	several := map[string]bool{} // may start more than once in a run
	conditions := chain.Conditions()
	for i := range n {
		s := chain.Step{App: AppID(i + 1), Enabled: r.IntN(20) > 0}
		if i < roots {
			s.Enabled = true
		} else {
			s.After = map[string]chain.Condition{}
			wants := 1
			if r.IntN(2) == 0 {
				wants = 1 + r.IntN(min(i, 4))
			}
			for range wants {
				s.After[name(r.IntN(i))] = conditions[[]int{0, 0, 0, 1, 2}[r.IntN(5)]]
			}
			for upstream := range s.After {
				several[name(i)] = several[name(i)] || several[upstream]
			}
			if len(s.After) > 1 && (several[name(i)] || r.IntN(4) == 0) {
				s.WaitFor, several[name(i)] = chain.WaitForAny, true
			}
			if r.IntN(8) == 0 {
				s.Delay = time.Duration(1+r.IntN(10)) * time.Minute
			}
		}
		if !several[name(i)] && r.IntN(4) == 0 {
			s.Retry = &chain.Retry{MaxAttempts: 2 + r.IntN(2), Interval: time.Minute}
		}
		if !several[name(i)] && len(s.After) == 1 && r.IntN(8) == 0 {
			s.When = []string{`status == "success"`, `attempt < 2`, `year == 2026`, `upstream == "s01"`}[r.IntN(4)]
		}
		d.Steps[name(i)] = s
	}
	return d
}

// Endings makes up how reloads end: of a step that is retried perhaps with failures first.
func Endings(seed uint64, d *chain.Definition) func(step string, attempt int) string {
	return func(step string, attempt int) string {
		r := rand.New(rand.NewPCG(seed, uint64(step[1])<<8|uint64(step[2]))) //nolint:gosec // to be repeatable, not secret
		statuses := []string{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED", "EXCEEDED_LIMIT", "CANCELED"}
		if d.Steps[step].Retry != nil && attempt <= r.IntN(4) {
			return "FAILED"
		}
		return statuses[r.IntN(len(statuses))]
	}
}

// Roots are the steps where a chain begins, sorted.
func Roots(d *chain.Definition) []string {
	var roots []string
	for key, s := range d.Steps {
		if len(s.After) == 0 {
			roots = append(roots, key)
		}
	}
	slices.Sort(roots)
	return roots
}
