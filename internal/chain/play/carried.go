// SPDX-License-Identifier: MPL-2.0

package play

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// carried returns the results from before a cycle that may count in it: for each upstream in a step's carry_over the last named result, up
// to its maximum age.
func (p *player) carried(c *cycle) map[run.CarryKey]run.Result {
	carried := map[run.CarryKey]run.Result{}
	for name, step := range p.definition.Steps {
		for upstream, age := range step.CarryOver {
			key := run.CarryKey{Step: step.ID(name), Upstream: p.definition.StepID(upstream)}
			last := p.lastNamed(c, key.Upstream, step.After[upstream])
			if before, ok := p.script.Carried[name][upstream]; ok && last == nil {
				last = &run.Result{Step: key.Upstream, Reload: "before", Outcome: outcomeOf(step.After[upstream]), Attempt: 1,
					Started: before, Ended: before}
			}
			if last != nil && p.now.Sub(last.Ended) <= time.Duration(age) {
				carried[key] = *last
			}
		}
	}
	return carried
}

// lastNamed returns the latest result of a step that a condition names, among those of the cycles before one. It returns nil if there is
// none.
func (p *player) lastNamed(before *cycle, step string, condition chain.Condition) (last *run.Result) {
	for _, c := range p.cycles {
		if !c.Begin.Before(before.Begin) {
			break
		}
		for _, r := range c.state.Runs {
			if r.Canceled || r.Steps[step] == nil {
				continue
			}
			result := r.Steps[step].Result
			if result != nil && condition.MetBy(result.Outcome) && (last == nil || result.Started.After(last.Started)) {
				last = result
			}
		}
	}
	return last
}

// outcomeOf returns the outcome that a condition names. A completion counts as a success.
func outcomeOf(c chain.Condition) chain.Outcome {
	if c == chain.ConditionFailure {
		return chain.OutcomeFailure
	}
	return chain.OutcomeSuccess
}
