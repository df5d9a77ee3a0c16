// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"maps"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// conditionInput is what all writes have in common, in transactions and alone.
type conditionInput struct {
	TableName                           string
	ConditionExpression                 *string
	ExpressionAttributeNames            map[string]string
	ExpressionAttributeValues           attribute.Item
	ReturnValuesOnConditionCheckFailure string
}

type putInput struct {
	conditionInput
	Item attribute.Item
}

type updateInput struct {
	conditionInput
	Key              attribute.Item
	UpdateExpression *string
}

// keyInput is a delete or a condition check.
type keyInput struct {
	conditionInput
	Key attribute.Item
}

// write is one write that has been checked as far as that is possible without the item.
type write struct {
	table      *table
	key        primaryKey
	condition  expression.Condition
	update     *expression.Update // of UpdateItem with an expression
	change     func(old attribute.Item) (attribute.Item, error)
	returnsOld bool // when the condition fails
}

// prepare reads a write's condition, and parse the other expressions that it has.
func (in *conditionInput) prepare(t *table, parse func(*expression.Placeholders) error) (*write, error) {
	w := &write{table: t, condition: func(attribute.Item) bool { return true }}
	switch in.ReturnValuesOnConditionCheckFailure {
	case "", "NONE":
	case "ALL_OLD":
		w.returnsOld = true
	default:
		return nil, constraint(in.ReturnValuesOnConditionCheckFailure, "returnValuesOnConditionCheckFailure", "Member must satisfy enum value set: [ALL_OLD, NONE]")
	}
	placeholders, err := expression.NewPlaceholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
	if err != nil {
		return nil, err
	}
	if parse != nil {
		if err := parse(placeholders); err != nil {
			return nil, err
		}
	}
	if in.ConditionExpression != nil {
		if w.condition, err = expression.ParseCondition("ConditionExpression", *in.ConditionExpression, placeholders); err != nil {
			return nil, err
		}
	}
	return w, placeholders.CheckUsed()
}

func (in *putInput) write(t *table) (*write, error) {
	w, err := in.prepare(t, nil)
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

func (in *updateInput) write(t *table) (*write, error) {
	var update *expression.Update
	w, err := in.prepare(t, func(p *expression.Placeholders) error {
		if in.UpdateExpression == nil {
			return nil
		}
		var err error
		update, err = expression.ParseUpdate(*in.UpdateExpression, t.key, p)
		return err
	})
	if err != nil {
		return nil, err
	}
	if err := t.checkKey(in.Key); err != nil {
		return nil, err
	}
	w.key, w.update = t.keyOf(in.Key), update
	w.change = func(old attribute.Item) (attribute.Item, error) {
		item := maps.Clone(old)
		if item == nil {
			item = maps.Clone(in.Key) // an update of what is not there makes it
		}
		if update == nil {
			return item, nil
		}
		item, err := update.Apply(item)
		if err != nil {
			return nil, err
		}
		if item.Size() > maxItem {
			return nil, validation("Item size to update has exceeded the maximum allowed size")
		}
		return item, t.checkItem(item)
	}
	return w, nil
}

// write of a keyInput deletes the item.
func (in *keyInput) write(t *table) (*write, error) {
	w, err := in.prepare(t, nil)
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

// outcome works out what the write makes of the item, or why it does not. Nothing has changed yet.
func (w *write) outcome() (old, changed attribute.Item, err error) {
	old = w.table.get(w.key)
	if !w.condition(old) {
		e := wire.Sender(codeConditionFailed, "The conditional request failed")
		if w.returnsOld && old != nil {
			return old, nil, &detailedError{e, map[string]any{"Item": old}}
		}
		return old, nil, e
	}
	changed, err = w.change(old)
	return old, changed, err
}

// returnInput is what single writes can ask for, and transactions cannot.
type returnInput struct {
	capacity
	ReturnValues                string
	ReturnItemCollectionMetrics string
}

type attributesOutput struct {
	Attributes attribute.Item `json:",omitempty"`
}

// single carries out a write that is alone in its request. all says that any ReturnValues can be asked for.
func (s *Service) single(prepare func() (*write, error), in *returnInput, all bool) (any, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	if m := in.ReturnItemCollectionMetrics; m != "" && m != "NONE" {
		return nil, validation("The sandbox does not count item collections: ReturnItemCollectionMetrics has to be NONE.")
	}
	switch in.ReturnValues {
	case "", "NONE", "ALL_OLD":
	case "ALL_NEW", "UPDATED_OLD", "UPDATED_NEW":
		if !all {
			return nil, validation("Return values set to invalid value")
		}
	default:
		return nil, constraint(in.ReturnValues, "returnValues", "Member must satisfy enum value set: [ALL_NEW, UPDATED_OLD, ALL_OLD, NONE, UPDATED_NEW]")
	}
	w, err := prepare()
	if err != nil {
		return nil, err
	}
	if s.meetsConflict() {
		return nil, wire.Sender(codeConflict, "Transaction is ongoing for the item")
	}
	old, changed, err := w.outcome()
	if err != nil {
		return nil, err
	}
	w.table.put(w.key, changed)
	switch in.ReturnValues {
	case "ALL_OLD":
		return attributesOutput{old}, nil
	case "ALL_NEW":
		return attributesOutput{changed}, nil
	case "UPDATED_OLD":
		return attributesOutput{w.touched(old)}, nil
	case "UPDATED_NEW":
		return attributesOutput{w.touched(changed)}, nil
	default:
		return attributesOutput{}, nil
	}
}

// touched returns the parts of an item that the update expression is about.
func (w *write) touched(item attribute.Item) attribute.Item {
	if w.update == nil {
		return nil
	}
	return w.update.Touched(item)
}

type putItemInput struct {
	putInput
	returnInput
}

func (s *Service) putItem(c *wire.Call, in *putItemInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		return s.single(func() (*write, error) { return in.write(t) }, &in.returnInput, false)
	})
}

type updateItemInput struct {
	updateInput
	returnInput
}

func (s *Service) updateItem(c *wire.Call, in *updateItemInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		return s.single(func() (*write, error) { return in.write(t) }, &in.returnInput, true)
	})
}

type deleteItemInput struct {
	keyInput
	returnInput
}

func (s *Service) deleteItem(c *wire.Call, in *deleteItemInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		return s.single(func() (*write, error) { return in.write(t) }, &in.returnInput, false)
	})
}
