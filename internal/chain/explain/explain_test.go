// SPDX-License-Identifier: MPL-2.0

package explain_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/explain"
)

// night is sales and hr, transform after both, dashboard after it at any end, fallback after its failure.
func night() *chain.Definition {
	success, failure, completion := chain.ConditionSuccess, chain.ConditionFailure, chain.ConditionCompletion
	return &chain.Definition{Version: chain.Version, Name: "night", Timezone: "UTC", Steps: map[string]chain.Step{
		"sales":     {App: chaintest.AppID(1), Enabled: true},
		"hr":        {App: chaintest.AppID(2), Enabled: true},
		"erp":       {App: chaintest.AppID(3), Enabled: true},
		"transform": {App: chaintest.AppID(4), Enabled: true, After: map[string]chain.Condition{"sales": success, "hr": success}},
		"dashboard": {App: chaintest.AppID(5), Enabled: true, After: map[string]chain.Condition{"transform": completion}},
		"fallback":  {App: chaintest.AppID(6), Enabled: true, After: map[string]chain.Condition{"transform": failure}},
	}}
}

// changed returns a step with something else.
func changed(s chain.Step, change func(*chain.Step)) chain.Step {
	s.After = maps.Clone(s.After)
	change(&s)
	return s
}

// TestSentences checks what is said about each kind of change.
func TestSentences(t *testing.T) {
	t.Parallel()
	step := func(key string, change func(*chain.Step)) func(*chain.Definition) {
		return func(d *chain.Definition) { d.Steps[key] = changed(d.Steps[key], change) }
	}
	for name, tt := range map[string]struct {
		change      func(*chain.Definition)
		steps, runs []string
	}{
		"nothing": {func(*chain.Definition) {}, nil, nil},
		"one more upstream": {step("transform", func(s *chain.Step) { s.After["erp"] = chain.ConditionSuccess }),
			[]string{"transform also waits for erp."},
			[]string{"2 steps no longer run when erp fails: dashboard and transform."}},
		"another outcome": {step("dashboard", func(s *chain.Step) { s.After["transform"] = chain.ConditionSuccess }),
			[]string{"dashboard starts on success of transform only."}, []string{"dashboard no longer runs when transform fails."}},
		"one upstream less": {step("transform", func(s *chain.Step) { delete(s.After, "hr") }),
			[]string{"transform no longer waits for hr."}, []string{"2 steps now run when hr fails: dashboard and transform."}},
		"others instead": {step("fallback", func(s *chain.Step) {
			s.After = map[string]chain.Condition{"hr": chain.ConditionFailure}
		}), []string{"fallback starts after a failure of hr instead of transform."},
			[]string{"fallback now runs when hr fails.", "fallback no longer runs when transform fails."}},
		"an origin": {step("fallback", func(s *chain.Step) { s.After = nil }),
			[]string{"fallback begins the chain: it no longer starts after transform."}, []string{"fallback now runs when everything succeeds."}},
		"disabled": {step("hr", func(s *chain.Step) { s.Enabled = false }), []string{"hr is disabled."},
			[]string{"3 steps no longer run when everything succeeds: dashboard, hr and transform."}},
		"a guard": {step("dashboard", func(s *chain.Step) { s.When = "weekday < 6" }),
			[]string{"dashboard starts only when `weekday < 6`."},
			[]string{"dashboard no longer runs on Saturday and Sunday when everything succeeds."}},
		"a guard that asks for the date": {step("dashboard", func(s *chain.Step) { s.When = "day == 1" }),
			[]string{"dashboard starts only when `day == 1`."},
			[]string{"dashboard no longer runs when everything succeeds.",
				"A guard asks for the date or the hour: only runs at 02:00 UTC from 2026-11-23 to 2026-11-29 were simulated."}},
		"a retry and a delay": {step("transform", func(s *chain.Step) {
			s.Retry, s.Delay = &chain.Retry{MaxAttempts: 3}, chain.Duration(10*time.Minute)
		}), []string{"transform starts 10m after it is due, and is tried up to 3 times instead of 1."}, nil},
		"any of them": {step("transform", func(s *chain.Step) { s.WaitFor = chain.WaitForAny }),
			[]string{"transform waits for the first of its upstreams only."},
			[]string{"2 steps now run when one of hr and sales fails: dashboard and transform."}},
		"another app": {step("hr", func(s *chain.Step) { s.App = chaintest.AppID(9) }), []string{"hr reloads another app."}, nil},
		"an automation": {step("erp", func(s *chain.Step) { s.App, s.Automation = "", chaintest.AppID(9) }),
			[]string{"erp runs an automation instead of reloading an app."}, nil},
		"a new step": {func(d *chain.Definition) {
			d.Steps["mail"] = chain.Step{App: chaintest.AppID(8), Enabled: true,
				After: map[string]chain.Condition{"fallback": chain.ConditionCompletion}}
		}, []string{"mail is new: it starts after any end of fallback."}, nil},
		"one of any less": {func(d *chain.Definition) {
			d.Steps["dashboard"] = changed(d.Steps["dashboard"], func(s *chain.Step) {
				s.WaitFor, s.After["transform"], s.After["erp"] = chain.WaitForAny, chain.ConditionSuccess, chain.ConditionSuccess
			})
		}, []string{"dashboard starts on success of transform, and also starts after erp, and waits for the first of its upstreams only."}, nil},
		"a removed step": {func(d *chain.Definition) { delete(d.Steps, "fallback") }, []string{"fallback is removed."}, nil},
		"a renamed step": {func(d *chain.Definition) {
			d.Steps["people"] = d.Steps["hr"]
			delete(d.Steps, "hr")
			d.Steps["transform"] = changed(d.Steps["transform"], func(s *chain.Step) {
				delete(s.After, "hr")
				s.After["people"] = chain.ConditionSuccess
			})
		}, []string{"hr is called people."}, nil},
		"a schedule": {func(d *chain.Definition) { d.Schedule = &chain.Schedule{Cron: "0 2 * * ? *"} },
			[]string{"The chain starts by a schedule: at 02:00, every day, UTC."}, nil},
		"the time zone": {func(d *chain.Definition) { d.Timezone = "Europe/Zurich" },
			[]string{`The chain has timezone = "Europe/Zurich" (before: "UTC").`}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			after := night()
			tt.change(after)
			got, err := explain.Of(night(), after)
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(got.Steps, tt.steps) || !slices.Equal(got.Runs, tt.runs) {
				t.Errorf("got %q and %q, want %q and %q", got.Steps, got.Runs, tt.steps, tt.runs)
			}
			if marked := strings.Contains(got.Mermaid, "linkStyle") || strings.Contains(got.Mermaid, "classDef"); marked &&
				!strings.Contains(got.Mermaid, "NEW") && !strings.Contains(got.Mermaid, "CHANGED") && !strings.Contains(got.Mermaid, "REMOVED") {
				t.Errorf("a mark is only a colour: %s", got.Mermaid)
			}
		})
	}
}

