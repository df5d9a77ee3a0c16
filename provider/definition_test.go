// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

const someApp = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"

func step(values map[string]attr.Value) attr.Value {
	all := map[string]attr.Value{"app": types.StringValue(someApp)}
	maps.Copy(all, values)
	return objectOf(all)
}

func scheduleOf(values map[string]attr.Value) attr.Value { return objectOf(values) }

func retryOf(values map[string]attr.Value) attr.Value {
	all := map[string]attr.Value{"max_attempts": valueOf(3)}
	maps.Copy(all, values)
	return objectOf(all)
}

// paths returns the paths of attributes of a step. A dot leads to one of retry.
func paths(step string, attributes ...string) []path.Path {
	all := make([]path.Path, len(attributes))
	for i, attribute := range attributes {
		all[i] = path.Root("steps").AtMapKey(step)
		for name := range strings.SplitSeq(attribute, ".") {
			all[i] = all[i].AtName(name)
		}
	}
	return all
}

func chainOf(timezone types.String, history types.Int32) *taskChainModel {
	m := modelOf(map[string]attr.Value{"a": step(nil)})
	m.Timezone, m.HistoryDays = timezone, history
	return m
}

func scheduled(values map[string]attr.Value) *taskChainModel {
	m := modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"schedule": scheduleOf(values)})})
	m.Timezone = types.StringValue("UTC")
	return m
}

// joinOf returns a chain with a join, in this time zone.
func joinOf(timezone types.String) *taskChainModel {
	m := modelOf(map[string]attr.Value{
		"a": step(nil), "b": step(map[string]attr.Value{"app": types.StringUnknown()}),
		"c": step(map[string]attr.Value{"app": types.StringUnknown(), "after": stringMap(map[string]string{"a": "success", "b": "success"})}),
	})
	m.Timezone = timezone
	return m
}

func modelOf(steps map[string]attr.Value) *taskChainModel {
	return &taskChainModel{Name: types.StringValue("nightly"), Steps: types.DynamicValue(objectOf(steps))}
}

