// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"math"
	"slices"
	"time"
)

func (v *validation) retry(key string, r *Retry) {
	if r == nil {
		return
	}
	at := func(attribute string) Path { return Path{"steps", key, "retry", attribute} }
	before := len(v.problems)
	if r.MaxAttempts < 2 || r.MaxAttempts > MaxAttempts {
		v.report(at("max_attempts"), "max_attempts is %d. Use 2 to %d, the first attempt included; for no second attempt leave retry out.",
			r.MaxAttempts, MaxAttempts)
	}
	if r.Interval != 0 {
		v.wholeMinutes(at("interval"), "interval", r.Interval, MaxInterval)
	}
	if rate := r.BackoffRate; rate != 0 && !(rate >= 1 && rate <= MaxBackoffRate) { // NaN is refused too
		v.report(at("backoff_rate"), "The rate %v is out of range. Use 1 to %v: each wait is so many times as long as the one before.",
			rate, MaxBackoffRate)
	}
	v.longestWait(at, r, len(v.problems) == before)
	for i, way := range r.RetryOn {
		switch {
		case !slices.Contains(RetryOns(), way):
			v.report(at("retry_on"), "%q is not a way to fail. Use %q or %q.", string(way), RetryOnFailed, RetryOnExceededLimit)
		case slices.Contains(r.RetryOn[:i], way):
			v.report(at("retry_on"), "%q is there twice. Remove one.", string(way))
		}
	}
}

// longestWait checks the wait before the last attempt. Each figure is valid on its own.
func (v *validation) longestWait(at func(string) Path, r *Retry, valid bool) {
	if !valid {
		return
	}
	longest := r.wait(r.MaxAttempts)
	if longest <= float64(MaxInterval) {
		return
	}
	hours := math.Ceil(longest / float64(time.Hour))
	v.reportWith([]Path{at("max_attempts"), at("backoff_rate")}, at("interval"),
		"With max_attempts %d and backoff_rate %v, the wait before the last "+
			"attempt is %v hours, more than %s. Make one of the three smaller.",
		r.MaxAttempts, orDefault(r.BackoffRate, DefaultBackoffRate), hours, MaxInterval)
}