// TestOtherRetries checks that a default that is spelled out, or no longer is, is no change, and that other waits and failures are.
func TestOtherRetries(t *testing.T) {
	t.Parallel()
	minute := chain.Duration(time.Minute)
	tries := func(r chain.Retry) *chain.Definition {
		d := night()
		d.Steps["hr"] = changed(d.Steps["hr"], func(s *chain.Step) { s.Retry = &r })
		return d
	}
	all := []chain.RetryOn{chain.RetryOnExceededLimit, chain.RetryOnFailed}
	spelled := chain.Retry{MaxAttempts: 2, Interval: minute, BackoffRate: chain.DefaultBackoffRate, RetryOn: all}
	for name, tt := range map[string]struct {
		after chain.Retry
		want  []string
	}{
		"the same":      {chain.Retry{MaxAttempts: 2}, nil},
		"more attempts": {chain.Retry{MaxAttempts: 3}, []string{"hr is tried up to 3 times instead of 2."}},
		"another interval": {chain.Retry{MaxAttempts: 2, Interval: 5 * minute}, []string{`hr has retry = {"max_attempts":2,"interval":"5m"} ` +
			`(before: {"max_attempts":2,"interval":"1m","backoff_rate":2,"retry_on":["exceeded_limit","failed"]}).`}},
		"another rate": {chain.Retry{MaxAttempts: 2, BackoffRate: 3}, []string{`hr has retry = {"max_attempts":2,"backoff_rate":3} ` +
			`(before: {"max_attempts":2,"interval":"1m","backoff_rate":2,"retry_on":["exceeded_limit","failed"]}).`}},
		"fewer failures": {chain.Retry{MaxAttempts: 2, RetryOn: all[:1]}, []string{
			`hr has retry = {"max_attempts":2,"retry_on":["exceeded_limit"]} ` +
				`(before: {"max_attempts":2,"interval":"1m","backoff_rate":2,"retry_on":["exceeded_limit","failed"]}).`}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got, err := explain.Of(tries(spelled), tries(tt.after)); err != nil || !slices.Equal(got.Steps, tt.want) {
				t.Errorf("%v: got %q, want %q", err, got.Steps, tt.want)
			}
		})
	}
}

