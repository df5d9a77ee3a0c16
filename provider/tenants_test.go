// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// twoTenants is a tenant with the figures and one with the reports, and the apps of examples/two-tenants.
type twoTenants struct {
	*harness
	reports     *tenant.Tenant
	extract     string // id of finance's first app
	figures     string // id of its last one
	seen, asked int    // how many reloads of the reports' tenant, and of finance's, were looked at
}

func newTwoTenants(t *testing.T) *twoTenants {
	t.Helper()
	h := newHarness(t, nil)
	w := &twoTenants{harness: h, reports: h.secondTenant()}
	add := func(tn *tenant.Tenant, space string, names ...string) (ids []string) {
		id := tn.AddSpace(space, "shared")
		for _, name := range names {
			ids = append(ids, tn.AddApp(tenant.App{Name: name, SpaceID: id, Duration: 20 * time.Millisecond}))
		}
		return ids
	}
	ids := add(h.Tenant, "Finance", "Extract ledger", "Figures")
	w.extract, w.figures = ids[0], ids[1]
	add(w.reports, "Reports", "Sales report", "Management report", "Yesterday's figures")
	return w
}

// quiet waits until nothing is in progress in either tenant.
func (w *twoTenants) quiet() {
	w.t.Helper()
	for calls := -1; calls != w.Cloud.Lambda().Attempts(); {
		calls = w.Cloud.Lambda().Attempts()
		if err := errors.Join(w.reports.Idle(w.t.Context()), w.Settle(w.t.Context())); err != nil {
			w.t.Fatal(err)
		}
	}
}

// finance reloads finance's first app.
func (w *twoTenants) finance() {
	w.t.Helper()
	w.Clock.Advance(time.Minute) // times of reloads have whole seconds, which distinguish the later one
	if _, err := w.Tenant.StartReload(w.extract); err != nil {
		w.t.Fatal(err)
	}
}

// expect compares what was reloaded in finance's tenant and in the reports' since the last call.
func (w *twoTenants) expect(after string, finance, reports []string) {
	w.t.Helper()
	w.quiet()
	since := func(tn *tenant.Tenant, seen *int) (names []string) {
		for _, reload := range tn.Reloads()[*seen:] {
			names = append(names, reload.AppName)
			*seen++
		}
		slices.Sort(names)
		return names
	}
	gotFinance, gotReports := since(w.Tenant, &w.asked), since(w.reports, &w.seen)
	if !slices.Equal(gotFinance, finance) || !slices.Equal(gotReports, reports) {
		lines, err := w.LogLines(w.t.Context(), "/aws/lambda/qlik-task-chain-reports")
		w.t.Errorf("after %s, finance reloaded %q, want %q; the reports' tenant %q, want %q; the log of its function (%v):\n%s",
			after, gotFinance, finance, gotReports, reports, err, strings.Join(lines, "\n"))
	}
}

// TestAccExampleTwoTenants applies the example: the end of a run in one tenant settles a step in the other. Each end counts once, also if
// EventBridge delivers its event again, or if the function puts it again.
func TestAccExampleTwoTenants(t *testing.T) {
	t.Parallel()
	w := newTwoTenants(t)
	_, run := w.builtProvider("two-tenants", w.ofTenants(
		"TF_VAR_finance_url="+w.Tenant.URL(), "TF_VAR_finance_api_key="+w.Tenant.APIKey(), "TF_VAR_reports_url="+w.reports.URL(),
		"TF_VAR_reports_api_key="+w.reports.APIKey())...)
	run("init")
	run("apply", "-auto-approve", "-input=false")
	if plan := run("plan", "-input=false"); !strings.Contains(plan, "No changes.") {
		t.Errorf("a plan after the apply says %s", plan)
	}
	prepared, reported := []string{"Extract ledger", "Figures"}, []string{"Management report", "Sales report"}
	w.finance()
	w.expect("a run", prepared, reported)

	w.Cloud.Events().Redeliver(3)
	w.finance()
	w.expect("a run with an event that is delivered three times", prepared, reported)
	put := w.Cloud.Events().Put("default")
	again := put[len(put)-1]
	again.ID = "" // another event with the same detail
	if _, err := w.Cloud.Events().Emit("default", again); err != nil || again.DetailType != "RunEnded" {
		t.Fatalf("%+v: %v", again, err)
	}
	w.expect("the same end put once more", nil, nil)

	w.Tenant.SetOutcomes(w.figures, "FAILED")
	w.finance()
	w.expect("a failed run", prepared, []string{"Yesterday's figures"})

	run("destroy", "-auto-approve", "-input=false")
	if err := w.nothingLeft(); err != nil {
		t.Error(err)
	}
	for name, tn := range map[string]*tenant.Tenant{"finance": w.Tenant, "reports": w.reports} {
		if left := tn.Webhooks(); len(left) > 0 {
			t.Errorf("%s has webhooks left: %v", name, left)
		}
	}
}
