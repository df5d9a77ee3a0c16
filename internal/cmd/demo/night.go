// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	chainrun "github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// success: the join waits for the second extract, which is retried once; then everything runs.
func (d *demo) success(ctx context.Context) error {
	d.scene("The night: \"Extract sales\" is reloaded by its schedule in Qlik Cloud; \"Transform\" has to wait for both extracts")
	if err := d.reload(ctx, []string{sandbox.AppExtract}, "Extract sales"); err != nil {
		return err
	}
	if _, err := d.newEvents(ctx); err != nil {
		return err
	}
	runs, err := d.record(ctx, 1)
	if err != nil {
		return err
	}
	waits := expectStep(runs, "transform", chainrun.StatusWaiting, "waits for extract_hr: it has no result since ")
	if err := errors.Join(expectRun(runs, chainrun.StatusWaiting), waits); err != nil {
		return err
	}

	d.scene("\"Extract HR\" fails, is tried again after a minute, and the chain carries on")
	d.sandbox.Tenant.SetOutcomes(sandbox.AppExtractHR, "FAILED", "SUCCEEDED")
	d.sandbox.Clock.Advance(time.Second) // so that this run is the later one: its id contains the second at which it began
	if err := d.reload(ctx, []string{sandbox.AppExtractHR}, "Extract HR", "Extract HR", "Transform", "Dashboard", "Archive"); err != nil {
		return err
	}
	if _, err := d.newEvents(ctx); err != nil {
		return err
	}
	if runs, err = d.record(ctx, 2); err != nil {
		return err
	}
	if err := expectStart(runs, "extract_hr", 2, qlik.StatusSucceeded); err != nil {
		return err
	}
	passed := expectStep(runs, "fallback", chainrun.StatusSkipped, "is not needed: starts after transform = failure; transform succeeded")
	return errors.Join(expectRun(runs, chainrun.StatusSucceeded), passed)
}

// failure: one of the extracts is reloaded once more in the same cycle. The transformation fails, and only the failure branch runs.
func (d *demo) failure(ctx context.Context) error {
	d.scene("\"Extract HR\" is reloaded once more: the sales of this cycle are there, \"Transform\" fails, and only the failure branch runs")
	d.sandbox.Tenant.SetOutcomes(sandbox.AppTransform, "FAILED")
	defer d.sandbox.Tenant.SetOutcomes(sandbox.AppTransform, "SUCCEEDED")
	d.sandbox.ResetOutsideCalls()
	if err := d.reload(ctx, []string{sandbox.AppExtractHR}, "Extract HR", "Transform", "Yesterday's figures"); err != nil {
		return err
	}
	d.calls = d.sandbox.OutsideCalls()
	if _, err := d.newEvents(ctx); err != nil {
		return err
	}
	runs, err := d.record(ctx, 1)
	if err != nil {
		return err
	}
	return errors.Join(expectRun(runs, chainrun.StatusFailed),
		expectStep(runs, "dashboard", chainrun.StatusSkipped, "is blocked: transform failed"))
}

// copies is how often the same event arrives in the scene of repeated events.
const copies = 5

// repeated: a webhook may deliver an event more than once.
func (d *demo) repeated(ctx context.Context) error {
	d.scene(fmt.Sprintf("POST /start begins one run at both extracts, and every event is delivered %d times: the same body and signature",
		copies))
	d.sandbox.Tenant.Redeliver(tenant.Redelivery{Copies: copies})
	defer d.sandbox.Tenant.Redeliver(tenant.Redelivery{})
	before := len(d.sandbox.Tenant.Deliveries())
	if err := d.watch(ctx, d.start, "Extract sales", "Extract HR", "Transform", "Dashboard", "Archive"); err != nil {
		return err
	}
	events, err := d.takeEvents(ctx)
	if err != nil {
		return err
	}
	started := map[string]int{}
	for _, e := range events {
		for _, s := range e.Started {
			started[s.Step]++
		}
	}
	d.line("")
	d.line("%d deliveries; started: %s. Each once.",
		len(d.sandbox.Tenant.Deliveries())-before, strings.Join(slices.Sorted(maps.Keys(started)), ", "))
	runs, err := d.record(ctx, 1)
	if err != nil {
		return err
	}
	return expectRun(runs, chainrun.StatusSucceeded)
}

// start makes the chain begin a run.
func (d *demo) start(ctx context.Context) error {
	headers := map[string]string{"x-api-key": d.apiKey, "Idempotency-Key": "demo"}
	status, answer, err := sandbox.Call(ctx, http.MethodPost, d.invokeURL+"/start", headers, nil)
	if err != nil {
		return err
	}
	if status != http.StatusAccepted {
		return fmt.Errorf("POST /start: the answer was %d %s", status, answer)
	}
	return nil
}

