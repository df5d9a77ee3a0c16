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

// newestRuns is how many runs are looked at: several may be under way at the same time, and one of many steps may outlast later ones.
const newestRuns = 25

// RunUnderWay is the newest run of which a start has not ended; empty when there is none, and when the table cannot be read: it is for a
// warning.
func (s *Stack) RunUnderWay(ctx context.Context) string {
	runs, err := s.record(ctx, chain.RunsPK, "", newestRuns)
	if err != nil {
		return ""
	}
	for _, item := range runs {
		if run, ok := item[tableSortKey].(*types.AttributeValueMemberS); ok && s.isUnderWay(ctx, run.Value) {
			return run.Value
		}
	}
	return ""
}

func (s *Stack) isUnderWay(ctx context.Context, run string) bool {
	starts, err := s.record(ctx, chain.RunPKPrefix+run, chain.StartSKPrefix, 0)
	if err != nil {
		return false
	}
	for _, item := range starts {
		var start struct {
			Phase string `json:"phase"`
		}
		text, ok := item["doc"].(*types.AttributeValueMemberS)
		if ok && json.Unmarshal([]byte(text.Value), &start) == nil && chain.IsOpenPhase(start.Phase) {
			return true
		}
	}
	return false
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
