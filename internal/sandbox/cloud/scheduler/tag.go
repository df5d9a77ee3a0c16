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

// onTagged makes an operation on the group with an ARN; nothing else can have tags.
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

func (s *Service) tagResource(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(g *group) (any, error) {
		if problem := wire.CheckTags(g.tags, in.Tags); problem != "" {
			return nil, validation("%s", problem)
		}
		g.tags.Put(in.Tags)
		return struct{}{}, nil
	})
}

func (s *Service) untagResource(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(g *group) (any, error) {
		g.tags.Remove(in.TagKeys)
		return struct{}{}, nil
	})
}

func (s *Service) listTagsForResource(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTagged(in, func(g *group) (any, error) { return struct{ Tags []wire.Tag }{g.tags.List()}, nil })
}