// TestUnknownValuesAreNoProblem checks that an unknown value causes no false error, and hides no true one.
func TestUnknownValuesAreNoProblem(t *testing.T) {
	t.Parallel()
	unknownID := step(map[string]attr.Value{"app": types.StringUnknown()})
	tests := map[string]struct {
		model *taskChainModel
		whole bool
		paths []path.Path // of the errors
	}{
		"all known":       {modelOf(map[string]attr.Value{"a": step(nil)}), true, nil},
		"two unknown ids": {modelOf(map[string]attr.Value{"a": unknownID, "b": unknownID}), false, nil},
		"an unknown step": {modelOf(map[string]attr.Value{"a": types.DynamicUnknown()}), false, nil},
		"unknown after": {modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"after": types.MapUnknown(types.StringType)})}),
			false, nil},
		"an unknown variable": {modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"variables": types.MapValueMust(types.StringType,
			map[string]attr.Value{"v": types.StringUnknown()})})}), false, nil},
		"unknown steps": {&taskChainModel{Name: types.StringValue("nightly"), Steps: types.DynamicUnknown()}, false, nil},
		"unknown name": {&taskChainModel{Name: types.StringUnknown(), Steps: modelOf(map[string]attr.Value{"a": step(nil)}).Steps}, false,
			nil},
		"a wrong link beside an unknown id": {
			modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"app": types.StringUnknown(),
				"after": stringMap(map[string]string{"z": "success"})})}),
			false, []path.Path{path.Root("steps").AtMapKey("a").AtName("after").AtMapKey("z")},
		},
		"an unknown after, and what needs it": {
			modelOf(map[string]attr.Value{"a": step(nil), "b": step(map[string]attr.Value{
				"app": types.StringUnknown(), "after": types.MapUnknown(types.StringType), "wait_for": types.StringValue("any"),
				"carry_over": types.MapUnknown(types.StringType),
				"delay":      types.StringValue("10m"), "when": types.StringValue(`upstream == "z"`),
			})}), false, nil,
		},
		"an unknown wait_for beside a carry_over, and a wrong delay": {
			modelOf(map[string]attr.Value{"a": step(nil), "b": step(map[string]attr.Value{
				"app": types.StringUnknown(), "after": types.MapUnknown(types.StringType), "wait_for": types.StringUnknown(),
				"carry_over": stringMap(map[string]string{"a": "1h"}),
				"delay":      types.StringValue("25h"),
			})}), false, []path.Path{path.Root("steps").AtMapKey("b").AtName("delay")},
		},
		"an unknown rate beside a long interval": {
			modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"retry": retryOf(map[string]attr.Value{
				"max_attempts": types.Int32Value(6), "interval": types.StringValue("12h"), "backoff_rate": types.Float64Unknown(),
			})})}), false, nil,
		},
		"unknown attempts": {modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"retry": retryOf(map[string]attr.Value{
			"max_attempts": types.Int32Unknown(), "retry_on": types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown()}),
		})})}), false, nil},
		"an unknown retry":    {modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"retry": types.DynamicUnknown()})}), false, nil},
		"an unknown schedule": {modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"schedule": types.DynamicUnknown()})}), false, nil},
		"an unknown cron": {scheduled(map[string]attr.Value{"cron": types.StringUnknown(), "timezone": types.StringValue("Europe/Zurich")}),
			false, nil},
		"an unknown cron beside a rate": {
			scheduled(map[string]attr.Value{"cron": types.StringUnknown(), "rate": types.StringValue("90m"), "timezone": types.StringUnknown()}),
			false, nil,
		},
		"an unknown after beside a schedule": {
			modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{
				"after": types.MapUnknown(types.StringType), "schedule": scheduleOf(map[string]attr.Value{"rate": types.StringValue("90m")}),
			})}), false, nil,
		},
		"a schedule without a time": {scheduled(nil), false, paths("a", "schedule")},
		"a cron of five fields": {scheduled(map[string]attr.Value{"cron": types.StringValue("0 5 * * *")}), false,
			paths("a", "schedule.cron")},
		"a rate that cannot be read": {scheduled(map[string]attr.Value{"rate": types.StringValue("90 minutes")}), false,
			paths("a", "schedule.rate")},
		"an empty cron and time zone": {scheduled(map[string]attr.Value{"cron": types.StringValue(""), "timezone": types.StringValue("")}), false,
			paths("a", "schedule.cron", "schedule.timezone")},
		"both cron and rate, and a wrong time zone": {
			scheduled(map[string]attr.Value{"cron": types.StringValue("0 5 * * ? *"), "rate": types.StringValue("1h"),
				"timezone": types.StringValue("Mars")}), false,
			paths("a", "schedule.rate", "schedule.timezone"),
		},
		"an unknown timezone and history": {chainOf(types.StringUnknown(), types.Int32Unknown()), false, nil},
		"wrong settings of the chain": {chainOf(types.StringValue("Mars"), types.Int32Value(366)), false,
			[]path.Path{path.Root("history_days"), path.Root("timezone")}},
		"a join, and no timezone":       {joinOf(types.StringNull()), false, []path.Path{path.Root("timezone")}},
		"a join in an unknown timezone": {joinOf(types.StringUnknown()), false, nil},
		"what is unknown of the chain": {withOwn(map[string]attr.Value{
			"cycle": types.DynamicUnknown(), "schedule": types.DynamicUnknown(), "overlap": types.StringValue("skip"),
			"max_running": types.Int32Unknown(), "max_duration": types.DynamicUnknown(), "notify_on": types.SetUnknown(types.StringType),
		}), false, nil},
		"what is wrong with the chain": {withOwn(map[string]attr.Value{
			"cycle": objectOf(map[string]attr.Value{"begins": types.StringValue("FRI 18:00"), "every": types.StringValue("5h")}),
			"schedule": scheduleOf(map[string]attr.Value{"cron": types.StringValue("0 5 * * *"),
				"except": types.SetValueMust(types.StringType, nil)}), "overlap": types.StringValue(""),
			"max_running": types.Int32Value(0), "max_duration": objectOf(map[string]attr.Value{"after": types.StringValue("a while")}),
			"notify_on": types.SetValueMust(types.StringType, []attr.Value{types.StringValue("failed")}),
		}), false, []path.Path{
			path.Root("cycle").AtName("begins"), path.Root("cycle").AtName("every"), path.Root("max_duration").AtName("after"),
			path.Root("max_running"),
			path.Root("notify_on"), path.Root("overlap"), path.Root("schedule").AtName("cron"), path.Root("schedule").AtName("except"),
		}},
		"a week of an unknown length": {withOwn(map[string]attr.Value{
			"cycle": objectOf(map[string]attr.Value{"begins": types.StringValue("FRI 18:00"), "every": types.StringUnknown()}),
		}), false, nil},
		"what would read as a default": {
			modelOf(map[string]attr.Value{
				"a": step(nil),
				"b": step(map[string]attr.Value{
					"app": types.StringUnknown(), "after": stringMap(map[string]string{"a": "success"}), "wait_for": types.StringValue(""),
					"max_starts_per_hour": types.Int32Value(0),
					"when":                types.StringValue(""), "delay": types.StringValue("0m"), "weight": types.Int32Value(0),
					"retry": retryOf(map[string]attr.Value{"interval": types.StringValue(""), "backoff_rate": valueOf(big.NewFloat(0)),
						"retry_on": types.SetValueMust(types.StringType, nil)}),
				}),
			}), false, paths("b", "delay", "max_starts_per_hour", "retry.backoff_rate", "retry.interval", "retry.retry_on", "wait_for", "weight",
				"when"),
		},
		"what cannot be read": {
			modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{
				"delay": types.StringValue("tomorrow"), "max_duration": objectOf(map[string]attr.Value{"after": types.StringValue("1.5h")}),
				"retry": retryOf(map[string]attr.Value{"interval": types.StringValue("5")}),
			})}), false, paths("a", "delay", "max_duration.after", "retry.interval"),
		},
		"an age that cannot be read": {
			modelOf(map[string]attr.Value{
				"a": step(nil), "b": step(map[string]attr.Value{"app": types.StringUnknown()}),
				"c": step(map[string]attr.Value{
					"app": types.StringUnknown(), "after": stringMap(map[string]string{"a": "success", "b": "success"}),
					"carry_over": stringMap(map[string]string{"b": "a month"}),
				}),
			}), false, []path.Path{path.Root("steps").AtMapKey("c").AtName("carry_over").AtMapKey("b"), path.Root("timezone")},
		},
		"wrong attributes of retry": {
			modelOf(map[string]attr.Value{"a": step(map[string]attr.Value{"retry": retryOf(map[string]attr.Value{
				"max_attempts": types.Int32Value(1), "interval": types.StringValue("90s"), "backoff_rate": valueOf(big.NewFloat(0.5)),
				"retry_on": types.SetValueMust(types.StringType, []attr.Value{types.StringValue("canceled")}),
			})})}), false, paths("a", "retry.backoff_rate", "retry.interval", "retry.max_attempts", "retry.retry_on"),
		},
		"wrong in three places": {
			modelOf(map[string]attr.Value{
				"a": step(map[string]attr.Value{"app": types.StringValue("sales"), "weight": types.Int32Value(12)}),
				"b": step(map[string]attr.Value{"after": stringMap(map[string]string{"b": "success"})}),
			}),
			false, []path.Path{
				path.Root("steps").AtMapKey("a").AtName("app"), path.Root("steps").AtMapKey("a").AtName("weight"),
				path.Root("steps").AtMapKey("b").AtName("after").AtMapKey("b"),
			},
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var diags diag.Diagnostics
			if _, whole := test.model.checkDefinition(&diags); whole != test.whole {
				t.Errorf("whole is %v, want %v", whole, test.whole)
			}
			var said, want []string // the text has the whole path; Terraform gets the part that it finds a line for
			for _, d := range diags {
				place, _, _ := strings.Cut(d.Detail(), ": ")
				said = append(said, place)
				if at, ok := d.(diag.DiagnosticWithPath); !ok || !strings.HasPrefix(place, at.Path().String()) {
					t.Errorf("no path, or another one than in the text: %v", d)
				}
			}
			for _, place := range test.paths {
				want = append(want, place.String())
			}
			if !slices.Equal(said, want) {
				t.Errorf("errors at %v, want %v: %v", said, want, diags)
			}
		})
	}
}

