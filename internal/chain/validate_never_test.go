// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// TestValidateWhatCanNeverStart: every chain has the step "from" and two branches "a" and "b" after it, unless it says otherwise, and "x"
// after both branches.
func TestValidateWhatCanNeverStart(t *testing.T) {
	t.Parallel()
	const x = `steps["x"].after: The step can never start: it waits for all of its steps, and `
	on := func(n int, upstream string, condition chain.Condition, when string) chain.Step {
		return chain.Step{App: appID(n), Enabled: true, After: map[string]chain.Condition{upstream: condition}, When: when}
	}
	branches := func(whenA, whenB string) map[string]chain.Step {
		return map[string]chain.Step{"a": on(2, "from", chain.ConditionCompletion, whenA), "b": on(3, "from", chain.ConditionCompletion, whenB)}
	}
	joins := func(change func(*chain.Step)) chain.Step { return step(9, change, "a", "b") }
	all := func(*chain.Step) {}
	for name, tt := range map[string]struct {
		steps map[string]chain.Step
		x     chain.Step
		want  string
	}{
		"plain branches": {branches("", ""), joins(all), ""},
		"success and failure of one step": {
			map[string]chain.Step{"a": after(2, "from"), "b": on(3, "from", chain.ConditionFailure, "")}, joins(all),
			`"a" needs the success of "from", while "b" needs the failure of "from". Set wait_for = "all_started"`,
		},
		"its success, and what needs its failure": {
			map[string]chain.Step{"a": on(3, "from", chain.ConditionFailure, "")}, step(9, all, "a", "from"),
			`"from" has to end with success, while "a" needs the failure of "from".`,
		},
		"further up": {
			map[string]chain.Step{"a1": after(5, "from"), "b1": on(6, "from", chain.ConditionFailure, ""),
				"a": on(2, "a1", chain.ConditionFailure, ""), "b": after(3, "b1")},
			joins(all), `"a" needs the success of "from", while "b" needs the failure of "from".`,
		},
		"success and completion": {map[string]chain.Step{"a": after(2, "from"), "b": on(3, "from", chain.ConditionCompletion, "")}, joins(all),
			""},
		"success and failure of two steps": {
			map[string]chain.Step{"other": after(6), "a": after(2, "from"), "b": on(3, "other", chain.ConditionFailure, "")}, joins(all), "",
		},
		"any of the two": {
			map[string]chain.Step{"a": after(2, "from"), "b": on(3, "from", chain.ConditionFailure, "")},
			joins(func(s *chain.Step) { s.WaitFor = chain.WaitForAny }), "",
		},
		"those that start":  {branches("weekday == 1", "weekday != 1"), joins(func(s *chain.Step) { s.WaitFor = chain.WaitForAllStarted }), ""},
		"those that settle": {branches("weekday == 1", "weekday != 1"), joins(func(s *chain.Step) { s.WaitFor = chain.WaitForAllSettled }), ""},
		"one carried over": {
			branches("day == 1", "day != 1"), joins(func(s *chain.Step) {
				s.CarryOver = map[string]chain.Duration{"a": chain.Duration(35 * 24 * time.Hour)}
			}), "",
		},
		"one of two ways is enough": {
			map[string]chain.Step{
				"other": after(6), "a": after(2, "from"), "b1": on(7, "from", chain.ConditionFailure, ""),
				"b": {App: appID(3), Enabled: true, WaitFor: chain.WaitForAny, After: map[string]chain.Condition{"b1": "success", "other": "success"}},
			}, joins(all), "",
		},
		"both ways need it": {
			map[string]chain.Step{
				"a": after(2, "from"), "b1": on(7, "from", chain.ConditionFailure, ""), "b2": on(8, "from", chain.ConditionFailure, ""),
				"b": {App: appID(3), Enabled: true, WaitFor: chain.WaitForAny, After: map[string]chain.Condition{"b1": "success", "b2": "success"}},
			}, joins(all), `"a" needs the success of "from", while "b" needs the failure of "from".`,
		},
		"guards on days": {branches("weekday == 1", "weekday in 2..7"), joins(all),
			`the guards of "a" and "b" are never both true.`},
		"guards on days that meet":       {branches("weekday == 1", "day == 1"), joins(all), ""},
		"guards that meet on a leap day": {branches("weekday == 1 and day == 29", "month == 2"), joins(all), ""},
		"guards on dates": {branches(`date >= "2026-12-01"`, `date < "2026-12-01"`), joins(all),
			`the guards of "a" and "b" are never both true.`},
		"guards on years":     {branches("year == 2027", "year > 2026"), joins(all), ""},
		"guards on the clock": {branches("hour < 6", "hour >= 6"), joins(all), ""}, // two steps may be due at two times
		"guards on attempts":  {branches("attempt == 1", "attempt > 1"), joins(all), ""},
		"guards on the status of one reload": {
			branches(`status == "success"`, `status != "success"`), joins(all), `the guards of "a" and "b" are never both true.`,
		},
		"guards on the status of two reloads": {
			map[string]chain.Step{"other": after(6), "a": on(2, "from", chain.ConditionCompletion, `status == "success"`),
				"b": on(3, "other", chain.ConditionCompletion, `status != "success"`)},
			joins(all), "",
		},
		"guards on results": {
			branches(`results["from"] == "succeeded"`, `results["from"] in ["failed", "canceled"]`), joins(all),
			`the guards of "a" and "b" are never both true.`,
		},
		"guards on results that meet": {branches(`results["from"] != "canceled"`, `results["from"] != "failed"`), joins(all), ""},
		"guards further up": {
			map[string]chain.Step{"a1": on(5, "from", chain.ConditionSuccess, "weekday == 1"),
				"b1": on(6, "from", chain.ConditionSuccess, "weekday == 2"), "a": after(2, "a1"), "b": after(3, "b1")},
			joins(all), `the guards of "a1" and "b1" are never both true.`,
		},
		"a guard that fails": {branches("day / 0 > 1", "weekday == 1"), joins(all), ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "UTC",
				Steps: map[string]chain.Step{"from": after(1), "x": tt.x, "last": after(10, "x", "from")}}
			for key, s := range tt.steps {
				d.Steps[key] = s
			}
			var want []string // the one place; that "last" cannot start either follows from it
			if tt.want != "" {
				want = []string{x + tt.want}
			}
			expectProblems(t, d, want)
		})
	}
}

