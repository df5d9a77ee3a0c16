// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
)

// TestAccBehind checks the plan after an apply was killed. The apply has written part of a change, and no state. That part is as the
// configuration says. The plan is not empty, because the rest is as in the old state.
func TestAccBehind(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	const five, six = `{ cron = "0 5 1 1 ? 2199" }`, `{ cron = "0 6 1 1 ? 2199" }`
	l.configure(h.chain(scheduledSteps(five)))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(l.dir, "terraform.tfstate")
	before, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	l.configure(h.chain(scheduledSteps(six), `tags = { team = "bi" }`))
	atFive := editSchedule(func(in *scheduler.UpdateScheduleInput) { in.ScheduleExpression = aws.String("cron(0 5 1 1 ? 2199)") })
	if err := errors.Join(l.apply(), atFive(t.Context(), h), os.WriteFile(path, before, 0o600)); err != nil {
		t.Fatal(err)
	}
	plan, err := l.plan()
	if err != nil {
		t.Fatal(err)
	}
	if change := plan.ResourceChanges[0].Change; !change.Actions.Update() || attributes(change.AfterUnknown)["drift"] != true {
		t.Errorf("the plan is to %v, and does not show that the change is to be completed", change.Actions)
	}
	if err := errors.Join(l.applyInPlace(), l.must("plan", "-detailed-exitcode", "-no-color", "-input=false", "-refresh=false"),
		l.expectNoChange()); err != nil {
		t.Error(err)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
