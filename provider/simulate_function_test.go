// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
)

// valueOf writes a Go value as Terraform hands it to a function whose parameter's type is open.
func valueOf(v any) attr.Value {
	switch v := v.(type) {
	case nil:
		return types.DynamicNull()
	case string:
		return types.StringValue(v)
	case bool:
		return types.BoolValue(v)
	case int:
		return types.NumberValue(big.NewFloat(float64(v)))
	case []any:
		elements, elementTypes := make([]attr.Value, len(v)), make([]attr.Type, len(v))
		for i, e := range v {
			elements[i] = valueOf(e)
			elementTypes[i] = elements[i].Type(context.Background())
		}
		return types.TupleValueMust(elementTypes, elements)
	case map[string]any:
		attributes, attributeTypes := map[string]attr.Value{}, map[string]attr.Type{}
		for name, a := range v {
			attributes[name] = valueOf(a)
			attributeTypes[name] = attributes[name].Type(context.Background())
		}
		return types.ObjectValueMust(attributeTypes, attributes)
	case attr.Value:
		return v
	default:
		panic(fmt.Sprintf("%T", v))
	}
}

// simulate calls the function.
func simulate(t *testing.T, steps, outcomes any, options ...any) (types.Object, *function.FuncError) {
	t.Helper()
	rest, restTypes := make([]attr.Value, len(options)), make([]attr.Type, len(options))
	for i, o := range options {
		rest[i], restTypes[i] = types.DynamicValue(valueOf(o)), types.DynamicType
	}
	f := newSimulateFunction()
	response := function.RunResponse{Result: function.NewResultData(types.ObjectUnknown(simulationTypes))}
	f.Run(t.Context(), function.RunRequest{Arguments: function.NewArgumentsData([]attr.Value{
		types.DynamicValue(valueOf(steps)), types.DynamicValue(valueOf(outcomes)), types.TupleValueMust(restTypes, rest),
	})}, &response)
	result, ok := response.Result.Value().(types.Object)
	if !ok {
		t.Fatalf("the result is %T", response.Result.Value())
	}
	return result, response.Error
}

// nightSteps is a chain with a join, a guard, a retry, a delay and a disabled step.
func nightSteps() map[string]any {
	id := chaintest.AppID
	return map[string]any{
		"sales":     map[string]any{"app": id(1)},
		"hr":        map[string]any{"app": id(2), "retry": map[string]any{"max_attempts": 3, "interval": "2m", "retry_on": []any{"failed"}}},
		"transform": map[string]any{"app": id(3), "after": map[string]any{"sales": "success", "hr": "success"}},
		"dashboard": map[string]any{"app": id(4), "after": map[string]any{"transform": "success"}, "when": "weekday in 1..5", "delay": "5m"},
		"fallback":  map[string]any{"app": id(5), "after": map[string]any{"transform": "failure"}},
		"mail":      map[string]any{"app": id(6), "after": map[string]any{"fallback": "completion"}},
		"archive":   map[string]any{"app": id(7), "after": map[string]any{"transform": "completion"}, "enabled": false},
		"report":    map[string]any{"app": id(8), "after": map[string]any{"mail": "success", "archive": "success"}},
	}
}

// twoSchedules is a chain of two extracts with schedules of their own.
func twoSchedules() map[string]any {
	id := chaintest.AppID
	return map[string]any{
		"sales":     map[string]any{"app": id(1), "schedule": map[string]any{"cron": "0 2 * * ? *"}},
		"hr":        map[string]any{"app": id(2), "schedule": map[string]any{"cron": "40 2 * * ? *", "except": []any{"2026-01-06"}}},
		"transform": map[string]any{"app": id(3), "after": map[string]any{"sales": "success", "hr": "success"}},
	}
}

// options is one options argument.
func options(of map[string]any) []any { return []any{of} }

