// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"maps"
	"slices"
	"testing"
)

func TestTagChanges(t *testing.T) {
	t.Parallel()
	set, unset := tagChanges(
		map[string]string{"same": "1", "other": "1", "gone": "1", "aws:cloudformation:stack-id": "x"},
		map[string]string{"same": "1", "other": "2", "new": "3"})
	if want := map[string]string{"other": "2", "new": "3"}; !maps.Equal(set, want) {
		t.Errorf("to set: %v, want %v", set, want)
	}
	if !slices.Equal(unset, []string{"gone"}) {
		t.Errorf("to unset: %v", unset)
	}
}

func TestOwns(t *testing.T) {
	t.Parallel()
	s := &Stack{chain: "nightly", Place: Place{TenantID: "acme"}}
	if own := s.tags(&Spec{Tags: map[string]string{"team": "bi"}}); !s.owns(own) || own["team"] != "bi" {
		t.Errorf("does not own what it tags: %v", own)
	}
	for _, foreign := range []map[string]string{
		nil, {TagChain: "nightly"}, {TagManagedBy: managedBy}, {TagChain: "nightly", TagManagedBy: managedBy},
		{TagChain: "daily", TagManagedBy: managedBy, TagTenant: "acme"}, {TagChain: "nightly", TagManagedBy: managedBy, TagTenant: "other"},
	} {
		if s.owns(foreign) {
			t.Errorf("owns %v", foreign)
		}
	}
}
