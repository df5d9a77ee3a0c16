// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"maps"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type tagInput struct {
	queueInput
	Tags    wire.Tags
	TagKeys []string
}

// changeTags implements TagQueue and UntagQueue.
func (s *Service) changeTags(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) { return nil, q.tags.Change(in.Tags.List(), in.TagKeys, invalidTags) })
}

func invalidTags(format string, args ...any) *wire.Error {
	return wire.Sender(codeInvalidParameter, format, args...)
}

type tagsOutput struct {
	Tags wire.Tags `json:",omitempty"`
}

func (s *Service) listQueueTags(_ *wire.Call, in *queueInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		return tagsOutput{maps.Clone(q.tags)}, nil
	})
}
