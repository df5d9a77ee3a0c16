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

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

const (
	// How long AWS may take to make one service's change visible to another, as the field caps it
	// (terraform-provider-aws, docs/retries-and-waiters.md).
	propagationTimeout = 2 * time.Minute
	// How long a create may be held up by throttling and passing failures.
	createTimeout = 5 * time.Minute
)

// retry calls op until it succeeds, fails with an error that passing does not accept, or the cap is reached; the last error is
// returned then. The pauses double from 200 ms to 5 s.
func retry(ctx context.Context, limit time.Duration, passing func(error) bool, op func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	next := 200 * time.Millisecond
	for {
		err := op(ctx)
		if err == nil || !passing(err) || pause(ctx, next) != nil {
			return err
		}
		next = min(2*next, 5*time.Second)
	}
}

// pause waits, or returns ctx's error when that ends before.
func pause(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// creatable is a component that create can look for.
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

// create makes an object once. A create whose answer got lost may have worked, and not every service refuses a second one; so
// every further try looks first, and ends when the object is there.
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

// passing accepts what may go well when it is tried again: throttling, a failing service, a lost connection, IAM's change that has not
// reached Lambda or EventBridge Scheduler yet, a name that is not free yet after a deletion, and, after a lost answer, an object that is
// there already.
func passing(err error) bool {
	if failure, ok := errors.AsType[*qlik.Error](err); ok {
		return failure.Status == 0 || failure.Status == http.StatusTooManyRequests || failure.Status >= http.StatusInternalServerError
	}
	return isAlreadyThere(err) || roleNotYetUsable(err) || schedulerNotYetTrusted(err) || isTransient(err) ||
		awsretry.IsErrorRetryables(awsretry.DefaultRetryables).IsErrorRetryable(err) == aws.TrueTernary && !isLasting(err)
}

// CreateOnce keeps the SDK from repeating the calls that make something: create repeats them, and looks before. It belongs into
// aws.Config.APIOptions.
func CreateOnce(s *middleware.Stack) error {
	if !makesSomething(s.ID()) {
		return nil
	}
	_, err := s.Finalize.Remove("Retry")
	return err
}

// makesSomething tells whether an operation makes an object, and would make a second one or fail if it were repeated.
func makesSomething(operation string) bool {
	return strings.HasPrefix(operation, "Create") || operation == "AddPermission"
}