// TestOtherGuards checks what is said about guards on both sides of a change.
func TestOtherGuards(t *testing.T) {
	t.Parallel()
	guarded := func(upstream, guard string) *chain.Definition {
		d := night()
		if upstream != "transform" {
			d.Steps[upstream] = d.Steps["transform"]
			delete(d.Steps, "transform")
		}
		for _, key := range []string{"dashboard", "fallback"} {
			d.Steps[key] = changed(d.Steps[key], func(s *chain.Step) {
				s.After = map[string]chain.Condition{upstream: s.After["transform"]}
			})
		}
		d.Steps["dashboard"] = changed(d.Steps["dashboard"], func(s *chain.Step) { s.When = guard })
		return d
	}
	for name, tt := range map[string]struct {
		before, after *chain.Definition
		steps, runs   []string
	}{
		"another day": {guarded("transform", "weekday == 1"), guarded("transform", "weekday in [6, 7]"),
			[]string{"dashboard starts only when `weekday in [6, 7]`."},
			[]string{"dashboard no longer runs on Monday when everything succeeds.",
				"dashboard now runs on Saturday and Sunday when everything succeeds."}},
		"another name in a guard": {guarded("transform", `results["transform"] == "failed"`), guarded("shape", `results['shape'] == 'failed'`),
			[]string{"transform is called shape."}, nil},
		"another name and another guard": {guarded("transform", `results.transform == "failed"`), guarded("shape", `results.shape != "failed"`),
			[]string{"transform is called shape.", "dashboard starts only when `results.shape != \"failed\"`."},
			[]string{"dashboard now runs when everything succeeds.", "dashboard no longer runs when shape fails."}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := explain.Of(tt.before, tt.after)
			if err != nil || !slices.Equal(got.Steps, tt.steps) || !slices.Equal(got.Runs, tt.runs) {
				t.Errorf("%v: got %q and %q, want %q and %q", err, got.Steps, got.Runs, tt.steps, tt.runs)
			}
		})
	}
}

// TestNothingBegins checks the sentence about a chain that nothing begins.
func TestNothingBegins(t *testing.T) {
	t.Parallel()
	d := night()
	for key := range d.Steps {
		d.Steps[key] = changed(d.Steps[key], func(s *chain.Step) { s.Enabled = false })
	}
	if got, err := explain.Of(nil, d); err != nil || !slices.Equal(got.Steps, []string{"The chain has 6 steps. No enabled step begins it."}) {
		t.Errorf("%v %q", err, got.Steps)
	}
}

// TestEachAttributeHasASentence checks that no change of an attribute is silent, also of attributes that come later.
func TestEachAttributeHasASentence(t *testing.T) {
	t.Parallel()
	for field := range reflect.TypeFor[chain.Step]().Fields() {
		after := night()
		s := after.Steps["transform"]
		s.After = maps.Clone(s.After)
		value := reflect.ValueOf(&s).Elem().FieldByIndex(field.Index)
		switch value.Kind() {
		case reflect.String:
			value.SetString("x")
		case reflect.Bool:
			value.SetBool(!value.Bool())
		case reflect.Int, reflect.Int64:
			value.SetInt(value.Int() + int64(time.Hour))
		case reflect.Map:
			of := reflect.New(value.Type().Elem()).Elem()
			if of.Kind() == reflect.String {
				of.SetString("success")
			}
			value.Set(reflect.MakeMap(value.Type()))
			value.SetMapIndex(reflect.ValueOf("erp"), of)
		case reflect.Pointer:
			value.Set(reflect.New(value.Type().Elem()))
			if s.Schedule != nil {
				s.Schedule.Cron = "0 2 * * ? *"
			}
			if s.Retry != nil {
				s.Retry.MaxAttempts = 4
			}
		default:
			t.Fatalf("%s has a kind that this test does not know", field.Name)
		}
		if field.Name == "When" {
			s.When = "hour < 6"
		}
		if field.Name == "WaitFor" {
			s.WaitFor = chain.WaitForAny
		}
		if field.Name == "Automation" {
			s.App = ""
		}
		if field.Name == "DataTask" {
			s.App, s.DataTask = "", &chain.DataTask{Project: "p", Task: "t"}
		}
		after.Steps["transform"] = s
		got, err := explain.Of(night(), after)
		if err != nil || len(got.Steps) != 1 || !strings.HasPrefix(got.Steps[0], "transform ") {
			t.Errorf("%s: %v, %q", field.Name, err, got)
		}
	}
}

