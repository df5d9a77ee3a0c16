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

// RunUnderWay is the newest run when one of its starts has not ended; empty when there is none, and when the table cannot be read: it is
// for a warning.
func (s *Stack) RunUnderWay(ctx context.Context) string {
	runs, err := s.record(ctx, chain.RunsPK, "", 1)
	if err != nil || len(runs) == 0 {
		return ""
	}
	run, ok := runs[0][tableSortKey].(*types.AttributeValueMemberS)
	if !ok {
		return ""
	}
	starts, err := s.record(ctx, chain.RunPKPrefix+run.Value, chain.StartSKPrefix, 0)
	if err != nil {
		return ""
	}
	for _, item := range starts {
		var start struct {
			Phase string `json:"phase"`
		}
		text, ok := item["doc"].(*types.AttributeValueMemberS)
		if ok && json.Unmarshal([]byte(text.Value), &start) == nil && chain.IsOpenPhase(start.Phase) {
			return run.Value
		}
	}
	return ""
}

// record reads items of the chain's record, the newest first, in one call.
func (s *Stack) record(ctx context.Context, partition, prefix string, atMost int32) ([]map[string]types.AttributeValue, error) {
	in := &dynamodb.QueryInput{
		TableName: aws.String(s.objectName()), ScanIndexForward: aws.Bool(false), KeyConditionExpression: aws.String("#p = :p"),
		ExpressionAttributeNames:  map[string]string{"#p": tablePartitionKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberS{Value: partition}},
	}
	if atMost > 0 {
		in.Limit = aws.Int32(atMost)
	}
	if prefix != "" {
		in.KeyConditionExpression = aws.String("#p = :p AND begins_with(#s, :s)")
		in.ExpressionAttributeNames["#s"] = tableSortKey
		in.ExpressionAttributeValues[":s"] = &types.AttributeValueMemberS{Value: prefix}
	}
	out, err := s.DynamoDB.Query(ctx, in)
	if err != nil {
		return nil, err
	}
	return out.Items, nil
}
