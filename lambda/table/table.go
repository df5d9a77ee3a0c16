// SPDX-License-Identifier: MPL-2.0

// Package table is a chain's state in DynamoDB.
package table

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// The attributes of an item. The provider makes the table with the first two as its key and the last one as its time to live.
const (
	partitionKey = "pk"
	sortKey      = "sk"
	version      = "version" // of the last write, from 1
	rank         = "rank"
	document     = "doc" // JSON as text, which people can read in the console; compressed past readable
	count        = "count"
	expires      = "expires" // Unix seconds
)

// Table is a chain's table. It implements engine.Store.
type Table struct {
	client *dynamodb.Client
	name   *string
}

var _ engine.Store = (*Table)(nil)

// New returns the table with this name.
func New(client *dynamodb.Client, name string) *Table { return &Table{client: client, name: &name} }

type item = map[string]types.AttributeValue

func keyOf(k engine.Key) item {
	return item{partitionKey: text(k.PK), sortKey: text(k.SK)}
}

func text(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func number(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

// Get implements engine.Store.
func (t *Table) Get(ctx context.Context, key engine.Key) (*engine.Item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: t.name, Key: keyOf(key), ConsistentRead: aws.Bool(true)})
	if err != nil || len(out.Item) == 0 {
		return nil, err
	}
	return read(out.Item)
}

func read(attributes item) (*engine.Item, error) {
	found := &engine.Item{Key: engine.Key{PK: textOf(attributes[partitionKey]), SK: textOf(attributes[sortKey])}}
	n, err := numberOf(attributes[version])
	if err != nil {
		return nil, fmt.Errorf("the version of the item %s %s: %w", found.PK, found.SK, err)
	}
	found.Version = n
	if found.Doc, err = documentOf(attributes[document]); err != nil {
		return nil, fmt.Errorf("the document of the item %s %s: %w", found.PK, found.SK, err)
	}
	return found, nil
}

func textOf(a types.AttributeValue) string {
	s, ok := a.(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	return s.Value
}

func numberOf(a types.AttributeValue) (int, error) {
	n, ok := a.(*types.AttributeValueMemberN)
	if !ok {
		return 0, errors.New("it is no number")
	}
	return strconv.Atoi(n.Value)
}

// Query implements engine.Store.
func (t *Table) Query(ctx context.Context, q engine.Query) ([]engine.Item, error) {
	in := &dynamodb.QueryInput{
		TableName: t.name, ConsistentRead: aws.Bool(true), ScanIndexForward: aws.Bool(!q.Newest),
		KeyConditionExpression:    aws.String("#pk = :pk"),
		ExpressionAttributeNames:  map[string]string{"#pk": partitionKey},
		ExpressionAttributeValues: item{":pk": text(q.PK)},
	}
	if q.Prefix != "" {
		in.KeyConditionExpression = aws.String("#pk = :pk AND begins_with(#sk, :prefix)")
		in.ExpressionAttributeNames["#sk"] = sortKey
		in.ExpressionAttributeValues[":prefix"] = text(q.Prefix)
	}
	if q.From != "" {
		in.ExclusiveStartKey = keyOf(engine.Key{PK: q.PK, SK: q.From})
	}
	var found []engine.Item
	for {
		if q.AtMost > 0 {
			in.Limit = aws.Int32(int32(min(q.AtMost-len(found), 1000))) //nolint:gosec // bounded
		}
		out, err := t.client.Query(ctx, in)
		if err != nil {
			return nil, err
		}
		for _, attributes := range out.Items {
			one, err := read(attributes)
			if err != nil {
				return nil, err
			}
			found = append(found, *one)
		}
		if len(out.LastEvaluatedKey) == 0 || q.AtMost > 0 && len(found) >= q.AtMost {
			return found, nil
		}
		in.ExclusiveStartKey = out.LastEvaluatedKey
	}
}

// conditional is one write in DynamoDB's words.
type conditional struct {
	key, item item    // item is nil for a delete
	condition *string // nil: none
	names     map[string]string
	values    item
}

func (t *Table) conditional(w engine.Write) (conditional, error) {
	c := conditional{key: keyOf(w.Key)}
	if w.Delete {
		return c, nil
	}
	doc, err := json.Marshal(w.Doc)
	if err != nil {
		return c, fmt.Errorf("writing the document of %s %s: %w", w.PK, w.SK, err)
	}
	c.item = keyOf(w.Key)
	if c.item[document], err = written(doc); err != nil {
		return c, fmt.Errorf("writing the document of %s %s: %w", w.PK, w.SK, err)
	}
	c.item[version] = number(int64(w.Version) + 1)
	if !w.Expires.IsZero() {
		c.item[expires] = number(w.Expires.Unix())
	}
	switch {
	case w.Rank != 0:
		c.item[rank] = number(int64(w.Rank))
		c.condition = aws.String("attribute_not_exists(#pk) OR #rank < :rank")
		c.names = map[string]string{"#pk": partitionKey, "#rank": rank}
		c.values = item{":rank": number(int64(w.Rank))}
	case w.Version == 0:
		c.condition, c.names = aws.String("attribute_not_exists(#pk)"), map[string]string{"#pk": partitionKey}
	default:
		c.condition, c.names = aws.String("#version = :version"), map[string]string{"#version": version}
		c.values = item{":version": number(int64(w.Version))}
	}
	return c, nil
}

// maxConflicts is how often a transaction is tried again that met another one.
const maxConflicts = 20

// Write implements engine.Store.
func (t *Table) Write(ctx context.Context, writes ...engine.Write) error {
	all := make([]conditional, len(writes))
	for i, w := range writes {
		var err error
		if all[i], err = t.conditional(w); err != nil {
			return err
		}
	}
	for attempt := 1; ; attempt++ {
		err := t.send(ctx, all)
		if err == nil || failed(err) {
			return conflict(err)
		}
		if attempt == maxConflicts || !met(err) {
			return err
		}
		if err := engine.Pause(ctx, attempt); err != nil {
			return err
		}
	}
}

func (t *Table) send(ctx context.Context, all []conditional) error {
	if len(all) > 1 {
		_, err := t.client.TransactWriteItems(ctx, &dynamodb.TransactWriteItemsInput{TransactItems: t.transaction(all)})
		return err
	}
	c := all[0]
	if c.item == nil {
		_, err := t.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{TableName: t.name, Key: c.key})
		return err
	}
	_, err := t.client.PutItem(ctx, &dynamodb.PutItemInput{
		TableName: t.name, Item: c.item, ConditionExpression: c.condition,
		ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
	})
	return err
}

