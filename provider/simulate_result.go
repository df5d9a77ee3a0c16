// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// What simulate returns.
var (
	playedReloadTypes = map[string]attr.Type{
		"step": types.StringType, "attempt": types.Int32Type, "outcome": types.StringType, "start": types.StringType, "end": types.StringType,
		"after": types.ListType{ElemType: types.StringType},
	}
	playedHoldTypes = map[string]attr.Type{"from": types.StringType, "to": types.StringType, "reason": types.StringType, "at": types.StringType}
	simulationTypes = map[string]attr.Type{
		"started": types.ListType{ElemType: types.StringType}, "not_started": types.MapType{ElemType: types.StringType},
		"reloads": types.ListType{ElemType: types.ObjectType{AttrTypes: playedReloadTypes}},
		"holds":   types.ListType{ElemType: types.ObjectType{AttrTypes: playedHoldTypes}},
	}
)

func (s *simulation) result(play *chain.Play) types.Object {
	started := []attr.Value{}
	seen := map[string]bool{}
	reloads := make([]attr.Value, len(play.Reloads))
	for i, r := range play.Reloads {
		if !seen[r.Step] {
			seen[r.Step] = true
			started = append(started, types.StringValue(r.Step))
		}
		reloads[i] = s.reload(r)
	}
	all := slices.Concat(play.Holds, play.Waits)
	slices.SortStableFunc(all, func(a, b chain.PlayedHold) int { return a.At.Compare(b.At) })
	holds := make([]attr.Value, len(all))
	for i, h := range all {
		holds[i] = types.ObjectValueMust(playedHoldTypes, map[string]attr.Value{
			"from": types.StringValue(h.From), "to": types.StringValue(h.To), "reason": types.StringValue(h.Reason), "at": s.timeValue(h.At),
		})
	}
	return types.ObjectValueMust(simulationTypes, map[string]attr.Value{
		"started":     types.ListValueMust(types.StringType, started),
		"not_started": stringMap(s.reasons(seen, all)),
		"reloads":     types.ListValueMust(types.ObjectType{AttrTypes: playedReloadTypes}, reloads),
		"holds":       types.ListValueMust(types.ObjectType{AttrTypes: playedHoldTypes}, holds),
	})
}

func (s *simulation) reload(r chain.PlayedReload) attr.Value {
	after := make([]attr.Value, len(r.Causes))
	for i, cause := range r.Causes {
		after[i] = types.StringValue(cause)
	}
	outcome := ""
	for word, status := range statuses {
		if status == r.Status {
			outcome = word
		}
	}
	return types.ObjectValueMust(playedReloadTypes, map[string]attr.Value{
		"step": types.StringValue(r.Step), "attempt": int32Value(r.Attempt), "outcome": types.StringValue(outcome),
		"start": s.timeValue(r.Start), "end": s.timeValue(r.End), "after": types.ListValueMust(types.StringType, after),
	})
}

func (s *simulation) timeValue(at time.Time) types.String {
	return types.StringValue(at.In(s.zone).Format(time.RFC3339))
}

// reasons say why each step that did not start has not.
func (s *simulation) reasons(started map[string]bool, holds []chain.PlayedHold) map[string]string {
	reasons := map[string]string{}
	for key, step := range s.definition.Steps {
		if started[key] {
			continue
		}
		var said []string
		for _, h := range holds {
			if h.To == key && !slices.Contains(said, h.Reason) {
				said = append(said, h.Reason)
			}
		}
		if len(said) == 0 {
			said = []string{s.notDue(step)}
		}
		reasons[key] = strings.Join(said, "; and ")
	}
	return reasons
}

// notDue says why nothing ever led to a step.
func (s *simulation) notDue(step chain.Step) string {
	upstreams := step.Upstreams()
	switch len(upstreams) {
	case 0:
		return "starts after no other step, and nobody has started it"
	case 1:
		return fmt.Sprintf("starts after %s, which has not started", upstreams[0])
	default:
		return fmt.Sprintf("starts after %s, none of which has started", chain.Listed(upstreams))
	}
}
