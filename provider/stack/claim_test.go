// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"testing"
	"testing/synctest"
	"time"
)

// TestClaimRenewals checks that a claim needs no look while its renewals are in time, and needs one from the first late renewal on.
func TestClaimRenewals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		renewals []time.Duration // how long after the claim
		now      time.Duration
		onTime   bool
	}{
		"a new claim":                        {nil, 29 * time.Second, true},
		"an old claim":                       {nil, 30 * time.Second, false},
		"renewed in time":                    {[]time.Duration{15 * time.Second, 40 * time.Second}, 60 * time.Second, true},
		"renewed too late, and then in time": {[]time.Duration{31 * time.Second, 45 * time.Second}, 50 * time.Second, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			synctest.Test(t, func(t *testing.T) {
				begun := time.Now()
				claim := &claim{c: &owner{s: &Stack{}}, renewedAt: begun}
				for _, after := range test.renewals {
					time.Sleep(time.Until(begun.Add(after)))
					claim.renewed(time.Now())
				}
				time.Sleep(time.Until(begun.Add(test.now)))
				if got := claim.onTime(); got != test.onTime {
					t.Errorf("on time: %v, want %v", got, test.onTime)
				}
			})
		})
	}
}
