// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"maps"
	"reflect"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// definition is a chain in Zurich: report after sales and hr, fallback after report fails. Keys and apps differ.
func definition(edit ...func(steps map[string]chain.Step)) *chain.Definition {
	steps := map[string]chain.Step{
		"Sales": {App: "APP-SALES", Enabled: true},
		"HR":    {App: "app-hr", Enabled: true},
		"Report": {
			App: "App-Report", Enabled: true, Delay: chain.Duration(time.Minute), WaitFor: chain.WaitForAll,
			After: map[string]chain.Condition{"Sales": chain.ConditionSuccess, "HR": chain.ConditionCompletion},
			Retry: &chain.Retry{MaxAttempts: 3, Interval: chain.Duration(time.Minute), BackoffRate: 2,
				RetryOn: []chain.RetryOn{chain.RetryOnFailed}},
		},
		"Fallback": {App: "app-fallback", After: map[string]chain.Condition{"Report": chain.ConditionFailure}},
	}
	for _, e := range edit {
		e(steps)
	}
	return &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "Europe/Zurich", Steps: steps}
}

func current(d *chain.Definition) *run.Current { return run.NewCurrent(chain.NewIndex(d)) }

// when is a chain with a guard of report.
func when(guard string) *run.Current {
	return current(definition(func(steps map[string]chain.Step) {
		s := steps["Report"]
		s.When = guard
		steps["Report"] = s
	}))
}

func TestShapeOf(t *testing.T) {
	t.Parallel()
	want := run.Shape{
		"app-sales": {For: run.WaitForAll},
		"app-hr":    {For: run.WaitForAll},
		"app-report": {
			For: run.WaitForAll, After: map[string]chain.Condition{"app-sales": chain.ConditionSuccess, "app-hr": chain.ConditionCompletion},
		},
		"app-fallback": {For: run.WaitForAll, After: map[string]chain.Condition{"app-report": chain.ConditionFailure}},
	}
	if have := run.ShapeOf(definition()); !reflect.DeepEqual(have, want) {
		t.Errorf("%v, want %v", have, want)
	}
	renamed := definition(func(steps map[string]chain.Step) {
		report := steps["Report"]
		report.After = map[string]chain.Condition{"Revenue": chain.ConditionSuccess, "HR": chain.ConditionCompletion}
		steps["Report"], steps["Revenue"] = report, steps["Sales"]
		delete(steps, "Sales")
	})
	if have := run.ShapeOf(renamed); !reflect.DeepEqual(have, want) {
		t.Errorf("after a rename: %v, want %v", have, want)
	}
	waits := definition(func(steps map[string]chain.Step) {
		report := steps["Report"]
		report.WaitFor = chain.WaitForAny
		steps["Report"] = report
	})
	if have := run.ShapeOf(waits)["app-report"].For; have != run.WaitForAny {
		t.Errorf("wait_for is %s", have)
	}
}

func TestCurrent(t *testing.T) {
	t.Parallel()
	c := current(definition())
	if !c.Enabled("app-sales") || c.Enabled("app-fallback") || c.Enabled("app-gone") {
		t.Error("enabled are other steps than those of the chain that are enabled")
	}
	if have := c.Delay("app-report"); have != time.Minute {
		t.Errorf("the delay is %v", have)
	}
	if c.Name("app-sales") != "Sales" || c.Name("app-gone") != "" {
		t.Errorf("the names are %q and %q", c.Name("app-sales"), c.Name("app-gone"))
	}
	for _, test := range []struct {
		step    string
		attempt int
		outcome chain.Outcome
		status  string
		again   bool
		after   time.Duration
	}{
		{"app-report", 1, failure, "FAILED", true, time.Minute},
		{"app-report", 2, failure, "FAILED", true, 2 * time.Minute},
		{"app-report", 3, failure, "FAILED", false, 4 * time.Minute},
		{"app-report", 1, failure, "EXCEEDED_LIMIT", false, time.Minute},
		{"app-report", 1, canceled, "CANCELED", false, time.Minute},
		{"app-sales", 1, failure, "FAILED", false, 0},
		{"app-gone", 1, failure, "FAILED", false, 0},
	} {
		again, after := c.Retry(test.step, test.attempt, run.Result{Outcome: test.outcome, Status: test.status})
		if again != test.again || after != test.after {
			t.Errorf("after attempt %d of %s ended %s: %v after %v", test.attempt, test.step, test.status, again, after)
		}
	}
}

