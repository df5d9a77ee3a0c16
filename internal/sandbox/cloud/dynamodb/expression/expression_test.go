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
	"pk": {"S": "RUN#1"}, "sk": {"S": "EDGE#b"}, "version": {"N": "9007199254740993"}, "grade": {"N": "3"}, "word": {"S": "hello"},
	"bin": {"B": "AQI="}, "flag": {"BOOL": true}, "nothing": {"NULL": true}, "tags": {"SS": ["a", "b"]}, "numbers": {"NS": ["1", "2"]},
	"steps": {"L": [{"N": "1"}, {"S": "two"}, {"M": {"deep": {"S": "x"}, "lit": {"N": "1"}}}]},
	"tree": {"M": {"inner": {"M": {"n": {"N": "5"}}}, "s": {"S": "y"}}}
}`

// names and values are what the expressions in the tests can use.
var names = map[string]string{"#pk": "pk", "#n": "inner", "#count": "count", "#odd": "od.d"}

const values = `{
	":v": {"N": "9007199254740993"}, ":v1": {"N": "9007199254740992"}, ":0": {"N": "0"}, ":1": {"N": "1"}, ":3": {"N": "3"}, ":5": {"N": "5"},
	":he": {"S": "he"}, ":hello": {"S": "hello"}, ":z": {"S": "z"}, ":run": {"S": "RUN#1"}, ":edge": {"S": "EDGE#"}, ":a": {"S": "a"},
	":S": {"S": "S"}, ":X": {"S": "X"}, ":true": {"BOOL": true}, ":ss": {"SS": ["b", "c"]}, ":sb": {"SS": ["a", "b"]}, ":ns": {"NS": ["2", "7"]},
	":list": {"L": [{"S": "new"}]}, ":bin": {"B": "AQ=="}, ":map": {"M": {"deep": {"S": "x"}, "lit": {"N": "1.0"}}}, ":null": {"NULL": true},
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
		"attribute_exists(#pk)":                             true,
		"attribute_not_exists(#pk)":                         false,
		"attribute_not_exists(absent)":                      true,
		"attribute_not_exists(#pk) OR #count < :3":          false, // a comparison with a missing attribute
		"attribute_not_exists(#count) OR #count < :3":       true,
		"version = :v":                                      true,
		"version = :v1":                                     false, // equal as float64
		"version > :v1":                                     true,
		"grade <= :3 AND grade >= :3 AND NOT grade < :3":    true,
		"grade <> :3":                                       false,
		"grade = :he":                                       false, // another type
		"grade <> :he":                                      true,
		"grade < :he":                                       false,
		"absent = :he":                                      false,
		"absent <> :he":                                     true,
		"absent < :he":                                      false,
		"NOT (absent = :he)":                                true,
		"NOT absent = :he AND flag = :true":                 true,
		"grade = :1 OR grade = :3 AND grade = :5":           false,
		"(grade = :3 OR grade = :1) AND flag = :true":       true,
		"grade between :1 and :5":                           true,
		"grade BETWEEN :5 AND :max":                         false,
		"word BETWEEN :he AND :z AND flag = :true":          true,
		"absent BETWEEN :1 AND :5":                          false,
		"word BETWEEN :1 AND :5":                            false,
		"grade IN (:1, :3)":                                 true,
		"word IN (:1, :he)":                                 false,
		"absent IN (:1)":                                    false,
		"begins_with(word, :he)":                            true,
		"begins_with(word, :z)":                             false,
		"begins_with(absent, :he)":                          false,
		"begins_with(grade, :he)":                           false,
		"begins_with(bin, :bin)":                            true,
		"contains(word, :he)":                               true,
		"contains(tags, :a)":                                true,
		"contains(tags, :z)":                                false,
		"contains(numbers, :1)":                             true,
		"contains(numbers, :a)":                             false,
		"contains(steps, :1)":                               true,
		"contains(steps, :map)":                             true,
		"contains(absent, :a)":                              false,
		"contains(grade, :a)":                               false,
		"attribute_type(word, :S)":                          true,
		"attribute_type(grade, :S)":                         false,
		"attribute_type(absent, :S)":                        false,
		"size(word) = :5":                                   true,
		"size(tags) < :3":                                   true,
		"size(steps) = :3 AND size(#count) = :3":            false,
		"size(grade) = :1":                                  false,
		"tags = :sb":                                        true,
		"tags <> :ss":                                       true,
		"nothing = :null":                                   true,
		"tree.#n.n = :5":                                    true,
		"steps[1] = :hello":                                 false,
		"steps[2].deep = steps[2].deep AND steps[2] = :map": true,
		"attribute_not_exists(steps[3])":                    true,
		"attribute_not_exists(tree.s.t)":                    true,
		"attribute_exists(#odd)":                            false,
		"tree.s < :z AND :he = :he AND :hello > :he":        true,
		"attribute_exists(tree.s) AND\n\tattribute_exists(steps)": true,
	} {
		condition, err := expression.ParseCondition("ConditionExpression", text, placeholders(t))
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
		"grade = :3 AND":                   "Syntax error",
		"grade = :3 AND word":              "Syntax error",
		"NOT grade":                        "Syntax error",
		"(grade = :3":                      "Syntax error",
		"grade = :3)":                      "Syntax error",
		"grade == :3":                      "Syntax error",
		"grade = 3":                        "", // 3 is an attribute's name
		"grade = ?":                        "Syntax error",
		"grade = :3\x00":                   "Syntax error",
		"grade = :3 = :3":                  "Syntax error",
		"a.[0] = :3":                       "Syntax error",
		"steps[:1] = :3":                   "Syntax error",
		"steps[99999999999] = :3":          "Syntax error",
		"version = :missing":               "attribute value: :missing",
		"#missing = :3":                    "attribute name: #missing",
		"count = :3":                       "reserved keyword: count",
		"Status = :3":                      "reserved keyword: Status",
		"tree.name = :3":                   "reserved keyword: name",
		"grade < :true":                    "operand type: BOOL",
		"grade BETWEEN :5 AND :1":          "greater than or equal to lower bound",
		"grade BETWEEN :1 AND :he":         "same data type",
		"grade IN ()":                      "IN operator",
		"attribute_exists()":               "Incorrect number of operands",
		"begins_with(word)":                "Incorrect number of operands",
		"begins_with(word, :1)":            "operand type: N",
		"attribute_type(word, :X)":         "Incorrect operand type",
		"attribute_exists(:1)":             "Syntax error",
		"size(word)":                       "not allowed to be used this way",
		"begins_with(size(word), :he)":     "Syntax error",
		"exists(word)":                     "Invalid function name",
		"if_not_exists(word, :1) = :1":     "not allowed",
		strings.Repeat("a", 4096) + "= :1": "maximum allowed size",
	} {
		_, err := expression.ParseCondition("ConditionExpression", text, placeholders(t))
		if want == "" {
			if err != nil {
				t.Errorf("%s: %v", text, err)
			}
			continue
		}
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
		"good":              {map[string]string{"#a": "a"}, `{":b":{"S":"b"}}`, "#a = :b", ""},
		"unused name":       {map[string]string{"#a": "a", "#b": "b"}, `{":b":{"S":"b"}}`, "#a = :b", "ExpressionAttributeNames unused in expressions: keys: {#b}"},
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
			_, err = expression.ParseCondition("ConditionExpression", tt.condition, p)
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
	for text, want := range map[string]bool{ // whether the sort key of the item is in range
		"pk = :run":                                  true,
		"#pk = :run AND begins_with(sk, :edge)":      true,
		"begins_with(sk, :z) AND (#pk = :run)":       false,
		"pk = :run AND sk > :edge":                   true,
		"pk = :run AND sk <= :edge":                  false,
		"pk = :run AND sk BETWEEN :edge AND :z":      true,
		"(pk = :run) AND (sk BETWEEN :hello AND :z)": false,
		"pk = :run AND sk = :edge":                   false,
	} {
		condition, err := expression.ParseKeyCondition(text, key, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if condition.Partition.Text != "RUN#1" {
			t.Errorf("%s: partition %v", text, condition.Partition)
		}
		if got := condition.InRange == nil || condition.InRange(item(t, stored)); got != want {
			t.Errorf("%s: got %v, want %v", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"sk = :run":                            "missed key schema element: pk",
		"pk > :run":                            "Query key condition not supported",
		"pk = :run AND grade = :1":             "missed key schema element",
		"pk = :run OR pk = :z":                 "Invalid operator used in KeyConditionExpression: OR",
		"pk = :run AND sk <> :z":               "Invalid operator used in KeyConditionExpression: <>",
		"pk = :run AND NOT sk = :z":            "Invalid operator",
		"pk = :run AND sk IN (:z)":             "Invalid operator",
		"pk = :run AND contains(sk, :z)":       "Invalid operator used in KeyConditionExpression: contains",
		"pk = :run AND pk = :run":              "one condition per key",
		"pk = :run AND sk > :a AND sk < :z":    "one condition per key",
		"pk = sk":                              "cannot compare two attributes",
		"pk.a = :run":                          "nested attributes",
		"pk = :missing":                        "not defined",
		"pk = :run, sk = :z":                   "Syntax error",
		":run = pk":                            "Syntax error",
		"pk = :run AND begins_with(sk)":        "Incorrect number of operands",
		"begins_with(pk, :run) AND sk = :edge": "Query key condition not supported",
	} {
		_, err := expression.ParseKeyCondition(text, key, placeholders(t))
		wantRefusal(t, text, err, want)
	}
}

func TestProjection(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"pk":                         `{"pk":{"S":"RUN#1"}}`,
		"#pk, grade, absent":         `{"pk":{"S":"RUN#1"},"grade":{"N":"3"}}`,
		"tree.#n.n":                  `{"tree":{"M":{"inner":{"M":{"n":{"N":"5"}}}}}}`,
		"tree.s, tree.#n":            `{"tree":{"M":{"inner":{"M":{"n":{"N":"5"}}},"s":{"S":"y"}}}}`,
		"steps[2].deep":              `{"steps":{"L":[{"M":{"deep":{"S":"x"}}}]}}`,
		"steps[1], steps[0]":         `{"steps":{"L":[{"N":"1"},{"S":"two"}]}}`,
		"steps[2].lit,steps[2].deep": `{"steps":{"L":[{"M":{"deep":{"S":"x"},"lit":{"N":"1"}}}]}}`,
		"steps[7], word.a":           `{}`,
	} {
		projection, err := expression.ParseProjection(text, placeholders(t))
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if got := projection.Of(item(t, stored)); !got.Equal(item(t, want)) {
			t.Errorf("%s: got %v, want %s", text, got, want)
		}
	}
	for text, want := range map[string]string{
		"":             "can not be empty",
		"pk,":          "Syntax error",
		"pk sk":        "Syntax error",
		"pk = :run":    "Syntax error",
		":run":         "Syntax error",
		"tree, tree.s": "overlap",
		"pk, #pk":      "overlap",
		"pk, name":     "reserved keyword",
		"pk, size(a)":  "Syntax error",
	} {
		_, err := expression.ParseProjection(text, placeholders(t))
		wantRefusal(t, text, err, want)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"attribute_not_exists(#pk) OR grade < :3", "NOT (a.b[1] BETWEEN :1 AND :5) AND c IN (:1, :3)", "begins_with(sk, :edge) AND pk = :run",
		"SET a = if_not_exists(b, :0) + :1, c[0] = list_append(c, :list) REMOVE d ADD n :1 DELETE tags :ss", "a, b.c, d[0]", "((", "SET", "a IN", "f(,)",
	} {
		f.Add(text)
	}
	here := item(f, stored)
	key := expression.Key{Partition: "pk", Sort: "sk"}
	f.Fuzz(func(t *testing.T, text string) {
		if condition, err := expression.ParseCondition("FilterExpression", text, placeholders(t)); err == nil {
			condition(here)
			condition(nil)
		}
		if condition, err := expression.ParseKeyCondition(text, key, placeholders(t)); err == nil && condition.InRange != nil {
			condition.InRange(here)
		}
		if projection, err := expression.ParseProjection(text, placeholders(t)); err == nil {
			projection.Of(here)
		}
		before := maps.Clone(here)
		if update, err := expression.ParseUpdate(text, key, placeholders(t)); err == nil {
			if changed, err := update.Apply(here); err == nil {
				update.Touched(changed)
			}
		}
		if !here.Equal(before) || !here.Equal(item(t, stored)) {
			t.Fatalf("%q changed the item that it was applied to", text)
		}
	})
}
