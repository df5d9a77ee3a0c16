// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// kindsWorld is a tenant with an automation and a data task, and a folder with a chain that runs them.
type kindsWorld struct {
	*rightsWorld
	mail, project, land string
}

func newKindsWorld(t *testing.T, events ...string) *kindsWorld {
	t.Helper()
	w := &kindsWorld{rightsWorld: newRightsWorld(t, func(c *sandbox.Config) {
		c.Tenant.EventTypes = events
		c.Clock = clock.NewFrozen(time.Now().Add(time.Minute))
		c.Cloud.Scheduler.RunPast = true // the function's time is the real one, and the sandbox's clock runs ahead of it
	})}
	// Times of reloads have whole seconds, which distinguish the later run.
	w.mail = w.Tenant.AddAutomation(tenant.Automation{Name: "Mail", Duration: 1100 * time.Millisecond})
	w.project = w.dataProject("operator")
	w.land = w.Tenant.AddDataTask(tenant.DataTask{ProjectID: w.project, Name: "Land"})
	return w
}

// chain configures an app, an automation that is tried twice, a data task and two apps, one of them for its failures.
func (w *kindsWorld) chain(name string) string {
	steps := fmt.Sprintf(`
    extract   = { app = %q }
    mail      = { automation = %q, after = { extract = "success" }, retry = { max_attempts = 2, interval = "1m" } }
    land      = { data_task = { project = %q, task = %q }, after = { mail = "success" } }
    dashboard = { app = %q, after = { land = "success" } }
    fallback  = { app = %q, after = { land = "failure" } }`,
		sandbox.AppExtract, w.mail, w.project, w.land, sandbox.AppDashboard, sandbox.AppFallback)
	return strings.Replace(chainResource(steps, "reconciliation = { enabled = false }"), `"nightly"`, fmt.Sprintf("%q", name), 1)
}

// ran returns what has run since the last call, in order of its start: the kinds one after the other.
func (w *kindsWorld) ran() func() string {
	reloads, runs, tasks := 0, 0, 0
	names := map[string]string{sandbox.AppExtract: "extract", sandbox.AppDashboard: "dashboard", sandbox.AppFallback: "fallback"}
	return func() string {
		var all []string
		for _, reload := range w.Tenant.Reloads()[reloads:] {
			all = append(all, names[reload.AppID]+" "+reload.Status)
			reloads++
		}
		for _, run := range w.Tenant.AutomationRuns()[runs:] {
			all = append(all, "mail "+run.Status)
			runs++
		}
		for _, run := range w.Tenant.DataTaskRuns()[tasks:] {
			all = append(all, "land "+run.State)
			tasks++
		}
		return strings.Join(all, ", ")
	}
}

// TestAccKinds takes a chain of an app, an automation, a data task and again an app through its life: in a tenant that delivers the ends of
// all runs, and in one that delivers those of reloads alone.
func TestAccKinds(t *testing.T) {
	t.Parallel()
	for name, events := range map[string][]string{"events": tenant.RunEventTypes(), "polling": nil} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newKindsWorld(t, events...)
			w.configure(w.providerConfig() + w.chain("nightly"))
			w.plans()
			w.applies()
			if err := w.expectNoChange(); err != nil {
				t.Fatal(err)
			}
			want := append([]string{qlik.EventReloadFinished}, events...)
			if got := w.Tenant.Webhooks()[0].EventTypes; !slices.Equal(got, want) {
				t.Errorf("the webhook delivers %q, want %q", got, want)
			}
			w.runsAll(events != nil)
			if events != nil {
				w.repairsEvents()
			}
			w.expectKindsShown()
			w.warnsOfASecondChain()
			if err := w.destroy(); err != nil {
				t.Fatal(err)
			}
			if err := w.nothingLeft(); err != nil {
				t.Error(err)
			}
		})
	}
}

// runsAll starts the chain's app twice: first all goes well, then the automation fails once, and the data task. With events, the first run
// ends before a timer is due; without them, it goes no further than the automation.
func (w *kindsWorld) runsAll(events bool) {
	t := w.life.t
	t.Helper()
	ran := w.ran()
	expect := func(about, want string, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		if got := ran(); got != want {
			lines, err := w.LogLines(t.Context(), logGroup)
			t.Errorf("%s: %s ran, want %s; the function's log:\n%s\n%v", about, got, want, strings.Join(lines, "\n"), err)
		}
	}
	byEvents, byTimers := "extract SUCCEEDED, mail finished", "dashboard SUCCEEDED, land COMPLETED"
	if events {
		byEvents, byTimers = "extract SUCCEEDED, dashboard SUCCEEDED, mail finished, land COMPLETED", ""
	}
	_, err := w.Tenant.StartReload(sandbox.AppExtract)
	const beforeTimers = 5 * time.Second // the first question comes ten seconds after a start
	expect("before a timer is due", byEvents, errors.Join(err, w.RunUntilQuiet(t.Context(), beforeTimers)))
	expect("with the timers", byTimers, w.RunUntilQuiet(t.Context(), time.Hour))
	w.Tenant.SetAutomationOutcomes(w.mail, "failed", "finished with warnings")
	w.Tenant.SetDataTaskOutcomes(w.project, w.land, "FAILED")
	_, err = w.Tenant.StartReload(sandbox.AppExtract)
	expect("with failures", "extract SUCCEEDED, fallback SUCCEEDED, mail failed, mail finished with warnings, land FAILED",
		errors.Join(err, w.RunUntilQuiet(t.Context(), time.Hour)))
	if due, found := w.Next(); found {
		t.Errorf("a timer is left, which is due at %v", due)
	}
}