func events(all ...map[string]any) []any {
	list := make([]any, len(all))
	for i, e := range all {
		list[i] = e
	}
	return list
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		steps      map[string]any
		outcomes   map[string]any
		options    []any
		started    string
		notStarted map[string]string
		reloads    []string // only those that are asked about
		runs       []string
	}{
		"all goes well": {
			started: "hr, sales, transform, dashboard",
			notStarted: map[string]string{
				"archive": "is disabled", "fallback": "is not needed: starts after transform = failure; transform succeeded", "mail": "is not needed: fallback is not needed",
				"report": "is not needed: archive is disabled, mail is not needed",
			},
			reloads: []string{
				"hr 1 success 2026-01-05T00:00:00Z 2026-01-05T00:01:00Z in 1 {}",
				`transform 1 success 2026-01-05T00:01:00Z 2026-01-05T00:02:00Z in 1 {"hr":"1","sales":"1"}`,
				`dashboard 1 success 2026-01-05T00:07:00Z 2026-01-05T00:08:00Z in 1 {"transform":"1"}`,
			},
			runs: []string{"1 succeeded 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T00:08:00Z"},
		},
		"transform fails": {
			outcomes: map[string]any{"transform": "failure"}, started: "hr, sales, transform, fallback, mail",
			notStarted: map[string]string{
				"archive": "is disabled", "dashboard": "is blocked: transform failed", "report": "is not needed: archive is disabled",
			},
			runs: []string{"1 failed 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T00:04:00Z"},
		},
		"transform is canceled": {
			outcomes: map[string]any{"transform": "canceled"}, started: "hr, sales, transform",
			notStarted: map[string]string{
				"archive": "is disabled", "dashboard": "is blocked: transform was canceled",
				"fallback": "is not needed: starts after transform = failure; transform was canceled", "mail": "is not needed: fallback is not needed",
				"report": "is not needed: archive is disabled, mail is not needed",
			},
		},
		"attempts": {
			outcomes: map[string]any{"hr": []any{"failure", "failure", "success"}}, started: "hr, sales, transform, dashboard",
			reloads: []string{
				"hr 2 failure 2026-01-05T00:03:00Z 2026-01-05T00:04:00Z in 1 {}", "hr 3 success 2026-01-05T00:08:00Z 2026-01-05T00:09:00Z in 1 {}",
			},
		},
		"what a retry leaves out": {
			outcomes: map[string]any{"hr": []any{"exceeded_limit", "success"}}, started: "hr, sales",
			notStarted: map[string]string{
				"transform": "is blocked: hr failed", "archive": "is disabled", "dashboard": "is blocked: transform is blocked because hr failed",
				"fallback": "is blocked: transform is blocked because hr failed", "mail": "is blocked: fallback is blocked because hr failed",
				"report": "is not needed: archive is disabled",
			},
			reloads: []string{"hr 1 exceeded_limit 2026-01-05T00:00:00Z 2026-01-05T00:01:00Z in 1 {}"},
		},
		"in the middle, on a Saturday in Berlin": {
			options: options(map[string]any{
				"start": "transform", "at": "2026-11-20T23:30:00Z", "timezone": "Europe/Berlin", "durations": map[string]any{"transform": "10m"},
			}),
			started: "transform",
			notStarted: map[string]string{
				"archive": "is disabled", "dashboard": "is skipped: guard `weekday in 1..5` was false in the cycle of Saturday, 2026-11-21",
				"fallback": "is not needed: starts after transform = failure; transform succeeded", "hr": "is in no run: nothing begins one at it",
				"mail": "is not needed: fallback is not needed", "report": "is not needed: archive is disabled, mail is not needed",
				"sales": "is in no run: nothing begins one at it",
			},
			reloads: []string{"transform 1 success 2026-11-21T00:30:00+01:00 2026-11-21T00:40:00+01:00 in 1 {}"},
		},
		"a run for each": {
			options: options(map[string]any{"start": map[string]any{"sales": "01:00", "hr": "2026-01-05T17:00:00"}}), started: "sales, hr, transform, dashboard",
			reloads: []string{`transform 1 success 2026-01-05T17:01:00Z 2026-01-05T17:02:00Z in 2 {"hr":"2","sales":"1"}`},
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-05T01:00:00Z 2026-01-05T17:01:00Z", "2 succeeded 2026-01-05 2026-01-05T17:00:00Z 2026-01-05T17:08:00Z",
			},
		},
		"in another cycle": {
			options: options(map[string]any{"start": map[string]any{"sales": "01:00", "hr": "2026-01-05T18:00:00"}}), started: "sales, hr",
			notStarted: map[string]string{
				"transform": "expired: sales had no result by 18:00", "archive": "is disabled", "dashboard": "expired: transform expired",
				"fallback": "expired: transform expired", "mail": "expired: fallback expired", "report": "is not needed: archive is disabled",
			},
		},
		"its own cycles": {
			options: options(map[string]any{
				"start": map[string]any{"sales": "2026-01-05T11:00:00", "hr": "2026-01-05T12:30:00"}, "cycle": map[string]any{"begins": "00:00", "every": "12h"},
			}),
			started: "sales, hr",
		},
		"one of the two": {
			options: options(map[string]any{"start": []any{"sales", "sales"}, "until": "12:00"}), started: "sales",
			notStarted: map[string]string{
				"transform": "waits for hr: it has no result since 18:00 on 2026-01-04", "hr": "is in no run: nothing begins one at it",
				"archive": "waits for transform in this run", "dashboard": "waits for transform in this run", "fallback": "waits for transform in this run",
				"mail": "waits for fallback in this run", "report": "waits for archive and mail in this run",
			},
			runs: []string{"1 waiting 2026-01-05 2026-01-05T00:00:00Z null"},
		},
		"schedules of their own": {
			steps: twoSchedules(), started: "sales, hr, transform",
			reloads: []string{`transform 1 success 2026-01-05T02:41:00Z 2026-01-05T02:42:00Z in 2 {"hr":"2","sales":"1"}`},
		},
		"two nights, of which one is an exception": {
			steps: twoSchedules(), options: options(map[string]any{"cycles": 2}), outcomes: map[string]any{"hr": "failure"}, started: "sales, hr",
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-05T02:00:00Z 2026-01-05T02:41:00Z", "2 failed 2026-01-05 2026-01-05T02:40:00Z 2026-01-05T02:41:00Z",
				"3 failed 2026-01-06 2026-01-06T02:00:00Z 2026-01-06T18:00:00Z",
			},
			notStarted: map[string]string{"transform": "expired: hr had no result by 18:00"},
		},
		"a failure that is repaired in the afternoon": {
			steps: twoSchedules(), outcomes: map[string]any{"hr": []any{"failure", "success"}},
			options: options(map[string]any{"events": events(map[string]any{"at": "15:00", "reload": "hr"})}), started: "sales, hr, transform",
			reloads: []string{`transform 1 success 2026-01-05T15:01:00Z 2026-01-05T15:02:00Z in 3 {"hr":"3","sales":"1"}`},
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-05T02:00:00Z 2026-01-05T02:41:00Z", "2 failed 2026-01-05 2026-01-05T02:40:00Z 2026-01-05T02:41:00Z",
				"3 succeeded 2026-01-05 2026-01-05T15:00:00Z 2026-01-05T15:02:00Z",
			},
		},
		"a rerun of what failed": {
			outcomes: map[string]any{"transform": []any{"failure", "success"}},
			options:  options(map[string]any{"events": events(map[string]any{"at": "2026-01-06T07:00:00", "rerun": 1})}), started: "hr, sales, transform, fallback, mail, dashboard",
			runs: []string{
				"1 failed 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T00:04:00Z", "2 succeeded 2026-01-05 2026-01-06T07:00:00Z 2026-01-06T07:07:00Z of 1",
			},
		},
		"what operators do": {
			options: options(map[string]any{
				"at": "2026-01-05T02:00:00",
				"events": events(map[string]any{"at": "01:00", "skip": "transform", "reason": "the source is being moved"}, map[string]any{"at": "01:30", "pause": true},
					map[string]any{"at": "03:00", "resume": true}, map[string]any{"at": "04:00", "mark": "transform", "run": "1"}),
			}),
			started: "hr, sales, dashboard",
			notStarted: map[string]string{
				"transform": "was marked as succeeded", "archive": "is disabled",
				"fallback": "is not needed: starts after transform = failure; transform succeeded", "mail": "is not needed: fallback is not needed",
				"report": "is not needed: archive is disabled, mail is not needed",
			},
			reloads: []string{"sales 1 success 2026-01-05T03:00:00Z 2026-01-05T03:01:00Z in 1 {}", `dashboard 1 success 2026-01-05T04:05:00Z 2026-01-05T04:06:00Z in 2 {"transform":"2"}`},
		},
		"a run that is begun and canceled": {
			options: options(map[string]any{
				"start": "sales", "durations": map[string]any{"hr": []any{"2h", "1m"}},
				"events": events(map[string]any{"at": "01:00", "start": []any{"hr"}}, map[string]any{"at": "02:00", "cancel": "2", "step": nil}),
			}),
			started: "sales, hr",
			runs: []string{
				"1 failed 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T18:00:00Z", "2 canceled 2026-01-05 2026-01-05T01:00:00Z 2026-01-05T02:00:00Z",
			},
			reloads: []string{"hr 1 canceled 2026-01-05T01:00:00Z 2026-01-05T02:00:00Z in 2 {}"},
		},
		"a schedule, and its overlap": {
			options: options(map[string]any{"schedule": map[string]any{"rate": "6h"}, "overlap": "skip", "durations": map[string]any{"sales": "7h"}}),
			started: "hr, sales, transform, dashboard",
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-04T18:00:00Z 2026-01-05T01:07:00Z", "2 skipped 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T00:00:00Z",
				"3 succeeded 2026-01-05 2026-01-05T06:00:00Z 2026-01-05T13:07:00Z", "4 skipped 2026-01-05 2026-01-05T12:00:00Z 2026-01-05T12:00:00Z",
			},
		},
		"carried over": {
			steps: map[string]any{
				"budget": map[string]any{"app": chaintest.AppID(1)}, "sales": map[string]any{"app": chaintest.AppID(2)},
				"report": map[string]any{
					"app": chaintest.AppID(3), "after": map[string]any{"budget": "success", "sales": "success"}, "carry_over": map[string]any{"budget": "35d"},
				},
			},
			options: options(map[string]any{"start": "sales", "carried": map[string]any{"report": map[string]any{"budget": "2025-12-20T06:00:00"}}}),
			started: "sales, report", notStarted: map[string]string{"budget": "is in no run: nothing begins one at it"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			steps, outcomes := test.steps, test.outcomes
			if steps == nil {
				steps = nightSteps()
			}
			if outcomes == nil {
				outcomes = map[string]any{}
			}
			result, err := simulate(t, steps, outcomes, test.options...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(wordsOf(result.Attributes()["started"]), ", "); got != test.started {
				t.Errorf("started: %s\nwant:    %s", got, test.started)
			}
			if m, ok := result.Attributes()["not_started"].(types.Map); test.notStarted != nil && (!ok || !m.Equal(stringMap(test.notStarted))) {
				t.Errorf("not started: %v\nwant:        %v", m, stringMap(test.notStarted))
			}
			reloads := reloadLines(t, result)
			for _, want := range test.reloads {
				if !slices.Contains(reloads, want) {
					t.Errorf("there is no %s in\n%s", want, strings.Join(reloads, "\n"))
				}
			}
			if runs := runLines(t, result); test.runs != nil && !slices.Equal(runs, test.runs) {
				t.Errorf("runs:\n%s\nwant:\n%s", strings.Join(runs, "\n"), strings.Join(test.runs, "\n"))
			}
		})
	}
}

