// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// These are the types of simulate's result.
var (
	playedReloadTypes = map[string]attr.Type{
		"step": types.StringType, "run": types.StringType, "attempt": types.Int32Type, "outcome": types.StringType,
		"start": types.StringType,
		"end":   types.StringType, "by_hand": types.BoolType, "after": types.MapType{ElemType: types.StringType},
	}
	playedStepTypes = map[string]attr.Type{"status": types.StringType, "skip": types.StringType, "reason": types.StringType}
	playedRunTypes  = map[string]attr.Type{
		"id": types.StringType, "status": types.StringType, "cycle": types.StringType, "begin": types.StringType, "end": types.StringType,
		"by_hand": types.BoolType, "rerun_of": types.StringType,
		"steps": types.MapType{ElemType: types.ObjectType{AttrTypes: playedStepTypes}},
	}
	simulationTypes = map[string]attr.Type{
		"started": types.ListType{ElemType: types.StringType}, "not_started": types.MapType{ElemType: types.StringType},
		"reloads": types.ListType{ElemType: types.ObjectType{AttrTypes: playedReloadTypes}},
		"runs":    types.ListType{ElemType: types.ObjectType{AttrTypes: playedRunTypes}},
	}
)

func (s *simulation) result(played *play.Play) types.Object {
	started := []attr.Value{}
	seen := map[string]bool{}
	reloads := make([]attr.Value, len(played.Reloads))
	for i := range played.Reloads {
		r := &played.Reloads[i]
		if !seen[r.Step] {
			seen[r.Step] = true
			started = append(started, types.StringValue(r.Step))
		}
		reloads[i] = s.reload(r)
	}
	runs := make([]attr.Value, len(played.Runs))
	for i := range played.Runs {
		runs[i] = s.run(&played.Runs[i])
	}
	return types.ObjectValueMust(simulationTypes, map[string]attr.Value{
		"started":     types.ListValueMust(types.StringType, started),
		"not_started": stringMap(s.reasons(seen, played.Runs)),
		"reloads":     types.ListValueMust(types.ObjectType{AttrTypes: playedReloadTypes}, reloads),
		"runs":        types.ListValueMust(types.ObjectType{AttrTypes: playedRunTypes}, runs),
	})
}

func (s *simulation) reload(r *play.Reloaded) attr.Value {
	after := make(map[string]string, len(r.Uses))
	for _, use := range r.Uses {
		after[use.Step] = use.Run
	}
	outcome := ""
	for word, status := range statuses {
		if status == r.Status {
			outcome = word
		}
	}
	return types.ObjectValueMust(playedReloadTypes, map[string]attr.Value{
		"step": types.StringValue(r.Step), "run": stringOrNull(r.Run), "outcome": stringOrNull(outcome),
		"attempt": types.Int32Value(int32(r.Attempt)), //nolint:gosec // a retry has few attempts
		"start":   s.timeValue(r.Start), "end": s.timeValue(r.End), "by_hand": types.BoolValue(r.ByHand), "after": stringMap(after),
	})
}

func (s *simulation) run(r *play.Run) attr.Value {
	steps := make(map[string]attr.Value, len(r.Steps))
	for name, stand := range r.Steps {
		steps[name] = types.ObjectValueMust(playedStepTypes, map[string]attr.Value{
			"status": types.StringValue(string(stand.Status)), "skip": stringOrNull(string(stand.Skip)),
			"reason": types.StringValue(stand.Reason),
		})
	}
	return types.ObjectValueMust(playedRunTypes, map[string]attr.Value{
		"id": types.StringValue(r.ID), "status": types.StringValue(string(r.Summary.Status)),
		"cycle": types.StringValue(r.Cycle.Date.Format(time.DateOnly)),
		"begin": s.timeValue(r.At), "end": s.timeValue(r.Ended), "by_hand": types.BoolValue(r.ByHand), "rerun_of": stringOrNull(r.RerunOf),
		"steps": types.MapValueMust(types.ObjectType{AttrTypes: playedStepTypes}, steps),
	})
}

// timeValue formats a time in the chain's time zone. It is null for a time that was not reached.
func (s *simulation) timeValue(at time.Time) types.String {
	if at.IsZero() {
		return types.StringNull()
	}
	return types.StringValue(at.In(s.zone).Format(time.RFC3339))
}

// reasons returns why each step that did not start has not. It takes the reason from the last run that contains the step, unless that run
// continues with the step in another run.
func (s *simulation) reasons(started map[string]bool, runs []play.Run) map[string]string {
	reasons := map[string]string{}
	for name, step := range s.definition.Steps {
		if started[name] {
			continue
		}
		switch {
		case len(step.After) > 0:
			reasons[name] = "is in no run: nothing begins one before it"
		case step.Schedule != nil:
			reasons[name] = "is in no run: its schedule does not begin one in this time"
		default:
			reasons[name] = "is in no run: nothing begins one at it"
		}
		decided := false
		for i := range runs {
			stand, covered := runs[i].Steps[name]
			if covered && (stand.Status != run.StatusContinued || !decided) {
				reasons[name], decided = stand.Reason, decided || stand.Status != run.StatusContinued
				if stand.Status == run.StatusSucceeded {
					reasons[name] = "was marked as succeeded"
				}
			}
		}
	}
	return reasons
}
