// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// usagePlanKey is a key of a usage plan as the API answers it.
type usagePlanKey struct {
	ID    string `json:"id"`
	Type  string `json:"type"`
	Value string `json:"value,omitempty"`
	Name  string `json:"name,omitempty"`
}

// served is when the data plane will know of a key that something is done about now.
func (s *Service) served() time.Time { return s.config.Clock.Now().Add(s.config.KeyDelay) }

const typeAPIKey = "API_KEY"

func (p *usagePlan) removeKey(id string) {
	p.keys = slices.DeleteFunc(slices.Clone(p.keys), func(have string) bool { return have == id })
}

func (s *Service) createUsagePlanKey(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		KeyID   string `json:"keyId"`
		KeyType string `json:"keyType"`
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	p, err := s.plan(call)
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
	return answer(http.StatusCreated, usagePlanKey{ID: k.ID, Type: typeAPIKey, Value: k.Value, Name: k.Name})
}

func (s *Service) getUsagePlanKeys(call *wire.RESTCall) (*wire.Response, error) {
	p, err := s.plan(call)
	if err != nil {
		return nil, err
	}
	found := []usagePlanKey{}
	for _, id := range p.keys {
		if k := s.keys[id]; strings.HasPrefix(k.Name, call.Query.Get("name")) {
			found = append(found, usagePlanKey{ID: k.ID, Type: typeAPIKey, Name: k.Name})
		}
	}
	paged, err := page(call, found)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, paged)
}

// planKey returns the usage plan and its key in the call's path.
func (s *Service) planKey(call *wire.RESTCall) (*usagePlan, *apiKey, error) {
	p, err := s.plan(call)
	if err != nil {
		return nil, nil, err
	}
	id := call.Params["key_id"]
	if !slices.Contains(p.keys, id) {
		return nil, nil, notFound("Invalid Usage Plan Key identifier specified")
	}
	return p, s.keys[id], nil
}

func (s *Service) getUsagePlanKey(call *wire.RESTCall) (*wire.Response, error) {
	_, k, err := s.planKey(call)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, usagePlanKey{ID: k.ID, Type: typeAPIKey, Name: k.Name})
}

func (s *Service) deleteUsagePlanKey(call *wire.RESTCall) (*wire.Response, error) {
	p, k, err := s.planKey(call)
	if err != nil {
		return nil, err
	}
	p.removeKey(k.ID)
	return done(http.StatusAccepted)
}
