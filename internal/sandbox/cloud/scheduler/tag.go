// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"net/http"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// tagged returns the group that the call's ARN names; nothing else can have tags. The caller holds the lock.
func (s *Service) tagged(call *wire.RESTCall) (*group, error) {
	arn := call.Params["ResourceArn"]
	name, found := strings.CutPrefix(arn, s.groupARN(""))
	if !found {
		return nil, validation("Invalid resource ARN %s: only schedule groups can have tags.", arn)
	}
	return s.group(name)
}

func (s *Service) tagResource(call *wire.RESTCall) (*wire.Response, error) {
	var in struct{ Tags []wire.Tag }
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.tagged(call)
	if err != nil {
		return nil, err
	}
	if problem := wire.CheckTags(g.tags, in.Tags); problem != "" {
		return nil, validation("%s", problem)
	}
	g.tags.Put(in.Tags)
	return wire.RESTJSONResponse(http.StatusOK, struct{}{})
}

func (s *Service) untagResource(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.tagged(call)
	if err != nil {
		return nil, err
	}
	g.tags.Remove(call.Query["TagKeys"])
	return wire.RESTJSONResponse(http.StatusOK, struct{}{})
}

func (s *Service) listTagsForResource(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, err := s.tagged(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, map[string]any{"Tags": g.tags.List()})
}