// repairsEvents takes the events of runs from the webhook, and a kind from the chain.
func (w *kindsWorld) repairsEvents() {
	t := w.life.t
	t.Helper()
	if err := patchWebhook(change("/eventTypes", []string{qlik.EventReloadFinished}))(t.Context(), w.harness); err != nil {
		t.Fatal(err)
	}
	expectWords(t, "drift", w.planText(), []string{`"webhook.run_event_types" = "none, should be com.qlik.v1.automation.run.ended, com.qlik`},
		nil)
	w.applies()
	w.configure(w.providerConfig() + strings.Replace(w.chain("nightly"), fmt.Sprintf("automation = %q", w.mail),
		fmt.Sprintf("app = %q", sandbox.AppTransform), 1))
	w.applies()
	want := append([]string{qlik.EventReloadFinished}, tenant.RunEventTypes()[1:]...)
	if got := w.Tenant.Webhooks()[0].EventTypes; !slices.Equal(got, want) {
		t.Errorf("without the automation, the webhook delivers %q, want %q", got, want)
	}
	w.configure(w.providerConfig() + w.chain("nightly"))
	w.applies()
	if err := w.expectNoChange(); err != nil {
		t.Fatal(err)
	}
}

// warnsOfASecondChain plans another chain with the same steps.
func (w *kindsWorld) warnsOfASecondChain() {
	t := w.life.t
	t.Helper()
	first := w.providerConfig() + w.chain("nightly")
	w.configure(first + strings.Replace(w.chain("second"), `"test"`, `"second"`, 1))
	expectWords(t, "a second chain", w.planText(), []string{
		"Warning: The same work in two chains", `"nightly" has dashboard, extract, fallback, land and mail.`,
	}, nil)
	w.configure(first)
}

// expectKindsShown reads how the deployed chain shows its steps.
func (w *kindsWorld) expectKindsShown() {
	t := w.life.t
	t.Helper()
	key, err := w.APIKey(t.Context(), objectName)
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string][]string{
		"": {`"kind":"automation","app_id":"","automation_id":"` + w.mail, `"data_project_id":"` + w.project + `","data_task_id":"` + w.land},
		"/graph": {`"target":{"kind":"automation","id":"` + w.mail + `"}`,
			fmt.Sprintf(`"target":{"kind":"data_task","id":%q,"project":%q}`, w.land, w.project)},
		"/graph?format=svg": {`class="kind"`, ">automation, succeeded", ">data task, failed<"},
	} {
		status, body, err := sandbox.Call(t.Context(), http.MethodGet, w.invokeURL()+path, map[string]string{"x-api-key": key}, nil)
		if err != nil || status != http.StatusOK {
			t.Fatalf("GET %s: %d %s %v", path, status, body, err)
		}
		for _, words := range want {
			if !strings.Contains(compact(body), words) {
				t.Errorf("GET %s lacks %s: %s", path, words, body)
			}
		}
	}
}

// TestAccExampleKinds deploys the example with a step of each kind, and starts it. A data flow is one of its apps.
func TestAccExampleKinds(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *sandbox.Config) { c.Tenant.EventTypes = tenant.RunEventTypes() })
	landing, sales := h.Tenant.AddSpace("Landing", "data"), h.Tenant.AddSpace("Sales", "shared")
	orders := h.Tenant.AddDataProject(tenant.DataProject{Name: "Orders", SpaceID: landing})
	h.Tenant.AddDataTask(tenant.DataTask{ProjectID: orders, Name: "Land orders"})
	h.Tenant.AddApp(tenant.App{Name: "Prepare orders", SpaceID: sales, SubType: "dataflow-prep", Usage: "DATAFLOW_PREP"})
	h.Tenant.AddApp(tenant.App{Name: "Orders", SpaceID: sales})
	mail := h.Tenant.AddAutomation(tenant.Automation{Name: "Mail the report", SpaceID: sales})
	h.Tenant.AddAutomation(tenant.Automation{Name: "Open a ticket", SpaceID: sales})

	l := exampleLife(t, "kinds", h.providerConfig())
	architecture := "-var=architecture=" + function.HostArchitecture()
	if err := l.apply(architecture); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	changes := h.Tenant.Watch(ctx)
	key, err := h.APIKey(ctx, "qlik-task-chain-orders")
	if err != nil {
		t.Fatal(err)
	}
	if status, err := h.post(ctx, key, "/start", "{}", nil); err != nil || status != http.StatusAccepted {
		t.Fatalf("POST /start: %d %v", status, err)
	}
	mailed := false
	for change := range changes {
		if run := change.AutomationRun; run != nil && run.AutomationID == mail && run.Status == "finished" {
			mailed = true
			break
		}
	}
	if runs := h.Tenant.AutomationRuns(); !mailed || len(h.Tenant.Reloads()) != 2 || len(runs) != 1 {
		t.Errorf("mailed: %t; %d reloads and the runs %+v", mailed, len(h.Tenant.Reloads()), runs)
	}
	if err := l.must("destroy", "-auto-approve", "-no-color", "-input=false", architecture); err != nil {
		t.Error(err)
	}
}

// compact returns JSON without the spaces between its values, and anything else as it is.
func compact(body []byte) string {
	var b bytes.Buffer
	if json.Compact(&b, body) != nil {
		return string(body)
	}
	return b.String()
}
