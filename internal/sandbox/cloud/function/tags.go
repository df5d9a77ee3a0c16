// SPDX-License-Identifier: MPL-2.0

package function

import (
	"maps"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type tagInput struct {
	Resource string
	Tags     wire.Tags
	TagKeys  []string
}

// onTagged returns an operation on the function with an ARN.
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

// changeTags implements TagResource and UntagResource.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(f *function) (any, error) {
		return nil, f.tags.Change(in.Tags.List(), in.TagKeys, invalidParameter)
	})
}
