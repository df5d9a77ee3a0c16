// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"maps"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// expressionInput has the placeholders of a request's expressions.
type expressionInput struct {
	ExpressionAttributeNames  map[string]string
	ExpressionAttributeValues attribute.Item
}

// conditionInput is the common input of all writes except updates, in transactions and alone.
type conditionInput struct {
	expressionInput
	TableName           string
	ConditionExpression *string
}

type putInput struct {
	conditionInput
	Item attribute.Item
}

// keyInput is the input of a delete.
type keyInput struct {
	conditionInput
	Key attribute.Item
}

// write is one write, checked as far as possible without the item.
type write struct {
	table     *table
	key       primaryKey
	condition expression.Condition
	change    func(old attribute.Item) (attribute.Item, error)
}

// conditionFailed is the message for a condition that is false.
const conditionFailed = "The conditional request failed"

// prepare parses a write's condition.
func (in *conditionInput) prepare(t *table) (*write, error) {
	w := &write{table: t, condition: func(attribute.Item) bool { return true }}
	placeholders, err := expression.NewPlaceholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	if in.ConditionExpression != nil {
		if w.condition, err = expression.ParseCondition(*in.ConditionExpression, placeholders); err != nil {
			return nil, err
		}
	}
	return w, placeholders.CheckUsed()
}

func (in *putInput) write(t *table) (*write, error) {
	w, err := in.prepare(t)
	if err != nil {
		return nil, err
	}
	if err := t.checkItem(in.Item); err != nil {
		return nil, err
	}
	w.key = t.keyOf(in.Item)
	w.change = func(attribute.Item) (attribute.Item, error) { return in.Item, nil }
	return w, nil
}

// write returns the write that deletes the item.
func (in *keyInput) write(t *table) (*write, error) {
	w, err := in.prepare(t)
	if err != nil {
		return nil, err
	}
	if err := t.checkKey(in.Key); err != nil {
		return nil, err
	}
	w.key = t.keyOf(in.Key)
	w.change = func(attribute.Item) (attribute.Item, error) { return nil, nil } // nothing is left
	return w, nil
}

// outcome computes the result of the write, or its error. It changes nothing.
func (w *write) outcome() (old, changed attribute.Item, err error) {
	old = w.table.get(w.key)
	if !w.condition(old) {
		return old, nil, wire.Sender(codeConditionFailed, conditionFailed)
	}
	changed, err = w.change(old)
	return old, changed, err
}

// single carries out the only write of a request.
func (s *Service) single(w *write) (old, changed attribute.Item, err error) {
	if old, changed, err = w.outcome(); err == nil {
		w.table.put(w.key, changed)
	}
	return old, changed, err
}

type attributesOutput struct {
	Attributes attribute.Item `json:",omitempty"`
}

func (s *Service) putItem(c *wire.Call, in *putInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		w, err := in.write(t)
		if err != nil {
			return nil, err
		}
		_, _, err = s.single(w)
		return attributesOutput{}, err
	})
}

type updateItemInput struct {
	expressionInput
	TableName        string
	Key              attribute.Item
	UpdateExpression *string
	ReturnValues     string
}

func (s *Service) updateItem(c *wire.Call, in *updateItemInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		if err := checkReturn(in.ReturnValues, "UPDATED_NEW"); err != nil {
			return nil, err
		}
		update, err := in.update(t)
		if err != nil {
			return nil, err
		}
		_, changed, err := s.single(&write{
			table: t, key: t.keyOf(in.Key), condition: func(attribute.Item) bool { return true },
			change: func(old attribute.Item) (attribute.Item, error) {
				if old == nil {
					old = maps.Clone(in.Key) // an update creates a missing item
				}
				item, err := update.Apply(old)
				if err != nil {
					return nil, err
				}
				if item.Size() > maxItem {
					return nil, validation("Item size to update has exceeded the maximum allowed size")
				}
				return item, t.checkItem(item)
			},
		})
		if err != nil || in.ReturnValues != "UPDATED_NEW" {
			return attributesOutput{}, err
		}
		return attributesOutput{update.Touched(changed)}, nil
	})
}

// update parses the update expression.
func (in *updateItemInput) update(t *table) (*expression.Update, error) {
	if in.UpdateExpression == nil {
		return nil, validation("The sandbox does not offer updates without an UpdateExpression.")
	}
	placeholders, err := expression.NewPlaceholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	update, err := expression.ParseUpdate(*in.UpdateExpression, t.key, placeholders)
	if err != nil {
		return nil, err
	}
	if err := placeholders.CheckUsed(); err != nil {
		return nil, err
	}
	return update, t.checkKey(in.Key)
}

type deleteItemInput struct {
	keyInput
	ReturnValues string
}

func (s *Service) deleteItem(c *wire.Call, in *deleteItemInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		if err := checkReturn(in.ReturnValues, "ALL_OLD"); err != nil {
			return nil, err
		}
		w, err := in.write(t)
		if err != nil {
			return nil, err
		}
		old, _, err := s.single(w)
		if err != nil || in.ReturnValues != "ALL_OLD" {
			return attributesOutput{}, err
		}
		return attributesOutput{old}, nil
	})
}

// checkReturn refuses ReturnValues that the sandbox does not support for an operation.
func checkReturn(values, offered string) error {
	if values != "" && values != "NONE" && values != offered {
		return validation("The sandbox does not offer the ReturnValues %s here.", values)
	}
	return nil
}
