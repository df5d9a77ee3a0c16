// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"maps"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type tagInput struct {
	queueInput
	Tags map[string]string
}

func (s *Service) tagQueue(_ *wire.Call, in *tagInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		if problem := wire.CheckTags(q.tags, wire.Tags(in.Tags).List()); problem != "" {
			return nil, wire.Sender(codeInvalidParameter, "%s", problem)
		}
		maps.Copy(q.tags, in.Tags)
		return nil, nil
	})
}

type untagInput struct {
	queueInput
	TagKeys []string
}

func (s *Service) untagQueue(_ *wire.Call, in *untagInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		q.tags.Remove(in.TagKeys)
		return nil, nil
	})
}

type tagsOutput struct {
	Tags wire.Tags `json:",omitempty"`
}

func (s *Service) listQueueTags(_ *wire.Call, in *queueInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		return tagsOutput{maps.Clone(q.tags)}, nil
	})
}
