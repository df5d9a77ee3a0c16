// SPDX-License-Identifier: MPL-2.0

// Package tokenbucket limits the rate of events as AWS does: with a steady rate per second and a burst.
package tokenbucket

import "time"

// Bucket holds the tokens of one limit. The zero value is full. It is not safe for concurrent use.
type Bucket struct {
	tokens float64
	filled time.Time
}

// Take removes a token, or returns false if there is none. The bucket fills with rate tokens a second up to burst.
func (b *Bucket) Take(now time.Time, rate float64, burst int) bool {
	if !b.Has(now, rate, burst) {
		return false
	}
	b.tokens--
	return true
}

// Has reports whether a token is available.
func (b *Bucket) Has(now time.Time, rate float64, burst int) bool {
	if b.filled.IsZero() {
		b.tokens = float64(burst)
	} else if passed := now.Sub(b.filled).Seconds(); passed > 0 {
		b.tokens += passed * rate
	}
	b.tokens, b.filled = min(b.tokens, float64(burst)), now
	return b.tokens >= 1
}
