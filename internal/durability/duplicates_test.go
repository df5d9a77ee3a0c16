// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestDuplicates lets random chains run with every event delivered five times by eight deliverers at once, in random order: the real
// function, the real table. The model says what has to be reloaded.
func TestDuplicates(t *testing.T) {
	t.Parallel()
	chains := 3
	if *whole {
		chains = 60
	}
	first := firstSeed()
	deliveries, mismatches := 0, 0
	for i := range chains {
		seed := first + uint64(i)
		r := rand.New(rand.NewPCG(seed, 6))
		d := randomChain(r, 50, 1+r.IntN(6))
		if i%2 == 1 {
			chaintest.Mix(r, d)
		}
		endings := randomEndings(seed, d)
		config := quick()
		config.Tenant.Pending = tenant.PendingNone
		dep := deploy(t, config, d, endings)
		dep.Tenant.Redeliver(tenant.Redelivery{Seed: seed, Copies: 5, Parallel: 8})
		dep.begin()
		dep.quiet()
		deliveries += len(dep.Tenant.Deliveries())
		if want := predicted(d, endings); !maps.Equal(dep.made(), want) {
			mismatches++
			t.Errorf("seed %d: the reloads are %v, want %v", seed, keysOf(dep.made()), keysOf(want))
		}
		if letters := dep.deadLetters(); len(letters) > 0 {
			t.Errorf("seed %d: in the dead-letter queue is %v", seed, letters)
		}
	}
	fmt.Printf("duplicates: %d chains, %d deliveries, %d mismatches (real function and table, seeds from %d)\n", chains, deliveries,
		mismatches, first)
}
