// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// driftRound are drifts that are made together: their names by group.
type driftRound map[string][]string

// plannedDrifts are the chains on which Terraform shows and repairs drifts. They cover some drifts of each component, and each attribute
// that shows a drift, with and without a value. They also cover settings in drift, tags, missing objects, and the ids that services
// generate again.
var plannedDrifts = map[string]struct {
	settings, steps string
	rounds          []driftRound
}{
	"configured": {
		settings: strings.Join([]string{functionDrifts.settings, "role_path = \"/platform/\"", "permissions_boundary_arn = \"" + wideARN + "\"",
			withoutTags(parameterDrifts.settings), "point_in_time_recovery = true", withoutTags(apiDrifts.settings), tellBoth}, "\n"),
		rounds: []driftRound{
			{
				"function": {"code", "variable added", "memory", "timeout", "concurrency changed", "chain's tag changed", "permission added",
					"retries"},
				"roles": {"policy edited", "boundary changed", "timers' policy attached", "timers' tag changed"},
				"parameters": {"log group's retention", "log group's key changed", "definition's tag", "credentials' tag", "owner's tag",
					"signing secret's rotation"},
				"table":  {"table's recovery off", "table's key changed", "table's tag", "queue's retention", "timers' group's tag"},
				"alarms": {"alarm deleted", "alarm's threshold", "alarm's tag"},
				"API": {"name", "policy of other ranges", "method without key", "stage's variable", "stage's throttle", "stage's tag",
					"integration's template",
					"resource added"},
			},
			{
				"function": {"concurrency given back", "tag added", "bus"},
				"roles":    {"boundary taken away", "timers' policy deleted"},
				"parameters": {"log group's retention for ever", "log group's key taken away", "credentials edited",
					"signing secret's rotation taken away"},
				"table": {"table's time to live off", "table's key taken away"},
				"API":   {"policy taken away", "stage's throttle taken away", "method deleted"},
			},
			{
				"function":   {"tag changed"},
				"roles":      {"timers' deleted"},
				"parameters": {"log group deleted", "definition deleted"},
				"table":      {"table deleted", "queue deleted", "timers' group deleted"},
				"API":        {"deleted"},
			},
			{"function": {"deleted"}, "parameters": {"owner deleted"}, "alarms": {"alarm silenced"}},
			{"roles": {"deleted"}},
			{"roles": {"made anew"}},
			{"parameters": {"definition edited"}},
		},
	},
	"plain": {
		settings: keyDrifts.settings + "\n" + handsDrifts.settings + "\n" + chainScheduleDrifts.settings,
		steps: scheduleDrifts.steps + fmt.Sprintf("    hr = { app = %q }\n", sandbox.AppExtractHR) + // which the chain's schedule starts
			fmt.Sprintf("    dbt = { signal = { event_pattern = %q } }\n", dbtPattern),
		rounds: []driftRound{
			{
				"API key": {"disabled", "tag added", "webhook's disabled", "plan's quota", "concurrency reserved", "API restricted",
					"stage throttled", "boundary set",
					"log retention"},
				"webhook":               {"event type", "level", "disabled"},
				"schedules":             {"sweep slower", "disabled", "added"},
				"schedule of the chain": {"expression"},
				"signals":               {"disabled", "another target"},
				"hands":                 {"viewers' key disabled", "signals' key described"},
				"integrations":          {"endpoint edge-optimized", "page's metrics and cache"},
			},
			{
				"API key":   {"deleted", "webhook's deleted"},
				"schedules": {"deleted", "sweep disabled"}, "schedule of the chain": {"deleted"},
			},
			{"API key": {"plan deleted", "rotation"}, "webhook": {"deleted"}, "hands": {"operators made to sign"}},
			{"hands": {"paused", "viewers' key deleted"}, "webhook": {"event type added"}},
			{"hands": {"signals' key deleted"}},
		},
	},
}

// withoutTags takes the tags out of a group's settings, where another group has them.
func withoutTags(settings string) string { return settings[:strings.LastIndex(settings, "\n")] }

