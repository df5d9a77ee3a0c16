// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// TestAccOlderRunUnderWay checks that the warning includes a run that began before the newest one and is still in progress.
func TestAccOlderRunUnderWay(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	for _, app := range sandbox.NightlyApps(time.Hour) {
		if app.ID == sandbox.AppTransform {
			h.Tenant.RemoveApp(app.ID)
			h.Tenant.AddApp(app)
		}
	}
	l.configure(h.chain(shortChain + fmt.Sprintf("hr = { app = %q }\n", sandbox.AppExtractHR)))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	changes, deliveries := h.Tenant.Watch(t.Context()), 0
	handled := func(n int) { // waits until the function has handled so many deliveries
		t.Helper()
		for deliveries < n {
			if change := <-changes; change.Delivery != nil {
				deliveries++
			}
		}
		if err := h.Cloud.Lambda().Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := h.Tenant.StartReload(sandbox.AppExtract); err != nil {
		t.Fatal(err)
	}
	handled(1) // transform is under way, for an hour
	for round := range 2 {
		output, err := l.terraform("plan", "-destroy", "-no-color", "-input=false")
		if err != nil || !strings.Contains(output, "Warning: A run is under way") {
			t.Errorf("round %d: there is no warning: %v: %s", round, err, output)
		}
		if _, err := h.Tenant.StartReload(sandbox.AppExtractHR); err != nil { // a run of one step, which ends at once
			t.Fatal(err)
		}
		handled(round + 2)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
