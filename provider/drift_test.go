// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

const (
	objectName = "qlik-task-chain-nightly"
	roleName   = objectName + "-eu-central-1"
)

// hand is somebody with a console: it changes one thing of a deployed chain.
type hand func(ctx context.Context, h *harness) error

// drift is what somebody did by hand, how Terraform shows it, and how it mends it.
type drift struct {
	name  string
	hand  hand
	shown shown
	calls calls
}

// shown is what a refresh tells of a drift, all of it: words of what there is now by attribute, and by "drift." and the setting for
// what stands in drift.
type shown map[string]string

// calls are those that apply mends a drift with: all but those that only read.
type calls []string

// gone is what an attribute shows that is null.
const gone = "null"

// driftGroup is a chain on which one drift after the other is made and mended.
type driftGroup struct {
	settings string // the resource's arguments, besides the apps
	steps    string // oftenReloaded when empty
	drifts   []drift
	tidy     hand // takes away what the hands left beside the chain; nil for nothing
}

// oftenReloaded are steps of a chain that runs after each of many drifts, all within an hour.
var oftenReloaded = strings.ReplaceAll(nightlySteps, "after =", "max_starts_per_hour = 1000, after =")

// driftCount counts what was made of the drifts.
type driftCount struct{ made, shown, mended atomic.Int32 }

// TestAccDrift: whatever somebody deletes or changes by hand, a plan shows by name, and apply mends just that, in place. One drift can
// be run alone: -run 'TestAccDrift/webhook/url'.
func TestAccDrift(t *testing.T) {
	t.Parallel()
	count := new(driftCount)
	t.Cleanup(func() {
		t.Logf("drifts: %d made, %d shown, %d mended", count.made.Load(), count.shown.Load(), count.mended.Load())
	})
	for name, group := range map[string]driftGroup{
		"function": functionDrifts, "roles": roleDrifts, "parameters": parameterDrifts, "table": tableDrifts,
		"alarms": alarmDrifts, "API": apiDrifts, "integrations": integrationDrifts,
		"API key": keyDrifts, "webhook": webhookDrifts, "schedules": scheduleDrifts, "schedule of the chain": chainScheduleDrifts, "hands": handsDrifts,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			group.run(t, count)
		})
	}
}

