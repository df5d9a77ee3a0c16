// SPDX-License-Identifier: MPL-2.0

package chaintest_test

import (
	"math/rand/v2"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// TestRandom: random chains are valid, and among them is everything that a step can have.
func TestRandom(t *testing.T) {
	t.Parallel()
	waits, has := map[chain.WaitFor]int{}, map[string]int{}
	count := func(what string, is bool) {
		if is {
			has[what]++
		}
	}
	for seed := range uint64(300) {
		d := chaintest.Random(rand.New(rand.NewPCG(seed, 1)), 12, 3)
		if problems := d.Validate(); len(problems) > 0 {
			t.Fatalf("seed %d: %v", seed, problems)
		}
		for _, s := range d.Steps {
			if len(s.After) > 1 {
				waits[s.WaitsFor()]++
			}
			count("guard", s.When != "")
			count("guard of a join", s.When != "" && s.IsJoin())
			count("delay", s.Delay > 0)
			count("retry", s.Retry != nil)
			count("retry after any", s.Retry != nil && s.WaitFor == chain.WaitForAny)
			count("schedule", s.Schedule != nil)
			count("disabled", !s.Enabled)
		}
	}
	for _, w := range chain.WaitFors() {
		if waits[w] < 20 {
			t.Errorf("%d steps wait for %s", waits[w], w)
		}
	}
	for _, what := range []string{"guard", "guard of a join", "delay", "retry", "retry after any", "schedule", "disabled"} {
		if has[what] < 10 {
			t.Errorf("%d steps have a %s", has[what], what)
		}
	}
}
