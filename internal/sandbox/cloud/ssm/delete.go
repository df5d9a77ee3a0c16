// SPDX-License-Identifier: MPL-2.0

package ssm

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

type deleteInput struct{ Name string }

func (s *Service) deleteParameter(_ *wire.Request, in *deleteInput) ([]string, func() (any, error)) {
	return s.arns(in.Name), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		if _, found := s.parameters[in.Name]; !found {
			return nil, wire.Sender("ParameterNotFound", "")
		}
		delete(s.parameters, in.Name)
		return struct{}{}, nil
	}
}

type deleteManyInput struct{ Names []string }

type deleteManyOutput struct {
	DeletedParameters []string
	InvalidParameters []string
}

func (s *Service) deleteParameters(_ *wire.Request, in *deleteManyInput) ([]string, func() (any, error)) {
	return s.arns(in.Names...), func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		out := deleteManyOutput{DeletedParameters: []string{}, InvalidParameters: []string{}}
		for _, name := range in.Names {
			if _, found := s.parameters[name]; !found {
				out.InvalidParameters = append(out.InvalidParameters, name)
				continue
			}
			delete(s.parameters, name)
			out.DeletedParameters = append(out.DeletedParameters, name)
		}
		return out, nil
	}
}
