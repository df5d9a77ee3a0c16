// SPDX-License-Identifier: MPL-2.0

package ssm

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

// taggedResource names the resource of a tag operation. The only SSM resources here are parameters.
type taggedResource struct {
	ResourceType string
	ResourceID   string `json:"ResourceId"`
}

// withTagged returns an operation on the parameter that a tag operation names.
func (s *Service) withTagged(resource taggedResource, run func(*parameter) (any, error)) ([]string, func() (any, error)) {
	return s.arns(resource.ResourceID), func() (any, error) {
		if resource.ResourceType != "Parameter" {
			return nil, wire.Sender("InvalidResourceType", "The resource type is not valid: the sandbox has parameters only.")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		p, found := s.parameters[resource.ResourceID]
		if !found {
			return nil, wire.Sender("InvalidResourceId", "The resource ID isn't valid. Verify that you entered the correct ID and try again.")
		}
		return run(p)
	}
}

type tagInput struct {
	taggedResource
	Tags    []wire.Tag
	TagKeys []string
}

// changeTags implements AddTagsToResource and RemoveTagsFromResource.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.withTagged(in.taggedResource, func(p *parameter) (any, error) {
		return struct{}{}, p.tags.Change(in.Tags, in.TagKeys, validation)
	})
}

type listTagsOutput struct{ TagList []wire.Tag }

func (s *Service) listTagsForResource(_ *wire.Call, in *taggedResource) ([]string, func() (any, error)) {
	return s.withTagged(*in, func(p *parameter) (any, error) {
		return listTagsOutput{TagList: p.tags.List()}, nil
	})
}
