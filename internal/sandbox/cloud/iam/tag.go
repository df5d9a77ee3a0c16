// SPDX-License-Identifier: MPL-2.0

package iam

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

type tagInput struct {
	roleInput
	Tags    []wire.Tag
	TagKeys []string
}

// changeTags implements TagRole and UntagRole.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) { return nil, r.tags.Change(in.Tags, in.TagKeys, invalidTags) })
}

func (s *Service) listRoleTags(_ *wire.Call, in *roleInput) ([]string, func() (any, error)) {
	return s.onRole(*in, func(r *role) (any, error) { return listTagsResult{Tags: r.tags.List()}, nil })
}
