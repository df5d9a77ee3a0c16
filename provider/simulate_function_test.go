// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// nightSteps returns a chain with a join, a guard, a retry, a delay and a disabled step.
func nightSteps() map[string]any {
	id := chaintest.AppID
	return map[string]any{
		"sales": map[string]any{"app": id(1)},
		"hr": map[string]any{"app": id(2), "retry": map[string]any{"max_attempts": 3, "interval": "2m",
			"retry_on": []any{"failed"}}},
		"transform": map[string]any{"app": id(3), "after": map[string]any{"sales": "success", "hr": "success"}},
		"dashboard": map[string]any{"app": id(4), "after": map[string]any{"transform": "success"}, "when": "weekday in 1..5",
			"delay": "5m"},
		"fallback": map[string]any{"app": id(5), "after": map[string]any{"transform": "failure"}},
		"mail":     map[string]any{"app": id(6), "after": map[string]any{"fallback": "completion"}},
		"archive":  map[string]any{"app": id(7), "after": map[string]any{"transform": "completion"}, "enabled": false},
		"report":   map[string]any{"app": id(8), "after": map[string]any{"mail": "success", "archive": "success"}},
	}
}

// twoSchedules returns a chain of two extracts with schedules of their own.
func twoSchedules() map[string]any {
	id := chaintest.AppID
	return map[string]any{
		"sales":     map[string]any{"app": id(1), "schedule": map[string]any{"cron": "0 2 * * ? *"}},
		"hr":        map[string]any{"app": id(2), "schedule": map[string]any{"cron": "40 2 * * ? *", "except": []any{"2026-01-06"}}},
		"transform": map[string]any{"app": id(3), "after": map[string]any{"sales": "success", "hr": "success"}},
	}
}

