// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// TestPassOver: what a plan would refuse as never starting becomes something that it takes, with a note.
func TestPassOver(t *testing.T) {
	t.Parallel()
	step := func(n int, after map[string]chain.Condition) chain.Step {
		return chain.Step{App: chaintest.AppID(n), Enabled: true, After: after}
	}
	d := &chain.Definition{Version: chain.Version, Name: "migrated", Timezone: "UTC", Steps: map[string]chain.Step{
		"from": step(1, nil),
		"good": step(2, map[string]chain.Condition{"from": chain.ConditionSuccess}),
		"bad":  step(3, map[string]chain.Condition{"from": chain.ConditionFailure}),
		"both": step(4, map[string]chain.Condition{"good": chain.ConditionSuccess, "bad": chain.ConditionSuccess}),
		"join": step(5, map[string]chain.Condition{"from": chain.ConditionSuccess, "good": chain.ConditionSuccess}),
	}}
	if len(d.Validate()) != 1 {
		t.Fatal(d.Validate())
	}
	notes := passOver(d)
	if len(notes) != 1 || notes[0].Step != "both" || !strings.Contains(notes[0].Text, `"good" needs the success of "from"`) {
		t.Errorf("the notes are %v", notes)
	}
	if problems := d.Validate(); len(problems) > 0 || d.Steps["both"].WaitFor != chain.WaitForAllStarted || d.Steps["join"].WaitFor != "" {
		t.Errorf("%v, %+v", problems, d.Steps)
	}
}