// everything returns a definition with every attribute.
func everything() *chain.Definition {
	id := func(n int) string { return fmt.Sprintf("7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c%02d", n) }
	both := map[string]chain.Condition{"extract": chain.ConditionSuccess, "load": chain.ConditionCompletion}
	return &chain.Definition{
		Version: chain.Version, Name: "nightly", Timezone: "Europe/Berlin", HistoryDays: 90,
		Cycle:    &chain.Cycle{Begins: "20:00", Every: chain.Duration(12 * time.Hour)},
		Schedule: &chain.Schedule{Cron: "0 2 * * ? *", Timezone: "Europe/Zurich", Except: []string{"2026-12-25", "2026-12-26"}},
		Overlap:  chain.OverlapSkip, MaxRunning: 5, MaxDuration: &chain.MaxDuration{After: chain.Duration(8 * time.Hour),
			OnExceeded: chain.OnExceededCancel},
		ExpectBy: &chain.ExpectBy{Time: "06:00", Days: []chain.Day{"MON"}},
		NotifyOn: []chain.NotifyOn{chain.NotifyOnFailure, chain.NotifyOnSuccess}, FailureLog: &chain.FailureLog{Lines: 20}, SummaryAt: "07:00",
		Steps: map[string]chain.Step{
			"extract": {App: id(1), Enabled: true, Schedule: &chain.Schedule{Cron: "0 5 ? * MON-FRI *", Timezone: "Asia/Tokyo"}, Retry: &chain.Retry{
				MaxAttempts: 4, Interval: chain.Duration(90 * time.Minute), BackoffRate: 1.5, RetryOn: []chain.RetryOn{chain.RetryOnFailed},
			}},
			"load": {App: id(2), Enabled: true, Schedule: &chain.Schedule{Rate: chain.Duration(90 * time.Minute)},
				Retry: &chain.Retry{MaxAttempts: 2}},
			"all": {App: id(3), After: both, WaitFor: chain.WaitForAllStarted,
				CarryOver:   map[string]chain.Duration{"extract": chain.Duration(35 * 24 * time.Hour)},
				MaxDuration: &chain.MaxDuration{After: chain.Duration(2 * time.Hour)}, MaxStartsPerHour: 3, When: "weekday in 1..5",
				Delay: chain.Duration(time.Hour), Enabled: true, Partial: true,
				ExpectBy:  &chain.ExpectBy{Time: "05:00", Days: []chain.Day{"MON", "FRI"}},
				Variables: map[string]string{"mode": "full"}, Weight: 5},
			"root":   {App: id(6), Enabled: true},
			"mail":   {Automation: id(7), After: map[string]chain.Condition{"root": chain.ConditionFailure}, Enabled: true},
			"ingest": {DataTask: &chain.DataTask{Project: "65f2a4b7c1d2e3f405162738", Task: "task-cYSY"}, Enabled: true},
			"erp":    {Signal: &chain.Signal{QuietFor: chain.Duration(time.Hour)}, Enabled: true},
			"dbt": {Signal: &chain.Signal{EventPattern: `{"source":["dbt"]}`, EventBus: "dbt", Outcome: "$.detail.status"},
				After: map[string]chain.Condition{"erp": chain.ConditionSuccess}, Enabled: true},
			"any":  {App: id(4), After: both, WaitFor: chain.WaitForAny},
			"last": {App: id(5), After: map[string]chain.Condition{"all": chain.ConditionFailure}, Enabled: true},
		},
	}
}

