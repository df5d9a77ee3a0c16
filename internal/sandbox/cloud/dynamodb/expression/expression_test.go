// SPDX-License-Identifier: MPL-2.0

package expression_test

import (
	"encoding/json"
	"errors"
	"maps"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/attribute"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb/expression"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// stored is the item that the tests work on.
const stored = `{
	"pk": {"S": "RUN#1"}, "sk": {"S": "EDGE#b"}, "version": {"N": "9007199254740993"}, "grade": {"N": "3"}, "word": {"S": "hello"}
}`

// names and values are what the expressions in the tests can use.
var names = map[string]string{"#pk": "pk", "#sk": "sk", "#count": "count"}

const values = `{
	":v": {"N": "9007199254740993"}, ":v1": {"N": "9007199254740992"}, ":1": {"N": "1"}, ":3": {"N": "3"}, ":he": {"S": "he"},
	":hello": {"S": "hello"}, ":z": {"S": "z"}, ":run": {"S": "RUN#1"}, ":edge": {"S": "EDGE#"}, ":three": {"S": "3"},
	":max": {"N": "99999999999999999999999999999999999999"}
}`

func item(t testing.TB, text string) attribute.Item {
	t.Helper()
	var i attribute.Item
	if err := json.Unmarshal([]byte(text), &i); err != nil {
		t.Fatal(err)
	}
	return i
}

func placeholders(t testing.TB) *expression.Placeholders {
	t.Helper()
	p, err := expression.NewPlaceholders(names, item(t, values))
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// wantRefusal checks that err is a ValidationException with a piece of text.
func wantRefusal(t *testing.T, what string, err error, want string) {
	t.Helper()
	var refusal *wire.Error
	if !errors.As(err, &refusal) || refusal.Code != "ValidationException" || !strings.Contains(refusal.Message, want) {
		t.Errorf("%s: error %v, want a ValidationException with %s", what, err, want)
	}
}

func TestCondition(t *testing.T) {
	t.Parallel()
	here := item(t, stored)
	for text, want := range map[string]bool{
		"attribute_not_exists(#pk)":      false,
		"attribute_not_exists( absent )": true,
		"version = :v":                   true,
		"version = :v1":                  false, // equal as float64
		"\n word\t=\n:hello ":            true,
		"grade = :three":                 false, // another type
		"absent = :he":                   false,
	} {
		condition, err := expression.ParseCondition(text, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := condition(here); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
}

func TestConditionRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                 "Invalid ConditionExpression: The expression can not be empty",
		"grade":                            "Syntax error",
		"grade =":                          "Syntax error",
		"grade = :3 word = :he":            "Syntax error",
		"grade = :3, word = :he":           "Syntax error",
		"(grade = :3":                      "Syntax error",
		"grade == :3":                      "Syntax error",
		"grade = 3":                        "Syntax error",
		"grade = :3\x00":                   "Syntax error",
		"_grade = :3":                      "Syntax error",
		"version = :missing":               "attribute value: :missing",
		"#missing = :3":                    "attribute name: #missing",
		"count = :3":                       "reserved keyword: count",
		"attribute_not_exists(Status)":     "reserved keyword: Status",
		strings.Repeat("a", 4096) + "= :1": "maximum allowed size",
		"attribute_exists(grade)":          "a form that the sandbox does not offer",
		"attribute_not_exists(a.b)":        "a form that the sandbox does not offer",
		"attribute_not_exists(a[0])":       "a form that the sandbox does not offer",
		"grade < :3":                       "a form that the sandbox does not offer",
		"grade <> :3":                      "a form that the sandbox does not offer",
		"grade = word":                     "a form that the sandbox does not offer",
		":3 = grade":                       "a form that the sandbox does not offer",
		"NOT grade = :3":                   "a form that the sandbox does not offer",
		"grade = :3 AND word = :he":        "a form that the sandbox does not offer",
		"grade BETWEEN :1 AND :3":          "a form that the sandbox does not offer",
		"grade IN (:1)":                    "a form that the sandbox does not offer",
		"begins_with(word, :he)":           "a form that the sandbox does not offer",
		"ATTRIBUTE_NOT_EXISTS(grade)":      "a form that the sandbox does not offer",
	} {
		_, err := expression.ParseCondition(text, placeholders(t))
		wantRefusal(t, text, err, want)
	}
}

func TestPlaceholders(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		names     map[string]string
		values    string
		condition string
		want      string
	}{
		"good": {map[string]string{"#a": "a"}, `{":b":{"S":"b"}}`, "#a = :b", ""},
		"unused name": {map[string]string{"#a": "a", "#b": "b"}, `{":b":{"S":"b"}}`, "#a = :b",
			"ExpressionAttributeNames unused in expressions: keys: {#b}"},
		"unused value":      {nil, `{":b":{"S":"b"},":c":{"S":"c"}}`, "a = :b", "ExpressionAttributeValues unused in expressions: keys: {:c}"},
		"names, no use":     {map[string]string{"#a": "a"}, `null`, "", "ExpressionAttributeNames can only be specified when using expressions"},
		"values, no use":    {nil, `{":b":{"S":"b"}}`, "", "ExpressionAttributeValues can only be specified when using expressions"},
		"no names":          {map[string]string{}, `null`, "", "ExpressionAttributeNames must not be empty"},
		"no values":         {nil, `{}`, "", "ExpressionAttributeValues must not be empty"},
		"name without #":    {map[string]string{"a": "a"}, `null`, "", "invalid key"},
		"value without :":   {nil, `{"b":{"S":"b"}}`, "", "invalid key"},
		"name with a space": {map[string]string{"#a b": "a"}, `null`, "", "invalid key"},
	} {
		p, err := expression.NewPlaceholders(tt.names, item(t, tt.values))
		if err == nil && tt.condition != "" {
			_, err = expression.ParseCondition(tt.condition, p)
		}
		if err == nil {
			err = p.CheckUsed()
		}
		if tt.want == "" {
			if err != nil {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		wantRefusal(t, name, err, tt.want)
	}
}

func TestKeyCondition(t *testing.T) {
	t.Parallel()
	key := expression.Key{Partition: "pk", Sort: "sk"}
	for text, beginning := range map[string]string{
		"pk = :run":                              "",
		"#pk = :run AND begins_with(#sk, :edge)": "EDGE#",
		"pk=:run and\tbegins_with ( sk,:edge ) ": "EDGE#",
	} {
		condition, err := expression.ParseKeyCondition(text, key, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if condition.Partition.Text != "RUN#1" || (condition.Beginning == nil) != (beginning == "") || beginning != "" &&
			condition.Beginning.Text != beginning {
			t.Errorf("%s: %+v", text, condition)
		}
	}
	for text, want := range map[string]string{
		"sk = :run":                             "missed key schema element: pk",
		"pk = :run AND begins_with(grade, :he)": "missed key schema element: sk",
		"pk = :run AND begins_with(sk, :1)":     "operand type: N",
		"pk = :missing":                         "not defined",
		"pk = :run AND ":                        "Syntax error",
		"pk = :run AND":                         "Syntax error",
		"pk = :run begins_with(sk, :z)":         "Syntax error",
		"pk = :run, sk = :z":                    "Syntax error",
		"pk = :runAND begins_with(sk, :z)":      "Syntax error",
		"pk > :run":                             "a form that the sandbox does not offer",
		"pk = :run AND sk > :z":                 "a form that the sandbox does not offer",
		"pk = :run OR begins_with(sk, :z)":      "a form that the sandbox does not offer",
		"begins_with(sk, :z) AND pk = :run":     "a form that the sandbox does not offer",
	} {
		_, err := expression.ParseKeyCondition(text, key, placeholders(t))
		wantRefusal(t, text, err, want)
	}
}

func TestProjection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"pk":                 `{"pk":{"S":"RUN#1"}}`,
		"#pk, grade, absent": `{"pk":{"S":"RUN#1"},"grade":{"N":"3"}}`,
		"absent":             `{}`,
	} {
		projection, err := expression.ParseProjection(text, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := projection.Of(item(t, stored)); !maps.Equal(got, item(t, want)) {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"":         "can not be empty",
		"pk,":      "Syntax error",
		"pk sk":    "Syntax error",
		":run":     "Syntax error",
		"tree.s":   "a form that the sandbox does not offer",
		"steps[0]": "a form that the sandbox does not offer",
		"pk, #pk":  "overlap",
		"pk, name": "reserved keyword",
	} {
		_, err := expression.ParseProjection(text, placeholders(t))
		wantRefusal(t, text, err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"attribute_not_exists(#pk)", "grade = :3", "pk = :run AND begins_with(sk, :edge)", "SET a = :1, b = :he ADD n :1", "a, b", "((", "SET",
		"f(,)",
	} {
		f.Add(text)
	}
	here := item(f, stored)
	key := expression.Key{Partition: "pk", Sort: "sk"}
	f.Fuzz(func(t *testing.T, text string) {
		if condition, err := expression.ParseCondition(text, placeholders(t)); err == nil {
			condition(here)
			condition(nil)
		}
		_, _ = expression.ParseKeyCondition(text, key, placeholders(t)) // it must not panic
		if projection, err := expression.ParseProjection(text, placeholders(t)); err == nil {
			projection.Of(here)
		}
		if update, err := expression.ParseUpdate(text, key, placeholders(t)); err == nil {
			if changed, err := update.Apply(here); err == nil {
				update.Touched(changed)
			}
		}
		if !maps.Equal(here, item(t, stored)) {
			t.Fatalf("%q changed the item that it was applied to", text)
		}
	})
}
