// SPDX-License-Identifier: MPL-2.0

package iam

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

type tagInput struct {
	roleInput
	Tags    []wire.Tag
	TagKeys []string
}

func (s *Service) tagRole(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		if err := checkTags(r.tags, in.Tags); err != nil {
			return nil, err
		}
		r.tags.Put(in.Tags)
		return nil, nil
	})
}

func (s *Service) untagRole(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		r.tags.Remove(in.TagKeys)
		return nil, nil
	})
}

func (s *Service) listRoleTags(_ *wire.Call, in *pageInput) ([]string, func() (any, error)) {
	return s.onRole(in.roleInput, func(r *role) (any, error) {
		page, rest, err := pageOf(in, r.tags.List())
		return listTagsResult{Tags: page, more: rest}, err
	})
}
