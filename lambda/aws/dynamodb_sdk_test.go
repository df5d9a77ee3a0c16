// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"maps"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

type attributes = map[string]types.AttributeValue

func s(value string) types.AttributeValue { return &types.AttributeValueMemberS{Value: value} }

func n(value string) types.AttributeValue { return &types.AttributeValueMemberN{Value: value} }

// TestTheSDKSendsTheSame: a service does not always say that it does not know a member.
func TestTheSDKSendsTheSame(t *testing.T) {
	t.Parallel()
	key, name := engine.Key{PK: "p", SK: "s"}, sdk.String("chain")
	until := time.Unix(1_800_000_000, 0)
	item := func(more attributes) attributes {
		all := attributes{"pk": s("p"), "sk": s("s"), "doc": s(`{"Text":"x"}`), "expires": n("1800000000")}
		maps.Copy(all, more)
		return all
	}
	for what, tt := range map[string]struct {
		byHand func(*aws.Table) error
		bySDK  func(*dynamodb.Client) error
		random []string
	}{
		"get": {
			byHand: func(t0 *aws.Table) error { _, err := t0.Get(t.Context(), key); return err },
			bySDK: func(c *dynamodb.Client) error {
				_, err := c.GetItem(t.Context(), &dynamodb.GetItemInput{
					TableName: name, Key: attributes{"pk": s("p"), "sk": s("s")}, ConsistentRead: sdk.Bool(true),
				})
				return err
			},
		},
		"query": {
			byHand: func(t0 *aws.Table) error {
				_, err := t0.Query(t.Context(), engine.Query{PK: "p", Prefix: "a", From: "ab", Newest: true, AtMost: 7})
				return err
			},
			bySDK: func(c *dynamodb.Client) error {
				_, err := c.Query(t.Context(), &dynamodb.QueryInput{
					TableName: name, ConsistentRead: sdk.Bool(true), ScanIndexForward: sdk.Bool(false), Limit: sdk.Int32(7),
					KeyConditionExpression:    sdk.String("#pk = :pk AND begins_with(#sk, :prefix)"),
					ExpressionAttributeNames:  map[string]string{"#pk": "pk", "#sk": "sk"},
					ExpressionAttributeValues: attributes{":pk": s("p"), ":prefix": s("a")},
					ExclusiveStartKey:         attributes{"pk": s("p"), "sk": s("ab")},
				})
				return err
			},
		},
		"count": {
			byHand: func(t0 *aws.Table) error {
				_, _ = t0.Count(t.Context(), key, until) // the answer has no sum
				return nil
			},
			bySDK: func(c *dynamodb.Client) error {
				_, err := c.UpdateItem(t.Context(), &dynamodb.UpdateItemInput{
					TableName: name, Key: attributes{"pk": s("p"), "sk": s("s")},
					UpdateExpression:          sdk.String("ADD #count :one SET #expires = :expires, #version = :one"),
					ExpressionAttributeNames:  map[string]string{"#count": "count", "#expires": "expires", "#version": "version"},
					ExpressionAttributeValues: attributes{":one": n("1"), ":expires": n("1800000000")}, ReturnValues: types.ReturnValueUpdatedNew,
				})
				return err
			},
		},
		"put always": {
			byHand: func(t0 *aws.Table) error {
				return t0.Write(t.Context(), engine.Write{Key: key, Always: true, Doc: doc{"x"}, Expires: until})
			},
			bySDK: func(c *dynamodb.Client) error {
				_, err := c.PutItem(t.Context(), &dynamodb.PutItemInput{TableName: name, Item: item(attributes{"version": n("1")})})
				return err
			},
		},
		"delete": {
			byHand: func(t0 *aws.Table) error { return t0.Write(t.Context(), engine.Write{Key: key, Delete: true}) },
			bySDK: func(c *dynamodb.Client) error {
				_, err := c.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: name, Key: attributes{"pk": s("p"), "sk": s("s")}})
				return err
			},
		},
		"transaction": {
			byHand: func(t0 *aws.Table) error {
				return t0.Write(t.Context(), engine.Write{Key: key, Doc: doc{"x"}, Expires: until},
					engine.Write{Key: key, Version: 3, Doc: doc{"x"}, Expires: until}, engine.Write{Key: key, Delete: true},
					engine.Write{Key: key, Always: true, Doc: doc{"x"}, Expires: until})
			},
			bySDK: func(c *dynamodb.Client) error {
				_, err := c.TransactWriteItems(t.Context(), &dynamodb.TransactWriteItemsInput{TransactItems: []types.TransactWriteItem{
					{Put: &types.Put{
						TableName: name, Item: item(attributes{"version": n("1")}), ConditionExpression: sdk.String("attribute_not_exists(#pk)"),
						ExpressionAttributeNames: map[string]string{"#pk": "pk"},
					}},
					{Put: &types.Put{
						TableName: name, Item: item(attributes{"version": n("4")}), ConditionExpression: sdk.String("#version = :version"),
						ExpressionAttributeNames: map[string]string{"#version": "version"}, ExpressionAttributeValues: attributes{":version": n("3")},
					}},
					{Delete: &types.Delete{TableName: name, Key: attributes{"pk": s("p"), "sk": s("s")}}},
					{Put: &types.Put{TableName: name, Item: item(attributes{"version": n("1")})}},
				}})
				return err
			},
			random: []string{"ClientRequestToken"},
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			sendSame(t,
				func(config sdk.Config) {
					if err := tt.byHand(aws.NewTable(config, "chain")); err != nil {
						t.Error(err)
					}
				},
				func(config sdk.Config) {
					if err := tt.bySDK(dynamodb.NewFromConfig(config)); err != nil {
						t.Error(err)
					}
				}, tt.random...)
		})
	}
}