// TestConsequencesAgree compares the steps that are said to run no longer, or now, with a definition of its own of what runs: a step runs
// if its upstreams ended as it says. It knows chains that wait for all, any or the settling of their upstreams, without guards.
func TestConsequencesAgree(t *testing.T) {
	t.Parallel()
	r := rand.New(rand.NewPCG(1, 2))
	said := 0
	for range 60 {
		before := plain(chaintest.Random(r, 8, 2))
		after := plain(chaintest.Random(r, 8, 2))
		got, err := explain.Of(before, after)
		if err != nil {
			t.Fatal(err)
		}
		usual := map[string]bool{}
		for _, fails := range append([]string{""}, slices.Sorted(maps.Keys(after.Steps))...) {
			old, now := runs(before, fails), runs(after, fails)
			for key := range after.Steps {
				_, known := before.Steps[key]
				_, failsInBoth := before.Steps[fails]
				if !known || usual[key] || fails != "" && !failsInBoth {
					continue
				}
				differs := old[key] != now[key]
				if fails == "" {
					usual[key] = differs
				}
				verb := " now run"
				if old[key] {
					verb = " no longer run"
				}
				when := "when everything succeeds"
				if fails != "" {
					when = fails
				}
				mentioned := slices.ContainsFunc(got.Runs, func(s string) bool {
					_, condition, _ := strings.Cut(s, " when ")
					return strings.Contains(s, verb) && strings.Contains("when "+condition, when) &&
						(strings.Contains(s, key) || strings.Contains(s, "others"))
				})
				if differs {
					said++
					if !mentioned {
						t.Errorf("%s%s when %q fails, which %q does not say: %v → %v", key, verb, fails, got.Runs, before.Steps, after.Steps)
					}
				}
			}
		}
	}
	fmt.Println("explain: consequences that a second definition confirms:", said)
	if said < 50 {
		t.Errorf("only %d consequences were compared", said)
	}
}

// plain leaves out what the test's own definition does not know.
func plain(d *chain.Definition) *chain.Definition {
	for key, s := range d.Steps {
		if s.WaitFor == chain.WaitForAllStarted {
			s.WaitFor = ""
		}
		s.When, s.Enabled, s.Schedule, s.Delay, s.CarryOver, s.Retry = "", true, nil, 0, nil, nil
		d.Steps[key] = s
	}
	return d
}

// runs returns the steps that run when one fails. Steps come after their upstreams in the order of names.
func runs(d *chain.Definition, fails string) map[string]bool {
	ran := map[string]bool{}
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		s, met := d.Steps[key], 0
		for upstream, condition := range s.After {
			ok := condition == chain.ConditionCompletion || (condition == chain.ConditionFailure) == (upstream == fails)
			if ran[upstream] && ok {
				met++
			}
		}
		switch s.WaitFor {
		case chain.WaitForAny:
			ran[key] = met > 0
		case chain.WaitForAllSettled:
			ran[key] = true
		default:
			ran[key] = met == len(s.After)
		}
	}
	return ran
}

// TestPictureOfALargeChain checks that only the changed part of a large chain is drawn.
func TestPictureOfALargeChain(t *testing.T) {
	t.Parallel()
	before, after := chaintest.Tree(300), chaintest.Tree(300)
	after.Steps["app 0200"] = changed(after.Steps["app 0200"], func(s *chain.Step) { s.After["app 0001"] = chain.ConditionSuccess })
	began := time.Now()
	got, err := explain.Of(before, after)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d bytes in %v: %q %q", len(got.Mermaid), time.Since(began), got.Runs, got.Note)
	if !strings.Contains(got.Note, "of 300 steps") || len(got.Mermaid) > 5000 || !strings.Contains(got.Mermaid, "success, NEW") {
		t.Errorf("%s %s", got.Note, got.Mermaid)
	}
}

// TestCreateAndDestroy checks what is said about a whole chain.
func TestCreateAndDestroy(t *testing.T) {
	t.Parallel()
	created, err := explain.Of(nil, night())
	if err != nil || !slices.Equal(created.Steps, []string{"The chain has 6 steps. It begins at erp, hr and sales."}) ||
		!strings.Contains(created.Mermaid, "step_hr -->|success| join_transform") || strings.Contains(created.Mermaid, "NEW") {
		t.Errorf("%v %+v", err, created)
	}
	destroyed, err := explain.Of(night(), nil)
	if err != nil || !slices.Equal(destroyed.Steps, []string{"Its 6 steps no longer start, and the record of its runs is deleted."}) {
		t.Errorf("%v %+v", err, destroyed)
	}
}
