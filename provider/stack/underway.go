// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// UnderWay is what a chain is doing.
type UnderWay struct {
	Runs  []string // with steps that have not ended, sorted: the oldest first
	Steps int      // that have not ended
}

// UnderWay returns what the chain is doing. It returns nothing when the table cannot be read, because it is only for a warning.
func (s *Stack) UnderWay(ctx context.Context) UnderWay {
	out, err := s.DynamoDB.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.objectName()), ConsistentRead: aws.Bool(true), ProjectionExpression: aws.String("#s"),
		KeyConditionExpression:   aws.String("#p = :p AND begins_with(#s, :s)"),
		ExpressionAttributeNames: map[string]string{"#p": tablePartitionKey, "#s": tableSortKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{
			":p": &types.AttributeValueMemberS{Value: chain.NowPK}, ":s": &types.AttributeValueMemberS{Value: chain.OpenSKPrefix},
		},
	})
	if err != nil {
		return UnderWay{}
	}
	steps, runs := map[string]bool{}, map[string]bool{}
	for _, item := range out.Items {
		if key, ok := item[tableSortKey].(*types.AttributeValueMemberS); ok {
			if step, run, ok := openStart(key.Value); ok {
				steps[step+" "+run], runs[run] = true, true
			}
		}
	}
	under := UnderWay{Steps: len(steps)}
	for run := range runs {
		under.Runs = append(under.Runs, run)
	}
	slices.Sort(under.Runs)
	return under
}

// openStart parses the sort key of a start that has not ended: OPEN#<app>#<run>#<attempt>.
func openStart(key string) (step, run string, ok bool) {
	rest, ok := strings.CutPrefix(key, chain.OpenSKPrefix)
	if !ok {
		return "", "", false
	}
	step, rest, ok = strings.Cut(rest, "#")
	last := strings.LastIndex(rest, "#")
	if !ok || last < 0 {
		return "", "", false
	}
	return step, rest[:last], true
}
