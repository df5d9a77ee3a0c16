// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"maps"
	"math/rand/v2"
	"net/http"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
)

// Guards with answers that are known without asking them.
const (
	guardTrue  = "year == 2026"
	guardFalse = "year == 1999"
)

// randomChain is a chain that chaintest has made up, with guards that the reference model knows the answers of.
func randomChain(r *rand.Rand, steps, roots int) *chain.Definition {
	d := chaintest.Random(r, steps, roots)
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		s := d.Steps[key]
		s.Schedule = nil // it would keep the root out of the run
		if s.When != "" {
			s.When = []string{guardTrue, guardFalse}[r.IntN(2)]
		}
		d.Steps[key] = s
	}
	return d
}

// begin begins one run of the whole chain: its only root is reloaded by hand, or the chain is started.
func (d *deployment) begin() {
	d.t.Helper()
	if roots := chaintest.Roots(d.definition); len(roots) == 1 {
		d.reload(roots[0])
		return
	}
	if status, answer := d.operate("/start", "begin", ""); status != http.StatusAccepted {
		d.t.Fatalf("POST /start = %d %s", status, answer)
	}
}

// predicted counts what the reference model has reloaded in one run of the whole chain, by step; the n-th attempt of a step ends with its
// n-th ending. The order of the ends makes no difference in one run.
func predicted(d *chain.Definition, endings map[string][]string) map[string]int {
	m := reference.New(modelSteps(d))
	m.Disabled, m.Refuses = map[string]bool{}, map[string]bool{}
	for key, s := range d.Steps {
		m.Disabled[key], m.Refuses[key] = !s.Enabled, s.When == guardFalse
	}
	made, now := map[string]int{}, int64(0)
	due := m.Begin(reference.Run{ID: "r", Cycle: "c", Origins: chaintest.Roots(d)})
	for len(due) > 0 {
		step := due[0].Step
		due = due[1:]
		now++
		attempts, outcome := attemptsOf(d.Steps[step], endings[step])
		made[step] += attempts
		due = append(due, m.End(reference.Result{Run: "r", Step: step, Outcome: outcome, Reload: step, Start: now, End: now})...)
	}
	return made
}

// modelSteps are the steps as the model has them, upstream first.
func modelSteps(d *chain.Definition) []reference.Step {
	var steps []reference.Step
	listed := map[string]bool{}
	var list func(key string)
	list = func(key string) {
		if listed[key] {
			return
		}
		listed[key] = true
		s := d.Steps[key]
		one := reference.Step{Name: key, WaitFor: string(s.WaitFor)}
		if one.WaitFor == "" {
			one.WaitFor = reference.All
		}
		for _, upstream := range slices.Sorted(maps.Keys(s.After)) {
			list(upstream)
			one.After = append(one.After, reference.Link{From: upstream, On: string(s.After[upstream])})
		}
		steps = append(steps, one)
	}
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		list(key)
	}
	return steps
}

// attemptsOf is how many attempts a step takes, and what the last one comes to. Every failure is tried again here.
func attemptsOf(s chain.Step, endings []string) (attempts int, outcome string) {
	most := 1
	if s.Retry != nil {
		most = s.Retry.MaxAttempts
	}
	for attempts = 1; ; attempts++ {
		status := "SUCCEEDED"
		if len(endings) > 0 {
			status = endings[min(attempts, len(endings))-1]
		}
		outcome = map[string]string{"SUCCEEDED": reference.Succeeded, "CANCELED": reference.Canceled}[status]
		if outcome == "" {
			outcome = reference.Failed
		}
		if outcome != reference.Failed || attempts >= most {
			return attempts, outcome
		}
	}
}