// TestAccDriftPlan checks that a plan shows manual changes and deletions, and that apply repairs them in place. It covers every kind of
// change in a plan, and every component. TestAccDrift covers each single drift.
func TestAccDriftPlan(t *testing.T) {
	t.Parallel()
	for name, chain := range plannedDrifts {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, l := newDriftHarness(t, func(c *sandbox.Config) { c.Cloud.Lambda.UpdateFor = time.Nanosecond }), newLife(t, 10*time.Second, 600)
			steps := chain.steps
			if steps == "" {
				steps = nightlySteps
			}
			l.configure(h.chain(strings.ReplaceAll(steps, "after =", "max_starts_per_hour = 1000, after ="),
				strings.ReplaceAll(chain.settings, "$API_KEY", h.Tenant.APIKey())))
			if err := l.apply(); err != nil {
				t.Fatal(err)
			}
			made := 0
			for i, round := range chain.rounds {
				n, err := round.run(t, h, l)
				if err != nil {
					t.Fatalf("round %d: %v", i+1, err)
				}
				made += n
			}
			if err := l.destroy(); err != nil {
				t.Fatal(err)
			}
			driftGroup{tidy: inTurn(deleteStrangers)}.expectNothingLeft(t, h)
			t.Logf("drift plans: %d drifts shown and repaired in %d rounds", made, len(chain.rounds))
		})
	}
	planned := map[string]bool{} // the groups of the rounds' drifts, and the attributes that show them
	for _, chain := range plannedDrifts {
		for _, round := range chain.rounds {
			drifts, err := round.drifts()
			if err != nil {
				t.Fatal(err)
			}
			for group := range round {
				planned[group] = true
			}
			for _, d := range drifts {
				maps.Copy(planned, d.attributes())
			}
		}
	}
	for name, group := range driftGroups {
		if !planned[name] {
			t.Errorf("no plan shows a drift of the %s", name)
		}
		for _, d := range group.drifts {
			for attribute := range d.attributes() {
				if !planned[attribute] {
					t.Errorf("no plan shows a drift by %s, as %q of the %s does", attribute, d.name, name)
				}
			}
		}
	}
}

// attributes returns those that show the drift.
func (d drift) attributes() map[string]bool {
	all := map[string]bool{}
	for name := range d.shown {
		if !strings.HasPrefix(name, "drift.") {
			all[name] = true
		}
	}
	return all
}

// drifts returns the round's drifts.
func (r driftRound) drifts() ([]drift, error) {
	var all []drift
	for _, group := range slices.Sorted(maps.Keys(r)) {
		for _, name := range r[group] {
			i := slices.IndexFunc(driftGroups[group].drifts, func(d drift) bool { return d.name == name })
			if i < 0 {
				return nil, fmt.Errorf("the %s has no drift %q", group, name)
			}
			all = append(all, driftGroups[group].drifts[i])
		}
	}
	return all, nil
}

// run makes and repairs the round's drifts, and counts them.
func (r driftRound) run(t *testing.T, h *harness, l *life) (int, error) {
	t.Helper()
	drifts, err := r.drifts()
	want := shown{}
	for _, d := range drifts {
		if err := d.hand(t.Context(), h); err != nil {
			return 0, fmt.Errorf("%s: nothing was changed: %w", d.name, err)
		}
		for name, value := range d.shown {
			if want[name] != "" {
				return 0, fmt.Errorf("two drifts of the round show %s", name)
			}
			want[name] = value
		}
	}
	if err != nil {
		return 0, err
	}
	plan, err := l.plan("-refresh-only")
	if err != nil {
		return 0, err
	}
	have := shown{}
	for _, change := range plan.ResourceDrift {
		if change.Address == chainAddress {
			have = changedAttributes(change.Change)
		}
	}
	return len(drifts), errors.Join(want.expect(have), l.applyInPlace(), l.expectNoChange(), h.runs(t.Context()))
}

// changedAttributes returns the attributes that differ, with their present values. Those in drift are separate.
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

// TestAccDestroyAfterHalfIsGone checks that destroy leaves nothing, whatever was deleted before.
func TestAccDestroyAfterHalfIsGone(t *testing.T) {
	t.Parallel()
	for name, gone := range map[string]hand{
		"what runs": inTurn(deleteLogGroup, deleteParameter("definition"), deleteParameter("signing-secret"), deleteFunction, deleteUsagePlan,
			deleteWebhook),
		"who may": inTurn(deleteRole(roleName), deleteParameter("credentials"), removePermission, deleteStage, deleteKey(objectName)),
		"timers":  inTurn(deleteTable, deleteRole(timerRoleName), deleteResource("/{proxy+}"), deleteEventInvokeConfig),
		"letters": inTurn(deleteQueue, deleteScheduleGroup, deleteRolePolicy(timerRoleName)),
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

// TestAccAllGone checks that a chain without any remaining object is created again, and that destroying it does nothing.
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
