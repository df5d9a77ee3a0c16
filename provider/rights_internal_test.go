// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestReloadRightsOfManyApps checks that 1,000 apps are checked once each, within Qlik Cloud's rate limit and without a pause.
func TestReloadRightsOfManyApps(t *testing.T) {
	t.Parallel()
	tn, err := tenant.Start(t.Context(), tenant.Config{RateLimits: tenant.DocumentedRateLimits()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tn.Close)
	client, err := qlik.NewClient(qlik.Config{TenantURL: tn.URL(), Credentials: qlik.Credentials{APIKey: tn.APIKey()}})
	if err != nil {
		t.Fatal(err)
	}
	var steps []checkedStep
	for i := range 1000 {
		id := tn.AddApp(tenant.App{Name: fmt.Sprint("app ", i), NoReload: i%2 == 0})
		steps = append(steps, checkedStep{id: id, target: chain.Target{Kind: chain.KindApp, ID: id}})
	}
	rights := newRights(client, true)
	began := time.Now()
	for range 2 {
		found, err := rights.of(t.Context(), steps)
		if err != nil || len(found) != 1000 || found[steps[0].id] != rightMissing || found[steps[1].id] != rightGiven {
			t.Fatalf("%d apps, the first two %v and %v, %v", len(found), found[steps[0].id], found[steps[1].id], err)
		}
	}
	t.Logf("1,000 apps took %v", time.Since(began))
	if n := len(tn.Calls()); n != 1000 {
		t.Errorf("%d calls", n)
	}
}

func TestRepairs(t *testing.T) {
	t.Parallel()
	for want, place := range map[string]targetPlace{
		"only its owner may reload it":                                            {name: "a", kind: chain.KindApp, personal: true},
		`in the space "S", which is shared: Can edit (producer), Can edit data`:   {name: "a", kind: chain.KindApp, space: "S", spaceType: "shared"},
		`in the space "S", which is managed: Can operate (operator) or Can`:       {name: "a", kind: chain.KindApp, space: "S", spaceType: "managed"},
		`a role in the app's space that may reload: in a shared one Can edit (pr`: {kind: chain.KindApp},
	} {
		if got := place.repair(); !strings.Contains(got, want) {
			t.Errorf("%+v: %s", place, got)
		}
	}
}
