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
}

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
	c.paused = len(out.Item) > 0
	return nil
}

func (c *pauseState) diff(want *Spec) []Difference {
	if c.s.table.seen == nil || c.s.function.seen == nil || c.paused == want.Paused { // a missing component is reported separately
		return nil
	}
	return []Difference{{Setting: "chain.paused", Have: fmt.Sprint(c.paused), Want: fmt.Sprint(want.Paused)}}
}

func (c *pauseState) ensure(ctx context.Context, want *Spec) error {
	if c.paused == want.Paused {
		return nil
	}
	operation := chain.OperationPayload{Source: chain.OperationSource, Kind: chain.OperationResume, By: "Terraform", ID: rand.Text()}
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

func (c *pauseState) report(state *State) { state.Paused = c.paused }

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
