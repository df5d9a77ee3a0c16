// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"fmt"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func batchPut(i item) types.WriteRequest {
	return types.WriteRequest{PutRequest: &types.PutRequest{Item: i}}
}

func batchDelete(k item) types.WriteRequest {
	return types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: k}}
}

func batchWrite(requests ...types.WriteRequest) *dynamodb.BatchWriteItemInput {
	return &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{tableName: requests}}
}

func batchGet(keys ...item) *dynamodb.BatchGetItemInput {
	return &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{tableName: {Keys: append([]item{}, keys...), ConsistentRead: aws.Bool(true)}}}
}

func TestBatches(t *testing.T) {
	t.Parallel()
	c, client := startTable(t)
	ctx := t.Context()
	put(t, client, key("old", "x"))
	written, err := client.BatchWriteItem(ctx, batchWrite(batchPut(with(key("a", "1"), "doc", s("x"))), batchPut(key("a", "2")), batchDelete(key("old", "x")), batchDelete(key("old", "y"))))
	if err != nil || len(written.UnprocessedItems) > 0 {
		t.Fatalf("%+v, %v", written, err)
	}
	if got := sortKeys(c.DynamoDB().Items(tableName)); got != "1 2" {
		t.Errorf("stored %s", got)
	}
	in := batchGet(key("a", "2"), key("a", "3"), key("a", "1"))
	in.RequestItems[tableName] = types.KeysAndAttributes{
		Keys: in.RequestItems[tableName].Keys, ProjectionExpression: aws.String("sk, #d"), ExpressionAttributeNames: map[string]string{"#d": "doc"},
	}
	got, err := client.BatchGetItem(ctx, in)
	if err != nil || listed(got.Responses[tableName]) != "2 1" || len(got.UnprocessedKeys) > 0 || text(got.Responses[tableName][1]["doc"]) != "x" {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestBatchesRefused(t *testing.T) {
	t.Parallel()
	c, client := startTable(t)
	ctx := t.Context()
	var keys []item
	var puts []types.WriteRequest
	for i := range 101 {
		keys = append(keys, key("a", fmt.Sprint(i)))
		puts = append(puts, batchPut(keys[i]))
	}
	for want, in := range map[string]*dynamodb.BatchWriteItemInput{
		"[Member must have length less than or equal to 25": batchWrite(puts[:26]...),
		"length greater than or equal to 1":                 batchWrite(),
		"Provided list of item keys contains duplicates":    batchWrite(puts[0], batchDelete(keys[0])),
		"must contain exactly one":                          batchWrite(puts[0], types.WriteRequest{}),
		"Missing the key sk":                                batchWrite(puts[0], batchPut(item{"pk": s("a")})),
		"does not match the schema":                         batchWrite(puts[0], batchDelete(item{"pk": s("a")})),
	} {
		_, err := client.BatchWriteItem(ctx, in)
		cloudtest.WantError(t, err, 400, "ValidationException", want)
	}
	if items := c.DynamoDB().Items(tableName); len(items) > 0 {
		t.Errorf("batches that were refused stored %v", items)
	}
	for want, in := range map[string]*dynamodb.BatchGetItemInput{
		"Member must have length less than or equal to 100": batchGet(keys...),
		"length greater than or equal to 1":                 batchGet(),
		"Provided list of item keys contains duplicates":    batchGet(keys[0], keys[1], keys[0]),
		"does not match the schema":                         batchGet(item{"pk": s("a")}),
	} {
		_, err := client.BatchGetItem(ctx, in)
		cloudtest.WantError(t, err, 400, "ValidationException", want)
	}
	_, err := client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{RequestItems: map[string]types.KeysAndAttributes{"missing": {Keys: keys[:1]}}})
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "")
	_, err = client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{"missing": puts[:1]}})
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "")
}
