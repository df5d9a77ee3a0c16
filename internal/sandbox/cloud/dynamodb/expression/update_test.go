// SPDX-License-Identifier: MPL-2.0

package expression_test

import (
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
)

var tableKey = expression.Key{Partition: "pk", Sort: "sk"}

func TestUpdate(t *testing.T) {
	t.Parallel()
	// The item before, an update, and the item after it.
	for _, tt := range []struct{ before, text, after string }{
		{`{}`, "SET a = :1, b = :he", `{"a":{"N":"1"},"b":{"S":"he"}}`},
		{`{"a":{"N":"1"},"b":{"N":"5"}}`, "SET a = b, b = a", `{"a":{"N":"5"},"b":{"N":"1"}}`},
		{`{"a":{"N":"9007199254740993"}}`, "SET a = a + :1", `{"a":{"N":"9007199254740994"}}`},
		{`{"a":{"N":"0.1"}}`, "set a = a - :3", `{"a":{"N":"-2.9"}}`},
		{`{}`, "SET a = if_not_exists(a, :0) + :1", `{"a":{"N":"1"}}`},
		{`{"a":{"N":"4"}}`, "SET a = if_not_exists(a, :0) + :1", `{"a":{"N":"5"}}`},
		{`{"a":{"N":"1"}}`, "SET b = if_not_exists(b, a)", `{"a":{"N":"1"},"b":{"N":"1"}}`},
		{`{"l":{"L":[{"N":"1"}]}}`, "SET l = list_append(l, :list)", `{"l":{"L":[{"N":"1"},{"S":"new"}]}}`},
		{`{}`, "SET l = list_append(if_not_exists(l, :list), :list)", `{"l":{"L":[{"S":"new"},{"S":"new"}]}}`},
		{`{"l":{"L":[{"N":"1"}]}}`, "SET l[0] = :5, l[9] = :3, l[4] = :1", `{"l":{"L":[{"N":"5"},{"N":"1"},{"N":"3"}]}}`},
		{`{"m":{"M":{}}}`, "SET m.a = :1, m.#n = :3", `{"m":{"M":{"a":{"N":"1"},"inner":{"N":"3"}}}}`},
		{`{"m":{"M":{"l":{"L":[{"M":{}}]}}}}`, "SET m.l[0].x = :he", `{"m":{"M":{"l":{"L":[{"M":{"x":{"S":"he"}}}]}}}}`},
		{`{"a":{"N":"1"},"b":{"N":"2"}}`, "REMOVE a, absent", `{"b":{"N":"2"}}`},
		{`{"l":{"L":[{"N":"0"},{"N":"1"},{"N":"2"},{"N":"3"}]}}`, "REMOVE l[0], l[2], l[8]", `{"l":{"L":[{"N":"1"},{"N":"3"}]}}`},
		{`{"l":{"L":[{"N":"0"},{"N":"1"}]}}`, "REMOVE l[0] SET l[1] = :5", `{"l":{"L":[{"N":"5"}]}}`},
		{`{"m":{"M":{"a":{"N":"1"}}}}`, "REMOVE m.a", `{"m":{"M":{}}}`},
		{`{}`, "ADD #count :1 SET expires = :5", `{"count":{"N":"1"},"expires":{"N":"5"}}`},
		{`{"count":{"N":"41"}}`, "SET expires = :5 ADD #count :1", `{"count":{"N":"42"},"expires":{"N":"5"}}`},
		{`{}`, "ADD tags :ss", `{"tags":{"SS":["b","c"]}}`},
		{`{"tags":{"SS":["a","b"]}}`, "ADD tags :ss", `{"tags":{"SS":["a","b","c"]}}`},
		{`{"tags":{"SS":["a","b"]}}`, "DELETE tags :ss", `{"tags":{"SS":["a"]}}`},
		{`{"tags":{"SS":["a","b"]}}`, "DELETE tags :sb", `{}`},
		{`{"a":{"N":"1"}}`, "DELETE tags :sb", `{"a":{"N":"1"}}`},
		{`{"m":{"M":{"n":{"N":"1"}}}}`, "ADD m.n :3", `{"m":{"M":{"n":{"N":"4"}}}}`},
	} {
		update, err := expression.ParseUpdate(tt.text, tableKey, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", tt.text, err)
			continue
		}
		before := item(t, tt.before)
		got, err := update.Apply(before)
		if err != nil || !got.Equal(item(t, tt.after)) {
			t.Errorf("%s on %s:\ngot  %v, %v\nwant %s", tt.text, tt.before, got, err, tt.after)
		}
		if !before.Equal(item(t, tt.before)) {
			t.Errorf("%s changed the item before: %v", tt.text, before)
		}
	}
}

func TestUpdateRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                            "can not be empty",
		"SET":                         "Syntax error",
		"SET a":                       "Syntax error",
		"SET a = ":                    "Syntax error",
		"SET a = :1 b = :1":           "Syntax error",
		"a = :1":                      "Syntax error",
		"SET a = :1 SET b = :1":       "Syntax error",
		"SET a = :1 + :3 + :5":        "Syntax error",
		"REMOVE":                      "Syntax error",
		"REMOVE a, a":                 "overlap",
		"SET m.a = :1 REMOVE m":       "overlap",
		"SET a = :missing":            "not defined",
		"SET #missing = :1":           "not defined",
		"SET name = :1":               "reserved keyword",
		"SET #pk = :he":               "Cannot update attribute pk",
		"REMOVE sk":                   "Cannot update attribute sk",
		"SET a = size(b)":             "not allowed",
		"SET a = if_not_exists(b)":    "Incorrect number of operands",
		"SET a = if_not_exists(:1,b)": "Syntax error",
		"ADD a :he":                   "operand type: S",
		"ADD a b":                     "Syntax error",
		"DELETE a :1":                 "operand type: N",
	} {
		_, err := expression.ParseUpdate(text, tableKey, placeholders(t))
		wantRefusal(t, text, err, want)
	}
	for text, want := range map[string]string{
		"SET a = absent":                   "does not exist in the item",
		"SET a = absent + :1":              "does not exist in the item",
		"SET a = word + :1":                "incorrect data type",
		"SET a = :1 - word":                "incorrect data type",
		"SET a = list_append(word, :list)": "incorrect data type",
		"SET a = if_not_exists(b, absent)": "does not exist in the item",
		"ADD word :1":                      "incorrect data type",
		"ADD tags :ns":                     "incorrect data type",
		"DELETE numbers :ss":               "incorrect data type",
		"SET tree.absent.a = :1":           "document path provided in the update expression is invalid",
		"SET absent[0] = :1":               "document path provided in the update expression is invalid",
		"SET word.a = :1":                  "document path provided in the update expression is invalid",
		"SET steps.a = :1":                 "document path provided in the update expression is invalid",
		"REMOVE word[0]":                   "document path provided in the update expression is invalid",
		"SET a = :max + :max":              "significant digits",
	} {
		update, err := expression.ParseUpdate(text, tableKey, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		_, err = update.Apply(item(t, stored))
		wantRefusal(t, text, err, want)
	}
}

func TestTouched(t *testing.T) {
	t.Parallel()
	update, err := expression.ParseUpdate("SET tree.s = :he REMOVE grade ADD #count :1", tableKey, placeholders(t))
	if err != nil {
		t.Fatal(err)
	}
	changed, err := update.Apply(item(t, stored))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := update.Touched(changed), `{"tree":{"M":{"s":{"S":"he"}}},"count":{"N":"1"}}`; !got.Equal(item(t, want)) {
		t.Errorf("got %v, want %s", got, want)
	}
}
