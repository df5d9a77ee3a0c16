// SPDX-License-Identifier: MPL-2.0

package chain_test

import (
	"slices"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

func TestUnconnected(t *testing.T) {
	t.Parallel()
	tests := map[string]struct {
		steps map[string]chain.Step
		want  []string
	}{
		"one step":      {map[string]chain.Step{"a": after(1)}, nil},
		"two, linked":   {map[string]chain.Step{"a": after(1), "b": after(2, "a")}, nil},
		"two, unlinked": {map[string]chain.Step{"b": after(2), "a": after(1)}, []string{"a", "b"}},
		"one beside":    {map[string]chain.Step{"a": after(1), "b": after(2, "a"), "c": after(3)}, []string{"c"}},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if got := (&chain.Definition{Steps: test.steps}).Unconnected(); !slices.Equal(got, test.want) {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}
