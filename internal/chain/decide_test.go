// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestRefuse(t *testing.T) {
	t.Parallel()
	disabled := "is disabled"
	held := func(condition, end string) string { return "starts after transform = " + condition + "; it " + end }
	const canceled = "was canceled, which counts for completion only"
	tests := map[string]struct {
		step    string
		outcome chain.Outcome
		want    map[string]string // by the step downstream
	}{
		"one of two upstreams": {"extract_sales", chain.OutcomeSuccess, map[string]string{"transform": ""}},
		"success": {"transform", chain.OutcomeSuccess, map[string]string{
			"archive": disabled, "audit": "", "dashboard": "", "fallback": held("failure", "ended with success"),
		}},
		"failure": {"transform", chain.OutcomeFailure, map[string]string{
			"archive": disabled, "audit": "", "dashboard": held("success", "ended with failure"), "fallback": "",
		}},
		"canceled": {"transform", chain.OutcomeCanceled, map[string]string{
			"archive": disabled, "audit": "", "dashboard": held("success", canceled), "fallback": held("failure", canceled),
		}},
		"the last of its branch":           {"dashboard", chain.OutcomeSuccess, nil},
		"a disabled step that ran by hand": {"archive", chain.OutcomeSuccess, nil},
	}
	index := chain.NewIndex(nightly())
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			links := index.Downstream(tt.step)
			if len(links) != len(tt.want) {
				t.Fatalf("Downstream() = %+v, want %d", links, len(tt.want))
			}
			for _, l := range links {
				if got := index.Refuse(l, tt.outcome); got != tt.want[l.To] {
					t.Errorf("Refuse(%s → %s) = %q, want %q", l.From, l.To, got, tt.want[l.To])
				}
			}
		})
	}
}

func TestStepOfIgnoresTheCaseOfAppIDs(t *testing.T) {
	t.Parallel()
	d := nightly()
	s := d.Steps["extract_sales"]
	s.App = strings.ToUpper(s.App)
	d.Steps["extract_sales"] = s
	index := chain.NewIndex(d)
	for _, id := range []string{appID(1), strings.ToUpper(appID(1))} {
		if got, known := index.StepOf(id); got != "extract_sales" || !known {
			t.Errorf("StepOf(%s) = %q, %t", id, got, known)
		}
	}
	if got, known := index.StepOf(appID(99)); known {
		t.Errorf("StepOf(another app) = %q", got)
	}
}

func TestAgain(t *testing.T) {
	t.Parallel()
	d := nightly()
	step := after(1)
	step.Retry = &chain.Retry{MaxAttempts: 3, RetryOn: []chain.RetryOn{chain.RetryOnFailed}}
	d.Steps["extract_sales"] = step
	step.Enabled, step.App = false, appID(50)
	d.Steps["off"] = step
	index := chain.NewIndex(d)
	tests := map[string]struct {
		step    string
		attempt int
		status  string
		want    bool
	}{
		"the first":       {"extract_sales", 1, "FAILED", true},
		"the last":        {"extract_sales", 3, "FAILED", false},
		"another failure": {"extract_sales", 1, "EXCEEDED_LIMIT", false},
		"canceled":        {"extract_sales", 1, "CANCELED", false},
		"success":         {"extract_sales", 1, "SUCCEEDED", false},
		"no retry":        {"extract_hr", 1, "FAILED", false},
		"disabled":        {"off", 1, "FAILED", false},
	}
	for name, tt := range tests {
		outcome, _ := chain.OutcomeOf(tt.status)
		if got := index.Again(tt.step, tt.attempt, outcome, tt.status); got != tt.want {
			t.Errorf("%s: Again() = %t, want %t", name, got, tt.want)
		}
	}
}

func TestForbid(t *testing.T) {
	t.Parallel()
	d := nightly()
	d.Timezone = "Europe/Berlin"
	for key, when := range map[string]string{"dashboard": "weekday in 1..5", "audit": "1/0 > hour"} {
		s := d.Steps[key]
		s.When = when
		d.Steps[key] = s
	}
	index := chain.NewIndex(d)
	at := func(text string) chain.Fire {
		when, err := time.Parse(time.RFC3339, text)
		if err != nil {
			t.Fatal(err)
		}
		return chain.NewFire("x", []chain.Arrival{{Upstream: "transform", Event: "r1", At: when, Runs: []chain.RunRef{{ID: "1", Origin: "transform"}}}})
	}
	// Sunday, 22:30 in UTC, is Sunday 23:30 in Berlin; an hour later it is Monday there.
	if reason, err := index.Forbid("dashboard", at("2026-11-22T22:30:00Z")); err != nil || !strings.Contains(reason, "was false in the cycle of Sunday") {
		t.Errorf("Forbid() on Sunday = %q, %v", reason, err)
	}
	if reason, err := index.Forbid("dashboard", at("2026-11-22T23:30:00Z")); err != nil || reason != "" {
		t.Errorf("Forbid() on Monday = %q, %v", reason, err)
	}
}

func TestOutcomeOf(t *testing.T) {
	t.Parallel()
	for status, want := range map[string]chain.Outcome{
		"SUCCEEDED": chain.OutcomeSuccess, "FAILED": chain.OutcomeFailure, "EXCEEDED_LIMIT": chain.OutcomeFailure,
		"CANCELED": chain.OutcomeCanceled, "QUEUED": "", "RELOADING": "", "CANCELING": "", "": "", "succeeded": "",
	} {
		if got, final := chain.OutcomeOf(status); got != want || final != (want != "") {
			t.Errorf("OutcomeOf(%q) = %q, %t, want %q", status, got, final, want)
		}
	}
}
