// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

// TestValues stores a value of every type that the sandbox offers and reads it back.
func TestValues(t *testing.T) {
	t.Parallel()
	c, client := startTable(t)
	stored := with(key("a", "b"),
		"s", s("ü<&>"), "empty", s(""), "n", &types.AttributeValueMemberN{Value: "9007199254740993"}, "b",
		&types.AttributeValueMemberB{Value: []byte{0, 255}},
	)
	put(t, client, stored)
	if got := get(t, client, "a", "b"); !reflect.DeepEqual(got, stored) {
		t.Errorf("got  %v\nwant %v", got, stored)
	}
	want := []map[string]any{{
		"pk": "a", "sk": "b", "s": "ü<&>", "empty": "", "n": json.Number("9007199254740993"), "b": []byte{0, 255},
	}}
	if got := c.DynamoDB().Items(tableName); !reflect.DeepEqual(got, want) {
		t.Errorf("got  %v\nwant %v", got, want)
	}
	if got := c.DynamoDB().Items("missing"); got != nil {
		t.Errorf("a table that is not there has items: %v", got)
	}
	if got := get(t, client, "a", "c"); got != nil {
		t.Errorf("an item that is not there: %v", got)
	}
}

// TestConditions makes the conditional writes of a chain's engine.
func TestConditions(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	ctx := t.Context()
	absent := func(in *dynamodb.PutItemInput) {
		in.ConditionExpression, in.ExpressionAttributeNames = aws.String("attribute_not_exists(#pk)"), map[string]string{"#pk": "pk"}
	}
	version := func(is int) func(in *dynamodb.PutItemInput) {
		return func(in *dynamodb.PutItemInput) {
			in.ConditionExpression, in.ExpressionAttributeValues = aws.String("version = :version"), item{":version": n(is)}
		}
	}
	for i, step := range []struct {
		version   int
		condition func(*dynamodb.PutItemInput)
		fails     bool
	}{
		{1, version(1), true}, {1, absent, false}, {1, absent, true}, {2, version(1), false}, {2, version(1), true}, {3, version(2), false},
	} {
		_, err := client.PutItem(ctx, putInput(with(key("a", "b"), "version", n(step.version)), step.condition))
		if step.fails {
			cloudtest.WantError(t, err, 400, "ConditionalCheckFailedException", "The conditional request failed")
		} else if err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	if got := text(get(t, client, "a", "b")["version"]); got != "3" {
		t.Errorf("version %s", got)
	}
}

func TestReturnValues(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	ctx, name := t.Context(), aws.String(tableName)
	old := with(key("a", "b"), "x", n(1), "y", n(1))
	put(t, client, old)
	for _, step := range []struct {
		values types.ReturnValue
		want   item
	}{
		{"", nil},
		{types.ReturnValueNone, nil},
		{types.ReturnValueUpdatedNew, item{"x": n(4)}},
	} {
		out, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
			TableName: name, Key: key("a", "b"), UpdateExpression: aws.String("ADD x :one"), ExpressionAttributeValues: item{":one": n(1)},
			ReturnValues: step.values,
		})
		if err != nil || !reflect.DeepEqual(out.Attributes, step.want) {
			t.Errorf("%s: got %v, %v, want %v", step.values, out, err, step.want)
		}
	}
	made, err := client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: name, Key: key("new", "b"), UpdateExpression: aws.String("ADD x :one"), ExpressionAttributeValues: item{":one": n(1)},
		ReturnValues: types.ReturnValueUpdatedNew,
	})
	if err != nil || !reflect.DeepEqual(made.Attributes, item{"x": n(1)}) {
		t.Errorf("an update of what is not there makes %v, %v", made, err)
	}
	for _, want := range []item{with(key("a", "b"), "x", n(4), "y", n(1)), nil} {
		out, err := client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: name, Key: key("a", "b"), ReturnValues: types.ReturnValueAllOld})
		if err != nil || !reflect.DeepEqual(out.Attributes, want) {
			t.Errorf("a deletion returns %v, %v, want %v", out, err, want)
		}
	}
	_, err = client.PutItem(ctx, putInput(old, func(in *dynamodb.PutItemInput) { in.ReturnValues = types.ReturnValueAllOld }))
	cloudtest.WantError(t, err, 400, "ValidationException", `does not support the field "ReturnValues"`)
	_, err = client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: name, Key: key("a", "b"), ReturnValues: "ALL"})
	cloudtest.WantError(t, err, 400, "ValidationException", "returnValues")
	_, err = client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: name, Key: key("a", "b"), ReturnValues: types.ReturnValueAllNew})
	cloudtest.WantError(t, err, 400, "ValidationException", "does not offer the ReturnValues ALL_NEW")
	_, err = client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: name, Key: key("a", "b")})
	cloudtest.WantError(t, err, 400, "ValidationException", "does not offer updates without an UpdateExpression")
}

