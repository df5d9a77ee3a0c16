// SPDX-License-Identifier: MPL-2.0

package dynamodb_test

import (
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	sandbox "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
)

const tableName = "qlik-task-chain-nightly"

// atOnce configures tables that are ACTIVE immediately.
var atOnce = cloud.Config{DynamoDB: sandbox.Config{TransitionTime: -1}}

func start(t *testing.T, config cloud.Config) (*cloud.Cloud, *dynamodb.Client) {
	t.Helper()
	c := cloudtest.Start(t, config)
	return c, dynamodb.NewFromConfig(cloudtest.UserConfig(c))
}

// startTable starts a sandbox with a table like a chain's.
func startTable(t *testing.T) (*cloud.Cloud, *dynamodb.Client) {
	t.Helper()
	c, client := start(t, atOnce)
	create(t, client)
	return c, client
}

func definition(change ...func(*dynamodb.CreateTableInput)) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{
		TableName:   aws.String(tableName),
		BillingMode: types.BillingModePayPerRequest,
		AttributeDefinitions: []types.AttributeDefinition{
			{AttributeName: aws.String("pk"), AttributeType: types.ScalarAttributeTypeS},
			{AttributeName: aws.String("sk"), AttributeType: types.ScalarAttributeTypeS},
		},
		KeySchema: []types.KeySchemaElement{
			{AttributeName: aws.String("pk"), KeyType: types.KeyTypeHash},
			{AttributeName: aws.String("sk"), KeyType: types.KeyTypeRange},
		},
	}
	for _, c := range change {
		c(in)
	}
	return in
}

func create(t *testing.T, client *dynamodb.Client, change ...func(*dynamodb.CreateTableInput)) *types.TableDescription {
	t.Helper()
	out, err := client.CreateTable(t.Context(), definition(change...))
	if err != nil {
		t.Fatal(err)
	}
	return out.TableDescription
}

func waitActive(t *testing.T, client *dynamodb.Client) *types.TableDescription {
	t.Helper()
	waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
		o.MinDelay, o.MaxDelay = 5*time.Millisecond, 20*time.Millisecond
	})
	out, err := waiter.WaitForOutput(t.Context(), &dynamodb.DescribeTableInput{TableName: aws.String(tableName)}, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	return out.Table
}

type item = map[string]types.AttributeValue

func s(text string) types.AttributeValue { return &types.AttributeValueMemberS{Value: text} }

func n(number int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(number)}
}

func key(pk, sk string) item { return item{"pk": s(pk), "sk": s(sk)} }

// with adds attributes to a key, in pairs of name and value.
func with(to item, pairs ...any) item {
	for i := 0; i < len(pairs); i += 2 {
		name, isName := pairs[i].(string)
		value, isValue := pairs[i+1].(types.AttributeValue)
		if !isName || !isValue {
			panic("with takes pairs of name and value")
		}
		to[name] = value
	}
	return to
}

func putInput(i item, change ...func(*dynamodb.PutItemInput)) *dynamodb.PutItemInput {
	in := &dynamodb.PutItemInput{TableName: aws.String(tableName), Item: i}
	for _, c := range change {
		c(in)
	}
	return in
}

func put(t *testing.T, client *dynamodb.Client, i item) {
	t.Helper()
	if _, err := client.PutItem(t.Context(), putInput(i)); err != nil {
		t.Fatal(err)
	}
}

func get(t *testing.T, client *dynamodb.Client, pk, sk string) item {
	t.Helper()
	out, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String(tableName), Key: key(pk, sk),
		ConsistentRead: aws.Bool(true)})
	if err != nil {
		t.Fatal(err)
	}
	return out.Item
}

// text returns the text of a string or a number.
func text(v types.AttributeValue) string {
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		return v.Value
	case *types.AttributeValueMemberN:
		return v.Value
	default:
		return ""
	}
}
