// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// sundayMorning is 2026-11-22 at 05:30 in Berlin.
func sundayMorning(t *testing.T) chain.GuardInput {
	t.Helper()
	return chain.GuardInput{
		Time: at(t, "Europe/Berlin", "2026-11-22T04:30:00Z"), Date: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC), Timezone: "Europe/Berlin",
		Results:  map[string]string{"transform": chain.ResultSucceeded, "hr": chain.ResultFailed},
		Upstream: "transform", Outcome: chain.OutcomeSuccess, Duration: 90*time.Second + 500*time.Millisecond, Attempt: 2, Origin: "extract",
	}
}

func at(t *testing.T, zone, utc string) time.Time {
	t.Helper()
	d := chain.Definition{Timezone: zone}
	location, err := d.Location()
	if err != nil {
		t.Fatal(err)
	}
	moment, err := time.Parse(time.RFC3339, utc)
	if err != nil {
		t.Fatal(err)
	}
	return moment.In(location)
}

func TestGuardEval(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]bool{
		"true":                                         true,
		"weekday == 7":                                 true,
		"weekday in 1..5":                              false,
		"not (weekday in 1..5)":                        true,
		"weekday not in [6, 7]":                        false,
		"hour == 5 and minute >= 30":                   true,
		"hour*60 + minute < 5*60 + 30":                 false,
		"day == 22 && month == 11 && year == 2026":     true,
		`date == "2026-11-22"`:                         true,
		`date in ["2026-12-25", "2026-12-26"]`:         false,
		`date >= "2026-11-01" and date < "2026-12-01"`: true,
		`timezone == "Europe/Berlin"`:                  true,
		`status == "success"`:                          true,
		`status != "success"`:                          false,
		`upstream == "transform" or origin == "load"`:  true,
		`upstream startsWith "trans"`:                  true,
		`origin matches "^ext.*t$"`:                    true,
		`not (by_reload and origin == "extract")`:      true,
		"by_reload":                                    false,
		"duration > 90":                                true,
		"duration > 90.5":                              false,
		"attempt == 1 ? hour < 5 : hour < 6":           true,
		"attempt % 2 == 0":                             true,
		"weekday\n  in 6..7\n":                         true,
		`results["hr"] == "failed"`:                    true,
		`"failed" != results["transform"]`:             true,
		`results.hr in ["failed", "skipped"]`:          true,
		`results["hr"] == "succeeded" or results["transform"] == "succeeded"`: true,
		`results["other"] == "succeeded"`:                                     false,
	} {
		guard, err := chain.CompileGuard(expression)
		if err != nil {
			t.Errorf("%s: %v", expression, err)
			continue
		}
		if got, err := guard.Eval(sundayMorning(t)); err != nil || got != want {
			t.Errorf("%s is %v (%v), want %v", expression, got, err, want)
		}
	}
}

// TestGuardKeepsTimeInTheZone: the clock of the chain's zone counts, before, in and after the night of a clock change.
func TestGuardKeepsTimeInTheZone(t *testing.T) {
	t.Parallel()
	tests := []struct {
		zone, utc string
		guard     string // true only then
	}{
		{"UTC", "2026-03-28T23:30:00Z", `weekday == 6 and hour == 23`},
		{"Europe/Berlin", "2026-03-28T23:30:00Z", `weekday == 7 and hour == 0 and date == "2026-03-29"`},
		{"Europe/Berlin", "2026-03-29T00:59:00Z", `weekday == 7 and hour == 1 and minute == 59`}, // 02:00 to 02:59 are left out
		{"Europe/Berlin", "2026-03-29T01:00:00Z", `weekday == 7 and hour == 3 and minute == 0`},
		{"Europe/Berlin", "2026-03-29T22:00:00Z", `weekday == 1 and hour == 0`},
		{"Europe/Berlin", "2026-10-25T00:30:00Z", `weekday == 7 and hour == 2 and minute == 30`}, // 02:30 comes twice
		{"Europe/Berlin", "2026-10-25T01:30:00Z", `weekday == 7 and hour == 2 and minute == 30`},
		{"Europe/Berlin", "2026-10-25T22:59:00Z", `weekday == 7 and hour == 23`},
		{"Europe/Berlin", "2026-10-25T23:00:00Z", `weekday == 1 and hour == 0`},
		{"America/New_York", "2026-03-08T04:59:00Z", `weekday == 6 and hour == 23`},
		{"America/New_York", "2026-03-08T07:00:00Z", `weekday == 7 and hour == 3`},
		{"America/New_York", "2026-03-09T03:59:00Z", `weekday == 7 and hour == 23`},
		{"America/New_York", "2026-03-09T04:00:00Z", `weekday == 1 and hour == 0`},
		{"America/New_York", "2026-11-01T05:30:00Z", `weekday == 7 and hour == 1 and minute == 30`},
		{"America/New_York", "2026-11-01T06:30:00Z", `weekday == 7 and hour == 1 and minute == 30`},
		{"America/New_York", "2026-11-02T04:30:00Z", `weekday == 7 and hour == 23 and date == "2026-11-01"`},
		{"Asia/Kolkata", "2026-12-31T18:30:00Z", `weekday == 5 and day == 1 and month == 1 and year == 2027`},
	}
	for _, test := range tests {
		guard, err := chain.CompileGuard(test.guard)
		if err != nil {
			t.Fatal(err)
		}
		in := chain.GuardInput{Time: at(t, test.zone, test.utc), Date: at(t, test.zone, test.utc), Timezone: test.zone}
		if ok, err := guard.Eval(in); err != nil || !ok {
			t.Errorf("%s in %s: %v; %s", test.utc, test.zone, err, guard.Explain(in))
		}
	}
}

