// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestCalls counts the calls that the real function makes for an event. A transaction is one.
func TestCalls(t *testing.T) {
	t.Parallel()
	d := &chain.Definition{Version: chain.Version, Name: "calls", Steps: map[string]chain.Step{
		"hr": step(4, nil), "report": step(5, after(chain.ConditionSuccess, "hr", "leaf 00")),
		"flaky": {App: step(6, nil).App, Enabled: true, Retry: &chain.Retry{MaxAttempts: 2}},
		"root":  step(1, nil), "one": step(2, after(chain.ConditionSuccess, "root")), "two": step(3, after(chain.ConditionSuccess, "one")),
	}}
	for i := range 20 {
		d.Steps[fmt.Sprintf("leaf %02d", i)] = step(10+i, after(chain.ConditionSuccess, "two"))
	}
	config := quick()
	config.Tenant.Pending = tenant.PendingNone
	dep := deploy(t, config, d, map[string][]string{"flaky": {"FAILED"}})
	secret, err := chain.ParseSigningSecret(dep.parameter("signing-secret", ""))
	if err != nil {
		t.Fatal(err)
	}
	dep.Tenant.Redeliver(tenant.Redelivery{Lose: 1})
	for _, name := range []string{"root", "hr", "flaky"} {
		dep.reload(name)
	}
	dep.settle()
	end := func(name string) map[string]int {
		reloads := dep.Tenant.Reloads()
		i := slices.IndexFunc(reloads, func(r tenant.Reload) bool { return r.AppName == name })
		if i < 0 {
			t.Fatalf("%s was not reloaded", name)
		}
		dep.ResetOutsideCalls()
		dep.post(secret.Current, eventOf(reloads[i]))
		dep.settle()
		counted := map[string]int{}
		for _, call := range dep.OutsideCalls() {
			service, operation, _ := strings.Cut(call, " ")
			counted[service]++
			if service == "dynamodb" {
				counted[strings.Fields(operation)[0]]++
			}
		}
		return counted
	}
	for _, tt := range []struct {
		name, what string
		most       int
	}{
		{"flaky", "a reload by hand that failed, the next attempt comes later", 9}, {"hr", "a reload by hand, a step waits", 9},
		{"root", "a reload by hand, one start", 7}, {"one", "the chain's reload, one start", 7},
		{"two", "the chain's reload, 20 starts", 45},
		{"leaf 01", "the chain's reload, nothing follows", 6},
	} {
		counted := end(tt.name)
		var parts []string
		for _, operation := range slices.Sorted(maps.Keys(counted)) {
			parts = append(parts, fmt.Sprintf("%s %d", operation, counted[operation]))
		}
		fmt.Printf("calls: %s: %s\n", tt.what, strings.Join(parts, ", "))
		if n := counted["dynamodb"]; n > tt.most {
			t.Errorf("%s takes %d calls of DynamoDB, want at most %d", tt.what, n, tt.most)
		}
	}
	for i := 2; i < 20; i++ {
		end(fmt.Sprintf("leaf %02d", i))
	}
	end("leaf 00") // report starts
	if counted := end("report"); counted["dynamodb"] > 12 {
		t.Errorf("the end of a run takes %v", counted)
	} else {
		fmt.Printf("calls: the chain's reload, with which its run ends: %v\n", counted)
	}
}
