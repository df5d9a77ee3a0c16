// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// object is an object of a plan in JSON.
type object = map[string]any

// with returns steps with one more.
func with(steps object, key string, step object) object {
	steps[key] = step
	return steps
}

// TestExplainedUnknowns checks that a value that is known after the apply is not taken for a removed one, and that a sensitive one is not
// taken for the same one.
func TestExplainedUnknowns(t *testing.T) {
	t.Parallel()
	steps := func() object {
		return object{
			"load": object{"app": chaintest.AppID(1)},
			"mail": object{"automation": chaintest.AppID(2), "after": object{"load": "success"}, "when": "weekday < 6"},
			"last": object{"app": chaintest.AppID(3), "after": object{"mail": "success"}, "variables": object{"token": "hunter2"}},
		}
	}
	without := func(step, attribute string) object {
		all := steps()
		delete(all[step].(object), attribute) //nolint:forcetypeassert // anything else shall panic
		return all
	}
	secret := object{"steps": object{"last": object{"variables": object{"token": true}}}}
	other := steps()
	other["last"].(object)["variables"] = object{"token": "hunter3"} //nolint:forcetypeassert // anything else shall panic
	for name, tt := range map[string]struct {
		after     any
		unknown   object
		sensitive object
		want      []string
	}{
		"all steps":                      {nil, object{"steps": true}, nil, []string{"Known after the apply: steps."}},
		"a new chain with unknown steps": {nil, object{"steps": true}, nil, []string{"Known after the apply: steps."}},
		"a whole step": {without("mail", ""), object{"steps": object{"load": true}}, nil,
			[]string{`Known after the apply: steps["load"].`}},
		"an app": {without("load", "app"), object{"steps": object{"load": object{"app": true}}}, nil,
			[]string{`Known after the apply: steps["load"].app.`}},
		"an automation": {without("mail", "automation"), object{"steps": object{"mail": object{"automation": true}}}, nil,
			[]string{`Known after the apply: steps["mail"].automation.`}},
		"a guard": {without("mail", "when"), object{"steps": object{"mail": object{"when": true}}}, nil,
			[]string{`Known after the apply: steps["mail"].when.`}},
		"upstreams": {without("mail", "after"), object{"steps": object{"mail": object{"after": true}}}, nil,
			[]string{`Known after the apply: steps["mail"].after.`}},
		"a new step": {with(steps(), "new", object{}), object{"steps": object{"new": object{"automation": true}}}, nil,
			[]string{"new is new: it begins the chain.", `Known after the apply: steps["new"].automation.`}},
		"a secret": {other, nil, secret, []string{`last has other variables (sensitive).`}},
		"the same": {steps(), nil, secret, []string{}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			before, action := any(object{"name": "nightly", "timezone": "UTC", "steps": steps()}), "update"
			if strings.HasPrefix(name, "a new chain") {
				before, action = nil, "create"
			}
			values := func(steps any) object {
				return object{"name": "nightly", "timezone": "UTC", "steps": steps}
			}
			sensitive := tt.sensitive
			if sensitive == nil {
				sensitive = object{}
			}
			unknown := tt.unknown
			if unknown == nil {
				unknown = object{}
			}
			text, err := json.Marshal(object{
				"format_version": "1.2", "terraform_version": "1.11.4",
				"resource_changes": []any{object{
					"address": "qlik_task_chain.nightly", "mode": "managed", "type": "qlik_task_chain", "name": "nightly",
					"change": object{
						"actions": []string{action}, "before": before, "after": values(tt.after), "after_unknown": unknown,
						"before_sensitive": sensitive, "after_sensitive": sensitive,
					},
				}},
			})
			if err != nil {
				t.Fatal(err)
			}
			chains, err := provider.ExplainPlan(text)
			if err != nil || len(chains) != 1 {
				t.Fatalf("%v: %+v", err, chains)
			}
			if got := slices.Concat(chains[0].Steps, chains[0].Settings, chains[0].Runs); !slices.Equal(got, tt.want) {
				t.Errorf("got %q, want %q", got, tt.want)
			}
			printed, err := json.Marshal(chains)
			if err != nil || tt.sensitive != nil && strings.Contains(string(printed), "hunter") {
				t.Errorf("it shows a sensitive value: %v %s", err, printed)
			}
		})
	}
}