func (g driftGroup) run(t *testing.T, count *driftCount) {
	h := newHarness(t, func(c *sandbox.Config) {
		c.Cloud.DynamoDB.TimeToLiveInterval = -1 // TestAccTimeToLiveRefused has AWS's
		withBoundaries(c)
	})
	l := newLife(t, 10*time.Second, 600)
	l.configure(h.chain(cmp.Or(g.steps, oftenReloaded), strings.ReplaceAll(g.settings, "$API_KEY", h.Tenant.APIKey())))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	for _, d := range g.drifts {
		whole := true
		t.Run(d.name, func(t *testing.T) {
			whole = false
			d.run(t, h, l, count)
			whole = true
		})
		if !whole {
			t.Errorf("the chain is not as it was after %q: the drifts after it were not tried", d.name)
			break
		}
	}
	if err := l.destroy(); err != nil {
		t.Fatal(err)
	}
	if g.tidy != nil {
		if err := g.tidy(t.Context(), h); err != nil {
			t.Error(err)
		}
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}

// run makes and mends one drift. It ends the test at once when the chain is not whole afterwards.
func (d drift) run(t *testing.T, h *harness, l *life, count *driftCount) {
	if err := d.hand(t.Context(), h); err != nil {
		t.Fatalf("nothing was changed: %v", err)
	}
	count.made.Add(1)
	h.ResetProviderCalls()
	plan, err := l.plan("-refresh-only")
	if err != nil {
		t.Fatal(err)
	}
	if err := d.expectShown(plan); err != nil {
		t.Error(err)
	} else {
		count.shown.Add(1)
	}
	if err := l.applyInPlace(); err != nil {
		t.Fatal(err)
	}
	wrote := slices.Sorted(slices.Values(h.writes()))
	if want := slices.Sorted(slices.Values(d.calls)); !slices.Equal(wrote, want) {
		t.Errorf("it was mended with the calls %q instead of %q", wrote, want)
	}
	if err := l.expectNoChange(); err != nil {
		t.Fatal(err)
	}
	if err := h.runs(t.Context()); err != nil {
		t.Fatal(err)
	}
	if !t.Failed() {
		count.mended.Add(1)
	}
}

// expectShown compares what a plan tells of the drift.
func (d drift) expectShown(plan *tfjson.Plan) error {
	have := shown{}
	for _, change := range plan.ResourceDrift {
		if change.Address == chainAddress {
			have = changedAttributes(change.Change)
		}
	}
	var errs []error
	for _, name := range slices.Sorted(maps.Keys(have)) {
		if d.shown[name] == "" {
			errs = append(errs, fmt.Errorf("the plan shows %s = %q, too", name, have[name]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(d.shown)) {
		if value, there := have[name]; !there || !strings.Contains(value, d.shown[name]) {
			errs = append(errs, fmt.Errorf("the plan shows %s = %q without %q", name, value, d.shown[name]))
		}
	}
	return errors.Join(errs...)
}

// changedAttributes are those that differ, with what they are now; those in drift on their own.
func changedAttributes(change *tfjson.Change) shown {
	changed := shown{}
	before, after := attributes(change.Before), attributes(change.After)
	for name, value := range after {
		if name != "drift" && !reflect.DeepEqual(before[name], value) {
			changed[name] = inWords(value)
		}
	}
	for setting, value := range attributes(after["drift"]) {
		changed["drift."+setting] = inWords(value)
	}
	return changed
}

// inWords is a string as it is, anything else as JSON.
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

// applyInPlace applies the configuration and fails unless the plan was to update the chain and nothing else.
func (l *life) applyInPlace() error {
	var output bytes.Buffer
	err := l.run(&output, "apply", "-auto-approve", "-input=false", "-json")
	if err != nil {
		return fmt.Errorf("%w: %s", err, output.String())
	}
	var planned []string
	for line := range strings.Lines(output.String()) {
		var message struct {
			Type   string
			Change struct {
				Action   string
				Resource struct{ Addr string }
			}
		}
		if err := json.Unmarshal([]byte(line), &message); err != nil {
			return fmt.Errorf("reading what terraform prints: %w: %s", err, line)
		}
		if message.Type == "planned_change" {
			planned = append(planned, message.Change.Action+" "+message.Change.Resource.Addr)
		}
	}
	if !slices.Equal(planned, []string{"update " + chainAddress}) {
		return fmt.Errorf("the plan was to %q", planned)
	}
	return nil
}

// writes are the provider's calls since the last ResetProviderCalls but those that only read.
func (h *harness) writes() []string {
	return slices.DeleteFunc(h.ProviderCalls(), func(call string) bool { return !isWrite(call) })
}

// isWrite tells whether one of the provider's calls changes something.
func isWrite(call string) bool {
	_, operation, _ := strings.Cut(call, " ")
	return !slices.ContainsFunc([]string{"Get", "List", "Describe", "Query", "GET "}, func(prefix string) bool { return strings.HasPrefix(operation, prefix) })
}

// inTurn lets several hands do something.
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

// TestAccDestroyAfterHalfIsGone: destroy leaves nothing whatever somebody deleted before.
func TestAccDestroyAfterHalfIsGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]hand{
		"what runs": inTurn(deleteLogGroup, deleteParameter("definition"), deleteParameter("signing-secret"), deleteFunction, deleteUsagePlan, deleteWebhook),
		"who may":   inTurn(deleteRole(roleName), deleteParameter("credentials"), removePermission, deleteStage, deleteKey(objectName)),
		"timers":    inTurn(deleteTable, deleteRole(timerRoleName), deleteResource("/{proxy+}"), deleteEventInvokeConfig),
		"letters":   inTurn(deleteQueue, deleteScheduleGroup, deleteRolePolicy(timerRoleName)),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, l := newHarness(t, nil), newLife(t, 10*time.Second, 600)
			l.configure(h.chain(nightlySteps))
			if err := errors.Join(l.apply(), gone(t.Context(), h), l.destroy(), h.nothingLeft()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccAllGone: a chain that is gone altogether is made anew, and to destroy it is nothing to do.
func TestAccAllGone(t *testing.T) {
	t.Parallel()
	h, l, other := newHarness(t, nil), newLife(t, 10*time.Second, 600), newLife(t, 10*time.Second, 600)
	l.configure(h.chain(shortChain))
	other.configure(h.chain(shortChain))
	destroyElsewhere := func() error {
		state, err := os.ReadFile(filepath.Join(l.dir, "terraform.tfstate"))
		if err != nil {
			return err
		}
		return errors.Join(os.WriteFile(filepath.Join(other.dir, "terraform.tfstate"), state, 0o600), other.destroy(), h.nothingLeft())
	}
	if err := errors.Join(l.apply(), destroyElsewhere()); err != nil {
		t.Fatal(err)
	}
	plan, err := l.plan()
	if err != nil {
		t.Fatal(err)
	}
	if actions := plan.ResourceChanges[0].Change.Actions; !actions.Create() {
		t.Errorf("the plan is to %v", actions)
	}
	if err := errors.Join(l.apply(), h.oneOfEach(t.Context()), destroyElsewhere(), l.destroy()); err != nil {
		t.Error(err)
	}
}
