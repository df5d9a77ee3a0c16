// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"slices"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestNear(t *testing.T) {
	t.Parallel()
	names := []string{"Extract Sales", "Extract Sale", "extract sales", "Archive", "Sales", " Extract Sales ", "", "x"}
	for s, want := range map[string][]string{
		"Extract Sales": {" Extract Sales ", "Extract Sales", "extract sales", "Extract Sale"},
		"EXTRCT SALES":  {" Extract Sales ", "Extract Sales", "extract sales", "Extract Sale"},
		"archive 2026":  {"Archive"},
		"Dashboard":     {},
		"x":             {"x", "", " Extract Sales ", "Extract Sale"}, // one letter off from nothing
		"":              {"", "x"},
	} {
		if got := chain.Near(s, names, 4); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}
