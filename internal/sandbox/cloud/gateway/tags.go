// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"maps"
	"net/http"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// checkTags applies the rules for tags to those that are about to be added.
func checkTags(present, add map[string]string) error {
	if problem := wire.CheckTags(present, wire.Tags(add).List()); problem != "" {
		return badRequest("%s", problem)
	}
	return nil
}

// tagged returns the tags of the object that the call's ARN names.
func (s *Service) tagged(call *wire.RESTCall) (*map[string]string, error) {
	arn := call.Params["resource_arn"]
	path, ok := strings.CutPrefix(arn, s.arn("/"))
	if !ok {
		return nil, badRequest("Invalid ARN specified in the request: %s", arn)
	}
	parts := strings.Split(path, "/")
	switch {
	case len(parts) == 2 && parts[0] == "restapis":
		a, err := s.apiByID(parts[1])
		if err != nil {
			return nil, err
		}
		return &a.Tags, nil
	case len(parts) == 4 && parts[0] == "restapis" && parts[2] == "stages":
		a, err := s.apiByID(parts[1])
		if err != nil {
			return nil, err
		}
		st, err := a.stageByName(parts[3])
		if err != nil {
			return nil, err
		}
		return &st.Tags, nil
	case len(parts) == 2 && parts[0] == "apikeys":
		k, err := s.keyByID(parts[1])
		if err != nil {
			return nil, err
		}
		return &k.Tags, nil
	case len(parts) == 2 && parts[0] == "usageplans":
		p, err := s.planByID(parts[1])
		if err != nil {
			return nil, err
		}
		return &p.Tags, nil
	}
	return nil, badRequest("Invalid ARN specified in the request: %s", arn)
}

func (s *Service) getTags(call *wire.RESTCall) (*wire.Response, error) {
	tags, err := s.tagged(call)
	if err != nil {
		return nil, err
	}
	copied := map[string]string{}
	maps.Copy(copied, *tags)
	return answer(http.StatusOK, map[string]any{"tags": copied})
}

func (s *Service) tagResource(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		Tags map[string]string `json:"tags"`
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	tags, err := s.tagged(call)
	if err != nil {
		return nil, err
	}
	if err := checkTags(*tags, in.Tags); err != nil {
		return nil, err
	}
	changed := map[string]string{}
	maps.Copy(changed, *tags)
	maps.Copy(changed, in.Tags)
	*tags = changed
	return done(http.StatusNoContent)
}

func (s *Service) untagResource(call *wire.RESTCall) (*wire.Response, error) {
	tags, err := s.tagged(call)
	if err != nil {
		return nil, err
	}
	for _, key := range call.Query["tagKeys"] {
		delete(*tags, key)
	}
	return done(http.StatusNoContent)
}
