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
		"Archvie":       {"Archive"},
		"Slaes":         {"Sales"},                                    // two letters in the other order
		"x":             {"x", "", " Extract Sales ", "Extract Sale"}, // one letter off from nothing
		"":              {"", "x"},
	} {
		if got := chain.Near(s, names, 4); !slices.Equal(got, want) {
			t.Errorf("%q: %q, want %q", s, got, want)
		}
	}
}

func TestListedFew(t *testing.T) {
	t.Parallel()
	for want, names := range map[string][]string{
		"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b, c and d": {"a", "b", "c", "d"}, "a, b, c and 2 others": {"a", "b", "c", "d", "e"},
	} {
		if got := chain.ListedFew(names, len(names)); got != want {
			t.Errorf("ListedFew(%q) = %q, want %q", names, got, want)
		}
	}
	if got := chain.ListedFew([]string{"a", "b", "c"}, 40); got != "a, b, c and 37 others" {
		t.Errorf("of 40 it says %q", got)
	}
}
