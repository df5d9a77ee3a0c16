// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"errors"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxPage is the maximum size in bytes of the items that one Query or Scan reads. Source: Query, "LastEvaluatedKey".
const maxPage = 1 << 20

// pageInput is the common input of Query and Scan.
type pageInput struct {
	TableName         string
	ExclusiveStartKey attribute.Item
	Limit             *int
	Select            string
	ConsistentRead    bool
}

type queryInput struct {
	pageInput
	expressionInput
	KeyConditionExpression *string
	ProjectionExpression   *string
	ScanIndexForward       *bool
}

type pageOutput struct {
	Items            []attribute.Item `json:",omitempty"` // empty if only the count is requested
	Count            int
	ScannedCount     int
	LastEvaluatedKey attribute.Item `json:",omitempty"`
}

// read reads items until the page is full. part returns the requested part of each.
func (in *pageInput) read(t *table, items []attribute.Item, part func(attribute.Item) attribute.Item) (any, error) {
	out := pageOutput{}
	switch in.Select {
	case "", "ALL_ATTRIBUTES":
		out.Items = []attribute.Item{}
	case "COUNT":
	default:
		return nil, validation("The sandbox does not offer to select %s.", in.Select)
	}
	if in.Limit != nil && *in.Limit < 1 {
		return nil, constraint(*in.Limit, "limit", "Member must have value greater than or equal to 1")
	}
	size := 0
	for _, item := range items {
		out.ScannedCount++
		out.Count++
		size += item.Size()
		if out.Items != nil {
			out.Items = append(out.Items, part(item))
		}
		// The key says where to continue, not that there are more items. As on AWS, the last item also returns one if the limit is reached.
		if in.Limit != nil && out.ScannedCount == *in.Limit || size >= maxPage {
			out.LastEvaluatedKey = t.keyItem(item)
			break
		}
	}
	return out, nil
}

func whole(item attribute.Item) attribute.Item { return item }

// checkStart refuses a starting key that is not a key of the table.
func (in *pageInput) checkStart(t *table) error {
	if in.ExclusiveStartKey != nil && t.checkKey(in.ExclusiveStartKey) != nil {
		return validation("The provided starting key is invalid: The provided key element does not match the schema")
	}
	return nil
}

func (s *Service) query(c *wire.Call, in *queryInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		placeholders, err := expression.NewPlaceholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		if in.KeyConditionExpression == nil {
			return nil, validation("Either the KeyConditions or KeyConditionExpression parameter must be specified in the request.")
		}
		condition, err := expression.ParseKeyCondition(*in.KeyConditionExpression, t.key, placeholders)
		if err != nil {
			return nil, err
		}
		part := whole
		if in.ProjectionExpression != nil {
			if in.Select != "" {
				return nil, invalid("Cannot specify the ProjectionExpression when choosing to get %s", in.Select)
			}
			wanted, err := expression.ParseProjection(*in.ProjectionExpression, placeholders)
			if err != nil {
				return nil, err
			}
			part = wanted.Of
		}
		if err := errors.Join(placeholders.CheckUsed(), t.checkKeyCondition(condition), in.checkStart(t)); err != nil {
			return nil, err
		}
		items, err := t.matching(condition, in.ExclusiveStartKey, in.ScanIndexForward == nil || *in.ScanIndexForward)
		if err != nil {
			return nil, err
		}
		return in.read(t, items, part)
	})
}

func (t *table) checkKeyCondition(condition *expression.KeyCondition) error {
	if condition.Partition.Type != t.keyTypes[t.key.Partition] {
		return invalid("Condition parameter type does not match schema type")
	}
	if b := condition.Beginning; b != nil && b.Type != t.keyTypes[t.key.Sort] {
		return invalid("Condition parameter type does not match schema type")
	}
	return t.checkKeyValue(t.key.Partition, condition.Partition)
}

// matching returns the items that match a query, in its order, after the starting key.
func (t *table) matching(condition *expression.KeyCondition, start attribute.Item, forward bool) ([]attribute.Item, error) {
	inRange := func(item attribute.Item) bool {
		return condition.Beginning == nil || strings.HasPrefix(item[t.key.Sort].Text, condition.Beginning.Text)
	}
	var records []record
	if p, found := t.partitions[condition.Partition.Text]; found {
		records = p.records
	}
	if start != nil {
		switch {
		case start[t.key.Partition] != condition.Partition:
			return nil, validation("The provided starting key is outside query boundaries based on provided conditions")
		case !inRange(start):
			return nil, validation("The provided starting key does not match the range key predicate")
		}
		at, found := (&partition{records}).position(t.keyOf(start).sort)
		switch {
		case !forward:
			records = records[:at]
		case found:
			records = records[at+1:]
		default:
			records = records[at:] // the item has been deleted since
		}
	}
	var items []attribute.Item
	for _, r := range records {
		if inRange(r.item) {
			items = append(items, r.item)
		}
	}
	if !forward {
		slices.Reverse(items)
	}
	return items, nil
}

func (s *Service) scan(c *wire.Call, in *pageInput) ([]string, func() (any, error)) {
	return s.onItems(c, in.TableName, func(t *table) (any, error) {
		if err := in.checkStart(t); err != nil {
			return nil, err
		}
		items := slices.Collect(t.all())
		if in.ExclusiveStartKey != nil {
			start := t.keyOf(in.ExclusiveStartKey)
			items = slices.DeleteFunc(items, func(item attribute.Item) bool { return !t.after(t.keyOf(item), start) })
		}
		return in.read(t, items, whole)
	})
}

// after reports whether a key comes after another one in a scan.
func (t *table) after(key, start primaryKey) bool {
	if key.partition.Text != start.partition.Text {
		return key.partition.Text > start.partition.Text
	}
	return key.sort.Compare(start.sort) > 0
}
