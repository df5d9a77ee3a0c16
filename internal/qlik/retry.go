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

// longestWait is how long a Retry-After is obeyed. Qlik measures its rate limits over five minutes
// (https://qlik.dev/apis/rest/rate-limiting/); a longer one is the caller's decision.
const longestWait = 5 * time.Minute

// nextTry tells whether the failed request may be sent again, and after what time.
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
		// No answer, or one that broke off.
		return wait, r.idempotent() && !permanent(failure.Err)
	default:
		return 0, false
	}
}

// RateLimited tells whether Qlik's rate limiter turned the request away before any service looked at it. The other 429 comes from
// the Reloads API: a reload of the app is pending.
func (e *Error) RateLimited() bool {
	return e.Status == http.StatusTooManyRequests && !e.fromReloads() && (e.Code == "HTTP-429" || e.RetryAfter > 0)
}

// Pending tells whether the Reloads API refused because a reload of the app is queued, or perhaps running, already. Which of its codes
// says so is not documented.
func (e *Error) Pending() bool { return e.Status == http.StatusTooManyRequests && e.fromReloads() }

func (e *Error) fromReloads() bool { return strings.HasPrefix(e.Code, "RELOADS-") }

// permanent tells whether an error without a status of its own would only come again.
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

// backoff is the pause after the given attempt: 200 ms, doubled each time, of which a random half is kept so that callers which
// failed together do not come back together.
func backoff(attempt int) time.Duration {
	full := 200 * time.Millisecond << (attempt - 1)
	return full/2 + rand.N(full/2) //nolint:gosec // no secret depends on it
}

// sleep waits, but not when the context would end before: then it says so at once.
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

// parseRetryAfter reads the header's two forms, seconds and a date (RFC 9110, 10.2.3). What cannot be read counts as absent.
func parseRetryAfter(header string) time.Duration {
	if seconds, err := strconv.ParseInt(strings.TrimSpace(header), 10, 64); err == nil {
		return time.Duration(max(0, min(seconds, math.MaxInt64/int64(time.Second)))) * time.Second
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(date))
	}
	return 0
}
