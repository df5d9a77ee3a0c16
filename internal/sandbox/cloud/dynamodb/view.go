// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"encoding/json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// Items returns the items of a table, ordered by partition key and sort key, with Go values: string, json.Number and []byte. It returns nil
// if the table does not exist.
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