// ask asks report's guard in the run N, in which sales ended at 02:10 after 5 minutes and hr at 02:30 after 20.
func ask(c *run.Current, edit func(s *run.State, r *run.Run), uses ...run.Use) (bool, string, error) {
	sales := &run.Result{Step: "app-sales", Run: "N", Reload: "1", Outcome: success, Attempt: 1, Started: at("02:05"), Ended: at("02:10")}
	hr := &run.Result{Step: "app-hr", Run: "N", Reload: "2", Outcome: failure, Attempt: 2, Started: at("02:10"), Ended: at("02:30")}
	r := &run.Run{ID: "N", At: at("02:00"), Origins: []string{"app-hr", "app-sales"}, Shape: run.ShapeOf(definition()),
		Steps: map[string]*run.Facts{
			"app-sales": {Result: sales}, "app-hr": {Result: hr},
		}}
	s := &run.State{Begin: at("18:00"), End: at("18:00").Add(24 * time.Hour), Runs: map[string]*run.Run{"N": r}}
	if edit != nil {
		edit(s, r)
	}
	return c.Guard(s, r, "app-report", uses)
}

var both = []run.Use{{Step: "app-hr", Run: "N", Reload: "2"}, {Step: "app-sales", Run: "N", Reload: "1"}}

func TestCurrentGuard(t *testing.T) {
	t.Parallel()
	for guard, want := range map[string]string{
		`upstream == "HR" and status == "failure" and duration == 1200 and attempt == 2 and origin == "HR"`: "",
		"hour == 4 and minute == 30": "", // 02:30 in UTC
		"hour < 4":                   "is skipped: guard `hour < 4` was false at 04:30 (Europe/Zurich)",
		`upstream == "Sales"`:        "is skipped: guard `upstream == \"Sales\"` was false with upstream = \"HR\"",
		"10 % (attempt - 2) == 1":    "error: line 1, column 4: Runtime error: integer divide by zero.",
		"hours":                      "error: line 1, column 1: There is no variable \"hours\". Did you mean \"hour\"?",
		"":                           "",
	} {
		pass, reason, err := ask(when(guard), nil, both...)
		if err != nil {
			reason = "error: " + err.Error()
		}
		if pass != (want == "") || reason != want {
			t.Errorf("%s: %v, %q, want %q", guard, pass, reason, want)
		}
	}
}

// A guard of an origin knows when the run began and the cycle's latest results. A skipped upstream has none.
func TestCurrentGuardOfAnOrigin(t *testing.T) {
	t.Parallel()
	rerun := func(s *run.State, r *run.Run) {
		first := *r
		s.Runs["M"] = &first
		first.ID, first.At = "M", at("01:00")
		r.Steps, r.At = map[string]*run.Facts{}, at("07:00")
	}
	if pass, reason, err := ask(when(`hour == 9 and upstream == "HR" and origin == "HR"`), rerun); !pass || err != nil {
		t.Errorf("a rerun: %s, %v", reason, err)
	}
	if pass, _, err := ask(when("by_reload"), func(_ *run.State, r *run.Run) { r.ByHand = true }); !pass || err != nil {
		t.Errorf("a reload that the chain did not start: %v", err)
	}
	if pass, reason, err := ask(when(`hour == 4 and minute == 10 and upstream == "Sales"`), nil, run.Use{Step: "app-hr", Run: "N"},
		both[1]); !pass || err != nil {
		t.Errorf("a skipped upstream: %s, %v", reason, err)
	}
	carried := func(s *run.State, _ *run.Run) {
		s.Carried = map[run.CarryKey]run.Result{{Step: "app-report", Upstream: "app-hr"}: {
			Step: "app-hr", Reload: "0", Outcome: success, Attempt: 7, Started: at("00:00").AddDate(0, 0, -9), Ended: at("01:00").AddDate(0, 0, -9),
		}}
	}
	use := run.Use{Step: "app-hr", Run: "before", Reload: "0"}
	if pass, reason, err := ask(when(`upstream == "HR" and attempt == 7 and hour == 4 and minute == 0`), carried, use,
		run.Use{Step: "app-sales", Run: "N"}); !pass || err != nil {
		t.Errorf("a carried upstream: %s, %v", reason, err)
	}
	if pass, reason, err := ask(when(`upstream == "HR" and attempt == 2`), carried, both...); !pass || err != nil {
		t.Errorf("an upstream with a result in the cycle: %s, %v", reason, err)
	}
	none := func(_ *run.State, r *run.Run) {
		maps.DeleteFunc(r.Steps, func(string, *run.Facts) bool { return true })
	}
	if pass, reason, err := ask(when(`upstream == "" and duration == 0 and attempt < 2 and hour == 4 and minute == 0`), none); !pass ||
		err != nil {
		t.Errorf("without any result: %s, %v", reason, err)
	}
}
