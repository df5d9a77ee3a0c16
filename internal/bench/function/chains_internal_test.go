// SPDX-License-Identifier: MPL-2.0

package function

import (
	"encoding/json"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

func TestChains(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		definition *chain.Definition
		steps      int
		after      map[int]int // how many steps come after an app
	}{
		"small": {small(), 5, map[int]int{rootOf1: 1, outside: 0}},
		"large": {large(), 1000, map[int]int{rootOf1: 1, rootOf20: 20, outside: 0}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if problems := test.definition.Validate(); len(problems) > 0 || len(test.definition.Steps) != test.steps {
				t.Fatalf("%d steps, problems %v", len(test.definition.Steps), problems)
			}
			next := list(test.definition)
			for app, want := range test.after {
				if got := len(next[appID(app)]); got != want {
					t.Errorf("%d steps come after %s, want %d", got, appID(app), want)
				}
			}
		})
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 2 {
		payload, err := event(rootOf1)
		if err != nil {
			t.Fatal(err)
		}
		var delivery chain.Delivery
		if err := json.Unmarshal(payload, &delivery); err != nil {
			t.Fatal(err)
		}
		e, err := qlik.ParseEvent(delivery.Body)
		if err != nil {
			t.Fatal(err)
		}
		signed := qlik.VerifySignature(signingSecret, delivery.Body, string(delivery.Signature))
		if !signed || e.AppID != appID(rootOf1) || e.TenantID != tenantID {
			t.Errorf("the event is %+v", e)
		}
		if seen[e.ReloadID] || seen[e.ID] {
			t.Errorf("two events are about the same reload: %+v", e)
		}
		seen[e.ReloadID], seen[e.ID] = true, true
	}
}