// TestValidateADenseChain: 1,000 steps with a guard each, many with a fan-in of 300, are checked while a user waits for a plan.
func TestValidateADenseChain(t *testing.T) {
	t.Parallel()
	d := chaintest.Tree(0)
	d.Timezone = "UTC"
	key := func(i int) string { return fmt.Sprintf("s%04d", i) }
	for i := range 1000 {
		fanIn := 3
		if i%20 == 0 {
			fanIn = 300
		}
		var upstreams []string
		for j := max(0, i-fanIn); j < i; j++ {
			upstreams = append(upstreams, key(j))
		}
		s := after(i, upstreams...)
		if i > 0 {
			s.When = fmt.Sprintf("day > %d or year > %d", i%28, 1990+i)
		}
		d.Steps[key(i)] = s
	}
	if problems := d.Validate(); len(problems) > 0 {
		t.Fatal(problems)
	}
}

// TestWhatCanNeverStartDoesNot plays random small chains through in every way: no step that is refused ever starts. It shares nothing with
// the check.
func TestWhatCanNeverStartDoesNot(t *testing.T) {
	t.Parallel()
	const steps = 6
	random := rand.New(rand.NewPCG(7, 11))
	refused, started := 0, 0
	for range 500 {
		d := &chain.Definition{Version: chain.Version, Name: "random", Timezone: "UTC", Steps: map[string]chain.Step{}}
		key := func(i int) string { return string(rune('a' + i)) }
		for i := range steps {
			s := chain.Step{App: appID(i), Enabled: true, After: map[string]chain.Condition{}}
			for j := range i {
				if random.IntN(2) == 0 {
					s.After[key(j)] = chain.Conditions()[random.IntN(3)]
				}
			}
			if len(s.After) > 0 {
				s.When = []string{"", "", "weekday == 1", "weekday != 1"}[random.IntN(4)]
			}
			if len(s.After) > 1 {
				s.WaitFor = chain.WaitFors()[max(0, random.IntN(7)-3)]
			}
			d.Steps[key(i)] = s
		}
		never := map[string]bool{}
		for _, problem := range d.Validate() {
			never[problem.Path[1]] = true
		}
		refused += len(never)
		for outcomes := range 1 << steps {
			for _, monday := range []bool{true, false} {
				for step := range play(d, key, outcomes, monday) {
					if started++; never[step] {
						t.Fatalf("%s starts in %+v", step, d.Steps)
					}
				}
			}
		}
	}
	if refused < 50 || started < 100 {
		t.Errorf("%d steps are refused and %d started: too few to say something", refused, started)
	}
}

// play says which steps start in a run from all roots. Bit i of the outcomes is set when the i-th step succeeds.
func play(d *chain.Definition, key func(int) string, outcomes int, monday bool) map[string]bool {
	started := map[string]bool{}
	named := func(upstream string, condition chain.Condition) bool {
		succeeds := outcomes&(1<<(upstream[0]-'a')) != 0
		return started[upstream] && (condition == chain.ConditionCompletion || succeeds == (condition == chain.ConditionSuccess))
	}
	for i := range len(d.Steps) { // links lead to later steps only
		s := d.Steps[key(i)]
		count := 0
		for upstream, condition := range s.After {
			if named(upstream, condition) {
				count++
			}
		}
		due := false
		switch s.WaitsFor() {
		case chain.WaitForAll:
			due = count == len(s.After)
		case chain.WaitForAny, chain.WaitForAllStarted: // of the latter, at least one: more starts here than would
			due = count > 0
		case chain.WaitForAllSettled:
			due = true
		}
		guard := s.When == "" || (s.When == "weekday == 1") == monday
		if due && guard {
			started[key(i)] = true
		}
	}
	return started
}
