// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"slices"
	"time"
)

// usagePlanKey is a key of a usage plan in the API's format.
type usagePlanKey struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Value string `json:"value,omitempty"`
	Name  string `json:"name,omitempty"`
}

// served returns the time from which the data plane accepts a key that changes now.
func (s *Service) served() time.Time { return s.config.Clock.Now().Add(s.config.KeyDelay) }

const typeAPIKey = "API_KEY"

func (p *usagePlan) removeKey(id string) {
	p.keys = slices.DeleteFunc(slices.Clone(p.keys), func(have string) bool { return have == id })
}

type createPlanKeyInput struct {
	ref
	KeyType string
}

func (s *Service) createUsagePlanKey(in *createPlanKeyInput) (any, error) {
	p, err := s.planByID(in.UsagePlanID)
	if err != nil {
		return nil, err
	}
	if in.KeyType != typeAPIKey {
		return nil, badRequest("Invalid key type specified: %q. Valid values: %s", in.KeyType, typeAPIKey)
	}
	k, err := s.keyByID(in.KeyID)
	if err != nil {
		return nil, err
	}
	if slices.Contains(p.keys, k.ID) {
		return nil, conflict("Usage Plan Key already exists")
	}
	p.keys = append(slices.Clone(p.keys), k.ID)
	p.servedAt[k.ID] = s.served()
	return usagePlanKey{ID: k.ID, Type: typeAPIKey, Value: k.Value, Name: k.Name}, nil
}

func (s *Service) getUsagePlanKeys(in *pageInput) (any, error) {
	p, err := s.planByID(in.UsagePlanID)
	if err != nil {
		return nil, err
	}
	found := []usagePlanKey{}
	for _, id := range p.keys {
		found = append(found, usagePlanKey{ID: id, Type: typeAPIKey, Name: s.keys[id].Name})
	}
	return page(in, found)
}

// planKey returns the usage plan and its key that a request names.
func (s *Service) planKey(in *ref) (*usagePlan, *apiKey, error) {
	p, err := s.planByID(in.UsagePlanID)
	if err != nil {
		return nil, nil, err
	}
	if !slices.Contains(p.keys, in.KeyID) {
		return nil, nil, notFound("Invalid Usage Plan Key identifier specified")
	}
	return p, s.keys[in.KeyID], nil
}

func (s *Service) getUsagePlanKey(in *ref) (any, error) {
	_, k, err := s.planKey(in)
	if err != nil {
		return nil, err
	}
	return usagePlanKey{ID: k.ID, Type: typeAPIKey, Name: k.Name}, nil
}

func (s *Service) deleteUsagePlanKey(in *ref) (any, error) {
	p, k, err := s.planKey(in)
	if err == nil {
		p.removeKey(k.ID)
	}
	return nil, err
}
