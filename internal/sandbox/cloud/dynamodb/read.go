// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type getItemInput struct {
	TableName      string
	Key            attribute.Item
	ConsistentRead bool
}

type itemOutput struct {
	Item attribute.Item `json:",omitempty"`
}

func (s *Service) getItem(c *wire.Call, in *getItemInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		if err := t.checkKey(in.Key); err != nil {
			return nil, err
		}
		return itemOutput{t.get(t.keyOf(in.Key))}, nil
	})
}
