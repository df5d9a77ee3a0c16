package chain_test

import (
	"reflect"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestDecide(t *testing.T) {
	t.Parallel()
	d := nightly()
	due := func(names ...string) (steps []chain.Due) {
		for _, name := range names {
			steps = append(steps, chain.Due{Name: name, Step: d.Apps[name]})
		}
		return steps
	}
	disabled := chain.Held{Name: "archive", Reason: "is disabled"}
	held := func(name, condition, outcome string) chain.Held {
		return chain.Held{Name: name, Reason: "starts after transform = " + condition + "; it ended with " + outcome}
	}
	tests := map[string]struct {
		app     int
		outcome chain.Outcome
		want    chain.Decision
	}{
		"not in the chain": {99, chain.OutcomeSuccess, chain.Decision{}},
		"one of two upstreams": {1, chain.OutcomeSuccess, chain.Decision{
			Step: "extract_sales", Known: true, Due: due("transform"),
		}},
		"success": {3, chain.OutcomeSuccess, chain.Decision{
			Step: "transform", Known: true, Due: due("audit", "dashboard"),
			Held: []chain.Held{disabled, held("fallback", "failure", "success")},
		}},
		"failure": {3, chain.OutcomeFailure, chain.Decision{
			Step: "transform", Known: true, Due: due("audit", "fallback"),
			Held: []chain.Held{disabled, held("dashboard", "success", "failure")},
		}},
		"canceled": {3, chain.OutcomeCanceled, chain.Decision{
			Step: "transform", Known: true, Due: due("audit"),
			Held: []chain.Held{
				disabled,
				held("dashboard", "success", "canceled, which counts for completion only"),
				held("fallback", "failure", "canceled, which counts for completion only"),
			},
		}},
		"the last of its branch":           {4, chain.OutcomeSuccess, chain.Decision{Step: "dashboard", Known: true}},
		"a disabled step that ran by hand": {7, chain.OutcomeSuccess, chain.Decision{Step: "archive", Known: true}},
	}
	index := chain.NewIndex(d)
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := index.Decide(appID(tt.app), tt.outcome); !reflect.DeepEqual(got, tt.want) {
				t.Errorf("Decide() = %+v\nwant %+v", got, tt.want)
			}
		})
	}
}

func TestDecideIgnoresTheCaseOfAppIDs(t *testing.T) {
	t.Parallel()
	d := nightly()
	s := d.Apps["extract_sales"]
	s.ID = strings.ToUpper(s.ID)
	d.Apps["extract_sales"] = s
	index := chain.NewIndex(d)
	for _, id := range []string{appID(1), strings.ToUpper(appID(1))} {
		if got := index.Decide(id, chain.OutcomeSuccess); got.Step != "extract_sales" {
			t.Errorf("Decide(%s) = %+v, want the step extract_sales", id, got)
		}
	}
}

func TestADisabledStepCarriesTheChainAlong(t *testing.T) {
	t.Parallel()
	d := nightly()
	s := d.Apps["transform"]
	s.Enabled = false
	d.Apps["transform"] = s
	index := chain.NewIndex(d)
	if got := index.Decide(appID(1), chain.OutcomeSuccess); len(got.Due) != 0 || got.Held[0].Reason != "is disabled" {
		t.Errorf("Decide(extract_sales) = %+v, want transform held", got)
	}
	if got := index.Decide(appID(3), chain.OutcomeSuccess); len(got.Due) != 2 {
		t.Errorf("Decide(transform) = %+v, want two steps due", got)
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
