// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
)

// eventInvoke is what Lambda does with an event when the function fails: it retries, then sends the event to the dead-letter queue.
type eventInvoke struct {
	s    *Stack
	seen *lambda.GetFunctionEventInvokeConfigOutput // nil when missing
}

const (
	eventRetries       = 2
	eventMaxAgeSeconds = 6 * 60 * 60
)

// look reads the configuration. The function calls it.
func (c *eventInvoke) look(ctx context.Context) error {
	out, err := found(c.s.Lambda.GetFunctionEventInvokeConfig(ctx,
		&lambda.GetFunctionEventInvokeConfigInput{FunctionName: aws.String(c.s.objectName())}))
	if out == nil {
		return err
	}
	c.seen = out
	return nil
}

// destinations returns the destinations of events after success and after failure.
func (c *eventInvoke) destinations() (success, failure string) {
	config := c.seen.DestinationConfig
	if config != nil && config.OnSuccess != nil {
		success = aws.ToString(config.OnSuccess.Destination)
	}
	if config != nil && config.OnFailure != nil {
		failure = aws.ToString(config.OnFailure.Destination)
	}
	return success, failure
}

func (c *eventInvoke) diff(*Spec) []Difference {
	if c.s.function.seen == nil {
		return nil // reported by the function
	}
	if c.seen == nil {
		return []Difference{{Setting: "function.event_invoke_config", Have: missing}}
	}
	success, failure := c.destinations()
	return unequal("function.event_invoke_config.", []Difference{
		{"maximum_retry_attempts", number(c.seen.MaximumRetryAttempts), fmt.Sprint(eventRetries)},
		{"maximum_event_age_in_seconds", number(c.seen.MaximumEventAgeInSeconds), fmt.Sprint(eventMaxAgeSeconds)},
		{"on_failure", failure, c.s.queueARN()},
		{"on_success", orNone(success), orNone("")},
	})
}

func number(n *int32) string {
	if n == nil {
		return "not set"
	}
	return fmt.Sprint(*n)
}

func (c *eventInvoke) ensure(ctx context.Context, want *Spec) error {
	if len(c.diff(want)) == 0 {
		return nil
	}
	return retry(ctx, propagationTimeout, destinationNotYetUsable, func(ctx context.Context) error {
		out, err := c.s.Lambda.PutFunctionEventInvokeConfig(ctx, &lambda.PutFunctionEventInvokeConfigInput{
			FunctionName: aws.String(c.s.objectName()), MaximumRetryAttempts: aws.Int32(eventRetries),
			MaximumEventAgeInSeconds: aws.Int32(eventMaxAgeSeconds),
			DestinationConfig:        &types.DestinationConfig{OnFailure: &types.OnFailure{Destination: aws.String(c.s.queueARN())}},
		})
		if err == nil {
			c.seen = (*lambda.GetFunctionEventInvokeConfigOutput)(out)
		}
		return err
	})
}

// destinationNotYetUsable reports whether Lambda refuses the destination. It does until the new queue, and IAM's change of the role's
// policy, have reached it.
func destinationNotYetUsable(err error) bool {
	var invalid *types.InvalidParameterValueException
	return errors.As(err, &invalid) && (strings.Contains(invalid.ErrorMessage(), "destination ARN") ||
		strings.Contains(invalid.ErrorMessage(), "does not have permissions"))
}
