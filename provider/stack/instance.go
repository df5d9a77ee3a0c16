// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"crypto/rand"
	"encoding/hex"
)

// newInstance makes the value of TagInstance for a chain that is being created.
func newInstance() string {
	id := make([]byte, 8)
	_, _ = rand.Read(id) // it never fails, see its documentation
	return hex.EncodeToString(id)
}

// carriesName tells whether an object's tags say that it is a chain's of this name and tenant, whichever create made it.
func (s *Stack) carriesName(tags map[string]string) bool {
	for key, value := range s.nameMark() {
		if tags[key] != value {
			return false
		}
	}
	return true
}

// owns tells whether an object's tags say that it is this chain's. As long as the instance is not known, and while a create completes
// what an earlier one has left, that is every instance's.
func (s *Stack) owns(tags map[string]string) bool {
	return s.carriesName(tags) && (s.adopting || s.instance == "" || tags[TagInstance] == s.instance)
}

// isAnothers tells whether an object's tags say that it is another instance's. An object without that tag is not.
func (s *Stack) isAnothers(tags map[string]string) bool { return s.isAnother(tags[TagInstance]) }

func (s *Stack) isAnother(instance string) bool {
	return !s.adopting && s.instance != "" && instance != "" && instance != s.instance
}

// ours tells whether an object that was found by its name is this chain's.
func (s *Stack) ours(tags map[string]string) bool {
	return !s.isAnothers(tags) && (s.vouched || s.owns(tags))
}

// settleInstance decides which instance the chain is, and whether the function still vouches for what it stands on, by what was found.
func (s *Stack) settleInstance() {
	if s.instance == "" {
		s.instance = s.discoverInstance()
	}
	s.vouched = s.known.Function && !s.isAnothers(s.function.tags)
	// A function without tags does not vouch for what is another's by now.
	if latest := s.owner.latest(); latest != nil && s.isAnother(latest.record.Instance) && s.function.tags[TagInstance] != s.instance {
		s.vouched = false
	}
}

// discoverInstance reads the instance from the owner's parameter, or from the tags of the objects when somebody deleted that.
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
