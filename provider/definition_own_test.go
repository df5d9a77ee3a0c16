// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// withOwn is a chain with these attributes besides its steps.
func withOwn(values map[string]attr.Value) *taskChainModel {
	m := chainOf(types.StringValue("UTC"), types.Int32Null())
	for name, value := range values {
		switch name {
		case "cycle":
			setUnless(false, &m.Cycle, value)
		case "schedule":
			setUnless(false, &m.Schedule, value)
		case "overlap":
			setUnless(false, &m.Overlap, value)
		case "max_running":
			setUnless(false, &m.MaxRunning, value)
		case "max_duration":
			setUnless(false, &m.MaxDuration, value)
		case "notify_on":
			setUnless(false, &m.NotifyOn, value)
		}
	}
	return m
}

// TestSetOwnKeepsOtherWords: likewise of what a chain has besides its steps.
func TestSetOwnKeepsOtherWords(t *testing.T) {
	t.Parallel()
	words := map[string]attr.Value{
		"cycle":       types.ObjectValueMust(cycleTypes, map[string]attr.Value{"begins": types.StringValue("18:00"), "every": types.StringValue("720m")}),
		"schedule":    scheduleOf(map[string]attr.Value{"cron": types.StringValue("0 5  * * ? *"), "timezone": types.StringValue("UTC")}),
		"overlap":     types.StringValue("allow"),
		"max_running": types.Int32Value(3),
		"max_duration": types.ObjectValueMust(maxDurationTypes, map[string]attr.Value{
			"after": types.StringValue("120m"), "on_exceeded": types.StringValue("alarm"),
		}),
		"notify_on": types.SetValueMust(types.StringType, []attr.Value{types.StringValue("failure")}),
	}
	model := withOwn(words)
	said, read := model.readDefinition()
	if len(read.unknown) > 0 {
		t.Fatal(read.problems)
	}
	stored := said.Canonical()
	if stored.Overlap != "" || stored.NotifyOn != nil || stored.Cycle.Begins != "" || stored.Schedule.Timezone != "" || stored.MaxDuration.OnExceeded != "" {
		t.Fatalf("what is stored says defaults: %+v", stored)
	}
	model.setChain(stored)
	for name, want := range words {
		if got := model.ownValues()[name]; !got.Equal(want) {
			t.Errorf("%s: %v became %v", name, want, got)
		}
	}
	stored.Cycle, stored.MaxRunning, stored.Overlap = nil, 0, chain.OverlapQueue
	stored.MaxDuration.After, stored.NotifyOn = chain.Duration(3*time.Hour), chain.NotifyOns()
	stored.Schedule.Except = []string{"2026-12-25"}
	model.setChain(stored)
	if again, _ := model.readDefinition(); !reflect.DeepEqual(again.Canonical(), stored) {
		t.Errorf("a changed definition became %+v\nwant %+v", again.Canonical(), stored)
	}
	if !model.Cycle.IsNull() || !model.MaxRunning.IsNull() || model.Overlap.ValueString() != "queue" {
		t.Errorf("%v", model.ownValues())
	}
}
