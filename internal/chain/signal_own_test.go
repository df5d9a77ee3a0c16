// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestCountsEndsOf: a pattern that matches the ends of the chain's own runs begins a run after each run.
func TestCountsEndsOf(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		`{"source": ["qlik-task-chain"]}`:                                                                  true,
		`{"source": ["qlik-task-chain", "dbt"], "detail-type": ["RunEnded"]}`:                              true,
		`{"detail-type": ["StepEnded"], "detail": {"kind": ["signal"], "outcome": ["success"]}}`:           true,
		`{"source": ["qlik-task-chain"], "detail": {"chain": ["other", "nightly"]}}`:                       true,
		`{"source": ["qlik-task-chain"], "detail": {"status": ["succeeded", "recovered"]}}`:                true,
		`{"source": ["qlik-task-chain"], "detail": {"chain": ["other"]}}`:                                  false,
		`{"source": ["qlik-task-chain"], "detail": {"chain": [{"anything-but": "nightly"}]}}`:              false,
		`{"source": ["qlik-task-chain"], "detail": {"chain": ["nightly"], "tenant_id": ["another"]}}`:      false,
		`{"source": ["qlik-task-chain"], "detail": {"chain": ["nightly"], "step": ["sales"]}}`:             false,
		`{"source": ["qlik-task-chain"], "account": ["123456789012"]}`:                                     false,
		`{"source": ["qlik-task-chain"], "$or": [{"detail": {"chain": ["other"]}}, {"region": ["here"]}]}`: false,
		`{"source": ["dbt"]}`: false,
		``:                    false,
	} {
		if got := (&chain.Signal{EventPattern: pattern}).CountsEndsOf("nightly"); got != want {
			t.Errorf("%s counts the chain's own ends: %t, want %t", pattern, got, want)
		}
	}
}
