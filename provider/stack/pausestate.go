// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// pauseState is whether the chain is paused. Operators also pause and resume the chain through its API. In all cases the function does it,
// because it has to release the parked starts.
type pauseState struct {
	s      *Stack
	paused bool
	by     *chain.Operation // who has paused it; nil if it is not known
}

// ByTerraform is who pauses and resumes the chain in an apply.
const ByTerraform = "Terraform"

// look reads the table's item that records the pause. The table calls it.
func (c *pauseState) look(ctx context.Context) error {
	out, err := c.s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(c.s.objectName()), ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: chain.NowPK}, "sk": &types.AttributeValueMemberS{Value: chain.PausedSK},
		},
	})
	// A table with another key belongs to another configuration. The table's own component reports it.
	if isNotFound(err) || hasCode(err, "ValidationException") {
		return nil
	}
	if err != nil {
		return err
	}
	c.paused, c.by = len(out.Item) > 0, operationIn(out.Item)
	return nil
}

// operationIn reads the document of an item, which is an operation. It returns nil if it cannot be read: it is only for a warning.
func operationIn(item map[string]types.AttributeValue) *chain.Operation {
	text, ok := item["doc"].(*types.AttributeValueMemberS)
	if !ok {
		return nil
	}
	var operation chain.Operation
	if json.Unmarshal([]byte(text.Value), &operation) != nil {
		return nil
	}
	return &operation
}

// LastResume returns who has resumed the chain last. It returns nil if that is not known, because it is only for a warning.
func (s *Stack) LastResume(ctx context.Context) *chain.Operation {
	out, err := s.DynamoDB.Query(ctx, &dynamodb.QueryInput{
		TableName: aws.String(s.objectName()), ScanIndexForward: aws.Bool(false), Limit: aws.Int32(lastOperations),
		KeyConditionExpression:    aws.String("#p = :p"),
		ExpressionAttributeNames:  map[string]string{"#p": tablePartitionKey},
		ExpressionAttributeValues: map[string]types.AttributeValue{":p": &types.AttributeValueMemberS{Value: chain.OperationsPK}},
	})
	if err != nil {
		return nil
	}
	for _, item := range out.Items {
		var kind struct {
			Kind chain.OperationKind `json:"operation"`
		}
		text, ok := item["doc"].(*types.AttributeValueMemberS)
		if ok && json.Unmarshal([]byte(text.Value), &kind) == nil && kind.Kind == chain.OperationResume {
			return operationIn(item)
		}
	}
	return nil
}

// lastOperations is how many operations LastResume looks at.
const lastOperations = 50

func (c *pauseState) diff(want *Spec) []Difference {
	gone := c.s.table.seen == nil || c.s.function.seen == nil // reported separately
	if want.KeepPause || gone || c.paused == want.Paused {
		return nil
	}
	return []Difference{{Setting: "chain.paused", Have: fmt.Sprint(c.paused), Want: fmt.Sprint(want.Paused)}}
}

func (c *pauseState) ensure(ctx context.Context, want *Spec) error {
	if want.KeepPause || c.paused == want.Paused {
		return nil
	}
	operation := chain.OperationPayload{Source: chain.OperationSource, Kind: chain.OperationResume, By: ByTerraform, ID: rand.Text()}
	if want.Paused {
		operation.Kind = chain.OperationPause
	}
	payload, err := json.Marshal(operation)
	if err != nil {
		return err
	}
	return retry(ctx, propagationTimeout, isFunctionError, func(ctx context.Context) error {
		out, err := c.s.Lambda.Invoke(ctx, &lambda.InvokeInput{FunctionName: aws.String(c.s.objectName()), Payload: payload})
		if err != nil {
			return err
		}
		if out.FunctionError != nil {
			return functionError(out.Payload)
		}
		c.paused = want.Paused
		return nil
	})
}

func (c *pauseState) report(state *State) { state.Paused, state.PausedBy = c.paused, c.by }

// functionErr is the function's error when it could not run the operation. It is temporary in a new chain: the role's permissions are not
// known everywhere yet.
type functionErr struct{ message string }

// Error returns the function's message.
func (e *functionErr) Error() string {
	return "the chain's function failed: " + e.message + ". Its log group has the details"
}

func isFunctionError(err error) bool {
	_, ok := errors.AsType[*functionErr](err)
	return ok
}

func functionError(payload []byte) error {
	var answer struct {
		Message string `json:"errorMessage"`
	}
	if json.Unmarshal(payload, &answer) != nil || answer.Message == "" {
		answer.Message = "without a message"
	}
	return &functionErr{answer.Message}
}
