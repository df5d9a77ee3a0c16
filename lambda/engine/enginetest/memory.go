// SPDX-License-Identifier: MPL-2.0

// Package enginetest contains helpers that tests of the engine and of the function share.
package enginetest

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Memory is a table in memory. It implements engine.Store.
type Memory struct {
	mu    sync.Mutex
	items map[string]map[string]memoryItem // by partition key, then by sort key
}

type memoryItem struct {
	version, count int
	doc            []byte
}

// NewMemory returns an empty table.
func NewMemory() *Memory { return &Memory{items: map[string]map[string]memoryItem{}} }

// check refuses keys that DynamoDB refuses (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
func check(keys ...engine.Key) error {
	for _, key := range keys {
		if len(key.PK) == 0 || len(key.SK) == 0 || len(key.PK) > 2048 || len(key.SK) > 1024 {
			return fmt.Errorf("ValidationException: a key of %d and %d bytes", len(key.PK), len(key.SK))
		}
	}
	return nil
}

// Get implements engine.Store.
func (m *Memory) Get(ctx context.Context, key engine.Key) (*engine.Item, error) {
	if err := errors.Join(ctx.Err(), check(key)); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	item, ok := m.items[key.PK][key.SK]
	if !ok {
		return nil, nil
	}
	return &engine.Item{Key: key, Version: item.version, Doc: item.doc}, nil
}

// Query implements engine.Store.
func (m *Memory) Query(ctx context.Context, q engine.Query) ([]engine.Item, error) {
	if err := errors.Join(ctx.Err(), check(engine.Key{PK: q.PK, SK: cmp.Or(q.From, q.Prefix, "-")})); err != nil {
		return nil, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	var found []engine.Item
	for sk, item := range m.items[q.PK] {
		if strings.HasPrefix(sk, q.Prefix) {
			found = append(found, engine.Item{Key: engine.Key{PK: q.PK, SK: sk}, Version: item.version, Doc: item.doc})
		}
	}
	slices.SortFunc(found, func(a, b engine.Item) int { return strings.Compare(a.SK, b.SK) })
	if q.Newest {
		slices.Reverse(found)
	}
	if q.From != "" { // it need not exist
		found = slices.DeleteFunc(found, func(i engine.Item) bool { return i.SK == q.From || (i.SK < q.From) != q.Newest })
	}
	if q.AtMost > 0 && len(found) > q.AtMost {
		return found[:q.AtMost], nil
	}
	return found, nil
}

// transaction refuses transactions that DynamoDB refuses
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_TransactWriteItems.html).
func transaction(writes []engine.Write) error {
	if len(writes) > 100 {
		return fmt.Errorf("ValidationException: a transaction of %d items", len(writes))
	}
	once := map[engine.Key]bool{}
	for _, w := range writes {
		if once[w.Key] {
			return fmt.Errorf("ValidationException: a transaction with several operations on %s %s", w.PK, w.SK)
		}
		once[w.Key] = true
	}
	return nil
}

// Write implements engine.Store.
func (m *Memory) Write(ctx context.Context, writes ...engine.Write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := transaction(writes); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range writes {
		if err := check(w.Key); err != nil {
			return err
		}
		item := m.items[w.PK][w.SK]
		switch {
		case w.Delete:
		case !w.Always && item.version != w.Version:
			return engine.ErrConflict
		}
	}
	for _, w := range writes {
		if w.Delete {
			delete(m.items[w.PK], w.SK)
			continue
		}
		doc, err := json.Marshal(w.Doc)
		if err != nil {
			return err
		}
		m.put(w.Key, memoryItem{version: w.Version + 1, doc: doc})
	}
	return nil
}

// Count implements engine.Store.
func (m *Memory) Count(_ context.Context, key engine.Key, _ time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	item := m.items[key.PK][key.SK]
	item.count++
	item.version = 1
	m.put(key, item)
	return item.count, nil
}

func (m *Memory) put(key engine.Key, item memoryItem) {
	if m.items[key.PK] == nil {
		m.items[key.PK] = map[string]memoryItem{}
	}
	m.items[key.PK][key.SK] = item
}

// Items returns the documents by key.
func (m *Memory) Items() map[engine.Key]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := map[engine.Key]string{}
	for pk, partition := range m.items {
		for sk, item := range partition {
			items[engine.Key{PK: pk, SK: sk}] = string(item.doc)
		}
	}
	return items
}
