// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Limits of batches. Source: BatchGetItem, BatchWriteItem.
const (
	maxBatchGet      = 100
	maxBatchGetSize  = 16 << 20
	maxBatchWrite    = 25
	emptyRequestItem = "Member must have length greater than or equal to 1"
)

type keysInput struct {
	projectionInput
	Keys           []attribute.Item
	ConsistentRead *bool
}

type batchGetInput struct {
	capacity
	RequestItems map[string]keysInput
}

type batchGetOutput struct {
	Responses       map[string][]attribute.Item
	UnprocessedKeys map[string]*unprocessedKeys
}

// unprocessedKeys has the form of a request for what is left.
type unprocessedKeys struct {
	Keys                     []attribute.Item
	ConsistentRead           *bool             `json:",omitempty"`
	ProjectionExpression     *string           `json:",omitempty"`
	ExpressionAttributeNames map[string]string `json:",omitempty"`
}

func (s *Service) batchGetItem(_ *wire.Request, in *batchGetInput) ([]string, func() (any, error)) {
	tables := slices.Sorted(maps.Keys(in.RequestItems))
	return s.arns(tables...), func() (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		total := 0
		for _, keys := range in.RequestItems {
			total += len(keys.Keys)
		}
		switch {
		case total == 0:
			return nil, constraint("{}", "requestItems", emptyRequestItem)
		case total > maxBatchGet:
			return nil, validation("Too many items requested for the BatchGetItem call")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		out := batchGetOutput{Responses: map[string][]attribute.Item{}, UnprocessedKeys: map[string]*unprocessedKeys{}}
		left := maxBatchGetSize
		for _, name := range tables {
			if err := s.getKeys(name, in.RequestItems[name], &left, &out); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
}

// getKeys reads the items of one table, as many as the rest of the batch's size allows.
func (s *Service) getKeys(name string, in keysInput, left *int, out *batchGetOutput) error {
	t, err := s.open(name)
	if err != nil {
		return err
	}
	part, err := in.projection()
	if err != nil {
		return err
	}
	if repeated(in.Keys) {
		return validation("Provided list of item keys contains duplicates")
	}
	out.Responses[name] = []attribute.Item{}
	for i, key := range in.Keys {
		if *left <= 0 {
			out.UnprocessedKeys[name] = &unprocessedKeys{in.Keys[i:], in.ConsistentRead, in.ProjectionExpression, in.ExpressionAttributeNames}
			break
		}
		item, err := t.lookUp(key, func(item attribute.Item) attribute.Item {
			*left -= item.Size()
			return part(item)
		})
		if err != nil {
			return err
		}
		if item != nil {
			out.Responses[name] = append(out.Responses[name], item)
		}
	}
	return nil
}

func repeated(keys []attribute.Item) bool {
	for i, key := range keys {
		if slices.ContainsFunc(keys[:i], key.Equal) {
			return true
		}
	}
	return false
}

type writeRequest struct {
	PutRequest    *struct{ Item attribute.Item }
	DeleteRequest *struct{ Key attribute.Item }
}

type batchWriteInput struct {
	capacity
	RequestItems                map[string][]writeRequest
	ReturnItemCollectionMetrics string
}

type batchWriteOutput struct{ UnprocessedItems struct{} }

func (s *Service) batchWriteItem(_ *wire.Request, in *batchWriteInput) ([]string, func() (any, error)) {
	tables := slices.Sorted(maps.Keys(in.RequestItems))
	return s.arns(tables...), func() (any, error) {
		if err := in.check(); err != nil {
			return nil, err
		}
		total := 0
		for _, requests := range in.RequestItems {
			total += len(requests)
		}
		switch {
		case total == 0:
			return nil, constraint("{}", "requestItems", emptyRequestItem)
		case total > maxBatchWrite:
			return nil, validation("Too many items requested for the BatchWriteItem call")
		case in.ReturnItemCollectionMetrics != "" && in.ReturnItemCollectionMetrics != "NONE":
			return nil, validation("The sandbox does not count item collections: ReturnItemCollectionMetrics has to be NONE.")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		var writes []*write
		for _, name := range tables {
			t, err := s.open(name)
			if err != nil {
				return nil, err
			}
			prepared, err := t.batch(in.RequestItems[name])
			if err != nil {
				return nil, err
			}
			writes = append(writes, prepared...)
		}
		for _, w := range writes {
			_, changed, err := w.outcome()
			if err != nil {
				return nil, err
			}
			w.table.put(w.key, changed)
		}
		return batchWriteOutput{}, nil
	}
}

// batch checks the writes of one table.
func (t *table) batch(requests []writeRequest) ([]*write, error) {
	writes := make([]*write, 0, len(requests))
	keys := make([]attribute.Item, 0, len(requests))
	for _, r := range requests {
		var w *write
		var err error
		switch {
		case (r.PutRequest == nil) == (r.DeleteRequest == nil):
			return nil, validation("Supplied AttributeValue has more than one datatypes set, must contain exactly one of the supported datatypes")
		case r.PutRequest != nil:
			w, err = (&putInput{Item: r.PutRequest.Item}).write(t)
			keys = append(keys, t.keyItem(r.PutRequest.Item))
		default:
			w, err = (&keyInput{Key: r.DeleteRequest.Key}).write(t)
			keys = append(keys, r.DeleteRequest.Key)
		}
		if err != nil {
			return nil, err
		}
		writes = append(writes, w)
	}
	if repeated(keys) {
		return nil, validation("Provided list of item keys contains duplicates")
	}
	return writes, nil
}
