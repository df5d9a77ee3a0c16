// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

const (
	objectName = "qlik-task-chain-nightly"
	roleName   = objectName + "-eu-central-1"
)

// hand is a manual change in a console: it changes one thing of a deployed chain.
type hand func(ctx context.Context, h *harness) error

// drift is a manual change, how it is shown, and how it is repaired.
type drift struct {
	name  string
	hand  hand
	shown shown
	calls calls
}

// shown is everything that is shown of a drift: the current values in words. The keys are a state's attributes, and "drift." with the
// setting for what no attribute shows.
type shown map[string]string

// calls are the calls with which apply repairs a drift, without those that only read.
type calls []string

// gone is what an attribute shows that is null.
const gone = "null"

// driftGroup is a chain on which one drift after the other is made and repaired.
type driftGroup struct {
	settings string            // the resource's arguments, besides the apps
	steps    string            // nightlySteps when empty
	spec     func(*stack.Spec) // what settings and steps say; nil for nothing
	drifts   []drift
	tidy     hand // removes what the hands left beside the chain; nil for nothing
}

// driftGroups are all of them.
var driftGroups = map[string]driftGroup{
	"function": functionDrifts, "roles": roleDrifts, "parameters": parameterDrifts, "table": tableDrifts,
	"alarms": alarmDrifts, "API": apiDrifts, "integrations": integrationDrifts,
	"API key": keyDrifts, "webhook": webhookDrifts, "schedules": scheduleDrifts, "schedule of the chain": chainScheduleDrifts,
	"hands": handsDrifts, "signals": signalDrifts,
}

// driftCount counts what was made of the drifts.
type driftCount struct{ made, shown, repaired atomic.Int32 }

// TestAccDrift checks that the stack names every manual change or deletion, and that an apply repairs exactly that, in place. The chain
// runs afterwards. One drift can be run alone: -run 'TestAccDrift/webhook/url'. TestAccDriftPlan covers what Terraform shows.
func TestAccDrift(t *testing.T) {
	t.Parallel()
	count := new(driftCount)
	t.Cleanup(func() {
		t.Logf("drifts: %d made, %d shown, %d repaired", count.made.Load(), count.shown.Load(), count.repaired.Load())
	})
	for name, group := range driftGroups {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group.run(t, count)
		})
	}
}

// newDriftHarness knows two boundaries, changes a time to live at any time, and lets the name of what was deleted be used again at once.
func newDriftHarness(t *testing.T, more ...func(*sandbox.Config)) *harness {
	t.Helper()
	return newHarness(t, func(c *sandbox.Config) {
		c.Cloud.DynamoDB.TimeToLiveInterval = -1 // TestAccTimeToLiveRefused has AWS's
		c.Cloud.DynamoDB.TransitionTime, c.Cloud.SQS.RecreateAfter, c.Cloud.Scheduler.DeletingFor = -1, time.Nanosecond, -1
		withBoundaries(c)
		for _, change := range more {
			change(c)
		}
	})
}

func (g driftGroup) run(t *testing.T, count *driftCount) {
	h := newDriftHarness(t)
	d := newDeployed(t, h, g.spec)
	for _, one := range g.drifts {
		whole := true
		t.Run(one.name, func(t *testing.T) {
			whole = false
			one.run(t, d, count)
			whole = true
		})
		if !whole {
			t.Errorf("the chain is not as it was after %q: the drifts after it were not tried", one.name)
			break
		}
	}
	if err := d.remove(t.Context()); err != nil {
		t.Fatal(err)
	}
	g.expectNothingLeft(t, h)
}

func (g driftGroup) expectNothingLeft(t *testing.T, h *harness) {
	t.Helper()
	if g.tidy != nil {
		if err := g.tidy(t.Context(), h); err != nil {
			t.Error(err)
		}
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}

// run makes and repairs one drift. It ends the test at once when the chain is not whole afterwards.
func (d drift) run(t *testing.T, on *deployed, count *driftCount) {
	if err := d.hand(t.Context(), on.h); err != nil {
		t.Fatalf("nothing was changed: %v", err)
	}
	count.made.Add(1)
	have, err := on.differs(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := d.shown.expect(have); err != nil {
		t.Error(err)
	} else {
		count.shown.Add(1)
	}
	on.h.ResetProviderCalls()
	if err := on.repair(t.Context()); err != nil {
		t.Fatal(err)
	}
	wrote := slices.Sorted(slices.Values(on.h.writes()))
	if want := slices.Sorted(slices.Values(d.calls)); !slices.Equal(wrote, want) {
		t.Errorf("it was repaired with the calls %q instead of %q", wrote, want)
	}
	if err := on.h.runs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !t.Failed() {
		count.repaired.Add(1)
	}
}

// expect compares what is shown.
func (want shown) expect(have shown) error {
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if want[name] == "" {
			errs = append(errs, fmt.Errorf("%s = %q is shown, too", name, have[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if value, there := have[name]; !there || !strings.Contains(value, want[name]) {
			errs = append(errs, fmt.Errorf("%s = %q is shown, without %q", name, value, want[name]))
		}
	}
	return errors.Join(errs...)
}

// inWords returns a string as it is, and anything else as JSON.
func inWords(value any) string {
	if text, ok := value.(string); ok {
		return text
	}
	text, err := json.Marshal(value)
	if err != nil {
		panic(err) // it was JSON before
	}
	return string(text)
}

// writes returns the provider's calls since the last ResetProviderCalls without those that only read.
func (h *harness) writes() []string {
	return slices.DeleteFunc(h.ProviderCalls(), func(call string) bool { return !isWrite(call) })
}

// isWrite reports whether one of the provider's calls changes something.
func isWrite(call string) bool {
	_, operation, _ := strings.Cut(call, " ")
	return !slices.ContainsFunc([]string{"Get", "List", "Describe", "Query", "GET "},
		func(prefix string) bool { return strings.HasPrefix(operation, prefix) })
}

// inTurn runs several hands one after the other.
func inTurn(hands ...hand) hand {
	return func(ctx context.Context, h *harness) error {
		for _, hand := range hands {
			if err := hand(ctx, h); err != nil {
				return err
			}
		}
		return nil
	}
}