func (t *Table) transaction(all []conditional) []types.TransactWriteItem {
	items := make([]types.TransactWriteItem, len(all))
	for i, c := range all {
		if c.item == nil {
			items[i].Delete = &types.Delete{TableName: t.name, Key: c.key}
			continue
		}
		items[i].Put = &types.Put{
			TableName: t.name, Item: c.item, ConditionExpression: c.condition,
			ExpressionAttributeNames: c.names, ExpressionAttributeValues: c.values,
		}
	}
	return items
}

func conflict(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%w: %w", engine.ErrConflict, err)
}

// failed tells whether a condition did not hold.
func failed(err error) bool {
	var one *types.ConditionalCheckFailedException
	return errors.As(err, &one) || reason(err, "ConditionalCheckFailed")
}

// met tells whether another transaction had one of the items at the same moment, or DynamoDB had no capacity for one of them: neither
// is repeated by the SDK when it is the reason for which a transaction was canceled.
func met(err error) bool {
	var one *types.TransactionConflictException
	return errors.As(err, &one) || reason(err, "TransactionConflict") || reason(err, "ThrottlingError") || reason(err, "ProvisionedThroughputExceeded")
}

// reason tells whether a transaction was canceled for a reason with this code. Source: DynamoDB API Reference, TransactWriteItems.
func reason(err error, code string) bool {
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) {
		return false
	}
	for _, r := range canceled.CancellationReasons {
		if aws.ToString(r.Code) == code {
			return true
		}
	}
	return false
}

// Count implements engine.Store.
func (t *Table) Count(ctx context.Context, key engine.Key, until time.Time) (int, error) {
	out, err := t.client.UpdateItem(ctx, &dynamodb.UpdateItemInput{
		TableName: t.name, Key: keyOf(key),
		UpdateExpression:          aws.String("ADD #count :one SET #expires = :expires, #version = :one"),
		ExpressionAttributeNames:  map[string]string{"#count": count, "#expires": expires, "#version": version},
		ExpressionAttributeValues: item{":one": number(1), ":expires": number(until.Unix())},
		ReturnValues:              types.ReturnValueUpdatedNew,
	})
	if err != nil {
		return 0, err
	}
	return numberOf(out.Attributes[count])
}
