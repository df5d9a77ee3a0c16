// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

const functionRoleName = objectName + "-eu-central-1"

// endOf is what a test looks at in the detail of an event.
type endOf struct {
	Version                               int
	ID, Chain, Run, Step, Outcome, Status string
	TenantID                              string `json:"tenant_id"`
	Counts                                *struct{ Steps, Succeeded, Failed int }
}

// ends returns the events on a bus since the last call: their type and detail in words, sorted.
func (h *harness) ends(bus string) func() []string {
	seen, ids := 0, map[string]bool{}
	return func() []string {
		h.t.Helper()
		var all []string
		events := h.Cloud.Events().Put(bus)
		for _, e := range events[seen:] {
			var d endOf
			if err := json.Unmarshal([]byte(e.Detail), &d); err != nil || e.Source != "qlik-task-chain" || d.Version != 1 || ids[d.ID] {
				h.t.Errorf("on the bus is %+v: %v", e, err)
			}
			ids[d.ID] = true
			words := []string{e.DetailType, d.Chain, d.TenantID}
			if d.Counts != nil {
				words = append(words, d.Status, fmt.Sprint(*d.Counts))
			} else {
				words = append(words, d.Step, d.Outcome, d.Status)
			}
			all = append(all, strings.Join(words, " "))
		}
		seen = len(events)
		slices.Sort(all)
		return all
	}
}

// putCalls returns how often a function has put events.
func (h *harness) putCalls() (n int) {
	for _, call := range h.Cloud.Calls() {
		if call.Service == "events" && call.Operation == "PutEvents" {
			n++
		}
	}
	return n
}

// TestAccEvents checks that two chains of two tenants report on one bus what has ended. A chain without events puts none, and has no right
// to.
func TestAccEvents(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	ctx, bus := t.Context(), h.Cloud.Events().AddBus("chains")
	ends := h.ends("chains")
	l := newLife(t, 10*time.Second, 600)
	apply := func(more ...string) {
		t.Helper()
		l.configure(h.chain(nightlySteps, more...))
		if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
			t.Fatal(err)
		}
	}
	apply()
	if err := errors.Join(h.runs(ctx), h.expectPolicy(ctx, functionRoleName, nil, []string{"PutEvents"})); err != nil {
		t.Fatal(err)
	}
	if n := h.putCalls(); n != 0 {
		t.Errorf("a chain without events has put some %d times", n)
	}

	apply(`events = { bus = "chains" }`)
	h.Clock.Advance(time.Minute) // times of reloads have whole seconds, which distinguish the later one
	if err := errors.Join(h.runs(ctx), h.expectPolicy(ctx, functionRoleName, []string{"PutEvents", "event-bus%2Fchains"}, nil)); err != nil {
		t.Fatal(err)
	}
	want := func(chain, tenant string) []string {
		at := " " + chain + " " + tenant + " "
		return []string{
			"RunEnded" + at + "succeeded {4 3 0}", "StepEnded" + at + "archive success SUCCEEDED", "StepEnded" + at + "dashboard success SUCCEEDED",
			"StepEnded" + at + "transform success SUCCEEDED",
		}
	}
	if got := ends(); !slices.Equal(got, want("nightly", h.Tenant.ID())) {
		t.Errorf("on the bus are %q, want %q", got, want("nightly", h.Tenant.ID()))
	}
	h.expectEventsOfSecondTenant(ctx, bus, ends, want)

	apply()
	before := h.putCalls()
	h.Clock.Advance(time.Minute)
	if err := errors.Join(h.runs(ctx), h.expectPolicy(ctx, functionRoleName, nil, []string{"PutEvents"})); err != nil {
		t.Fatal(err)
	}
	if n := h.putCalls(); n != before {
		t.Errorf("a chain without events has put some %d times", n-before)
	}
	if err := l.destroy(); err != nil {
		t.Fatal(err)
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}

// expectEventsOfSecondTenant deploys a chain of another tenant, which puts its events on the same bus, and destroys it.
func (h *harness) expectEventsOfSecondTenant(
	ctx context.Context, bus string, ends func() []string, want func(chain, tenant string) []string,
) {
	t := h.t
	t.Helper()
	second := h.secondTenant()
	l := newLife(t, 10*time.Second, 600)
	config := strings.Replace(h.chain(nightlySteps, fmt.Sprintf("events = { bus = %q }", bus)), `"nightly"`, `"weekly"`, 1)
	l.configure(h.forTenant(config, second))
	if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
		t.Fatal(err)
	}
	changes := second.Watch(ctx)
	if _, err := second.StartReload(sandbox.AppTransform); err != nil {
		t.Fatal(err)
	}
	succeeded := 0
	for change := range changes {
		if change.Reload != nil && change.Reload.Status == "SUCCEEDED" {
			succeeded++
		}
		if succeeded == 3 {
			break
		}
	}
	if err := errors.Join(second.Idle(ctx), h.Settle(ctx)); err != nil {
		t.Fatal(err)
	}
	if got := ends(); !slices.Equal(got, want("weekly", second.ID())) {
		t.Errorf("on the bus are %q, want %q", got, want("weekly", second.ID()))
	}
	if err := l.destroy(); err != nil {
		t.Fatal(err)
	}
}

// TestAccOwnEvents checks that a plan refuses a signal for which the ends of the chain's own runs count. Those of another chain may.
func TestAccOwnEvents(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	step := func(detail string) string {
		return signalSteps(fmt.Sprintf("{ event_pattern = %q }", `{"source":["qlik-task-chain"]`+detail+`}`))
	}
	for _, bus := range []string{"default", "arn:aws:events:eu-central-1:123456789012:event-bus/default"} {
		h.run(resource.TestStep{
			Config: h.chain(step(""), fmt.Sprintf("events = { bus = %q }", bus)), PlanOnly: true,
			ExpectError: says("matches them: the end of each run would begin another run"),
		})
	}
	h.run(resource.TestStep{
		Config: h.chain(step(`,"detail":{"chain":["other"]}`), `events = { bus = "default" }`), PlanOnly: true, ExpectNonEmptyPlan: true,
	}, resource.TestStep{Config: h.chain(step("")), PlanOnly: true, ExpectNonEmptyPlan: true})
}