// objectsIn are the attributes of the objects in a list of the result.
func objectsIn(t *testing.T, result types.Object, name string) []map[string]attr.Value {
	t.Helper()
	list, ok := result.Attributes()[name].(types.List)
	if !ok {
		t.Fatalf("%s is no list", name)
	}
	var all []map[string]attr.Value
	for _, element := range list.Elements() {
		object, ok := element.(types.Object)
		if !ok {
			t.Fatalf("an element of %s is %T", name, element)
		}
		all = append(all, object.Attributes())
	}
	return all
}

func textIn(attributes map[string]attr.Value, name string) string {
	s, _ := attributes[name].(types.String)
	if s.IsNull() {
		return "null"
	}
	return s.ValueString()
}

func reloadLines(t *testing.T, result types.Object) []string {
	t.Helper()
	var lines []string
	for _, a := range objectsIn(t, result, "reloads") {
		lines = append(lines, fmt.Sprintf("%s %v %s %s %s in %s %v",
			textIn(a, "step"), a["attempt"], textIn(a, "outcome"), textIn(a, "start"), textIn(a, "end"), textIn(a, "run"), a["after"]))
	}
	return lines
}

func runLines(t *testing.T, result types.Object) []string {
	t.Helper()
	var lines []string
	for _, a := range objectsIn(t, result, "runs") {
		line := fmt.Sprintf("%s %s %s %s %s", textIn(a, "id"), textIn(a, "status"), textIn(a, "cycle"), textIn(a, "begin"), textIn(a, "end"))
		if of := textIn(a, "rerun_of"); of != "null" {
			line += " of " + of
		}
		lines = append(lines, line)
	}
	return lines
}

