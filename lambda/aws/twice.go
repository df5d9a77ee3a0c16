// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"
	"errors"
	"net/http"
	"time"

	smithyhttp "github.com/aws/smithy-go/transport/http"
)

// twice sends a message, and tries once more if the service fails, or does not answer in time for another try. A message that is sent twice
// is better than none, but not five times.
func twice(ctx context.Context, send func(context.Context) error) error {
	err := first(ctx, send)
	if err != nil && ctx.Err() == nil && mayPass(err) {
		return send(ctx)
	}
	return err
}

// first sends once, and leaves half of the time for another try: the connection may have died without a sign.
func first(ctx context.Context, send func(context.Context) error) error {
	if deadline, ok := ctx.Deadline(); ok {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Until(deadline)/2)
		defer cancel()
	}
	return send(ctx)
}

// mayPass reports whether another try may succeed: there was no whole answer, or the service failed.
func mayPass(err error) bool {
	var entry *entryError
	if errors.As(err, &entry) {
		return entry.mayPass()
	}
	var broken *brokenAnswer
	var answered *smithyhttp.ResponseError
	return errors.As(err, &broken) || !errors.As(err, &answered) || answered.HTTPStatusCode() >= http.StatusInternalServerError
}
