// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"encoding/json"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// RunUnderWay is the newest run of which a start has not ended; empty when there is none, and when the table cannot be read: it is for a
// warning.
func (s *Stack) RunUnderWay(ctx context.Context) (newest string) {
	pages := dynamodb.NewQueryPaginator(s.DynamoDB, &dynamodb.QueryInput{
		TableName: aws.String(s.objectName()), KeyConditionExpression: aws.String("#p = :p AND begins_with(#s, :s)"),
		ExpressionAttributeNames: map[string]string{"#p": tablePartitionKey, "#s": tableSortKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":p": &types.AttributeValueMemberS{Value: chain.NowPK}, ":s": &types.AttributeValueMemberS{Value: chain.OpenSKPrefix},
		},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return ""
		}
		for _, item := range page.Items {
			var open struct {
				Run string `json:"run"`
			}
			if text, ok := item["doc"].(*types.AttributeValueMemberS); ok && json.Unmarshal([]byte(text.Value), &open) == nil {
				newest = max(newest, open.Run) // ids begin with a time
			}
		}
	}
	return newest
}