// wordsOf are a list's texts.
func wordsOf(value attr.Value) []string {
	all, _ := elements(value)
	var words []string
	for _, each := range all {
		text, _ := each.(types.String)
		words = append(words, text.ValueString())
	}
	return words
}

func TestSimulateRefuses(t *testing.T) {
	t.Parallel()
	none := map[string]any{}
	event := func(e map[string]any) []any { return options(map[string]any{"events": []any{e}}) }
	for name, test := range map[string]struct {
		steps, outcomes any
		options         []any
		want            []string
	}{
		"what the resource refuses": {map[string]any{"a": map[string]any{"app": "x", "after": map[string]any{"b": "success"}}}, none, nil,
			[]string{`steps["a"].app: "x" is not an app id.`, `steps["a"].after["b"]: There is no step "b"`}},
		"another attribute": {map[string]any{"a": map[string]any{"app": chaintest.AppID(1), "aftr": "x"}}, none, nil, []string{`steps["a"].aftr: There is no such attribute.`}},
		"outcomes": {nightSteps(), map[string]any{"trasform": "failure", "sales": "failed", "hr": []any{}, "mail": 1}, nil, []string{
			`outcomes["trasform"]: There is no step "trasform" in the chain. Did you mean "transform"?`,
			`outcomes["sales"]: "failed" is not an outcome. Use "success", "failure", "exceeded_limit" or "canceled".`,
			`outcomes["hr"]: This must be an outcome, or a list`, `outcomes["mail"]: This must be an outcome, or a list`}},
		"no outcomes": {nightSteps(), "failure", nil, []string{`outcomes: This must be an object or a map, {} when every reload succeeds`}},
		"option": {nightSteps(), none, options(map[string]any{"begin": "sales"}), []string{
			`options.begin: There is no such option. There are at, carried, cycle, cycles, durations, events, max_duration, max_running, overlap, schedule, start, timezone, until`}},
		"options":   {nightSteps(), none, []any{none, none}, []string{`options: There are 2. Put all options into one object`}},
		"no object": {nightSteps(), none, []any{"sales"}, []string{`options: This must be an object`}},
		"zone":      {nightSteps(), none, options(map[string]any{"timezone": "Europe/Belin"}), []string{`options.timezone: There is no time zone "Europe/Belin"`}},
		"no zone":   {nightSteps(), none, options(map[string]any{"timezone": ""}), []string{`options.timezone: timezone is empty.`}},
		"chain": {nightSteps(), none, options(map[string]any{"overlap": "quit", "max_running": "many", "cycle": map[string]any{"every": "5h"}, "schedule": map[string]any{"crn": "x"}}), []string{
			`options.overlap: "quit" is none of the ways to overlap.`, `options.max_running: This must be a whole number.`, `options.cycle.every: A cycle of 5h does not divide a day.`,
			`options.schedule.crn: There is no such attribute.`}},
		"start":    {nightSteps(), none, options(map[string]any{"start": "sale"}), []string{`options.start: There is no step "sale" in the chain. Did you mean "sales"?`}},
		"no start": {nightSteps(), none, options(map[string]any{"start": []any{}}), []string{`options.start: This must be a step's name, a list`}},
		"time":     {nightSteps(), none, options(map[string]any{"at": "tomorrow"}), []string{`options.at: "tomorrow" is not a time. Write it as "2026-01-05T00:00:00"`}},
		"time of one": {nightSteps(), none, options(map[string]any{"start": map[string]any{"sales": "2 am", "hr": 2}}),
			[]string{`options.start["sales"]: "2 am" is not a time.`, `options.start["hr"]: This must be a time`}},
		"time outside": {nightSteps(), none, options(map[string]any{"start": map[string]any{"sales": "13:00"}, "cycle": map[string]any{"every": "12h"}}),
			[]string{`options.start["sales"]: 13:00 is not in the cycle from 2026-01-04T18:00:00 to 2026-01-05T06:00:00. Write the time with its date`}},
		"cycles":            {nightSteps(), none, options(map[string]any{"cycles": 0}), []string{`options.cycles: This must be a whole number from 1 to 31`}},
		"cycles and start":  {nightSteps(), none, options(map[string]any{"cycles": 2, "start": "hr"}), []string{`options.cycles: It repeats what begins by itself`}},
		"too many runs":     {nightSteps(), none, options(map[string]any{"cycles": 31, "schedule": map[string]any{"rate": "5m"}}), []string{`options: More than 1000 runs would begin.`}},
		"duration":          {nightSteps(), none, options(map[string]any{"durations": map[string]any{"sales": "long", "hr": 1, "x": "1m"}}), []string{`options.durations["sales"]: "long" is not a duration`, `options.durations["hr"]: This must be a duration`, `options.durations["x"]: There is no step`}},
		"no durations":      {nightSteps(), none, options(map[string]any{"durations": "1m"}), []string{`options.durations: This must be an object or a map`}},
		"carried":           {nightSteps(), none, options(map[string]any{"carried": map[string]any{"transform": map[string]any{"hr": "2026-01-01T00:00:00"}}}), []string{`options.carried["transform"]["hr"]: The step "transform" does not carry results of "hr" over.`}},
		"no events":         {nightSteps(), none, options(map[string]any{"events": "hr"}), []string{`options.events: This must be a list of objects`}},
		"no event":          {nightSteps(), none, options(map[string]any{"events": []any{"hr"}}), []string{`options.events[0]: This must be an object`}},
		"event of nothing":  {nightSteps(), none, event(map[string]any{"at": "15:00"}), []string{`options.events[0]: This must have one of cancel, mark, pause, reload, rerun, resume, skip, start, and has none.`}},
		"two events":        {nightSteps(), none, event(map[string]any{"at": "15:00", "reload": "hr", "pause": true}), []string{`and has pause and reload. Make an event of each`}},
		"event with more":   {nightSteps(), none, event(map[string]any{"at": "15:00", "reload": "hr", "run": "1"}), []string{`options.events[0].run: An event with reload has no run. It has at and reload`}},
		"event at no time":  {nightSteps(), none, event(map[string]any{"reload": "hr"}), []string{`options.events[0].at: This must be a time`}},
		"event of no step":  {nightSteps(), none, event(map[string]any{"at": "15:00", "skip": "h"}), []string{`options.events[0].skip: There is no step "h" in the chain. Did you mean "hr"?`}},
		"mark without run":  {nightSteps(), none, event(map[string]any{"at": "15:00", "mark": "hr"}), []string{`options.events[0].run: This must be the id of a run`}},
		"no pause":          {nightSteps(), none, event(map[string]any{"at": "15:00", "pause": false}), []string{`options.events[0].pause: This must be true`}},
		"rerun of nothing":  {nightSteps(), none, event(map[string]any{"at": "15:00", "rerun": "7"}), []string{`options.events: There is no run "7" at 15:00: 1 runs have begun`}},
		"nothing to repair": {nightSteps(), none, event(map[string]any{"at": "15:00", "rerun": "1"}), []string{`options.events: No step of the run "1" has failed by 15:00: name the step to rerun`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			_, err := simulate(t, test.steps, test.outcomes, test.options...)
			for _, want := range test.want {
				if err == nil || !strings.Contains(err.Text, want) {
					t.Errorf("%v\nwant: %s", err, want)
				}
			}
		})
	}
}

