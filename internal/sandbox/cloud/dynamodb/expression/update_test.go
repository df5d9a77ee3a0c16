// SPDX-License-Identifier: MPL-2.0

package expression_test

import (
	"maps"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
)

var tableKey = expression.Key{Partition: "pk", Sort: "sk"}

// TestUpdate applies updates to the item, and checks which attributes they change.
func TestUpdate(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"SET a = :1":                             `{"a":{"N":"1"}}`,
		"set word = :z, #count=:he":              `{"word":{"S":"z"},"count":{"S":"he"}}`,
		"ADD grade :1":                           `{"grade":{"N":"4"}}`,
		"ADD absent :1, version :1":              `{"absent":{"N":"1"},"version":{"N":"9007199254740994"}}`,
		"ADD #count :1 SET a = :1, version = :3": `{"count":{"N":"1"},"a":{"N":"1"},"version":{"N":"3"}}`,
		"SET a = :1 ADD grade :3":                `{"a":{"N":"1"},"grade":{"N":"6"}}`,
	} {
		update, err := expression.ParseUpdate(text, tableKey, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		changed, err := update.Apply(item(t, stored))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		all := item(t, stored)
		maps.Copy(all, item(t, want))
		if !maps.Equal(changed, all) {
			t.Errorf("%s: got %v, want %v", text, changed, all)
		}
		if got := update.Touched(changed); !maps.Equal(got, item(t, want)) {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
}

func TestUpdateRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                      "can not be empty",
		"a = :1":                "Syntax error",
		"SET":                   "Syntax error",
		"SET a":                 "Syntax error",
		"SET a = :1,":           "Syntax error",
		"SET a = :1 b = :3":     "Syntax error",
		"ADD a":                 "Syntax error",
		"ADD a b":               "Syntax error",
		"SET a = :1 SET b = :3": "can only be used once",
		"SET a = :1, a = :3":    "overlap",
		"SET a = :1 ADD a :1":   "overlap",
		"SET a = :missing":      "not defined",
		"SET #missing = :1":     "not defined",
		"SET name = :1":         "reserved keyword",
		"SET #pk = :he":         "Cannot update attribute pk",
		"ADD sk :1":             "Cannot update attribute sk",
		"ADD a :he":             "operand type: S",
		"REMOVE a":              "a form that the sandbox does not offer",
		"DELETE a :1":           "a form that the sandbox does not offer",
		"SET a = b":             "a form that the sandbox does not offer",
		"SET a = :1 + :3":       "a form that the sandbox does not offer",
		"SET a.b = :1":          "a form that the sandbox does not offer",
		"SET a[0] = :1":         "a form that the sandbox does not offer",
		"SET a = size(b)":       "a form that the sandbox does not offer",
	} {
		_, err := expression.ParseUpdate(text, tableKey, placeholders(t))
		wantRefusal(t, text, err, want)
	}
	for text, want := range map[string]string{
		"ADD word :1":      "incorrect data type",
		"ADD version :max": "significant digits",
	} {
		update, err := expression.ParseUpdate(text, tableKey, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		_, err = update.Apply(item(t, `{"version":{"N":"99999999999999999999999999999999999999"},"word":{"S":"x"}}`))
		wantRefusal(t, text, err, want)
	}
}
