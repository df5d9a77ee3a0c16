// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"crypto/rand"
	"maps"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// apiKey is one API key. Its value is shown to who asks for it.
type apiKey struct {
	ID              string            `json:"id"`
	Value           string            `json:"value,omitempty"`
	Name            string            `json:"name,omitempty"`
	CustomerID      string            `json:"customerId,omitempty"`
	Description     string            `json:"description,omitempty"`
	Enabled         bool              `json:"enabled"`
	CreatedDate     int64             `json:"createdDate"`
	LastUpdatedDate int64             `json:"lastUpdatedDate"`
	StageKeys       []string          `json:"stageKeys"`
	Tags            map[string]string `json:"tags,omitempty"`

	servedAt time.Time // from then on the data plane knows it
}

// view returns the key with its value or without.
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

func (s *Service) createAPIKey(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		Name               string            `json:"name"`
		Description        string            `json:"description"`
		Enabled            bool              `json:"enabled"`
		GenerateDistinctID bool              `json:"generateDistinctId"`
		Value              string            `json:"value"`
		CustomerID         string            `json:"customerId"`
		Tags               map[string]string `json:"tags"`
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	if err := checkTags(nil, in.Tags); err != nil {
		return nil, err
	}
	if in.Value != "" && (len(in.Value) < 20 || len(in.Value) > 128) {
		return nil, badRequest("API Key value should be at least 20 characters and at most 128")
	}
	value := cmp.Or(in.Value, (rand.Text() + rand.Text())[:40])
	for _, k := range s.keys {
		if k.Value == value {
			return nil, conflict("API Key already exists")
		}
	}
	k := &apiKey{
		ID: newID(10), Value: value, Name: in.Name, CustomerID: in.CustomerID, Description: in.Description, Enabled: in.Enabled,
		CreatedDate: s.now(), LastUpdatedDate: s.now(), StageKeys: []string{}, Tags: in.Tags,
		servedAt: s.served(),
	}
	s.keys[k.ID] = k
	return answer(http.StatusCreated, k.view(true))
}

// getAPIKeys lists the keys whose names begin with the query's name.
func (s *Service) getAPIKeys(call *wire.RESTCall) (*wire.Response, error) {
	query := call.Query
	found := []apiKey{}
	for _, k := range slices.SortedFunc(maps.Values(s.keys), func(a, b *apiKey) int { return cmp.Compare(a.ID, b.ID) }) {
		if strings.HasPrefix(k.Name, query.Get("name")) && (!query.Has("customerId") || k.CustomerID == query.Get("customerId")) {
			found = append(found, k.view(query.Get("includeValues") == "true"))
		}
	}
	paged, err := page(call, found)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, paged)
}

func (s *Service) getAPIKey(call *wire.RESTCall) (*wire.Response, error) {
	k, err := s.keyByID(call.Params["api_key"])
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, k.view(call.Query.Get("includeValue") == "true"))
}

func (s *Service) updateAPIKey(call *wire.RESTCall) (*wire.Response, error) {
	k, err := s.keyByID(call.Params["api_key"])
	if err != nil {
		return nil, err
	}
	changed := *k
	err = patches{
		"name": replaceString(&changed.Name), "description": replaceString(&changed.Description),
		"enabled": replaceBool(&changed.Enabled), "customerId": replaceString(&changed.CustomerID),
	}.apply(call)
	if err != nil {
		return nil, err
	}
	changed.LastUpdatedDate = s.now()
	*k = changed
	return answer(http.StatusOK, k.view(false))
}

// deleteAPIKey removes the key, also from its usage plans.
func (s *Service) deleteAPIKey(call *wire.RESTCall) (*wire.Response, error) {
	k, err := s.keyByID(call.Params["api_key"])
	if err != nil {
		return nil, err
	}
	delete(s.keys, k.ID)
	for _, p := range s.plans {
		p.removeKey(k.ID)
	}
	return done(http.StatusAccepted)
}
