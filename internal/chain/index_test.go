// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestDownstream(t *testing.T) {
	t.Parallel()
	index := chain.NewIndex(nightly())
	for step, want := range map[string][]string{
		"extract_sales": {"transform"}, "transform": {"archive", "audit", "dashboard", "fallback"}, "dashboard": nil, "archive": nil,
		"no step": nil,
	} {
		var have []string
		for _, l := range index.Downstream(step) {
			have = append(have, l.To)
			if l.From != step {
				t.Errorf("a link from %s begins at %s", step, l.From)
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("Downstream(%s) = %q, want %q", step, have, want)
		}
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
