// SPDX-License-Identifier: MPL-2.0

package iam

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

func (s *Service) tagRole(f *wire.Form) (func() (any, error), error) {
	tags := f.Tags("Tags")
	return s.withRole(f, func(r *role) (any, error) {
		if err := checkTags(r.tags, tags); err != nil {
			return nil, err
		}
		r.tags.Put(tags)
		return nil, nil
	})
}

func (s *Service) untagRole(f *wire.Form) (func() (any, error), error) {
	keys := f.List("TagKeys")
	return s.withRole(f, func(r *role) (any, error) {
		r.tags.Remove(keys)
		return nil, nil
	})
}

func (s *Service) listRoleTags(f *wire.Form) (func() (any, error), error) {
	cut, err := pageOf[wire.Tag](f)
	if err != nil {
		return nil, err
	}
	return s.withRole(f, func(r *role) (any, error) {
		page, rest, err := cut(r.tags.List())
		return listTagsResult{Tags: page, more: rest}, err
	})
}
