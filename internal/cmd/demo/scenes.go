package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// success: the first app's reload succeeds, and so does everything after it.
func (d *demo) success(ctx context.Context) error {
	d.scene("Somebody reloads \"Extract sales\" in the hub; the chain carries on")
	return d.reload(ctx, sandbox.AppExtract, "Extract sales", "Transform sales", "Sales dashboard", "Archive")
}

// failure: the second app's reload fails, and only the failure branch runs.
func (d *demo) failure(ctx context.Context) error {
	d.scene("The same, but \"Transform sales\" fails this time")
	d.sandbox.Tenant.SetOutcomes(sandbox.AppTransform, "FAILED")
	defer d.sandbox.Tenant.SetOutcomes(sandbox.AppTransform, "SUCCEEDED")
	return d.reload(ctx, sandbox.AppExtract, "Extract sales", "Transform sales", "Yesterday's figures")
}

// outsider: an app that is in no chain starts nothing.
func (d *demo) outsider(ctx context.Context) error {
	d.scene("An app outside of the chain is reloaded")
	return d.reload(ctx, sandbox.AppOutside, "Somebody else's app")
}

// reload starts an app's reload in the hub, prints every change until all is quiet, and checks which apps were reloaded.
func (d *demo) reload(ctx context.Context, appID string, want ...string) error {
	start, before := time.Now(), len(d.sandbox.Tenant.Reloads())
	watching, stop := context.WithCancel(ctx)
	changes, done := d.sandbox.Tenant.Watch(watching), make(chan struct{})
	go func() {
		defer close(done)
		for change := range changes {
			d.change(time.Since(start), change)
		}
	}()
	_, err := d.sandbox.Tenant.StartReload(appID)
	if err == nil {
		err = d.sandbox.Settle(ctx)
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
	return d.newEvents(ctx)
}

// change prints a reload's new status.
func (d *demo) change(after time.Duration, change tenant.Change) {
	if change.Reload != nil {
		d.line("%7s  %-20s %s", after.Round(time.Millisecond), change.Reload.AppName, status(change.Reload.Status))
	}
}

// strangers: callers without the key, and a delivery with a forged signature.
func (d *demo) strangers(ctx context.Context) error {
	d.scene("Strangers at the door")
	event := fmt.Sprintf(`{"id":"forged","type":%q,"specversion":"1.0","tenantid":%q,"data":{"id":"r","appId":%q,"succeeded":true,"status":"SUCCEEDED"}}`,
		qlik.EventReloadFinished, d.sandbox.Tenant.ID(), sandbox.AppExtract)
	before := len(d.sandbox.Tenant.Reloads())
	for _, caller := range []struct {
		what, key string
		want      int
	}{
		{"no API key", "", http.StatusForbidden},
		{"a wrong API key", "made-up", http.StatusForbidden},
		{"the API key and a forged signature", d.apiKey, http.StatusAccepted},
	} {
		status, _, err := sandbox.Call(ctx, http.MethodPost, d.invokeURL, map[string]string{
			"Content-Type": "application/json", "x-api-key": caller.key, qlik.SignatureHeader: strings.Repeat("0", 64),
		}, strings.NewReader(event))
		if err != nil {
			return err
		}
		d.line("POST with %-36s answered %d", caller.what, status)
		if status != caller.want {
			return fmt.Errorf("it should have been %d", caller.want)
		}
	}
	if err := d.sandbox.Settle(ctx); err != nil {
		return err
	}
	if started := len(d.sandbox.Tenant.Reloads()) - before; started > 0 {
		return fmt.Errorf("%d reloads were started", started)
	}
	d.line("Nothing was started.")
	if err := d.newEvents(ctx); err != nil {
		return err
	}
	if d.last.Refused != "signature" {
		return fmt.Errorf("the function did not log that it refused the forged signature: %+v", d.last)
	}
	return nil
}

// read: a GET returns the chain.
func (d *demo) read(ctx context.Context) error {
	d.scene("GET: the chain, for people and for Qlik's REST connector")
	status, content, err := sandbox.Call(ctx, http.MethodGet, d.invokeURL, map[string]string{"x-api-key": d.apiKey}, nil)
	if err != nil {
		return err
	}
	var answer chainAnswer
	if err := json.Unmarshal(content, &answer); err != nil || status != http.StatusOK {
		return fmt.Errorf("the answer was %d %s", status, content)
	}
	if len(answer.Apps) != 5 || len(answer.Links) != 4 {
		return fmt.Errorf("the answer has %d apps and %d links instead of 5 and 4", len(answer.Apps), len(answer.Links))
	}
	d.line("GET %s", d.invokeURL)
	d.line("%d apps, %d links", len(answer.Apps), len(answer.Links))
	d.tree(answer)
	return nil
}
