// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"testing"
)

// TestAccPauseByHand: a plan that undoes an operator's pause or resume says who did it and why. Without a value, it never touches a pause,
// and says that the chain is paused.
func TestAccPauseByHand(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	const undoes, again, paused = "Warning: The plan resumes a chain that was paused by hand",
		"Warning: The plan pauses a chain that was resumed by hand", "Warning: The chain is paused"
	all := []string{undoes, again, paused}
	l.configure(h.chain(nightlySteps))
	expectWords(t, "a new chain", l.planText(), nil, all)
	if err := errors.Join(l.apply(), h.must(t.Context(), "/pause", `{"reason": "ERP migration"}`, nil)); err != nil {
		t.Fatal(err)
	}
	expectWords(t, "without a value", l.planText(), []string{paused, "It is paused by the API key ", ": ERP migration.", "No changes"},
		[]string{undoes, again})
	if err := errors.Join(l.apply(), h.holds(t.Context())); err != nil {
		t.Error(err)
	}

	l.configure(h.chain(nightlySteps, "paused = false"))
	expectWords(t, "which undoes it", l.planText(), []string{undoes, "It is paused by the API key ", " UTC: ERP migration.", "paused"},
		[]string{again, paused})
	if err := errors.Join(l.apply(), h.goesOn(t.Context())); err != nil {
		t.Error(err)
	}
	expectWords(t, "afterwards", l.planText(), []string{"No changes"}, all)

	l.configure(h.chain(nightlySteps, "paused = true"))
	expectWords(t, "a pause by Terraform", l.planText(), nil, all)
	if err := errors.Join(l.apply(), h.must(t.Context(), "/resume", `{"reason": "it is done"}`, nil)); err != nil {
		t.Fatal(err)
	}
	expectWords(t, "which pauses again", l.planText(), []string{again, "It was resumed by the API key ", ": it is done."},
		[]string{undoes, paused})
	if err := l.apply(); err != nil {
		t.Error(err)
	}

	l.configure(h.chain(nightlySteps, "memory_size = 512")) // removing paused = true leaves it paused
	expectWords(t, "after the removal", l.planText(), []string{paused, "It is paused by Terraform"}, []string{undoes, again})
	if err := errors.Join(l.applyInPlace(), h.holds(t.Context()), l.expectNoChange()); err != nil {
		t.Error(err)
	}
}
