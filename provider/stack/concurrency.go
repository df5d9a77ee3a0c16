// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// concurrency is the function's reserved concurrency, which is also its limit.
type concurrency struct{ s *Stack }

func (c *concurrency) diff(want *Spec) []Difference {
	have := c.s.function.reserved
	// A missing function is reported by its own component.
	if c.s.function.seen == nil || reservedInWords(have) == reservedInWords(want.ReservedConcurrency) {
		return nil
	}
	return []Difference{{Setting: "function.reserved_concurrent_executions", Have: reservedInWords(have),
		Want: reservedInWords(want.ReservedConcurrency)}}
}

func reservedInWords(n *int32) string {
	if n == nil {
		return "none"
	}
	return strconv.Itoa(int(*n))
}

func (c *concurrency) ensure(ctx context.Context, want *Spec) error {
	if len(c.diff(want)) == 0 {
		return nil
	}
	name := aws.String(c.s.objectName())
	var err error
	if want.ReservedConcurrency == nil {
		_, err = c.s.Lambda.DeleteFunctionConcurrency(ctx, &lambda.DeleteFunctionConcurrencyInput{FunctionName: name})
	} else {
		_, err = c.s.Lambda.PutFunctionConcurrency(ctx, &lambda.PutFunctionConcurrencyInput{
			FunctionName: name, ReservedConcurrentExecutions: want.ReservedConcurrency,
		})
	}
	if err == nil {
		c.s.function.reserved = want.ReservedConcurrency
	}
	return err
}
