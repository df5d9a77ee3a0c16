// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Table is a chain's table in DynamoDB. It implements engine.Store.
type Table struct {
	client *client
	name   string
}

var _ engine.Store = (*Table)(nil)

// NewTable returns the table with this name, with the region, the credentials, the endpoint and the HTTP client of config.
func NewTable(config aws.Config, name string) *Table {
	return &Table{newClient(config, service{id: "DynamoDB", scope: "dynamodb", target: "DynamoDB_20120810", version: "1.0"}), name}
}

// Get implements engine.Store. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_GetItem.html
func (t *Table) Get(ctx context.Context, key engine.Key) (*engine.Item, error) {
	in := struct {
		TableName      string
		Key            item
		ConsistentRead bool
	}{t.name, keyOf(key), true}
	var out struct{ Item item }
	if err := t.client.call(ctx, "GetItem", in, &out); err != nil || len(out.Item) == 0 {
		return nil, err
	}
	return out.Item.decode()
}

// Query implements engine.Store. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_Query.html
func (t *Table) Query(ctx context.Context, q engine.Query) ([]engine.Item, error) {
	in := struct {
		TableName              string
		ConsistentRead         bool
		ScanIndexForward       bool
		KeyConditionExpression string
		expression
		ExclusiveStartKey item `json:",omitempty"`
		Limit             int  `json:",omitempty"`
	}{
		TableName: t.name, ConsistentRead: true, ScanIndexForward: !q.Newest, KeyConditionExpression: "#pk = :pk",
		expression: expression{Names: map[string]string{"#pk": attrPartition}, Values: item{":pk": text(q.PK)}},
	}
	if q.Prefix != "" {
		in.KeyConditionExpression = "#pk = :pk AND begins_with(#sk, :prefix)"
		in.Names["#sk"], in.Values[":prefix"] = attrSort, text(q.Prefix)
	}
	if q.From != "" {
		in.ExclusiveStartKey = keyOf(engine.Key{PK: q.PK, SK: q.From})
	}
	var found []engine.Item
	for {
		if q.AtMost > 0 {
			in.Limit = min(q.AtMost-len(found), 1000)
		}
		var out struct {
			Items            []item
			LastEvaluatedKey item
		}
		if err := t.client.call(ctx, "Query", in, &out); err != nil {
			return nil, err
		}
		for _, attributes := range out.Items {
			one, err := attributes.decode()
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

// Count implements engine.Store. Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateItem.html
func (t *Table) Count(ctx context.Context, key engine.Key, until time.Time) (int, error) {
	in := struct {
		TableName        string
		Key              item
		UpdateExpression string
		expression
		ReturnValues string
	}{
		t.name, keyOf(key), "ADD #count :one SET #expires = :expires, #version = :one",
		expression{
			Names:  map[string]string{"#count": attrCount, "#expires": attrExpires, "#version": attrVersion},
			Values: item{":one": number(1), ":expires": number(until.Unix())},
		}, "UPDATED_NEW",
	}
	var out struct{ Attributes item }
	if err := t.client.call(ctx, "UpdateItem", in, &out); err != nil {
		return 0, err
	}
	return out.Attributes[attrCount].number()
}
