// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"crypto/rand"
	"maps"
	"slices"
	"strings"
	"time"
)

// apiKey is one API key. Its value is only shown on request.
type apiKey struct {
	ID              string            `json:"id"`
	Value           string            `json:"value,omitempty"`
	Name            string            `json:"name,omitempty"`
	Description     string            `json:"description,omitempty"`
	Enabled         bool              `json:"enabled"`
	CreatedDate     int64             `json:"createdDate"`
	LastUpdatedDate int64             `json:"lastUpdatedDate"`
	StageKeys       []string          `json:"stageKeys"`
	Tags            map[string]string `json:"tags,omitempty"`

	servedAt time.Time // the data plane accepts the key from then on
}

// view returns the key with or without its value.
func (k *apiKey) view(withValue bool) apiKey {
	v := *k
	if !withValue {
		v.Value = ""
	}
	return v
}

func (s *Service) keyByID(id string) (*apiKey, error) {
	if k := s.keys[id]; k != nil {
		return k, nil
	}
	return nil, notFound("Invalid API Key identifier specified")
}

type createKeyInput struct {
	newTags
	Name, Description string
	Enabled           bool
}

func (s *Service) createAPIKey(in *createKeyInput) (any, error) {
	if err := checkTags(in.Tags); err != nil {
		return nil, err
	}
	k := &apiKey{
		ID: newID(10), Value: (rand.Text() + rand.Text())[:40], Name: in.Name, Description: in.Description, Enabled: in.Enabled,
		CreatedDate: s.now(), LastUpdatedDate: s.now(), StageKeys: []string{}, Tags: in.Tags, servedAt: s.served(),
	}
	s.keys[k.ID] = k
	return k, nil
}

type listKeysInput struct {
	pageInput
	NameQuery     string
	IncludeValues bool
}

// getAPIKeys lists the keys with names that begin with the query's name.
func (s *Service) getAPIKeys(in *listKeysInput) (any, error) {
	found := []apiKey{}
	for _, id := range slices.Sorted(maps.Keys(s.keys)) {
		if k := s.keys[id]; strings.HasPrefix(k.Name, in.NameQuery) {
			found = append(found, k.view(in.IncludeValues))
		}
	}
	return page(&in.pageInput, found)
}

type getKeyInput struct {
	ref
	IncludeValue bool
}

func (s *Service) getAPIKey(in *getKeyInput) (any, error) {
	k, err := s.keyByID(in.APIKey)
	if err != nil {
		return nil, err
	}
	return k.view(in.IncludeValue), nil
}

func (s *Service) updateAPIKey(in *updateInput) (any, error) {
	k, err := s.keyByID(in.APIKey)
	err = change(k, err, in, func(changed *apiKey) patches {
		changed.LastUpdatedDate = s.now()
		return patches{
			"name": replaceString(&changed.Name), "description": replaceString(&changed.Description), "enabled": replaceBool(&changed.Enabled),
		}
	}, nil)
	if err != nil {
		return nil, err
	}
	return k.view(false), nil
}

// deleteAPIKey removes the key, and removes it from its usage plans.
func (s *Service) deleteAPIKey(in *ref) (any, error) {
	k, err := s.keyByID(in.APIKey)
	if err != nil {
		return nil, err
	}
	delete(s.keys, k.ID)
	for _, p := range s.plans {
		p.removeKey(k.ID)
	}
	return nil, nil
}
