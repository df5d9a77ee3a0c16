// SPDX-License-Identifier: MPL-2.0

package delivery

import "time"

// The times between attempts double up to a maximum. AWS documents an exponential back-off for EventBridge and EventBridge Scheduler, but
// no figures. The Scheduler's defaults, 185 attempts in 24 hours, are one attempt every 8 minutes.
const (
	firstBackOff   = 30 * time.Second
	longestBackOff = 8 * time.Minute
)

// BackOff returns how long to wait after an attempt that failed, after a number of retries.
func BackOff(retries int) time.Duration {
	d := firstBackOff
	for range retries {
		d = min(2*d, longestBackOff)
	}
	return d
}
