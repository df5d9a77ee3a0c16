// SPDX-License-Identifier: MPL-2.0

package dynamodb

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"

// tagPage is the number of tags per page. AWS does not document its number. Here it is small, so that clients must use paging.
const tagPage = 10

// findTagged returns the table with the given ARN. The caller holds the lock.
func (s *Service) findTagged(arn string) (*table, error) {
	if s.nameOf(arn) == arn {
		return nil, validation("Invalid TableArn: Invalid ResourceArn provided as input %s", arn)
	}
	t, err := s.find(arn)
	if err != nil {
		return nil, wire.Sender(codeNotFound, "Requested resource not found: ResourcArn: %s not found", arn)
	}
	return t, nil
}

type tagInput struct {
	ResourceArn string
	Tags        []wire.Tag
	TagKeys     []string
}

// changeTags implements TagResource and UntagResource. The answer has no body.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onTable(in.ResourceArn, s.findTagged, func(t *table) (any, error) { return nil, t.tags.Change(in.Tags, in.TagKeys, invalid) })
}

type listTagsInput struct{ ResourceArn, NextToken string }

type listTagsOutput struct {
	Tags      []wire.Tag
	NextToken string `json:",omitempty"`
}

func (s *Service) listTagsOfResource(_ *wire.Call, in *listTagsInput) ([]string, func() (any, error)) {
	return s.onTable(in.ResourceArn, s.findTagged, func(t *table) (any, error) {
		tags, next, ok := wire.Page(t.tags.List(), in.NextToken, tagPage)
		if !ok {
			return nil, validation("Invalid NextToken: %s", in.NextToken)
		}
		return listTagsOutput{Tags: tags, NextToken: next}, nil
	})
}
