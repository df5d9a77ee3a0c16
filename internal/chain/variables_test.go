// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"fmt"
	"maps"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestVariablesIn(t *testing.T) {
	t.Parallel()
	run := chain.RunValues{ID: "20261124T020000000Z-c164069e", Cycle: "2026-11-24", Origin: strings.Repeat("ä", 300)}
	for name, tt := range map[string]struct{ own, ofRun, want map[string]string }{
		"none": {nil, nil, nil},
		"own":  {map[string]string{"a": "1"}, nil, map[string]string{"a": "1"}},
		"the run's": {map[string]string{"a": "1", "b": "2"}, map[string]string{"b": "3", "c": "${run.id}"},
			map[string]string{"a": "1", "b": "3", "c": "${run.id}"}},
		"placeholders": {map[string]string{"a": "${run.cycle}/${run.id}/${run.cycle}"}, nil,
			map[string]string{"a": "2026-11-24/" + run.ID + "/2026-11-24"}},
		"Qlik's own": {map[string]string{"a": "$(vDay) ${other}"}, nil, map[string]string{"a": "$(vDay) ${other}"}},
		"too long":   {map[string]string{"a": "${run.origin}"}, nil, map[string]string{"a": strings.Repeat("ä", 256)}},
	} {
		own := maps.Clone(tt.own)
		if got := (chain.Step{Variables: tt.own}).VariablesIn(run, tt.ofRun); !maps.Equal(got, tt.want) || !maps.Equal(own, tt.own) {
			t.Errorf("%s: the variables are %v, want %v; the step's are %v now", name, got, tt.want, tt.own)
		}
	}
}

func TestValidateVariables(t *testing.T) {
	t.Parallel()
	numbered := func(n int) map[string]string {
		all := map[string]string{}
		for i := range n {
			all[fmt.Sprint("v", i)] = "x"
		}
		return all
	}
	with := func(own, ofSchedule map[string]string) *chain.Definition {
		step := chain.Step{App: appID(1), Enabled: true, Variables: own}
		return &chain.Definition{Version: chain.Version, Name: "v", Timezone: "UTC",
			Schedule: &chain.Schedule{Cron: "0 2 * * ? *", Variables: ofSchedule},
			Steps:    map[string]chain.Step{"a": step, "b": {Automation: appID(2), Enabled: true}}}
	}
	for name, tt := range map[string]struct {
		own, ofSchedule map[string]string
		want            []string
	}{
		"fine": {map[string]string{"a": "${run.id} ${run.cycle} ${run.origin}"}, map[string]string{"b": strings.Repeat("x", 256)}, nil},
		"no such placeholder": {map[string]string{"a": "${run.id} ${run.day}"}, nil,
			[]string{`steps["a"].variables["a"]: There is no ${run.day}. Use ${run.id}, ${run.cycle} or ${run.origin}`}},
		"too long with the run's id": {map[string]string{"a": strings.Repeat("x", 240) + "${run.id}"}, nil,
			[]string{`steps["a"].variables["a"]: With the run's values, the variable's value has 268 characters`}},
		"of the schedule": {nil, map[string]string{"": "x", "b": strings.Repeat("x", 257)}, []string{
			`schedule.variables[""]: empty name`, `schedule.variables["b"]: The variable's value has 257 characters`}},
		"the run in a schedule's": {nil, map[string]string{"v": "${run.id}"},
			[]string{`schedule.variables: The variable "v" names the run: only a step's own variables can.`}},
		"together too many": {numbered(20), map[string]string{"v1": "1", "w": "1"},
			[]string{`schedule.variables: With its own, the step "a" gets 21 variables. Qlik takes at most 20`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			expectProblems(t, with(tt.own, tt.ofSchedule), tt.want)
		})
	}
}
