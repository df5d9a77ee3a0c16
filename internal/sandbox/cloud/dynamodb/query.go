// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxPage is how many bytes of items one Query or Scan reads. Source: Query, "LastEvaluatedKey".
const maxPage = 1 << 20

// pageInput is what Query and Scan have in common.
type pageInput struct {
	projectionInput
	capacity
	TableName                 string
	FilterExpression          *string
	ExpressionAttributeValues attribute.Item
	ExclusiveStartKey         attribute.Item
	Limit                     *int
	Select                    string
	ConsistentRead            bool
}

type queryInput struct {
	pageInput
	KeyConditionExpression *string
	ScanIndexForward       *bool
}

type pageOutput struct {
	Items            []attribute.Item `json:",omitempty"` // none when only the count is asked for
	Count            int
	ScannedCount     int
	LastEvaluatedKey attribute.Item `json:",omitempty"`
}

// page is a reading of a table that comes to its end at a limit.
type page struct {
	table  *table
	limit  int // 0: none
	filter expression.Condition
	part   func(attribute.Item) attribute.Item
	count  bool // no items are wanted, just how many there are
}

// page reads the parameters that Query and Scan have in common.
func (in *pageInput) page(t *table, placeholders *expression.Placeholders) (*page, error) {
	if err := in.check(); err != nil {
		return nil, err
	}
	p := &page{table: t, filter: func(attribute.Item) bool { return true }}
	if in.Limit != nil {
		if p.limit = *in.Limit; p.limit < 1 {
			return nil, constraint(p.limit, "limit", "Member must have value greater than or equal to 1")
		}
	}
	switch {
	case in.Select == "COUNT" && in.ProjectionExpression != nil:
		return nil, invalid("Cannot specify the ProjectionExpression when choosing to get only the Count")
	case in.Select == "COUNT":
		p.count = true
	case in.Select == "", in.Select == "ALL_ATTRIBUTES" && in.ProjectionExpression == nil,
		in.Select == "SPECIFIC_ATTRIBUTES" && in.ProjectionExpression != nil:
	default:
		return nil, invalid("Select type %s does not go with the other parameters", in.Select)
	}
	var err error
	if in.FilterExpression != nil {
		if p.filter, err = expression.ParseCondition("FilterExpression", *in.FilterExpression, placeholders); err != nil {
			return nil, err
		}
	}
	if p.part, err = parseProjection(in.ProjectionExpression, placeholders); err != nil {
		return nil, err
	}
	if in.ExclusiveStartKey != nil && t.checkKey(in.ExclusiveStartKey) != nil {
		return nil, validation("The provided starting key is invalid: The provided key element does not match the schema")
	}
	return p, placeholders.CheckUsed()
}

// read goes through items that the request is about until the page is full.
func (p *page) read(items []attribute.Item) pageOutput {
	out := pageOutput{}
	if !p.count {
		out.Items = []attribute.Item{}
	}
	size := 0
	for _, item := range items {
		out.ScannedCount++
		size += item.Size()
		if p.filter(item) {
			out.Count++
			if !p.count {
				out.Items = append(out.Items, p.part(item))
			}
		}
		// The key says where to go on, not that there is more: at a limit it comes with the last item too, as on AWS.
		if out.ScannedCount == p.limit || size >= maxPage {
			out.LastEvaluatedKey = p.table.keyItem(item)
			break
		}
	}
	return out
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
		if err := t.checkKeyCondition(condition); err != nil {
			return nil, err
		}
		p, err := in.page(t, placeholders)
		if err != nil {
			return nil, err
		}
		items, err := t.matching(condition, in.ExclusiveStartKey, in.ScanIndexForward == nil || *in.ScanIndexForward)
		if err != nil {
			return nil, err
		}
		return p.read(items), nil
	})
}

func (t *table) checkKeyCondition(condition *expression.KeyCondition) error {
	if condition.Partition.Type != t.keyTypes[t.key.Partition] {
		return invalid("Condition parameter type does not match schema type")
	}
	for _, value := range condition.Sort {
		if value.Type != t.keyTypes[t.key.Sort] {
			return invalid("Condition parameter type does not match schema type")
		}
	}
	return t.checkKeyValue(t.key.Partition, condition.Partition)
}

// matching returns the items that a query is about, in its order, after the starting key.
func (t *table) matching(condition *expression.KeyCondition, start attribute.Item, forward bool) ([]attribute.Item, error) {
	inRange := condition.InRange
	if inRange == nil {
		inRange = func(attribute.Item) bool { return true }
	}
	var records []record
	if p, found := t.partitions[condition.Partition.Text]; found {
		records = p.records
	}
	if start != nil {
		switch {
		case !start[t.key.Partition].Equal(condition.Partition):
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
		placeholders, err := expression.NewPlaceholders(in.ExpressionAttributeNames, in.ExpressionAttributeValues)
		if err != nil {
			return nil, err
		}
		p, err := in.page(t, placeholders)
		if err != nil {
			return nil, err
		}
		items := slices.Collect(t.all())
		if in.ExclusiveStartKey != nil {
			start := t.keyOf(in.ExclusiveStartKey)
			items = slices.DeleteFunc(items, func(item attribute.Item) bool { return !t.after(t.keyOf(item), start) })
		}
		return p.read(items), nil
	})
}

// after tells whether a key comes after another one in a scan.
func (t *table) after(key, start primaryKey) bool {
	if key.partition.Text != start.partition.Text {
		return key.partition.Text > start.partition.Text
	}
	return key.sort.Compare(start.sort) > 0
}