// killed: the function's process is killed after it has started a reload and before it has recorded that the event was handled.
func (d *demo) killed(ctx context.Context) error {
	d.scene("\"Extract HR\" once more, and the function's process is killed when it has just started \"Transform\"")
	recorded := d.startRecorded(sandbox.AppTransform)
	if recorded == 0 {
		return fmt.Errorf("no call has recorded the start of transform: %q", d.calls)
	}
	d.sandbox.ResetOutsideCalls()
	crash := d.sandbox.CrashAt(recorded, true)
	if err := d.reload(ctx, []string{sandbox.AppExtractHR}, "Extract HR", "Transform", "Dashboard", "Archive"); err != nil {
		return err
	}
	point, happened := crash.Point()
	if !happened {
		return fmt.Errorf("the function was not killed at its call number %d", recorded)
	}
	d.line("")
	d.line("Killed after its call %q, before it had noted that the event was handled.", point)
	d.line("Lambda repeated the event; each app was reloaded once.")
	_, err := d.newEvents(ctx)
	return err
}

// startRecorded returns the number of the call with which the function recorded the first reload that it started, when "Extract HR" was
// reloaded alone. It returns 0 if that reload belongs to another app.
func (d *demo) startRecorded(app string) int {
	asked := slices.Index(d.calls, "qlik POST /api/v1/reloads") + 1
	for i, call := range d.calls[asked:] {
		if strings.HasPrefix(call, "dynamodb TransactWriteItems START#"+app) {
			return asked + i + 1
		}
	}
	return 0
}

// byHand reloads an app in the middle of the chain, as a user does in the hub.
func (d *demo) byHand(ctx context.Context) error {
	d.scene("By day, a user reloads \"Transform\" in the hub: the archive's guard forbids its start")
	d.sandbox.ResetOutsideCalls()
	if err := d.reload(ctx, []string{sandbox.AppTransform}, "Transform", "Dashboard"); err != nil {
		return err
	}
	calls := d.sandbox.OutsideCalls()
	if _, err := d.newEvents(ctx); err != nil {
		return err
	}
	d.line("")
	d.line("Calls that the two events took: %s.", count(calls))
	runs, err := d.record(ctx, 1)
	if err != nil {
		return err
	}
	return expectStep(runs, "archive", chainrun.StatusSkipped, "is skipped: guard `not (by_reload and origin == 'transform')` was false")
}

// outsider: an app that is in no chain starts nothing.
func (d *demo) outsider(ctx context.Context) error {
	d.scene("An app outside of the chain is reloaded")
	if err := d.reload(ctx, []string{sandbox.AppOutside}, "Another team's app"); err != nil {
		return err
	}
	_, err := d.newEvents(ctx)
	return err
}

// count formats the number of calls to each service.
func count(calls []string) string {
	services := map[string]int{}
	for _, call := range calls {
		service, _, _ := strings.Cut(call, " ")
		services[service]++
	}
	var all []string
	for _, service := range slices.Sorted(maps.Keys(services)) {
		all = append(all, fmt.Sprintf("%s %d", service, services[service]))
	}
	return strings.Join(all, ", ")
}

// reload is watch for reloads of apps that a user starts.
func (d *demo) reload(ctx context.Context, appIDs []string, want ...string) error {
	return d.watch(ctx, func(context.Context) error {
		for _, id := range appIDs {
			if _, err := d.sandbox.Tenant.StartReload(id); err != nil { //nolint:contextcheck // the reload outlives the call
				return err
			}
		}
		return nil
	}, want...)
}

// watch calls begin, prints every change until all is quiet, and checks which apps were reloaded.
func (d *demo) watch(ctx context.Context, begin func(context.Context) error, want ...string) error {
	start, before := time.Now(), len(d.sandbox.Tenant.Reloads())
	watching, stop := context.WithCancel(ctx)
	changes, done := d.sandbox.Tenant.Watch(watching), make(chan struct{})
	go func() {
		defer close(done)
		for change := range changes {
			d.change(time.Since(start), change)
		}
	}()
	err := begin(ctx)
	if err == nil {
		err = d.quiet(ctx)
	}
	stop()
	<-done
	if err != nil {
		return err
	}
	var reloaded []string
	for _, reload := range d.sandbox.Tenant.Reloads()[before:] {
		reloaded = append(reloaded, reload.AppName)
	}
	slices.Sort(reloaded)
	slices.Sort(want)
	if !slices.Equal(reloaded, want) {
		return fmt.Errorf("these apps were reloaded: %q; these should have been: %q", reloaded, want)
	}
	return nil
}

// quiet returns when nothing is active. It moves the sandbox's clock, so that waiting times pass at once.
func (d *demo) quiet(ctx context.Context) error {
	const longest = 10 * time.Minute // it does not wait for the cycle's end, which is hours away
	for {
		if err := d.sandbox.Settle(ctx); err != nil {
			return err
		}
		next, found := d.sandbox.Next()
		wait := next.Sub(d.sandbox.Clock.Now())
		if !found || wait > longest {
			return nil
		}
		if wait > 0 {
			d.line("         (the sandbox's clock is moved forward by %s, to what is due then)", wait.Round(time.Second))
			d.sandbox.Clock.Advance(wait)
		}
	}
}

// change prints a reload's new status.
func (d *demo) change(after time.Duration, change tenant.Change) {
	if change.Reload != nil {
		d.line("%7s  %-20s %s", after.Round(time.Millisecond), change.Reload.AppName, status(change.Reload.Status))
	}
}