func TestCompileGuardRefuses(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"":                           "line 1, column 1: Unexpected token EOF",
		"weekday in":                 "line 1, column 10: Unexpected token EOF.",
		"hour >\n  = 3":              "line 2, column 3: Unexpected token Operator(\"=\")",
		"weekdy in 1..5":             `line 1, column 1: There is no variable "weekdy". Did you mean "weekday"?`,
		"weekday in 1..5 and hr > 3": `line 1, column 21: There is no variable "hr". The variables are attempt, by_reload, date`,
		"hour":                       "line 1, column 1: Expected bool, but got int.",
		"hour > 3 ? true : 1":        "line 1, column 1: Expected bool, but got",
		`weekday == "Monday"`:        "line 1, column 12: The variable weekday is a number, 1 (Monday) to 7 (Sunday), never the text \"Monday\".",
		"hour and true":              "line 1, column 6: Invalid operation: and (mismatched types int and bool).",
		"now().Hour() > 3":           "A guard has no functions.",
		"len(upstream) > 3":          "line 1, column 1: A guard has no functions.",
		"all([1], # > 0)":            "A guard has no functions.",
		"hour in map(1..5, #)":       "A guard has no functions.",
		"let x = 1; hour > x":        "A guard has no such thing as let x = 1; hour > x.",
		"upstream[0:2] == \"ab\"":    "A guard has no such thing as upstream[0:2].",
		"$env.hour > 3":              "A guard has no such thing as $env.hour.",
		`hour in {"a": 1}`:           `A guard has no such thing as`,
		"hour == nil":                "A guard has no such thing as nil.",
		"true; false":                "A guard has no such thing as",
		"weekday == 0":               "line 1, column 12: The variable weekday is 1 (Monday) to 7 (Sunday), never 0.",
		"weekday in 0..4":            "line 1, column 12: The variable weekday is 1 (Monday) to 7 (Sunday), never 0.",
		"weekday in [6, 7, 8]":       "line 1, column 19: The variable weekday is 1 (Monday) to 7 (Sunday), never 8.",
		"24 != hour":                 "line 1, column 1: The variable hour is 0 to 23, never 24.",
		"minute == -1":               "line 1, column 11: The variable minute is 0 to 59, never -1.",
		"attempt in [0, 1]":          "line 1, column 13: The variable attempt is 1 to 10, never 0.",
		"hour in 22..6": "line 1, column 11: The range 22..6 is empty: its end is before its start. For one that goes round, " +
			"join two ranges with or.",
		"year in 1..999999": "The range 1..999999 is too wide.",
		"year in -9223372036854775807..9223372036854775807": "is too wide.",
		"hour in 1..minute":           "The ends of a range are whole numbers.",
		"duration in 0..600":          "line 1, column 1: The duration is hardly ever a whole number",
		`status == "succeeded"`:       `line 1, column 11: The variable status is "success", "failure" or "canceled", never "succeeded".`,
		`status in ["success", "ok"]`: `never "ok".`,
		`date == "24.11.2026"`:        `The variable date is a date such as "2026-11-24", never "24.11.2026".`,
		`date > "2026-11-31"`:         `never "2026-11-31".`,
		`results == "failed"`:         `line 1, column 1: The variable results has the result of each upstream. Name one, such as results["hr"].`,
		`"hr" in results`:             `line 1, column 9: The variable results has the result of each upstream.`,
		`results[upstream] == status`: `line 1, column 9: The step of a result is a name in quotes, such as results["hr"].`,
		`results["hr"] == "failure"`:  `The result of hr is "succeeded", "failed", "canceled" or "skipped", never "failure".`,
		`results["hr"] in ["ok"]`:     `never "ok".`,
		`results["hr"]`:               "Expected bool, but got string.",
		`results?.hr == "failed"`:     "A guard has no such thing as",
		`results["hr"]["x"] == ""`:    "A guard has no such thing as",
		`upstream matches "("`:        "line 1, column 10: Error parsing regexp",
		"1 % 0 == 0":                  "Integer divide by zero",
		strings.Repeat("(", 501):      "line 1, column 1: The guard has 501 characters. Use at most 500.",
		strings.Repeat("(", 500):      "Unexpected token EOF",
		strings.Repeat("!", 500):      "Unexpected token EOF",
	} {
		guard, err := chain.CompileGuard(expression)
		if err == nil {
			t.Errorf("%q compiles", expression)
			continue
		}
		if guard != nil {
			t.Errorf("%q: a guard beside the error", expression)
		}
		var problem *chain.GuardError
		if !errors.As(err, &problem) || problem.Line < 1 || problem.Column < 1 {
			t.Errorf("%q: %#v is no GuardError with a place", expression, err)
		}
		if !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %q, want it to contain %q", expression, err, want)
		}
	}
}

