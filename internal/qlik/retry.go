// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait is the longest Retry-After that the client waits for. Qlik measures its rate limits over five minutes
// (https://qlik.dev/apis/rest/rate-limiting/). For a longer one, the caller decides.
const longestWait = 5 * time.Minute

// nextTry reports whether the failed request may be sent again, and after how long.
func (c *Client) nextTry(r request, failure *Error) (time.Duration, bool) {
	if r.once || failure.RetryAfter > longestWait {
		return 0, false
	}
	wait := max(failure.RetryAfter, c.backoff(failure.Attempts))
	switch {
	case failure.Status == http.StatusTooManyRequests:
		return wait, failure.RateLimited() || r.idempotent() && !failure.fromReloads()
	case failure.Status >= 500:
		return wait, r.idempotent()
	case failure.Status == 0 || failure.Status < 300 && failure.Err != nil:
		// No answer, or an incomplete one.
		return wait, r.idempotent() && !permanent(failure.Err)
	default:
		return 0, false
	}
}

// RateLimited reports whether Qlik's rate limiter refused the request before any service processed it. The other 429 comes from the Reloads
// API: a reload of the app is pending.
func (e *Error) RateLimited() bool {
	return e.Status == http.StatusTooManyRequests && !e.fromReloads() && (e.Code == "HTTP-429" || e.RetryAfter > 0)
}

// Pending reports whether the Reloads API refused because a reload of the app is queued, or perhaps running. It is not documented which
// code means that.
func (e *Error) Pending() bool { return e.Status == http.StatusTooManyRequests && e.fromReloads() }

// AtRunLimit reports whether the Automations API refused because too many runs are under way, of the automation or in the tenant. Neither
// the status nor the code is documented: a 409, and a 429 that the rate limiter did not send, count.
func (e *Error) AtRunLimit() bool {
	return e.Status == http.StatusConflict || e.Status == http.StatusTooManyRequests && !e.RateLimited()
}

func (e *Error) fromReloads() bool { return strings.HasPrefix(e.Code, "RELOADS-") }

// permanent reports whether a retry of an error without a status is useless.
func permanent(err error) bool {
	var dns *net.DNSError
	var certificate *tls.CertificateVerificationError
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	return errors.Is(err, context.Canceled) ||
		errors.As(err, &dns) && dns.IsNotFound ||
		errors.As(err, &certificate) ||
		errors.As(err, &syntax) || errors.As(err, &mismatch)
}

// backoff returns the wait after the given attempt: 200 ms, doubled each time. Half of it is random, so that callers that failed together
// do not return together.
func backoff(attempt int) time.Duration {
	full := 200 * time.Millisecond << (attempt - 1)
	return full/2 + rand.N(full/2) //nolint:gosec // no secret depends on it
}

// sleep waits. If the context would end first, it returns the error at once.
func sleep(ctx context.Context, wait time.Duration) error {
	if deadline, ok := ctx.Deadline(); ok && time.Until(deadline) < wait {
		return fmt.Errorf("the next try in %s would come after the deadline: %w", wait.Round(time.Millisecond), context.DeadlineExceeded)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// parseRetryAfter parses the header's two forms, seconds and a date (RFC 9110, 10.2.3). An invalid header counts as absent.
func parseRetryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(header), 10, 64); err == nil {
		return time.Duration(max(0, min(seconds, math.MaxInt64/int64(time.Second)))) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