// TestSimulateUnknowns: ids need not be known; all else has to be.
func TestSimulateUnknowns(t *testing.T) {
	t.Parallel()
	steps := map[string]any{"a": map[string]any{"app": types.StringUnknown()}, "b": map[string]any{"app": types.StringUnknown(), "after": map[string]any{"a": "success"}}}
	result, err := simulate(t, steps, map[string]any{})
	if err != nil || strings.Join(wordsOf(result.Attributes()["started"]), ", ") != "a, b" {
		t.Errorf("%v, %v", result, err)
	}
	steps["b"] = map[string]any{"app": types.StringUnknown(), "after": map[string]any{"a": types.StringUnknown()}}
	if result, err := simulate(t, steps, map[string]any{}); err != nil || !result.IsUnknown() {
		t.Errorf("%v, %v", result, err)
	}
	if result, err := simulate(t, types.DynamicUnknown(), map[string]any{}); err != nil || !result.IsUnknown() {
		t.Errorf("%v, %v", result, err)
	}
}

// TestSimulateIsThePlay: of random chains, simulate says what a play of the same beginnings has.
func TestSimulateIsThePlay(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	words := map[string]string{"SUCCEEDED": "success", "FAILED": "failure", "EXCEEDED_LIMIT": "exceeded_limit", "CANCELED": "canceled"}
	for seed := range uint64(200) {
		d := chaintest.Random(rand.New(rand.NewPCG(seed, 1)), 12, 3)
		endings := chaintest.Endings(seed, d)
		const most = 3 * chain.MaxAttempts
		script := play.Script{Definition: d, Ending: func(step string, n int) play.Ending {
			return play.Ending{Status: endings(step, min(n, most)), Duration: time.Minute}
		}}
		starts, outcomes := map[string]any{}, map[string]any{}
		for _, root := range chaintest.Roots(d) {
			starts[root] = "00:00"
			script.Events = append(script.Events, play.Begin{At: at, Steps: []string{root}})
		}
		for key := range d.Steps {
			var all []any
			for n := range most {
				all = append(all, words[endings(key, n+1)])
			}
			outcomes[key] = all
		}
		played, err := play.Of(script)
		if err != nil {
			t.Fatal(err)
		}
		model := &taskChainModel{Name: types.StringValue(d.Name)}
		model.setChain(d)
		result, failure := simulate(t, model.Steps, outcomes, map[string]any{"start": starts})
		if failure != nil {
			t.Fatalf("seed %d: %v", seed, failure)
		}
		var want []string
		for _, r := range played.Reloads {
			want = append(want, fmt.Sprintf("%s %d %s", r.Step, r.Attempt, words[r.Status]))
		}
		lines := reloadLines(t, result)
		for i := range lines {
			lines[i] = strings.Join(strings.Fields(lines[i])[:3], " ")
		}
		if !slices.Equal(lines, want) {
			t.Fatalf("seed %d: %q\nwant %q", seed, lines, want)
		}
		started, missing := wordsOf(result.Attributes()["started"]), 0
		if m, ok := result.Attributes()["not_started"].(types.Map); ok {
			missing = len(m.Elements())
		}
		if len(started)+missing != len(d.Steps) {
			t.Fatalf("seed %d: %d started, %d not, of %d", seed, len(started), missing, len(d.Steps))
		}
		for _, line := range runLines(t, result) {
			if status := strings.Fields(line)[1]; status == "under_way" || status == "waiting" {
				t.Fatalf("seed %d: a run does not end: %s", seed, line)
			}
		}
	}
}
