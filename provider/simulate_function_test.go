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
		"transform": map[string]any{"app": id(3), "after": map[string]any{"sales": "success", "hr": "success"}, "window": "1h"},
		"dashboard": map[string]any{"app": id(4), "after": map[string]any{"transform": "success"}, "when": "weekday in 1..5", "delay": "5m"},
		"fallback":  map[string]any{"app": id(5), "after": map[string]any{"transform": "failure"}},
		"mail":      map[string]any{"app": id(6), "after": map[string]any{"fallback": "completion"}},
		"archive":   map[string]any{"app": id(7), "after": map[string]any{"transform": "completion"}, "enabled": false},
		"report":    map[string]any{"app": id(8), "after": map[string]any{"mail": "success", "archive": "success"}},
	}
}

func TestSimulate(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		outcomes   map[string]any
		options    []any
		started    string
		notStarted map[string]string
		reloads    []string // only those that are asked about
	}{
		"all goes well": {
			started: "hr, sales, transform, dashboard",
			notStarted: map[string]string{
				"archive": "is disabled", "fallback": "starts after transform = failure; it ended with success", "mail": "starts after fallback, which has not started",
				"report": "starts after archive and mail, none of which has started",
			},
			reloads: []string{"hr 1 success 2026-01-05T00:00:00Z 2026-01-05T00:01:00Z []", `transform 1 success 2026-01-05T00:01:00Z 2026-01-05T00:02:00Z ["hr","sales"]`,
				`dashboard 1 success 2026-01-05T00:07:00Z 2026-01-05T00:08:00Z ["transform"]`},
		},
		"transform fails": {
			outcomes: map[string]any{"transform": "failure"}, started: "hr, sales, transform, fallback, mail",
			notStarted: map[string]string{
				"archive": "is disabled", "dashboard": "starts after transform = success; it ended with failure", "report": "waits for archive, 1 of 2",
			},
		},
		"transform is canceled": {
			outcomes: map[string]any{"transform": "canceled"}, started: "hr, sales, transform",
			notStarted: map[string]string{
				"archive": "is disabled", "dashboard": "starts after transform = success; it was canceled, which counts for completion only",
				"fallback": "starts after transform = failure; it was canceled, which counts for completion only",
				"mail":     "starts after fallback, which has not started", "report": "starts after archive and mail, none of which has started",
			},
		},
		"attempts": {
			outcomes: map[string]any{"hr": []any{"failure", "failure", "success"}}, started: "hr, sales, transform, dashboard",
			reloads: []string{"hr 2 failure 2026-01-05T00:03:00Z 2026-01-05T00:04:00Z []", "hr 3 success 2026-01-05T00:08:00Z 2026-01-05T00:09:00Z []"},
		},
		"what a retry leaves out": {
			outcomes: map[string]any{"hr": []any{"exceeded_limit", "success"}}, started: "hr, sales",
			notStarted: map[string]string{
				"transform": "starts after hr = success; it ended with failure; and waits for hr, 1 of 2", "archive": "starts after transform, which has not started",
				"dashboard": "starts after transform, which has not started", "fallback": "starts after transform, which has not started",
				"mail": "starts after fallback, which has not started", "report": "starts after archive and mail, none of which has started",
			},
			reloads: []string{"hr 1 exceeded_limit 2026-01-05T00:00:00Z 2026-01-05T00:01:00Z []"},
		},
		"in the middle, on a Saturday in Berlin": {
			options: []any{map[string]any{"start": "transform", "at": "2026-11-20T23:30:00Z", "timezone": "Europe/Berlin", "durations": map[string]any{"transform": "10m"}}},
			started: "transform",
			notStarted: map[string]string{
				"archive": "is disabled", "dashboard": "guard `weekday in 1..5` was false on Saturday, 2026-11-21 at 00:40 (Europe/Berlin)",
				"fallback": "starts after transform = failure; it ended with success", "hr": "starts after no other step, and nobody has started it",
				"mail": "starts after fallback, which has not started", "report": "starts after archive and mail, none of which has started",
				"sales": "starts after no other step, and nobody has started it",
			},
			reloads: []string{"transform 1 success 2026-11-21T00:30:00+01:00 2026-11-21T00:40:00+01:00 []"},
		},
		"too far apart": {
			options: []any{map[string]any{"start": map[string]any{"sales": "2026-01-05T01:00:00", "hr": "2026-01-05T02:00:01"}}}, started: "sales, hr",
		},
		"near enough": {
			options: []any{map[string]any{"start": map[string]any{"sales": "2026-01-05T01:00:00", "hr": "2026-01-05T02:00:00"}}}, started: "sales, hr, transform, dashboard",
		},
		"one of the two": {options: []any{map[string]any{"start": []any{"sales", "sales"}}}, started: "sales"},
		"too deep": {
			options: []any{map[string]any{"max_depth": 5, "start": []any{"sales", "hr"}}}, outcomes: map[string]any{"transform": "failure"},
			started: "hr, sales, transform, fallback, mail",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			outcomes := test.outcomes
			if outcomes == nil {
				outcomes = map[string]any{}
			}
			result, err := simulate(t, nightSteps(), outcomes, test.options...)
			if err != nil {
				t.Fatal(err)
			}
			if got := strings.Join(wordsOf(result.Attributes()["started"]), ", "); got != test.started {
				t.Errorf("started: %s\nwant:    %s", got, test.started)
			}
			if m, ok := result.Attributes()["not_started"].(types.Map); test.notStarted != nil && (!ok || !m.Equal(stringMap(test.notStarted))) {
				t.Errorf("not started: %v\nwant:        %v", m, test.notStarted)
			}
			reloads := reloadLines(t, result)
			for _, want := range test.reloads {
				if !slices.Contains(reloads, want) {
					t.Errorf("there is no %s in\n%s", want, strings.Join(reloads, "\n"))
				}
			}
		})
	}
}

