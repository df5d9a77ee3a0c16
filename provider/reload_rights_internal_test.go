// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"
	"testing"
	"time"

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
	var ids []string
	for i := range 1000 {
		ids = append(ids, tn.AddApp(tenant.App{Name: fmt.Sprint("app ", i), NoReload: i%2 == 0}))
	}
	rights := &reloadRights{client: client, known: map[string]reloadRight{}}
	began := time.Now()
	for range 2 {
		found, err := rights.of(t.Context(), ids)
		if err != nil || len(found) != 1000 || found[ids[0]] != rightMissing || found[ids[1]] != rightGiven {
			t.Fatalf("%d apps, the first two %v and %v, %v", len(found), found[ids[0]], found[ids[1]], err)
		}
	}
	t.Logf("1,000 apps took %v", time.Since(began))
	if n := len(tn.Calls()); n != 1000 {
		t.Errorf("%d calls", n)
	}
}

func TestReloadPlaceMends(t *testing.T) {
	t.Parallel()
	for want, place := range map[string]reloadPlace{
		"only its owner may reload it":                                            {app: "a", personal: true},
		`in the space "S", which is shared: Can edit (producer), Can edit data`:   {app: "a", space: "S", kind: "shared"},
		`in the space "S", which is managed: Can operate (operator) or Can`:       {app: "a", space: "S", kind: "managed"},
		`a role in the app's space that may reload: in a shared one Can edit (pr`: {},
	} {
		if got := place.repair(); !strings.Contains(got, want) {
			t.Errorf("%+v: %s", place, got)
		}
	}
}
