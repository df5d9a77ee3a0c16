// SPDX-License-Identifier: MPL-2.0

package function

import (
	"net/http"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// recursionTerminate is what Lambda does about a function that calls itself unless it is told otherwise. The sandbox keeps and tells
// the setting; it does not look for loops.
const recursionTerminate = "Terminate"

type recursionConfig struct{ RecursiveLoop string }

func (s *Service) getRecursion(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, recursionConfig{f.recursion})
}

func (s *Service) putRecursion(call *wire.RESTCall) (*wire.Response, error) {
	var in recursionConfig
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	if in.RecursiveLoop != recursionTerminate && in.RecursiveLoop != "Allow" {
		return nil, constraint("recursiveLoop", in.RecursiveLoop, "Member must satisfy enum value set: [Allow, Terminate]")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	f.recursion = in.RecursiveLoop
	return wire.RESTJSONResponse(http.StatusOK, in)
}
