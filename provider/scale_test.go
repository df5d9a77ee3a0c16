// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
)

const (
	manyChains = 50
	// quickly is how much faster than AWS's the quotas of the sandbox refill, and are expected to by the provider.
	quickly = 100
)

// callsOfEach are the most calls that a run of terraform takes for each chain of a configuration of many.
var callsOfEach = map[string]int{"create": 75, "refresh": 38, "delete": 85}

// manyChainsConfig returns chains of three steps each.
func manyChainsConfig() string {
	return fmt.Sprintf(`
locals {
  chains = { for i in range(%d) : format("chain-%%02d", i) => i }
}

resource "qlik_task_chain" "many" {
  for_each     = local.chains
  name         = each.key
  architecture = %q
  steps = {
    for j in range(3) : "app-${j}" => {
      app   = format("7b0a3a52-3a0c-4e0e-9d3f-%%06d%%06d", each.value, j)
      after = j == 0 ? null : { "app-${j - 1}" = "success" }
    }
  }
}
`, manyChains, function.HostArchitecture())
}

// manyChainsApps returns the ids of these chains' apps.
func manyChainsApps() []string {
	var ids []string
	for chain := range manyChains {
		for step := range 3 {
			ids = append(ids, fmt.Sprintf("7b0a3a52-3a0c-4e0e-9d3f-%06d%06d", chain, step))
		}
	}
	return ids
}

// TestAccManyChains checks that chains of one configuration are created, read and deleted in an account with AWS's quotas. None fails
// because of throttling. Reading them lists nothing but their own objects.
func TestAccManyChains(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *sandbox.Config) {
		c.Cloud.Quotas.On, c.Cloud.Quotas.Scale = true, quickly
	})
	h.addApps(manyChainsApps())
	l := newLife(t, 30*time.Second, quickly)
	l.configure(h.providerConfig() + manyChainsConfig())
	measure := func(operation string, run func() error) []string {
		t.Helper()
		h.ResetProviderCalls()
		before, start := h.Cloud.Throttled(), time.Now()
		if err := run(); err != nil {
			t.Fatalf("%s: %v", operation, err)
		}
		calls := h.ProviderCalls()
		if most := callsOfEach[operation]; len(calls) > most*manyChains {
			t.Errorf("%s takes more than %d calls a chain", operation, most)
		}
		var refused []string
		for call, times := range h.Cloud.Throttled() {
			if n := times - before[call]; n > 0 {
				refused = append(refused, fmt.Sprintf("%s %d", call, n))
			}
		}
		slices.Sort(refused)
		t.Logf("many chains: %s of %d: %d calls, %.1f a chain, %s at %d-fold speed; refused for now: %s", operation, manyChains, len(calls),
			float64(len(calls))/manyChains, time.Since(start).Round(time.Second), quickly, strings.Join(refused, ", "))
		return calls
	}
	measure("create", func() error { return l.apply() })
	if got := len(h.Objects()["lambda"]); got != manyChains {
		t.Errorf("there are %d functions instead of %d", got, manyChains)
	}
	counts := map[string]int{}
	for _, call := range measure("refresh", l.expectNoChange) {
		counts[call]++
	}
	for _, listing := range []string{"apigateway GetRestApis", "apigateway GetUsagePlans", "qlik GET /api/core/webhooks",
		"ssm DescribeParameters"} {
		if counts[listing] > 0 {
			t.Errorf("a refresh lists what is not a chain's own: %s", listing)
		}
	}
	for _, call := range slices.Sorted(maps.Keys(counts)) {
		if strings.HasPrefix(call, "qlik ") || counts[call] <= 5*manyChains {
			continue
		}
		t.Errorf("a refresh calls %s %d times a chain", call, counts[call]/manyChains)
	}
	measure("delete", l.destroy)
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}
