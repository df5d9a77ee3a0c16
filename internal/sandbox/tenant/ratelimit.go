// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"fmt"
	"math"
	"net/http"
	"time"
)

// tier is a class of operations that share a rate limit.
type tier int

const (
	unlimited  tier = iota
	tier1           // most reads
	tier2           // most writes
	special         // starting and canceling reloads
	scheduling      // reads of scheduled tasks
)

// RateLimits is the number of requests that one user may send per tier within a window. Zero means no limit.
type RateLimits struct {
	Window     time.Duration
	Tier1      int
	Tier2      int
	Special    int
	Scheduling int
}

// DocumentedRateLimits returns Qlik Cloud's limits: 1000, 100, 50 and 600 a minute, measured over five minutes. Source:
// https://qlik.dev/apis/rest/rate-limiting/.
func DocumentedRateLimits() RateLimits {
	return RateLimits{Window: 5 * time.Minute, Tier1: 5000, Tier2: 500, Special: 250, Scheduling: 3000}
}

func (l RateLimits) of(tier tier) int {
	switch tier {
	case tier1:
		return l.Tier1
	case tier2:
		return l.Tier2
	case special:
		return l.Special
	case scheduling:
		return l.Scheduling
	case unlimited:
	}
	return 0
}

type usageKey struct {
	user *user
	tier tier
}

type usage struct {
	since time.Time
	count int
}

// countAgainstLimit refuses a request over the user's limit before any service sees it.
func (t *Tenant) countAgainstLimit(u *user, tier tier) error {
	limit := t.config.RateLimits.of(tier)
	if limit == 0 {
		return nil
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	key, now := usageKey{u, tier}, t.now()
	used := t.usage[key]
	if used == nil || now.Sub(used.since) >= t.config.RateLimits.Window {
		used = &usage{since: now}
		t.usage[key] = used
	}
	if used.count++; used.count <= limit {
		return nil
	}
	wait := int(math.Ceil(max(time.Second, t.config.RateLimits.Window-now.Sub(used.since)).Seconds()))
	return &apiError{
		status: http.StatusTooManyRequests, code: "HTTP-429", title: "Too many requests",
		detail: fmt.Sprintf("the rate limit is used up, try again in %d seconds", wait), retryAfter: wait,
	}
}
