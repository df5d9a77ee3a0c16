// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"encoding/json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Items returns the items of a table, by partition key and sort key, with Go's values: string, json.Number, []byte, bool,
// nil, []any, map[string]any, and []string for sets. It is nil when there is no such table.
func (s *Service) Items(tableName string) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.open(tableName)
	if err != nil {
		return nil
	}
	items := []map[string]any{}
	for item := range t.all() {
		items = append(items, plainItem(item))
	}
	return items
}

func plainItem(item attribute.Item) map[string]any {
	plainly := make(map[string]any, len(item))
	for name, value := range item {
		plainly[name] = plain(value)
	}
	return plainly
}

func plain(value attribute.Value) any {
	switch value.Type {
	case attribute.Number:
		return json.Number(value.Text)
	case attribute.Binary:
		return []byte(value.Text)
	case attribute.Bool:
		return value.Bool
	case attribute.Null:
		return nil
	case attribute.List:
		list := make([]any, len(value.List))
		for i, element := range value.List {
			list[i] = plain(element)
		}
		return list
	case attribute.Map:
		return plainItem(value.Fields)
	case attribute.StringSet, attribute.NumberSet, attribute.BinarySet:
		return value.Set
	default:
		return value.Text
	}
}

// Conflict lets the next writes meet another transaction on their items: TransactWriteItems is canceled with the reason
// TransactionConflict, PutItem, UpdateItem and DeleteItem fail with TransactionConflictException. Calls carried out one at a
// time do not meet by themselves.
func (s *Service) Conflict(writes int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.conflicts = writes
}

// meetsConflict tells whether a write is one of those. The caller holds the lock.
func (s *Service) meetsConflict() bool {
	if s.conflicts == 0 {
		return false
	}
	s.conflicts--
	return true
}