func TestGuardEvalFails(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"attempt % minute == 0":         "line 1, column 9: Runtime error: integer divide by zero.",
		`origin matches upstream + "("`: "Error parsing regexp",
	} {
		guard, err := chain.CompileGuard(expression)
		if err != nil {
			t.Fatal(err)
		}
		in := sundayMorning(t)
		in.Time = in.Time.Truncate(time.Hour)
		answer, err := guard.Eval(in)
		var problem *chain.GuardError
		if answer || !errors.As(err, &problem) || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, %v; want an error with %q", expression, answer, err, want)
		}
	}
}

func TestGuardExplain(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]string{
		"false":           "guard `false` was false",
		"weekday in 1..5": "guard `weekday in 1..5` was false in the cycle of Sunday, 2026-11-22",
		"attempt < 2 and\n  status == \"failure\"": "guard `attempt < 2 and status == \"failure\"` was false with status = \"success\", " +
			"attempt = 2",
		"by_reload": "guard `by_reload` was false with by_reload = false",
		`hour > 6 and duration > 100 and upstream == origin`: "guard `hour > 6 and duration > 100 and upstream == origin` was false " +
			"at 05:30 (Europe/Berlin) with upstream = \"transform\", duration = 90.5, origin = \"extract\"",
		`date == "2026-11-23" and hour == 5`: "guard `date == \"2026-11-23\" and hour == 5` was false in the cycle of Sunday, 2026-11-22 at " +
			"05:30 (Europe/Berlin)",
		`results["hr"] == "succeeded" and results.hr != results["transform"]`: "guard `results[\"hr\"] == \"succeeded\" and results.hr != " +
			"results[\"transform\"]` " +
			"was false with results[\"hr\"] = \"failed\", results[\"transform\"] = \"succeeded\"",
	} {
		guard, err := chain.CompileGuard(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got := guard.Explain(sundayMorning(t)); got != want {
			t.Errorf("Explain() = %q\nwant %q", got, want)
		}
	}
}

// FuzzGuard: no expression makes it panic, and what compiles is answered the same way each time.
func FuzzGuard(f *testing.F) {
	for _, expression := range []string{
		"weekday in 1..5 and not (date in [\"2026-12-25\"])", "attempt == 1 ? hour < 5 : duration > 1e3",
		"status == 'failure' || upstream matches '^a'",
		"hour % minute > -1 ** 2", "let x = 1; x > hour", "$env?.hour ?? 3 | len()", "\"\\u00e4\" in [`x`]",
		"if hour > 3 { true } else { false }", `results["a"] == "failed" or results.b != 'x'`,
	} {
		f.Add(expression, int64(1795321800), "transform", 90.5, 2)
	}
	f.Fuzz(func(t *testing.T, expression string, seconds int64, upstream string, duration float64, attempt int) {
		guard, err := chain.CompileGuard(expression)
		if err != nil {
			var problem *chain.GuardError
			if !errors.As(err, &problem) || problem.Line < 1 || problem.Column < 1 || problem.Message == "" {
				t.Fatalf("%#v", err)
			}
			return
		}
		in := chain.GuardInput{
			Time: time.Unix(seconds, 0).UTC(), Timezone: "UTC", Upstream: upstream, Outcome: chain.OutcomeFailure,
			Duration: time.Duration(duration * float64(time.Second)), Attempt: attempt, Origin: upstream,
		}
		first, firstErr := guard.Eval(in)
		second, secondErr := guard.Eval(in)
		if first != second || (firstErr == nil) != (secondErr == nil) {
			t.Fatalf("%v, %v and then %v, %v", first, firstErr, second, secondErr)
		}
		if guard.Explain(in) == "" {
			t.Fatal("no explanation")
		}
	})
}
