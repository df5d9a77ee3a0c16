// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func transactPut(i item, condition string, values item) types.TransactWriteItem {
	p := &types.Put{TableName: aws.String(tableName), Item: i, ExpressionAttributeValues: values}
	if condition != "" {
		p.ConditionExpression = &condition
	}
	return types.TransactWriteItem{Put: p}
}

func transactDelete(k item) types.TransactWriteItem {
	return types.TransactWriteItem{Delete: &types.Delete{TableName: aws.String(tableName), Key: k}}
}

func transact(items ...types.TransactWriteItem) *dynamodb.TransactWriteItemsInput {
	return &dynamodb.TransactWriteItemsInput{TransactItems: items}
}

// reasons returns the codes of why a transaction was canceled.
func reasons(t *testing.T, err error) (codes string, list []types.CancellationReason) {
	t.Helper()
	cloudtest.WantError(t, err, 400, "TransactionCanceledException",
		"Transaction cancelled, please refer cancellation reasons for specific reasons [")
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		t.Fatalf("error %v", err)
	}
	var all []string
	for _, r := range canceled.CancellationReasons {
		all = append(all, aws.ToString(r.Code))
	}
	codes = strings.Join(all, ", ")
	if !strings.Contains(canceled.ErrorMessage(), "["+codes+"]") {
		t.Errorf("the message %s does not say %s", canceled.ErrorMessage(), codes)
	}
	return codes, canceled.CancellationReasons
}

func TestTransactions(t *testing.T) {
	t.Parallel()
	c, client := startTable(t)
	ctx := t.Context()
	put(t, client, with(key("a", "version"), "version", n(1)))
	put(t, client, key("a", "old"))
	_, err := client.TransactWriteItems(ctx, transact(
		transactPut(key("a", "new"), "attribute_not_exists(pk)", nil),
		transactPut(with(key("a", "version"), "version", n(2)), "version = :v", item{":v": n(1)}),
		transactDelete(key("a", "old")),
	))
	if err != nil {
		t.Fatal(err)
	}
	if got := sortKeys(c.DynamoDB().Items(tableName)); got != "new version" {
		t.Errorf("stored %s", got)
	}

	// Again: the first and the last condition fail, and nothing happens.
	_, err = client.TransactWriteItems(ctx, transact(
		transactPut(key("a", "new"), "attribute_not_exists(pk)", nil),
		transactDelete(key("a", "version")),
		transactPut(key("a", "newer"), "", nil),
		transactPut(key("a", "none"), "version = :v", item{":v": n(1)}),
	))
	codes, list := reasons(t, err)
	if codes != "ConditionalCheckFailed, None, None, ConditionalCheckFailed" ||
		aws.ToString(list[0].Message) != "The conditional request failed" {
		t.Errorf("reasons %s: %+v", codes, list)
	}
	if got := text(get(t, client, "a", "version")["version"]); got != "2" {
		t.Errorf("the version is %s", got)
	}
	if got := sortKeys(c.DynamoDB().Items(tableName)); got != "new version" {
		t.Errorf("a canceled transaction has left %s", got)
	}
}

