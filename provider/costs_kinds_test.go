// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// likeALongRun is how long a run lasts here to be asked for as often as one of five minutes: five times, see TestPolls. Another timer then
// finds nothing. The function has the real time, which hardly passes, so the waits overlap instead of adding up.
const likeALongRun = 120 * time.Second

// costOfKind is a step, or what reports it. Its use is counted beside that of the app extract.
type costOfKind struct {
	what   string   // in the guide
	events []string // types of events of runs that the tenant delivers
	step   string   // beside extract
	more   string   // an attribute of the chain
	signal bool     // count what an event causes, instead of what the step adds to a reload of extract
}

func costsOfKinds() []costOfKind {
	const mail = `    mail = { automation = "MAIL", after = { extract = "success" } }`
	return []costOfKind{
		{what: "runs of an automation, in a tenant that reports their ends", events: tenant.RunEventTypes(), step: mail},
		{what: "runs of an automation, in a tenant that does not", step: mail},
		{what: "runs of a data task, in a tenant that does not",
			step: `    land = { data_task = { project = "PROJECT", task = "LAND" }, after = { extract = "success" } }`},
		{what: "signals by events of EventBridge, each with a run of its own", signal: true,
			step: `    dbt = { signal = { event_pattern = jsonencode({ source = ["dbt"] }), outcome = "$.detail.status" } }`},
		{what: "runs of one step, which `events` reports with two events", more: `events = { bus = "default" }`},
	}
}

// measure counts what extract uses, with the chain's step.
func (k costOfKind) measure(t *testing.T) usage {
	t.Helper()
	w := newRightsWorld(t, func(c *sandbox.Config) {
		c.Clock, c.Tenant.EventTypes = clock.NewFrozen(time.Now().Add(time.Minute)), k.events
		c.Cloud.Scheduler.RunPast = true // the function's time is the real one, and the sandbox's clock runs ahead of it
	})
	mail, project := w.Tenant.AddAutomation(tenant.Automation{Name: "Mail", Duration: likeALongRun}), w.dataProject("operator")
	land := w.Tenant.AddDataTask(tenant.DataTask{ProjectID: project, Name: "Land", Duration: likeALongRun})
	step := strings.NewReplacer("MAIL", mail, "PROJECT", project, "LAND", land).Replace(k.step)
	w.configure(w.chain(fmt.Sprintf("    extract = { app = %q }\n%s", sandbox.AppExtract, step), "reconciliation = { enabled = false }",
		k.more))
	if err := w.apply(); err != nil {
		t.Fatal(err)
	}
	act := w.reloading(sandbox.AppExtract)
	if k.signal {
		act = func() error {
			_, err := w.Cloud.Events().Emit("default", events.Event{Source: "dbt", DetailType: "end", Detail: `{"status":"success"}`})
			return errors.Join(err, w.RunUntilQuiet(t.Context(), time.Hour))
		}
	}
	if _, err := w.measure(w.reloading(sandbox.AppOutside)); err != nil { // the cold start
		t.Fatal(err)
	}
	w.Clock.Advance(max(0, time.Since(w.Clock.Now()))) // both have the same time
	u, err := w.measure(act)
	if err != nil {
		t.Fatal(err)
	}
	return u
}

// row returns the use and price of a thousand as a row of the guide.
func (u usage) row(what string) string {
	u = u.times(1000)
	price := float64(u.requests)*priceAPIRequest + float64(u.invocations)*(priceInvocation+billedSeconds*memoryGB*priceGBSecond) +
		float64(u.writeUnits)*priceWriteUnit + float64(u.readUnits)*priceReadUnit + float64(u.timers)*priceTimer +
		float64(u.events)*priceEvent + math.Round(float64(u.logBytes)/1e6)*priceLogMB // the lines say how long something took
	return fmt.Sprintf("| %s | %d | %d | %d | %d | %d | %d | $%.4f |\n", what, u.requests, u.invocations, u.writeUnits, u.readUnits, u.timers,
		u.events, price)
}

// TestAccCostsOfKinds counts what automations, data tasks, signals and events use, and compares the counts with the guide.
func TestAccCostsOfKinds(t *testing.T) {
	t.Parallel()
	guide, err := os.ReadFile(filepath.Join("..", "templates", "guides", "costs.md"))
	if err != nil {
		t.Fatal(err)
	}
	extract := costOfKind{}.measure(t)
	for _, k := range costsOfKinds() {
		t.Run(k.what, func(t *testing.T) {
			t.Parallel()
			u := k.measure(t)
			if !k.signal {
				u = u.plus(-1, extract)
			}
			if row := u.row(k.what); !strings.Contains(string(guide), row) {
				t.Errorf("templates/guides/costs.md has other figures than these, which were counted, with %d bytes of logs:\n%s", u.logBytes, row)
			}
		})
	}
}

// callsOfANight are the calls that the function makes in a night of examples/nightly. They are those of before there were other kinds of
// steps than apps: a chain without them makes no call for their sake.
func callsOfANight() map[string]int {
	return map[string]int{
		"dynamodb GetItem": 5, "dynamodb PutItem": 7, "dynamodb Query": 20, "dynamodb TransactWriteItems": 10, "qlik POST /api/v1/reloads": 3,
		"scheduler CreateSchedule": 1,
	}
}

// expectCallsOfANight compares the calls since ResetOutsideCalls.
func (h *harness) expectCallsOfANight() {
	h.t.Helper()
	got := map[string]int{}
	for _, call := range h.OutsideCalls() {
		operation := strings.Fields(call)
		name := strings.Join(operation[:min(2, len(operation))], " ")
		if operation[0] == "qlik" {
			name = call
		}
		got[name]++
	}
	if want := callsOfANight(); !maps.Equal(got, want) {
		h.t.Errorf("in a night the function made the calls %v, want %v", got, want)
	}
}
