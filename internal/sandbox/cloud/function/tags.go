// SPDX-License-Identifier: MPL-2.0

package function

import (
	"maps"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// checkTags applies the rules for tags to those that are about to be added.
func checkTags(present, add map[string]string) error {
	if problem := wire.CheckTags(present, wire.Tags(add).List()); problem != "" {
		return invalidParameter("%s", problem)
	}
	return nil
}

type tagInput struct {
	Resource string
	Tags     map[string]string
	TagKeys  []string
}

// onTagged makes an operation on the function with an ARN.
func (s *Service) onTagged(in *tagInput, run func(*function) (any, error)) ([]string, func() (any, error)) {
	_, do := s.onFunction(functionInput{FunctionName: in.Resource}, run)
	return []string{in.Resource}, do
}

func (s *Service) listTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(f *function) (any, error) {
		tags := map[string]string{}
		maps.Copy(tags, f.tags)
		return struct{ Tags map[string]string }{tags}, nil
	})
}

func (s *Service) tagResource(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(f *function) (any, error) {
		if err := checkTags(f.tags, in.Tags); err != nil {
			return nil, err
		}
		if f.tags == nil {
			f.tags = map[string]string{}
		}
		maps.Copy(f.tags, in.Tags)
		return nil, nil
	})
}

func (s *Service) untagResource(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(f *function) (any, error) {
		wire.Tags(f.tags).Remove(in.TagKeys)
		return nil, nil
	})
}