func reloadLines(t *testing.T, result types.Object) []string {
	t.Helper()
	list, ok := result.Attributes()["reloads"].(types.List)
	if !ok {
		t.Fatal("reloads is no list")
	}
	var lines []string
	for _, element := range list.Elements() {
		object, ok := element.(types.Object)
		if !ok {
			t.Fatalf("a reload is %T", element)
		}
		a := object.Attributes()
		text := func(name string) string {
			s, _ := a[name].(types.String)
			return s.ValueString()
		}
		lines = append(lines, fmt.Sprintf("%s %v %s %s %s %v", text("step"), a["attempt"], text("outcome"), text("start"), text("end"), a["after"]))
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
	for name, test := range map[string]struct {
		steps, outcomes any
		options         []any
		want            []string
	}{
		"what the resource refuses": {map[string]any{"a": map[string]any{"app": "x", "after": map[string]any{"b": "success"}}}, map[string]any{}, nil,
			[]string{`steps["a"].app: "x" is not an app id.`, `steps["a"].after["b"]: There is no step "b"`}},
		"another attribute": {map[string]any{"a": map[string]any{"app": chaintest.AppID(1), "aftr": "x"}}, map[string]any{}, nil, []string{`steps["a"].aftr: There is no such attribute.`}},
		"outcomes": {nightSteps(), map[string]any{"trasform": "failure", "sales": "failed", "hr": []any{}, "mail": 1}, nil, []string{
			`outcomes["trasform"]: There is no step "trasform" in the chain. Did you mean "transform"?`,
			`outcomes["sales"]: "failed" is not an outcome. Use "success", "failure", "exceeded_limit" or "canceled".`,
			`outcomes["hr"]: This must be an outcome, or a list`, `outcomes["mail"]: This must be an outcome, or a list`}},
		"no outcomes":      {nightSteps(), "failure", nil, []string{`outcomes: This must be an object or a map, {} when every reload succeeds`}},
		"option":           {nightSteps(), map[string]any{}, []any{map[string]any{"begin": "sales"}}, []string{`options.begin: There is no such option. There are at, durations,`}},
		"options":          {nightSteps(), map[string]any{}, []any{map[string]any{}, map[string]any{}}, []string{`options: There are 2. Put all options into one object`}},
		"no object":        {nightSteps(), map[string]any{}, []any{"sales"}, []string{`options: This must be an object`}},
		"zone":             {nightSteps(), map[string]any{}, []any{map[string]any{"timezone": "Europe/Belin", "max_depth": 2}}, []string{`options.timezone: There is no time zone "Europe/Belin"`, `options.max_depth: From`}},
		"depth":            {nightSteps(), map[string]any{}, []any{map[string]any{"max_depth": "x"}}, []string{`options.max_depth: This must be a number`}},
		"no depth":         {nightSteps(), map[string]any{}, []any{map[string]any{"max_depth": 0}}, []string{`options.max_depth: This must be a whole number`}},
		"start":            {nightSteps(), map[string]any{}, []any{map[string]any{"start": "sale"}}, []string{`options.start: There is no step "sale" in the chain. Did you mean "sales"?`}},
		"no start":         {nightSteps(), map[string]any{}, []any{map[string]any{"start": []any{}}}, []string{`options.start: This must be a step's name, a list`}},
		"time":             {nightSteps(), map[string]any{}, []any{map[string]any{"at": "tomorrow"}}, []string{`options.at: "tomorrow" is not a time. Write it as "2026-01-05T00:00:00"`}},
		"time of one":      {nightSteps(), map[string]any{}, []any{map[string]any{"start": map[string]any{"sales": "02:00", "hr": 2}}}, []string{`options.start["sales"]: "02:00" is not a time.`, `options.start["hr"]: This must be a time`}},
		"duration":         {nightSteps(), map[string]any{}, []any{map[string]any{"durations": map[string]any{"sales": "long", "hr": 1, "x": "1m"}}}, []string{`options.durations["sales"]: "long" is not a duration`, `options.durations["hr"]: This must be a duration`, `options.durations["x"]: There is no step`}},
		"no durations":     {nightSteps(), map[string]any{}, []any{map[string]any{"durations": "1m"}}, []string{`options.durations: This must be an object or a map`}},
		"too many reloads": {ladder(20), map[string]any{}, nil, []string{`The chain makes more than 100000 reloads of 1 beginnings`}},
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

// ladder is a chain of n rungs, on each of which a step starts after any of two on the one before: twice as many reloads on each.
func ladder(n int) map[string]any {
	steps := map[string]any{"a00": map[string]any{"app": chaintest.AppID(1)}}
	for i := 1; i <= n; i++ {
		after := map[string]any{fmt.Sprintf("a%02d", i-1): "success"}
		step := map[string]any{"after": after}
		if i > 1 {
			after[fmt.Sprintf("b%02d", i-1)], step["wait_for"] = "success", "any"
		}
		for j, name := range []string{"a", "b"} {
			one := map[string]any{"app": chaintest.AppID(2*i + j)}
			for key, value := range step {
				one[key] = value
			}
			steps[fmt.Sprintf("%s%02d", name, i)] = one
		}
	}
	return steps
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

// TestSimulateIsTheModel: random chains start what the model of the engine's tests starts.
func TestSimulateIsTheModel(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC)
	words := map[string]string{"SUCCEEDED": "success", "FAILED": "failure", "EXCEEDED_LIMIT": "exceeded_limit", "CANCELED": "canceled"}
	played := 0
	for seed := range uint64(300) {
		d := chaintest.Random(rand.New(rand.NewPCG(seed, 1)), 12, 3)
		if len(d.Validate()) > 0 {
			continue // a guard that compares with another step's name
		}
		played++
		endings := chaintest.Endings(seed, d)
		var beginnings []chain.Beginning
		for _, root := range chaintest.Roots(d) {
			beginnings = append(beginnings, chain.Beginning{Step: root, At: at})
		}
		play, err := chain.NewIndex(d).Play(beginnings, func(step string, attempt int) chain.Ending {
			return chain.Ending{Status: endings(step, attempt), Duration: time.Minute}
		})
		if err != nil {
			t.Fatal(err)
		}
		outcomes := map[string]any{}
		for key := range d.Steps {
			var all []any
			for attempt := range chain.MaxAttempts {
				all = append(all, words[endings(key, attempt+1)])
			}
			outcomes[key] = all
		}
		model := &taskChainModel{Name: types.StringValue(d.Name)}
		model.setChain(d)
		result, failure := simulate(t, model.Steps, outcomes)
		if failure != nil {
			t.Fatalf("seed %d: %v", seed, failure)
		}
		var want []string
		for _, r := range play.Reloads {
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
	}
	if played < 200 {
		t.Errorf("only %d chains were played", played)
	}
}
