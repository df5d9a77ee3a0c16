// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type tagInput struct {
	ResourceArn string
	Tags        []wire.Tag
	TagKeys     []string
}

// onTagged returns an operation on the group with an ARN. Only groups can have tags.
func (s *Service) onTagged(in *tagInput, run func(*group) (any, error)) ([]string, func() (any, error)) {
	name, found := strings.CutPrefix(in.ResourceArn, s.groupARN(""))
	_, do := s.onGroup(name, run)
	if !found {
		do = func() (any, error) {
			return nil, validation("Invalid resource ARN %s: only schedule groups can have tags.", in.ResourceArn)
		}
	}
	return []string{in.ResourceArn}, do
}

// changeTags implements TagResource and UntagResource.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(g *group) (any, error) { return struct{}{}, g.tags.Change(in.Tags, in.TagKeys, validation) })
}

func (s *Service) listTagsForResource(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(g *group) (any, error) { return struct{ Tags []wire.Tag }{g.tags.List()}, nil })
}
