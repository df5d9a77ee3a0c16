// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// receiver counts the deliveries that it has at the same time.
type receiver struct {
	mu        sync.Mutex
	now, most int
	apps      []string
	arrived   chan struct{} // gets one from each delivery, when not nil
	proceed   chan struct{} // each delivery is answered after it has taken one
}

func (rc *receiver) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	rc.mu.Lock()
	rc.now++
	rc.most = max(rc.most, rc.now)
	rc.mu.Unlock()
	if rc.arrived != nil {
		rc.arrived <- struct{}{}
	}
	if rc.proceed != nil {
		<-rc.proceed
	}
	rc.mu.Lock()
	defer rc.mu.Unlock()
	rc.now--
	rc.apps = append(rc.apps, r.URL.Path)
}

func startReceiver(t *testing.T, tn *tenant.Tenant, rc *receiver) {
	t.Helper()
	server := httptest.NewServer(rc)
	t.Cleanup(server.Close)
	w := hook("a")
	w.Filter, w.URL = "", server.URL
	if _, err := keyClient(t, tn).CreateWebhook(t.Context(), w); err != nil {
		t.Fatal(err)
	}
}

func TestCopiesAndDeliverers(t *testing.T) {
	t.Parallel()
	for _, parallel := range []int{1, 3, 0} {
		t.Run(fmt.Sprint(parallel), func(t *testing.T) {
			t.Parallel()
			tn := startTenant(t, tenant.Config{})
			rc := &receiver{proceed: make(chan struct{})}
			startReceiver(t, tn, rc)
			tn.Redeliver(tenant.Redelivery{Seed: 7, Copies: 5, Parallel: parallel})
			const reloads = 4
			for i := range reloads {
				if _, err := tn.StartReload(tn.AddApp(tenant.App{Name: fmt.Sprint(i)})); err != nil {
					t.Fatal(err)
				}
			}
			for range 5 * reloads {
				rc.proceed <- struct{}{}
			}
			idle(t, tn)
			if n := len(tn.Deliveries()); n != 5*reloads || len(rc.apps) != n {
				t.Errorf("%d deliveries, %d arrived; want %d", n, len(rc.apps), 5*reloads)
			}
			if parallel > 0 && rc.most > parallel {
				t.Errorf("%d deliveries at the same time, want at most %d", rc.most, parallel)
			}
		})
	}
}

// TestRandomOrder delivers ready events in a different order, which is the same for the same seed.
func TestRandomOrder(t *testing.T) {
	t.Parallel()
	order := func(seed uint64) string {
		t.Helper()
		tn := startTenant(t, tenant.Config{Clock: clock.NewFrozen(night)})
		rc := &receiver{arrived: make(chan struct{}, 9), proceed: make(chan struct{})}
		startReceiver(t, tn, rc)
		tn.Redeliver(tenant.Redelivery{Seed: seed, Parallel: 1})
		changes := tn.Watch(t.Context())
		client := keyClient(t, tn)
		names := map[string]int{}
		for i := range 9 {
			app := tn.AddApp(tenant.App{Name: fmt.Sprint(i), Outcomes: []string{"CANCELED"}})
			names[app] = i
			started, err := client.StartReload(t.Context(), qlik.ReloadRequest{AppID: app})
			if err != nil {
				t.Fatal(err)
			}
			if err := client.CancelReload(t.Context(), started.ID); err != nil {
				t.Fatal(err)
			}
			until(t, changes, func(c tenant.Change) bool { return c.Reload != nil && c.Reload.Status == "CANCELED" })
			if i == 0 {
				<-rc.arrived // the deliverer is busy with it: the others have to wait
			}
		}
		close(rc.proceed)
		idle(t, tn)
		var arrived []int
		for _, d := range tn.Deliveries() {
			event, err := qlik.ParseEvent(d.Body)
			if err != nil {
				t.Fatal(err)
			}
			arrived = append(arrived, names[event.AppID])
		}
		return fmt.Sprint(arrived)
	}
	first, again, other := order(7), order(7), order(8)
	if first == "[0 1 2 3 4 5 6 7 8]" || again != first || other == first {
		t.Errorf("seed 7 gave %s, then %s, and seed 8 %s", first, again, other)
	}
}
