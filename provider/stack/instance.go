// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"crypto/rand"
	"encoding/hex"
)

// newInstance returns a new value of TagInstance, for a chain that is being created.
func newInstance() string {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // it never fails, see its documentation
	return hex.EncodeToString(id)
}

// carriesName reports whether an object's tags are those of a chain with this name and tenant, from any create.
func (s *Stack) carriesName(tags map[string]string) bool {
	for key, value := range s.nameMark() {
		if tags[key] != value {
			return false
		}
	}
	return true
}

// owns reports whether an object's tags are those of this chain. It accepts every instance in two cases: the instance is not known yet, or
// a create completes what an earlier one has left.
func (s *Stack) owns(tags map[string]string) bool {
	return s.carriesName(tags) && (s.adopting || s.instance == "" || tags[TagInstance] == s.instance)
}

// isAnothers reports whether an object's tags name another instance. An object without that tag names none.
func (s *Stack) isAnothers(tags map[string]string) bool { return s.isAnother(tags[TagInstance]) }

func (s *Stack) isAnother(instance string) bool {
	return !s.adopting && s.instance != "" && instance != "" && instance != s.instance
}

// ours reports whether an object that was found by its name is this chain's.
func (s *Stack) ours(tags map[string]string) bool {
	return !s.isAnothers(tags) && (s.vouched || s.owns(tags))
}

// determineInstance derives from the found objects which instance the chain is, and whether the function still vouches for what it
// depends on.
func (s *Stack) determineInstance() {
	if s.instance == "" {
		s.instance = s.discoverInstance()
	}
	s.vouched = s.known.Function && !s.isAnothers(s.function.tags)
	// A function without tags does not vouch for objects that belong to another instance now.
	if latest := s.owner.latest(); latest != nil && s.isAnother(latest.record.Instance) && s.function.tags[TagInstance] != s.instance {
		s.vouched = false
	}
}

// discoverInstance reads the instance from the owner's parameter. If that was deleted, it reads the tags of the objects.
func (s *Stack) discoverInstance() string {
	if latest := s.owner.latest(); latest != nil && latest.record.TenantID == s.TenantID && latest.record.Instance != "" {
		return latest.record.Instance
	}
	all := []map[string]string{
		s.function.tags, s.table.tags, s.role.tags, s.definition.tags, s.queue.tags, s.logGroup.tags, s.scheduleGroup.tags,
	}
	if s.restAPI.seen != nil {
		all = append(all, s.restAPI.seen.Tags)
	}
	for _, tags := range all {
		if s.carriesName(tags) && tags[TagInstance] != "" {
			return tags[TagInstance]
		}
	}
	return s.webhook.instance()
}
