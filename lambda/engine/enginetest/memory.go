// SPDX-License-Identifier: MPL-2.0

// Package enginetest has what tests of the engine and of the function that it runs in share.
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

// Memory is a table in memory: an engine.Store.
type Memory struct {
	mu    sync.Mutex
	items map[engine.Key]memoryItem
}

type memoryItem struct {
	version, count int
	doc            []byte
}

// NewMemory returns an empty table.
func NewMemory() *Memory { return &Memory{items: map[engine.Key]memoryItem{}} }

// check refuses what DynamoDB refuses as a key
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html).
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
	item, ok := m.items[key]
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
	for key, item := range m.items {
		if key.PK == q.PK && strings.HasPrefix(key.SK, q.Prefix) {
			found = append(found, engine.Item{Key: key, Version: item.version, Doc: item.doc})
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

// Write implements engine.Store.
func (m *Memory) Write(ctx context.Context, writes ...engine.Write) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, w := range writes {
		if err := check(w.Key); err != nil {
			return err
		}
		item := m.items[w.Key]
		switch {
		case w.Delete:
		case !w.Always && item.version != w.Version:
			return engine.ErrConflict
		}
	}
	for _, w := range writes {
		if w.Delete {
			delete(m.items, w.Key)
			continue
		}
		doc, err := json.Marshal(w.Doc)
		if err != nil {
			return err
		}
		m.items[w.Key] = memoryItem{version: w.Version + 1, doc: doc}
	}
	return nil
}

// Count implements engine.Store.
func (m *Memory) Count(_ context.Context, key engine.Key, _ time.Time) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	item := m.items[key]
	item.count++
	item.version = 1
	m.items[key] = item
	return item.count, nil
}

// Items returns the documents by key.
func (m *Memory) Items() map[engine.Key]string {
	m.mu.Lock()
	defer m.mu.Unlock()
	items := make(map[engine.Key]string, len(m.items))
	for key, item := range m.items {
		items[key] = string(item.doc)
	}
	return items
}