func TestItemsRefused(t *testing.T) {
	t.Parallel()
	c, client := startTable(t)
	long := func(length int) string { return strings.Repeat("x", length) }
	for want, i := range map[string]item{
		"Missing the key sk in the item":                  {"pk": s("a")},
		"Type mismatch for key sk expected: S actual: N":  {"pk": s("a"), "sk": n(1)},
		"cannot contain an empty string value. Key: pk":   key("", "b"),
		"cannot contain an empty string value. Key: sk":   key("a", ""),
		"Size of hashkey has exceeded":                    key(long(2049), "b"),
		"Aggregated size of all range keys has exceeded":  key("a", long(1025)),
		"Item size has exceeded the maximum allowed size": with(key("a", "b"), "doc", s(long(400<<10-8))),
		"cannot be converted to a numeric value: x":       with(key("a", "b"), "n", &types.AttributeValueMemberN{Value: "x"}),
		"does not offer values of the type BOOL":          with(key("a", "b"), "b", &types.AttributeValueMemberBOOL{Value: true}),
	} {
		_, err := client.PutItem(t.Context(), putInput(i))
		cloudtest.WantError(t, err, 400, "ValidationException", want)
	}
	if items := c.DynamoDB().Items(tableName); len(items) > 0 {
		t.Errorf("what was refused is stored: %v", items)
	}
	put(t, client, with(key(long(2048), long(1024)), "doc", s(long(400<<10-2048-1024-4-3))))
	_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
		TableName: aws.String(tableName), Key: key(long(2048), long(1024)), UpdateExpression: aws.String("SET d = :d"),
		ExpressionAttributeValues: item{":d": s("")},
	})
	cloudtest.WantError(t, err, 400, "ValidationException", "Item size to update has exceeded")
}

func TestKeysRefused(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	ctx, name := t.Context(), aws.String(tableName)
	for _, bad := range []item{{"pk": s("a")}, {"pk": s("a"), "sk": n(1)}, {"pk": s("a"), "id": s("b")}, with(key("a", "b"), "c", s("d"))} {
		_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: bad})
		cloudtest.WantError(t, err, 400, "ValidationException", "The provided key element does not match the schema")
		_, err = client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: name, Key: bad})
		cloudtest.WantError(t, err, 400, "ValidationException", "The provided key element does not match the schema")
		_, err = client.UpdateItem(ctx, &dynamodb.UpdateItemInput{TableName: name, Key: bad, UpdateExpression: aws.String("SET a = :a"),
			ExpressionAttributeValues: item{":a": s("")}})
		cloudtest.WantError(t, err, 400, "ValidationException", "The provided key element does not match the schema")
	}
	_, err := client.GetItem(ctx, &dynamodb.GetItemInput{TableName: name, Key: key("a", "")})
	cloudtest.WantError(t, err, 400, "ValidationException", "empty string value. Key: sk")
}