func TestTransactionsRefused(t *testing.T) {
	t.Parallel()
	c, client := startTable(t)
	ctx := t.Context()
	var many, large []types.TransactWriteItem
	for i := range 101 {
		many = append(many, transactPut(key("a", fmt.Sprint(i)), "", nil))
	}
	for i := range 11 {
		large = append(large, transactPut(with(key("a", fmt.Sprint(i)), "doc", s(strings.Repeat("x", 399<<10))), "", nil))
	}
	elsewhere := transactPut(key("a", "b"), "", nil)
	elsewhere.Put.TableName = aws.String("missing")
	for _, tt := range []struct {
		in         *dynamodb.TransactWriteItemsInput
		code, want string
	}{
		{transact(many...), "ValidationException", "length less than or equal to 100"},
		{transact([]types.TransactWriteItem{}...), "ValidationException", "length greater than or equal to 1"},
		{transact(large...), "ValidationException", "cannot exceed 4MB"},
		{transact(many[0], transactDelete(key("a", "0"))), "ValidationException", "cannot include multiple operations on one item"},
		{transact(many[0], types.TransactWriteItem{}), "ValidationException", "only contain one of"},
		{transact(many[0], transactPut(key("a", ""), "", nil)), "ValidationException", "empty string value"},
		{transact(types.TransactWriteItem{Update: &types.Update{TableName: aws.String(tableName), Key: key("a", "b"),
			UpdateExpression: aws.String("ADD n :n")}}),
			"ValidationException", `does not support the field "Update"`},
		{transact(many[0], transactPut(key("a", "b"), "attribute_not_exists(count)", nil)), "ValidationException", "reserved keyword"},
		{transact(types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
			TableName: aws.String(tableName), Key: key("a", "b"), ConditionExpression: aws.String("attribute_not_exists(pk)"),
		}}), "ValidationException", `does not support the field "ConditionCheck"`},
		{transact(many[0], elsewhere), "ResourceNotFoundException", "Requested resource not found"},
		{&dynamodb.TransactWriteItemsInput{TransactItems: many[:1], ClientRequestToken: aws.String(strings.Repeat("x", 37))},
			"ValidationException", "clientRequestToken"},
	} {
		if tt.in.TransactItems == nil {
			tt.in.TransactItems = []types.TransactWriteItem{}
		}
		_, err := client.TransactWriteItems(ctx, tt.in)
		cloudtest.WantError(t, err, 400, tt.code, tt.want)
	}
	if items := c.DynamoDB().Items(tableName); len(items) > 0 {
		t.Errorf("transactions that were refused stored %v", items)
	}
}

// TestToken sends a transaction again, as an SDK does when it has not seen the answer.
func TestToken(t *testing.T) {
	t.Parallel()
	config := atOnce
	config.Clock = clock.NewFrozen(time.Unix(1_784_000_000, 0))
	_, client := start(t, config)
	create(t, client)
	ctx := t.Context()
	claim := func(token string, version int) error {
		in := transact(
			transactPut(with(key("claim", "a"), "version", n(version)), "attribute_not_exists(pk)", nil),
			transactPut(with(key("claim", "version"), "version", n(version)), "", nil),
		)
		in.ClientRequestToken = &token
		_, err := client.TransactWriteItems(ctx, in)
		return err
	}
	for i := range 2 {
		if err := claim("first", 1); err != nil {
			t.Errorf("sent for the %d. time: %v", i+1, err)
		}
	}
	cloudtest.WantError(t, claim("first", 2), 400, "IdempotentParameterMismatchException", "same client token")
	if codes, _ := reasons(t, claim("second", 1)); codes != "ConditionalCheckFailed, None" {
		t.Errorf("with another token: %s", codes)
	}
	config.Clock.Advance(10 * time.Minute)
	if codes, _ := reasons(t, claim("first", 1)); codes != "ConditionalCheckFailed, None" {
		t.Errorf("after ten minutes: %s", codes)
	}
	if got := text(get(t, client, "claim", "version")["version"]); got != "1" {
		t.Errorf("the version is %s", got)
	}
}

// TestAnswerLost cuts the connection after a transaction was carried out: the SDK sends it again with the same token.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	c, user := startTable(t)
	c.Faults().Add(cloud.Fault{Service: "dynamodb", Operation: "TransactWriteItems", Times: 1, Kind: cloud.FaultCutAfter})
	config := cloudtest.UserConfig(c)
	config.Retryer = nil
	client := dynamodb.NewFromConfig(config)
	if _, err := client.TransactWriteItems(t.Context(),
		transact(transactPut(key("claim", "a"), "attribute_not_exists(pk)", nil))); err != nil {
		t.Errorf("the repetition: %v", err)
	}
	if get(t, user, "claim", "a") == nil {
		t.Error("nothing is stored")
	}
}
