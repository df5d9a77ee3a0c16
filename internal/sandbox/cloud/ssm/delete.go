// SPDX-License-Identifier: MPL-2.0

package ssm

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

type deleteInput struct{ Name string }

func (s *Service) deleteParameter(_ *wire.Call, in *deleteInput) ([]string, func() (any, error)) {
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
