// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	dynamodbtypes "github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/smithy-go"
)

var errPassing = errors.New("passing")

func TestRetry(t *testing.T) {
	t.Parallel()
	lasting := errors.New("lasting")
	tests := map[string]struct {
		failures int   // passing ones, before the last result
		last     error // the result after them
		want     error
		calls    int
	}{
		"at once":                 {0, nil, nil, 1},
		"after some":              {3, nil, nil, 4},
		"another error ends it":   {2, lasting, lasting, 3},
		"the cap ends it, in 2 m": {1 << 30, nil, errPassing, 28},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				start, calls := time.Now(), 0
				err := retry(t.Context(), propagationTimeout, func(err error) bool { return errors.Is(err, errPassing) }, func(context.Context) error {
					calls++
					if calls <= test.failures {
						return errPassing
					}
					return test.last
				})
				if !errors.Is(err, test.want) || calls != test.calls {
					t.Errorf("%v after %d calls, want %v after %d", err, calls, test.want, test.calls)
				}
				if took := time.Since(start); took > propagationTimeout {
					t.Errorf("took %v", took)
				}
			})
		})
	}
}

func TestRetryEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	err := retry(ctx, time.Hour, func(error) bool { return true }, func(context.Context) error {
		cancel()
		return errPassing
	})
	if !errors.Is(err, errPassing) {
		t.Errorf("the last error is the message, not %v", err)
	}
}

func TestPassing(t *testing.T) {
	t.Parallel()
	code := func(code, message string) error { return &smithy.GenericAPIError{Code: code, Message: message} }
	for name, test := range map[string]struct {
		accepts func(error) bool
		err     error
		want    bool
	}{
		"group being deleted":          {passing, code("ConflictException", ""), true},
		"table being deleted":          {passing, code("ResourceInUseException", ""), true},
		"too many tables at once":      {passing, &dynamodbtypes.LimitExceededException{}, true},
		"Scheduler's throttling":       {passing, code("ThrottlingException", "Rate exceeded"), true},
		"no permission":                {passing, code("AccessDeniedException", ""), false},
		"new queue, unknown to Lambda": {destinationNotYetUsable, invalidParameter("The destination ARN arn:aws:sqs:::q is invalid."), true},
		"policy, unknown to Lambda": {destinationNotYetUsable,
			invalidParameter("The function's execution role does not have permissions to call SendMessage on arn:aws:sqs:::q"), true},
		"another invalid parameter":     {destinationNotYetUsable, invalidParameter("MaximumRetryAttempts"), false},
		"another error of another type": {destinationNotYetUsable, code("ServiceException", "does not have permissions"), false},
		"a queue's name, not to be had": {passing, code("QueueNameExists", ""), false},
	} {
		if got := test.accepts(test.err); got != test.want {
			t.Errorf("%s: %v, want %v", name, got, test.want)
		}
	}
}

func invalidParameter(message string) error {
	return &lambdatypes.InvalidParameterValueException{Message: &message}
}
