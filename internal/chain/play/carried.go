// SPDX-License-Identifier: MPL-2.0

package play

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// carried are the results of earlier cycles that may count in a cycle.
func (p *player) carried(c *cycle) map[run.CarryKey]run.Result {
	carried := map[run.CarryKey]run.Result{}
	for step, upstreams := range p.script.Carried {
		for upstream, ended := range upstreams {
			key := run.CarryKey{Step: run.StepID(p.definition.Steps[step]), Upstream: run.StepID(p.definition.Steps[upstream])}
			carried[key] = run.Result{
				Step: key.Upstream, Reload: "before", Outcome: namedOutcome(p.definition.Steps[step].After[upstream]), Status: "SUCCEEDED", Attempt: 1,
				Started: ended.Add(-time.Minute), Ended: ended,
			}
		}
	}
	return carried
}

// namedOutcome is an outcome that a condition names.
func namedOutcome(c chain.Condition) chain.Outcome {
	if c == chain.ConditionFailure {
		return chain.OutcomeFailure
	}
	return chain.OutcomeSuccess
}