// TestDefinitionsGoBothWays writes definitions to attributes, and checks that reading these returns the same definitions.
func TestDefinitionsGoBothWays(t *testing.T) {
	t.Parallel()
	silent := everything()
	silent.Timezone, silent.HistoryDays = "", 0
	silent.Cycle, silent.Schedule, silent.Overlap, silent.MaxRunning, silent.MaxDuration, silent.NotifyOn = nil, nil, "", 0, nil, nil
	silent.FailureLog, silent.SummaryAt = nil, ""
	for name, want := range map[string]*chain.Definition{"everything": everything(), "defaults": silent} {
		model := &taskChainModel{Name: types.StringValue(want.Name)}
		model.setChain(want)
		got, read := model.readDefinition()
		if len(read.unknown) > 0 || len(read.problems) > 0 || !reflect.DeepEqual(got.Canonical(), want) {
			t.Errorf("%s: %v became %+v\nwant %+v", name, model.Steps, got, want)
		}
		var diags diag.Diagnostics
		if _, whole := model.checkDefinition(&diags); !whole || diags.HasError() {
			t.Errorf("%s: %v", name, diags)
		}
	}
}

// TestSetChainLeavesSilenceNull checks that what a definition does not set is null in the state.
func TestSetChainLeavesSilenceNull(t *testing.T) {
	t.Parallel()
	model := &taskChainModel{Name: types.StringValue("nightly")}
	model.setChain(&chain.Definition{Version: chain.Version, Name: "nightly", Steps: map[string]chain.Step{
		"a": {App: someApp, Enabled: true}, "b": {App: someApp, Enabled: true, Retry: &chain.Retry{MaxAttempts: 3}},
	}})
	want := chainOf(types.StringValue("UTC"), types.Int32Value(30))
	want.Steps = modelOf(map[string]attr.Value{"a": step(nil), "b": step(map[string]attr.Value{"retry": retryOf(nil)})}).Steps
	want.NotifyOn = types.SetNull(types.StringType)
	if !reflect.DeepEqual(model, want) {
		t.Errorf("%+v\nwant %+v", model, want)
	}
}

