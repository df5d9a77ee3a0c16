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

// withOwn returns a chain with these attributes besides its steps.
func withOwn(values map[string]attr.Value) *taskChainModel {
	m := chainOf(types.StringValue("UTC"), types.Int32Null())
	for name, value := range values {
		attribute := attributeOf(m, name)
		if _, isDynamic := attribute.Interface().(types.Dynamic); isDynamic && !isUnknown(value) {
			value = types.DynamicValue(value)
		}
		attribute.Set(reflect.ValueOf(value))
	}
	return m
}

// TestSetOwnKeepsOtherWords checks the same for what a chain has besides its steps.
func TestSetOwnKeepsOtherWords(t *testing.T) {
	t.Parallel()
	words := map[string]attr.Value{
		"cycle":       objectOf(map[string]attr.Value{"begins": types.StringValue("18:00"), "every": types.StringValue("720m")}),
		"schedule":    scheduleOf(map[string]attr.Value{"cron": types.StringValue("0 5  * * ? *"), "timezone": types.StringValue("UTC")}),
		"overlap":     types.StringValue("allow"),
		"max_running": types.Int32Value(3),
		"max_duration": objectOf(map[string]attr.Value{
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
	if stored.Overlap != "" || stored.NotifyOn != nil || stored.Cycle.Begins != "" || stored.Schedule.Timezone != "" ||
		stored.MaxDuration.OnExceeded != "" {
		t.Fatalf("what is stored says defaults: %+v", stored)
	}
	model.setChain(stored)
	for name, want := range words {
		if got := attributeOf(model, name).Interface(); !reflect.DeepEqual(got, attributeOf(withOwn(words), name).Interface()) {
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
		t.Errorf("%v, %v, %v", model.Cycle, model.MaxRunning, model.Overlap)
	}
}
