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
	s := &Stack{chain: "nightly", Place: Place{TenantID: "acme"}, instance: "1"}
	if own := s.tags(&Spec{Settings: Settings{Tags: map[string]string{"team": "bi"}}}); !s.owns(own) || own["team"] != "bi" {
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

// TestOursByInstance checks that an object with the chain's name belongs to the instance that it names. Without one, the state vouches for
// it.
func TestOursByInstance(t *testing.T) {
	t.Parallel()
	named := func(instance string) map[string]string {
		tags := map[string]string{TagChain: "nightly", TagManagedBy: managedBy, TagTenant: "acme", TagInstance: instance}
		if instance == "" {
			delete(tags, TagInstance)
		}
		return tags
	}
	for _, test := range []struct {
		name              string
		instance          string
		vouched, adopting bool
		tags              map[string]string
		ours              bool
	}{
		{"its own", "1", false, false, named("1"), true},
		{"another's", "1", false, false, named("2"), false},
		{"another's, though the state knows the name", "1", true, false, named("2"), false},
		{"the tag was taken away", "1", false, false, named(""), false},
		{"the tag was taken away, and the state knows it", "1", true, false, named(""), true},
		{"all tags were taken away, and the state knows it", "1", true, false, nil, true},
		{"an import", "", false, false, named("2"), true},
		{"a create that completes another", "1", false, true, named("2"), true},
		{"a create that meets a stranger", "1", false, true, nil, false},
	} {
		s := &Stack{chain: "nightly", Place: Place{TenantID: "acme"}, instance: test.instance, vouched: test.vouched, adopting: test.adopting}
		if got := s.ours(test.tags); got != test.ours {
			t.Errorf("%s: ours is %v, want %v", test.name, got, test.ours)
		}
	}
}