// options returns one options argument.
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
				"archive": "is disabled", "fallback": "is not needed: starts after transform = failure; transform succeeded",
				"mail":   "is not needed: fallback is not needed",
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
				"fallback": "is not needed: starts after transform = failure; transform was canceled",
				"mail":     "is not needed: fallback is not needed",
				"report":   "is not needed: archive is disabled, mail is not needed",
			},
		},
		"attempts": {
			outcomes: map[string]any{"hr": []any{"failure", "failure", "success"}}, started: "hr, sales, transform, dashboard",
			reloads: []string{
				"hr 2 failure 2026-01-05T00:03:00Z 2026-01-05T00:04:00Z in 1 {}",
				"hr 3 success 2026-01-05T00:08:00Z 2026-01-05T00:09:00Z in 1 {}",
			},
		},
		"what a retry leaves out": {
			outcomes: map[string]any{"hr": []any{"exceeded_limit", "success"}}, started: "hr, sales",
			notStarted: map[string]string{
				"transform": "is blocked: hr failed", "archive": "is disabled",
				"dashboard": "is blocked: transform is blocked because hr failed",
				"fallback":  "is blocked: transform is blocked because hr failed",
				"mail":      "is blocked: fallback is blocked because hr failed",
				"report":    "is not needed: archive is disabled",
			},
			reloads: []string{"hr 1 exceeded_limit 2026-01-05T00:00:00Z 2026-01-05T00:01:00Z in 1 {}"},
		},
		"in the middle, on a Saturday in Berlin": {
			options: options(map[string]any{
				"start": "transform", "at": "2026-11-20T23:30:00Z", "timezone": "Europe/Berlin",
				"durations": map[string]any{"transform": "10m"},
			}),
			started: "transform",
			notStarted: map[string]string{
				"archive": "is disabled", "dashboard": "is skipped: guard `weekday in 1..5` was false in the cycle of Saturday, 2026-11-21",
				"fallback": "is not needed: starts after transform = failure; transform succeeded",
				"hr":       "is in no run: nothing begins one at it",
				"mail":     "is not needed: fallback is not needed", "report": "is not needed: archive is disabled, mail is not needed",
				"sales": "is in no run: nothing begins one at it",
			},
			reloads: []string{"transform 1 success 2026-11-21T00:30:00+01:00 2026-11-21T00:40:00+01:00 in 1 {}"},
		},
		"a run for each": {
			options: options(map[string]any{"start": map[string]any{"sales": "01:00", "hr": "2026-01-05T17:00:00"}}),
			started: "sales, hr, transform, dashboard",
			reloads: []string{`transform 1 success 2026-01-05T17:01:00Z 2026-01-05T17:02:00Z in 2 {"hr":"2","sales":"1"}`},
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-05T01:00:00Z 2026-01-05T17:01:00Z",
				"2 succeeded 2026-01-05 2026-01-05T17:00:00Z 2026-01-05T17:08:00Z",
			},
		},
		"in another cycle": {
			options: options(map[string]any{"start": map[string]any{"sales": "01:00", "hr": "2026-01-05T18:00:00"}}), started: "sales, hr",
			notStarted: map[string]string{
				"transform": "expired: sales had no result by 18:00", "archive": "is disabled", "dashboard": "expired: transform expired",
				"fallback": "expired: transform expired", "mail": "expired: fallback expired",
				"report": "is not needed: archive is disabled",
			},
		},
		"its own cycles": {
			options: options(map[string]any{
				"start": map[string]any{"sales": "2026-01-05T11:00:00", "hr": "2026-01-05T12:30:00"},
				"cycle": map[string]any{"begins": "00:00", "every": "12h"},
			}),
			started: "sales, hr",
		},
		"one of the two": {
			options: options(map[string]any{"start": []any{"sales", "sales"}, "until": "12:00"}), started: "sales",
			notStarted: map[string]string{
				"transform": "waits for hr: it has no result since 18:00 on 2026-01-04", "hr": "is in no run: nothing begins one at it",
				"archive": "waits for transform in this run", "dashboard": "waits for transform in this run",
				"fallback": "waits for transform in this run",
				"mail":     "waits for fallback in this run", "report": "waits for archive and mail in this run",
			},
			runs: []string{"1 waiting 2026-01-05 2026-01-05T00:00:00Z null"},
		},
		"schedules of their own": {
			steps: twoSchedules(), started: "sales, hr, transform",
			reloads: []string{`transform 1 success 2026-01-05T02:41:00Z 2026-01-05T02:42:00Z in 2 {"hr":"2","sales":"1"}`},
		},
		"two nights, of which one is an exception": {
			steps: twoSchedules(), options: options(map[string]any{"cycles": 2}), outcomes: map[string]any{"hr": "failure"},
			started: "sales, hr",
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-05T02:00:00Z 2026-01-05T02:41:00Z",
				"2 failed 2026-01-05 2026-01-05T02:40:00Z 2026-01-05T02:41:00Z",
				"3 failed 2026-01-06 2026-01-06T02:00:00Z 2026-01-06T18:00:00Z",
			},
			notStarted: map[string]string{"transform": "expired: hr had no result by 18:00"},
		},
		"a failure that is repaired in the afternoon": {
			steps: twoSchedules(), outcomes: map[string]any{"hr": []any{"failure", "success"}},
			options: options(map[string]any{"events": events(map[string]any{"at": "15:00", "reload": "hr"})}),
			started: "sales, hr, transform",
			reloads: []string{`transform 1 success 2026-01-05T15:01:00Z 2026-01-05T15:02:00Z in 3 {"hr":"3","sales":"1"}`},
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-05T02:00:00Z 2026-01-05T02:41:00Z",
				"2 failed 2026-01-05 2026-01-05T02:40:00Z 2026-01-05T02:41:00Z",
				"3 succeeded 2026-01-05 2026-01-05T15:00:00Z 2026-01-05T15:02:00Z",
			},
		},
		"a rerun of what failed": {
			outcomes: map[string]any{"transform": []any{"failure", "success"}},
			options:  options(map[string]any{"events": events(map[string]any{"at": "2026-01-06T07:00:00", "rerun": 1})}),
			started:  "hr, sales, transform, fallback, mail, dashboard",
			runs: []string{
				"1 failed 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T00:04:00Z",
				"2 succeeded 2026-01-05 2026-01-06T07:00:00Z 2026-01-06T07:07:00Z of 1",
			},
		},
		"what operators do": {
			options: options(map[string]any{
				"at": "2026-01-05T02:00:00",
				"events": events(map[string]any{"at": "01:00", "skip": "transform", "reason": "the source is being moved"},
					map[string]any{"at": "01:30", "pause": true},
					map[string]any{"at": "03:00", "resume": true}, map[string]any{"at": "04:00", "mark": "transform", "run": "1"}),
			}),
			started: "hr, sales, dashboard",
			notStarted: map[string]string{
				"transform": "was marked as succeeded", "archive": "is disabled",
				"fallback": "is not needed: starts after transform = failure; transform succeeded",
				"mail":     "is not needed: fallback is not needed",
				"report":   "is not needed: archive is disabled, mail is not needed",
			},
			reloads: []string{"sales 1 success 2026-01-05T03:00:00Z 2026-01-05T03:01:00Z in 1 {}",
				`dashboard 1 success 2026-01-05T04:05:00Z 2026-01-05T04:06:00Z in 2 {"transform":"2"}`},
		},
		"a run that is begun and canceled": {
			options: options(map[string]any{
				"start": "sales", "durations": map[string]any{"hr": []any{"2h", "1m"}},
				"events": events(map[string]any{"at": "01:00", "start": []any{"hr"}}, map[string]any{"at": "02:00", "cancel": "2",
					"step": nil}),
			}),
			started: "sales, hr",
			runs: []string{
				"1 failed 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T18:00:00Z",
				"2 canceled 2026-01-05 2026-01-05T01:00:00Z 2026-01-05T02:00:00Z",
			},
			reloads: []string{"hr 1 canceled 2026-01-05T01:00:00Z 2026-01-05T02:00:00Z in 2 {}"},
		},
		"a schedule, and its overlap": {
			options: options(map[string]any{"schedule": map[string]any{"rate": "6h"}, "overlap": "skip",
				"durations": map[string]any{"sales": "7h"}}),
			started: "hr, sales, transform, dashboard",
			runs: []string{
				"1 succeeded 2026-01-05 2026-01-04T18:00:00Z 2026-01-05T01:07:00Z",
				"2 skipped 2026-01-05 2026-01-05T00:00:00Z 2026-01-05T00:00:00Z",
				"3 succeeded 2026-01-05 2026-01-05T06:00:00Z 2026-01-05T13:07:00Z",
				"4 skipped 2026-01-05 2026-01-05T12:00:00Z 2026-01-05T12:00:00Z",
			},
		},
		"carried over": {
			steps: map[string]any{
				"budget": map[string]any{"app": chaintest.AppID(1)}, "sales": map[string]any{"app": chaintest.AppID(2)},
				"report": map[string]any{
					"app": chaintest.AppID(3), "after": map[string]any{"budget": "success", "sales": "success"},
					"carry_over": map[string]any{"budget": "35d"},
				},
			},
			options: options(map[string]any{"start": "sales",
				"carried": map[string]any{"report": map[string]any{"budget": "2025-12-20T06:00:00"}}}),
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
			if m, ok := result.Attributes()["not_started"].(types.Map); test.notStarted != nil && (!ok ||
				!m.Equal(stringMap(test.notStarted))) {
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
