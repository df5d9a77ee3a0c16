// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// noMaximum is how DynamoDB represents that a table on demand has no maximum
// (https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_OnDemandThroughput.html).
const noMaximum = -1

// maxRequestUnits returns the table's maximum of requests a second, in words. It is empty for no maximum. A chain has none: DynamoDB
// refuses the requests above it, and the chain waits.
func (c *table) maxRequestUnits() string {
	most := c.seen.OnDemandThroughput
	if most == nil {
		return ""
	}
	var words []string
	for _, limit := range []struct {
		name  string
		units *int64
	}{{"read", most.MaxReadRequestUnits}, {"write", most.MaxWriteRequestUnits}} {
		if limit.units != nil && *limit.units != noMaximum {
			words = append(words, fmt.Sprintf("%s %d", limit.name, *limit.units))
		}
	}
	return strings.Join(words, ", ")
}

// unlimited returns the call that removes every maximum.
func unlimited() *dynamodb.UpdateTableInput {
	return &dynamodb.UpdateTableInput{OnDemandThroughput: &types.OnDemandThroughput{
		MaxReadRequestUnits: aws.Int64(noMaximum), MaxWriteRequestUnits: aws.Int64(noMaximum),
	}}
}

// indexes returns the names of the table's global secondary indexes except those that are being deleted. A chain has none, because an index
// adds a cost to each write.
func (c *table) indexes() []string {
	var names []string
	for _, index := range c.seen.GlobalSecondaryIndexes {
		if index.IndexStatus != types.IndexStatusDeleting {
			names = append(names, aws.ToString(index.IndexName))
		}
	}
	return names
}

// deleteIndexes deletes the table's indexes one after the other, because DynamoDB requires that.
func (c *table) deleteIndexes(ctx context.Context) error {
	for _, name := range c.indexes() {
		if err := c.update(ctx, &dynamodb.UpdateTableInput{GlobalSecondaryIndexUpdates: []types.GlobalSecondaryIndexUpdate{
			{Delete: &types.DeleteGlobalSecondaryIndexAction{IndexName: aws.String(name)}},
		}}); err != nil {
			return err
		}
	}
	return nil
}
