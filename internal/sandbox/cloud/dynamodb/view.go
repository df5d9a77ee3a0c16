// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"encoding/json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Items returns the items of a table, by partition key and sort key, with Go's values: string, json.Number and []byte. It is nil when there is
// no such table.
func (s *Service) Items(tableName string) []map[string]any {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.open(tableName)
	if err != nil {
		return nil
	}
	items := []map[string]any{}
	for item := range t.all() {
		plain := make(map[string]any, len(item))
		for name, value := range item {
			switch value.Type {
			case attribute.Number:
				plain[name] = json.Number(value.Text)
			case attribute.Binary:
				plain[name] = []byte(value.Text)
			case attribute.String:
				plain[name] = value.Text
			}
		}
		items = append(items, plain)
	}
	return items
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
