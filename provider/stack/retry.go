// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsretry "github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go/middleware"
	smithytime "github.com/aws/smithy-go/time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

const (
	// propagationTimeout is how long AWS may take to make one service's change visible to another. The AWS provider uses the same limit
	// (terraform-provider-aws, docs/retries-and-waiters.md).
	propagationTimeout = 2 * time.Minute
	// createTimeout is how long throttling and temporary failures may delay a create.
	createTimeout = 5 * time.Minute
	// firstLook is the earliest time at which a change that takes AWS a while may be complete.
	firstLook = 200 * time.Millisecond
)

// retry calls op until it succeeds, fails with an error that passing does not accept, or the limit is reached. It returns the last error.
// The pauses double from 200 ms to 5 s.
func retry(ctx context.Context, limit time.Duration, passing func(error) bool, op func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	next := 200 * time.Millisecond
	for {
		err := op(ctx)
		if err == nil || !passing(err) || smithytime.SleepWithContext(ctx, next) != nil {
			return err
		}
		next = min(2*next, 5*time.Second)
	}
}

// creatable is a component that create can look up.
type creatable interface {
	find(ctx context.Context) error
	exists() bool
}

// lookedUp is a creatable that another component finds.
type lookedUp struct {
	look  func(context.Context) error
	there func() bool
}

func (c lookedUp) find(ctx context.Context) error { return c.look(ctx) }

func (c lookedUp) exists() bool { return c.there() }

// create creates an object once. If the answer got lost, the object may exist, and not every service refuses a second one. So every retry
// looks first, and stops when the object exists.
func create(ctx context.Context, c creatable, call func(context.Context) error) error {
	tried := false
	return retry(ctx, createTimeout, passing, func(ctx context.Context) error {
		if tried {
			if err := c.find(ctx); err != nil || c.exists() {
				return err
			}
		}
		tried = true
		return call(ctx)
	})
}

// passing reports whether a retry may succeed. It accepts throttling, a failing service and a lost connection. It accepts that IAM's change
// has not reached Lambda or EventBridge Scheduler yet, and that a name is not free yet after a deletion. It also accepts that the object
// exists already, after a lost answer.
func passing(err error) bool {
	if failure, ok := errors.AsType[*qlik.Error](err); ok {
		return failure.Status == 0 || failure.Status == http.StatusTooManyRequests || failure.Status >= http.StatusInternalServerError
	}
	return isAlreadyThere(err) || roleNotYetUsable(err) || schedulerNotYetTrusted(err) || isTransient(err) ||
		awsretry.IsErrorRetryables(awsretry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary && !isLasting(err)
}

// CreateOnce keeps the SDK from repeating the calls that create something. The function create repeats them, and looks first. Pass it in
// aws.Config.APIOptions.
func CreateOnce(s *middleware.Stack) error {
	if !makesSomething(s.ID()) {
		return nil
	}
	_, err := s.Finalize.Remove("Retry")
	return err
}

// makesSomething reports whether an operation creates an object. If it were repeated, it would create a second one or fail.
func makesSomething(operation string) bool {
	return strings.HasPrefix(operation, "Create") || operation == "AddPermission"
}