// TestSetChainKeepsOtherWords checks that the user's words stay if they mean the same as what is stored.
func TestSetChainKeepsOtherWords(t *testing.T) {
	t.Parallel()
	words := map[string]attr.Value{
		"after": stringMap(map[string]string{"b": "success", "c": "success"}), "enabled": types.BoolValue(true), "variables": stringMap(nil),
		"wait_for": types.StringValue("all"), "carry_over": stringMap(map[string]string{"b": "840h"}),
		"max_starts_per_hour": types.Int32Value(20), "delay": types.StringValue("3600s"),
		"retry": retryOf(map[string]attr.Value{
			"interval": types.StringValue("60s"), "backoff_rate": valueOf(big.NewFloat(2)),
			"retry_on": types.SetValueMust(types.StringType, []attr.Value{types.StringValue("failed"), types.StringValue("exceeded_limit")}),
		}),
	}
	model := modelOf(map[string]attr.Value{
		"a": step(words), "b": step(nil),
		"c": step(map[string]attr.Value{"schedule": scheduleOf(map[string]attr.Value{"cron": types.StringValue("0 5  * * ? *"),
			"timezone": types.StringValue("Europe/Zurich")})}),
	})
	model.Timezone = types.StringValue("Europe/Zurich")
	before := model.Steps
	said, _ := model.readDefinition()
	stored := said.Canonical()
	if found := stored.Steps["c"].Schedule; found.Cron != "0 5 * * ? *" || found.Timezone != "" {
		t.Fatalf("what is stored says the chain's time zone, or has blanks: %+v", found)
	}
	if found := stored.Steps["a"]; found.WaitFor != "" || found.Retry.Interval != 0 || found.Retry.RetryOn != nil || found.Variables != nil {
		t.Fatalf("what is stored says defaults: %+v", found)
	}
	model.setChain(stored)
	if !model.Steps.Equal(before) {
		t.Errorf("%v became %v", before, model.Steps)
	}

	changed := stored.Steps["a"]
	changed.CarryOver, changed.Weight = map[string]chain.Duration{"b": chain.Duration(40 * 24 * time.Hour)}, 3
	stored.Steps["a"] = changed
	stored.Steps["b"] = chain.Step{App: someApp, After: map[string]chain.Condition{"c": chain.ConditionFailure}}
	model.setChain(stored)
	words["carry_over"], words["weight"] = valueOf(map[string]any{"b": "40d"}), valueOf(3)
	written, _ := members(plain(before))
	want := modelOf(map[string]attr.Value{
		"a": step(words), "c": written["c"],
		"b": step(map[string]attr.Value{"enabled": types.BoolValue(false), "after": valueOf(map[string]any{"c": "failure"})}),
	})
	if !model.Steps.Equal(want.Steps) {
		t.Errorf("a changed definition became %v\nwant %v", model.Steps, want.Steps)
	}
}

func TestCheckKMSKey(t *testing.T) {
	t.Parallel()
	place := stack.Place{Partition: "aws", Region: "eu-central-1"}
	for key, want := range map[string]string{
		"arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab": "",
		"arn:aws:kms:eu-central-1:999999999999:key/mrk-1234abcd12ab34cd56ef1234567890ab": "",
		"":                                     `"" is not the ARN of a KMS key. Use the ARN of the key itself`,
		"alias/mine":                           "is not the ARN of a KMS key",
		"1234abcd-12ab-34cd-56ef-1234567890ab": "is not the ARN of a KMS key",
		"arn:aws:kms:eu-central-1:123456789012:key/": "is not the ARN of a KMS key",
		"arn:aws:iam::123456789012:key/1":            "is not the ARN of a KMS key",
		"arn:aws:kms:eu-central-1:123456789012:alias/mine": "is the ARN of an alias. Use the ARN of the key " +
			"itself",
		"arn:aws:kms:eu-west-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab": "is in eu-west-1 (aws), and the chain is in " +
			"eu-central-1 (aws)",
		"arn:aws-cn:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab": "is in eu-central-1 (aws-cn)",
	} {
		var diags diag.Diagnostics
		checkKMSKey(&diags, "kms_key_arn", types.StringValue(key))
		if !diags.HasError() {
			checkKMSKeyPlace(&diags, "kms_key_arn", types.StringValue(key), place)
		}
		switch {
		case want == "" && diags.HasError():
			t.Errorf("%s: %v", key, diags)
		case want != "" && (len(diags) != 1 || !strings.Contains(diags[0].Detail(), want)):
			t.Errorf("%s: %v, want %q", key, diags, want)
		}
	}
	for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
		var diags diag.Diagnostics
		checkKMSKey(&diags, "kms_key_arn", value)
		checkKMSKeyPlace(&diags, "kms_key_arn", value, place)
		if diags.HasError() {
			t.Errorf("%s: %v", value, diags)
		}
	}
}