// TestParametersRefused makes calls with invalid or unsupported parameters.
func TestParametersRefused(t *testing.T) {
	t.Parallel()
	_, client := startTable(t)
	for want, change := range map[string]func(*dynamodb.PutItemInput){
		"reserved keyword: count": func(in *dynamodb.PutItemInput) { in.ConditionExpression = aws.String("attribute_not_exists(count)") },
		"attribute value: :v":     func(in *dynamodb.PutItemInput) { in.ConditionExpression = aws.String("version = :v") },
		"unused in expressions: keys: {#x}": func(in *dynamodb.PutItemInput) {
			in.ConditionExpression, in.ExpressionAttributeNames = aws.String("attribute_not_exists(a)"), map[string]string{"#x": "x"}
		},
		"when using expressions": func(in *dynamodb.PutItemInput) { in.ExpressionAttributeNames = map[string]string{"#x": "x"} },
		"ReturnConsumedCapacity": func(in *dynamodb.PutItemInput) { in.ReturnConsumedCapacity = types.ReturnConsumedCapacityTotal },
		"ReturnItemCollectionMetrics": func(in *dynamodb.PutItemInput) {
			in.ReturnItemCollectionMetrics = types.ReturnItemCollectionMetricsSize
		},
		`field "ReturnValuesOnConditionCheckFailure"`: func(in *dynamodb.PutItemInput) {
			in.ReturnValuesOnConditionCheckFailure = types.ReturnValuesOnConditionCheckFailureAllOld
		},
		`not support the field "ConditionalOperator"`: func(in *dynamodb.PutItemInput) { in.ConditionalOperator = types.ConditionalOperatorAnd },
	} {
		_, err := client.PutItem(t.Context(), putInput(key("a", "b"), change))
		cloudtest.WantError(t, err, 400, "ValidationException", want)
	}
	_, err := client.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{TableName: aws.String(tableName), Key: key("a", "b"),
		UpdateExpression: aws.String("SET sk = :a"), ExpressionAttributeValues: item{":a": s("")}})
	cloudtest.WantError(t, err, 400, "ValidationException", "This attribute is part of the key")
	_, err = client.ListBackups(t.Context(), nil)
	cloudtest.WantError(t, err, 400, "UnknownOperationException", "ListBackups")
}

// TestOtherKeys uses a table with a sort key that is a number, and one without a sort key.
func TestOtherKeys(t *testing.T) {
	t.Parallel()
	c, client := start(t, atOnce)
	create(t, client, func(in *dynamodb.CreateTableInput) {
		in.AttributeDefinitions[1].AttributeType = types.ScalarAttributeTypeN
	})
	create(t, client, func(in *dynamodb.CreateTableInput) {
		in.TableName, in.KeySchema, in.AttributeDefinitions = aws.String("single"), in.KeySchema[:1], in.AttributeDefinitions[:1]
	})
	for _, number := range []int{10, 9, -1, 100} {
		put(t, client, item{"pk": s("a"), "sk": n(number)})
		if _, err := client.PutItem(t.Context(), putInput(item{"pk": s("a"), "last": n(number)},
			func(in *dynamodb.PutItemInput) { in.TableName = aws.String("single") })); err != nil {
			t.Fatal(err)
		}
	}
	if got, want := sortKeys(c.DynamoDB().Items(tableName)), "-1 9 10 100"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got, want := c.DynamoDB().Items("single"), []map[string]any{{"pk": "a", "last": json.Number("100")}}; !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// Keys that look the same when they are joined are not the same.
	put(t, client, item{"pk": s("a.1"), "sk": n(2)})
	put(t, client, item{"pk": s("a"), "sk": &types.AttributeValueMemberN{Value: "1.2"}})
	if items := c.DynamoDB().Items(tableName); len(items) != 6 {
		t.Errorf("%d items", len(items))
	}
}

func sortKeys(items []map[string]any) string {
	var keys []string
	for _, i := range items {
		switch sk := i["sk"].(type) {
		case json.Number:
			keys = append(keys, sk.String())
		case string:
			keys = append(keys, sk)
		}
	}
	return strings.Join(keys, " ")
}
