// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"iter"
	"maps"
	"math/big"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// partition holds the items with one partition key, in order of their sort keys.
type partition struct{ records []record }

type record struct {
	sort attribute.Value // empty in a table without sort keys
	item attribute.Item
}

// position returns the index of the item with a sort key, or the index at which to insert it.
func (p *partition) position(sort attribute.Value) (int, bool) {
	return slices.BinarySearchFunc(p.records, sort, func(r record, sort attribute.Value) int { return r.sort.Compare(sort) })
}

// primaryKey holds the values of an item's primary key.
type primaryKey struct{ partition, sort attribute.Value }

// keyOf returns the primary key of a checked item.
func (t *table) keyOf(item attribute.Item) primaryKey {
	key := primaryKey{partition: item[t.key.Partition], sort: attribute.Value{Type: attribute.String}}
	if t.key.Sort != "" {
		key.sort = item[t.key.Sort]
	}
	return key
}

// keyItem returns the part of an item that is its primary key.
func (t *table) keyItem(item attribute.Item) attribute.Item {
	key := attribute.Item{t.key.Partition: item[t.key.Partition]}
	if t.key.Sort != "" {
		key[t.key.Sort] = item[t.key.Sort]
	}
	return key
}

// get returns an item, or nil.
func (t *table) get(key primaryKey) attribute.Item {
	p, found := t.partitions[key.partition.Text]
	if !found {
		return nil
	}
	at, found := p.position(key.sort)
	if !found {
		return nil
	}
	return p.records[at].item
}

// put stores an item, or removes it if item is nil.
func (t *table) put(key primaryKey, item attribute.Item) {
	p, found := t.partitions[key.partition.Text]
	if !found {
		p = &partition{}
		t.partitions[key.partition.Text] = p
	}
	at, found := p.position(key.sort)
	switch {
	case item == nil && found:
		p.records = slices.Delete(p.records, at, at+1)
	case item != nil && found:
		p.records[at].item = item
	case item != nil:
		p.records = slices.Insert(p.records, at, record{key.sort, item})
	}
	if len(p.records) == 0 {
		delete(t.partitions, key.partition.Text)
	}
	if at, expires := t.expiry(item); expires && (t.nextExpiry.IsZero() || at.Before(t.nextExpiry)) {
		t.nextExpiry = at
	}
}

// all iterates over the items in a fixed order: by partition key, then by sort key.
func (t *table) all() iter.Seq[attribute.Item] {
	return func(yield func(attribute.Item) bool) {
		for _, name := range slices.Sorted(maps.Keys(t.partitions)) {
			for _, r := range t.partitions[name].records {
				if !yield(r.item) {
					return
				}
			}
		}
	}
}

// tooOld is the age of an expiry from which on DynamoDB keeps the item. Source: DynamoDB Developer Guide, "Using time to live (TTL) in
// DynamoDB".
const tooOld = 5 * 365 * 24 * time.Hour

// expiry returns when an item expires. The attribute must be a number.
func (t *table) expiry(item attribute.Item) (time.Time, bool) {
	value, found := item[t.ttl.attribute]
	if !t.ttl.enabled || !found || value.Type != attribute.Number {
		return time.Time{}, false
	}
	r, ok := new(big.Rat).SetString(value.Text)
	if !ok {
		return time.Time{}, false
	}
	const longAfter = 1 << 40 // seconds: 36,000 years
	whole := new(big.Int).Quo(r.Num(), r.Denom())
	if !whole.IsInt64() || whole.Int64() > longAfter || whole.Int64() < 0 {
		return time.Time{}, false
	}
	return time.Unix(whole.Int64(), 0), true
}

// expire removes expired items. AWS takes up to two days and shows the items meanwhile. The sandbox removes them at once, so that a test
// sees the final state.
func (t *table) expire(now time.Time) {
	if t.nextExpiry.IsZero() || now.Before(t.nextExpiry) {
		return
	}
	t.nextExpiry = time.Time{}
	var gone []attribute.Item
	for item := range t.all() {
		at, expires := t.expiry(item)
		switch {
		case !expires || now.Sub(at) > tooOld:
		case at.Before(now):
			gone = append(gone, item)
		case t.nextExpiry.IsZero() || at.Before(t.nextExpiry):
			t.nextExpiry = at
		}
	}
	for _, item := range gone {
		t.put(t.keyOf(item), nil)
	}
}
