// SPDX-License-Identifier: MPL-2.0

package function

import (
	"maps"
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// checkTags applies the rules for tags to those that are about to be added.
func checkTags(present, add map[string]string) error {
	if problem := wire.CheckTags(present, wire.Tags(add).List()); problem != "" {
		return invalidParameter("%s", problem)
	}
	return nil
}

func (s *Service) listTags(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(call.Params["Resource"], "")
	if err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, f.tags)
	return wire.RESTJSONResponse(http.StatusOK, map[string]any{"Tags": tags})
}

func (s *Service) tagResource(call *wire.RESTCall) (*wire.Response, error) {
	var in struct{ Tags map[string]string }
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(call.Params["Resource"], "")
	if err != nil {
		return nil, err
	}
	if err := checkTags(f.tags, in.Tags); err != nil {
		return nil, err
	}
	tags := map[string]string{}
	maps.Copy(tags, f.tags)
	maps.Copy(tags, in.Tags)
	f.tags = tags
	return &wire.Response{Status: http.StatusNoContent}, nil
}

func (s *Service) untagResource(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(call.Params["Resource"], "")
	if err != nil {
		return nil, err
	}
	for _, key := range call.Query["tagKeys"] {
		delete(f.tags, key)
	}
	return &wire.Response{Status: http.StatusNoContent}, nil
}
