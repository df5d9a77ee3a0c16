// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// withTagged returns an operation on the group that a tag operation names by its ARN, without :* at the end.
func (s *Service) withTagged(arn string, run func(*group) (any, error)) ([]string, func() (any, error)) {
	name, _ := strings.CutPrefix(arn, s.groupARN(""))
	return []string{arn}, s.withGroup(name, run)
}

type tagInput struct {
	ARN  string    `json:"resourceArn"`
	Tags wire.Tags `json:"tags"`
	Keys []string  `json:"tagKeys"`
}

// changeTags implements TagResource and UntagResource.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.withTagged(in.ARN, func(g *group) (any, error) { return nil, g.tags.Change(in.Tags.List(), in.Keys, invalid) })
}

type listTagsInput struct {
	ARN string `json:"resourceArn"`
}

type tagsOutput struct {
	Tags wire.Tags `json:"tags"`
}

func (s *Service) listTagsForResource(_ *wire.Call, in *listTagsInput) ([]string, func() (any, error)) {
	return s.withTagged(in.ARN, func(g *group) (any, error) {
		tags := wire.Tags{} // a copy: the answer is written after the lock is released
		tags.Put(g.tags.List())
		return tagsOutput{Tags: tags}, nil
	})
}
