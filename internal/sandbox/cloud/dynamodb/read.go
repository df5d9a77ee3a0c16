// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// projectionInput says which part of an item is wanted.
type projectionInput struct {
	ProjectionExpression     *string
	ExpressionAttributeNames map[string]string
}

// projection reads what the request asks for; the returned function cuts it out of an item.
func (in *projectionInput) projection() (func(attribute.Item) attribute.Item, error) {
	placeholders, err := expression.NewPlaceholders(in.ExpressionAttributeNames, nil)
	if err != nil {
		return nil, err
	}
	part, err := parseProjection(in.ProjectionExpression, placeholders)
	if err != nil {
		return nil, err
	}
	return part, placeholders.CheckUsed()
}

func parseProjection(text *string, placeholders *expression.Placeholders) (func(attribute.Item) attribute.Item, error) {
	if text == nil {
		return func(item attribute.Item) attribute.Item { return item }, nil
	}
	p, err := expression.ParseProjection(*text, placeholders)
	if err != nil {
		return nil, err
	}
	return p.Of, nil
}

// capacity is the parameter of all operations on items that asks for figures that the sandbox does not have.
type capacity struct {
	ReturnConsumedCapacity string
}

func (c capacity) check() error {
	if c.ReturnConsumedCapacity != "" && c.ReturnConsumedCapacity != "NONE" {
		return validation("The sandbox does not count capacity: ReturnConsumedCapacity has to be NONE.")
	}
	return nil
}

type getItemInput struct {
	projectionInput
	capacity
	TableName      string
	Key            attribute.Item
	ConsistentRead bool
}

type itemOutput struct {
	Item attribute.Item `json:",omitzero"` // empty when the item has nothing of what is asked for
}

func (s *Service) getItem(c *wire.Call, in *getItemInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		part, err := in.projection()
		if err != nil {
			return nil, err
		}
		item, err := t.lookUp(in.Key, part)
		return itemOutput{item}, err
	})
}

// lookUp returns the wanted part of the item with a key, or nil when there is none.
func (t *table) lookUp(key attribute.Item, part func(attribute.Item) attribute.Item) (attribute.Item, error) {
	if err := t.checkKey(key); err != nil {
		return nil, err
	}
	item := t.get(t.keyOf(key))
	if item == nil {
		return nil, nil // an item that is not there is a good answer
	}
	return part(item), nil
}
