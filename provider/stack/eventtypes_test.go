// SPDX-License-Identifier: MPL-2.0

package stack_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

const (
	mailID    = "11111111-1111-4111-8111-111111111111"
	projectID = "65f2a4b7c1d2e3f405162738"
)

// withSteps returns a copy of the spec with further steps.
func withSteps(spec stack.Spec, steps map[string]chain.Step) *stack.Spec {
	d := *spec.Definition
	d.Steps = map[string]chain.Step{}
	for _, all := range []map[string]chain.Step{spec.Definition.Steps, steps} {
		for name, step := range all {
			step.Enabled = true
			d.Steps[name] = step
		}
	}
	spec.Definition = &d
	return &spec
}

func (d *deployment) apply(t *testing.T, spec *stack.Spec) {
	t.Helper()
	d.spec = spec
	s := stack.New(d.clients, d.place, "nightly", d.known)
	if _, err := s.Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Apply(t.Context(), spec); err != nil {
		t.Fatal(err)
	}
}

// expectWebhook checks the webhook's event types and whether it has a filter, and that a look-up finds no difference.
func (d *deployment) expectWebhook(t *testing.T, filtered bool, want ...string) {
	t.Helper()
	w := d.sandbox.Tenant.Webhooks()[0]
	if !slices.Equal(w.EventTypes, want) || filtered != (w.Filter != "") {
		t.Errorf("the webhook delivers %q with the filter %q; want %q, filtered: %t", w.EventTypes, w.Filter, want, filtered)
	}
	state, differences := d.find(t)
	if len(differences) > 0 || state.EventType != want[0] {
		t.Errorf("found the event type %q and the differences %v", state.EventType, differences)
	}
}

func (d *deployment) askedForEventTypes() (n int) {
	for _, call := range d.sandbox.Tenant.Calls() {
		if strings.HasSuffix(call.Operation, "/event-types") {
			n++
		}
	}
	return n
}

// TestRunEvents checks that the webhook delivers the events that the chain's kinds need, of those that the tenant has.
func TestRunEvents(t *testing.T) {
	t.Parallel()
	all := tenant.RunEventTypes()
	mail := map[string]chain.Step{"mail": {Automation: mailID}}
	land := map[string]chain.Step{"land": {DataTask: &chain.DataTask{Project: projectID, Task: "task-1"}}, "erp": {Signal: &chain.Signal{}}}
	both := map[string]chain.Step{"mail": mail["mail"], "land": land["land"]}
	ofReloads := qlik.EventAppReloadFinished
	for name, test := range map[string]struct {
		delivers []string // by the tenant
		steps    map[string]chain.Step
		fault    int
		filtered bool
		want     []string // besides the event of reloads
	}{
		"an automation":         {delivers: all, steps: mail, want: all[:1]},
		"a data task":           {delivers: all, steps: land, want: all[1:]},
		"both":                  {delivers: all, steps: both, want: all},
		"some":                  {delivers: all[:2], steps: both, want: all[:2]},
		"none":                  {steps: both, filtered: true},
		"of another kind":       {delivers: all[1:], steps: mail, filtered: true},
		"a signal":              {delivers: all, steps: map[string]chain.Step{"erp": land["erp"]}, filtered: true},
		"a list that is denied": {delivers: all, steps: both, fault: http.StatusForbidden, filtered: true},
		"no list":               {delivers: all, steps: both, fault: http.StatusNotFound, filtered: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := deployIn(t, sandbox.Config{Tenant: tenant.Config{EventTypes: test.delivers}})
			if test.fault != 0 {
				d.sandbox.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
					if strings.HasSuffix(r.Pattern, "/event-types") {
						return &tenant.Fault{Status: test.fault}
					}
					return nil
				})
			}
			apps := *d.spec
			apps.EventType = ofReloads
			d.apply(t, &apps)
			d.expectWebhook(t, true, ofReloads)
			if asked := d.askedForEventTypes(); asked != 0 {
				t.Errorf("a chain of apps asked for the event types %d times", asked)
			}
			d.apply(t, withSteps(apps, test.steps))
			d.expectWebhook(t, test.filtered, append([]string{ofReloads}, test.want...)...)
			if asked := d.askedForEventTypes(); (asked == 0) != (name == "a signal") {
				t.Errorf("the event types were asked for %d times", asked)
			}
			d.apply(t, &apps)
			d.expectWebhook(t, true, ofReloads)
		})
	}
}

// TestRunEventsDrift checks that a change of the webhook, and of what the tenant delivers, is found.
func TestRunEventsDrift(t *testing.T) {
	t.Parallel()
	d := deployIn(t, sandbox.Config{Tenant: tenant.Config{EventTypes: tenant.RunEventTypes()}})
	apps := *d.spec
	d.apply(t, withSteps(apps, map[string]chain.Step{"mail": {Automation: mailID}}))
	expect := func(want string) {
		t.Helper()
		_, differences := d.find(t)
		var got []string
		for _, difference := range differences {
			got = append(got, difference.Setting+": "+difference.String())
		}
		if all := strings.Join(got, "\n"); all != want {
			t.Errorf("found %q, want %q", all, want)
		}
	}
	d.webhook.change.Store(&map[string]any{"eventTypes": []string{qlik.EventReloadFinished}})
	expect("webhook.run_event_types: none, should be " + qlik.EventAutomationRunEnded)
	d.webhook.change.Store(&map[string]any{"eventTypes": []string{
		qlik.EventDataTaskFailed, qlik.EventReloadFinished, qlik.EventAutomationRunEnded,
	}})
	expect("webhook.run_event_types: " + qlik.EventAutomationRunEnded + ", " + qlik.EventDataTaskFailed + ", should be " +
		qlik.EventAutomationRunEnded)
	d.webhook.change.Store(nil)
	expect("")
	d.spec.WebhookLevel = "user"
	expect("webhook.level: tenant, should be user")
	d.sandbox.Tenant.SetFault(func(r *http.Request, _ int) *tenant.Fault {
		if strings.HasSuffix(r.Pattern, "/event-types") {
			return &tenant.Fault{Status: http.StatusBadRequest}
		}
		return nil
	})
	if _, differences := d.find(t); len(differences) != 1 || !strings.Contains(differences[0].Have, "list of event types in Qlik Cloud") {
		t.Errorf("a list that cannot be read: found %v", differences)
	}
}
