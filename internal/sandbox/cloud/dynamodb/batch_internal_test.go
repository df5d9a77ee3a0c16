// SPDX-License-Identifier: MPL-2.0

package dynamodb

import (
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
)

// TestBatchSize reads more than one answer holds: what is left comes back as keys.
func TestBatchSize(t *testing.T) {
	t.Parallel()
	s := New(Config{TransitionTime: -1})
	table, err := s.newTable(&createTableInput{
		TableName: "nightly", BillingMode: payPerRequest,
		KeySchema: []keySchemaElement{{"pk", "HASH"}}, AttributeDefinitions: []attributeDefinition{{"pk", "S"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	s.tables["nightly"] = table
	var in keysInput
	for _, name := range []string{"a", "b", "c"} {
		key := attribute.Item{"pk": {Type: attribute.String, Text: name}}
		table.put(table.keyOf(key), key) // of three bytes each
		in.Keys = append(in.Keys, key)
	}
	out := batchGetOutput{Responses: map[string][]attribute.Item{}, UnprocessedKeys: map[string]*unprocessedKeys{}}
	left := 4
	if err := s.getKeys("nightly", in, &left, &out); err != nil {
		t.Fatal(err)
	}
	if items, rest := out.Responses["nightly"], out.UnprocessedKeys["nightly"]; len(items) != 2 || rest == nil || len(rest.Keys) != 1 || !rest.Keys[0].Equal(in.Keys[2]) {
		t.Errorf("%d items, and left are %+v", len(items), rest)
	}
}
