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

// standstill is whether the chain is paused. People pause and resume it too, through its API: all of them have the function do it, which
// lets go what a pause has held.
type standstill struct {
	s      *Stack
	paused bool
}

// look reads the one item of the table that says so. It is the table's to call.
func (c *standstill) look(ctx context.Context) error {
	out, err := c.s.DynamoDB.GetItem(ctx, &dynamodb.GetItemInput{
		TableName: aws.String(c.s.objectName()), ConsistentRead: aws.Bool(true),
		Key: map[string]types.AttributeValue{
			"pk": &types.AttributeValueMemberS{Value: chain.NowPK}, "sk": &types.AttributeValueMemberS{Value: chain.PausedSK},
		},
	})
	// A table that has another key is somebody else's, which the table's own component says.
	if isNotFound(err) || hasCode(err, "ValidationException") {
		return nil
	}
	if err != nil {
		return err
	}
	c.paused = len(out.Item) > 0
	return nil
}

func (c *standstill) diff(want *Spec) []Difference {
	if c.s.table.seen == nil || c.s.function.seen == nil || c.paused == want.Paused { // what is missing is a difference of its own
		return nil
	}
	return []Difference{{Setting: "chain.paused", Have: fmt.Sprint(c.paused), Want: fmt.Sprint(want.Paused)}}
}

func (c *standstill) ensure(ctx context.Context, want *Spec) error {
	if c.paused == want.Paused {
		return nil
	}
	operation := chain.Operation{Source: chain.OperationSource, Operation: chain.OperationResume, By: "Terraform", ID: rand.Text()}
	if want.Paused {
		operation.Operation = chain.OperationPause
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

func (c *standstill) report(state *State) { state.Paused = c.paused }

// functionErr is what the function answers that could not do what it was told. Of a new chain that passes: its role's rights are not known
// everywhere yet.
type functionErr struct{ message string }

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
