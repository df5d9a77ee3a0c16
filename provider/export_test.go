// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
)

// NewImpatient is New for tests against services on the same machine, whose quotas refill speed times as fast as AWS's.
func NewImpatient(version string, answer time.Duration, speed float64) func() provider.Provider {
	return func() provider.Provider {
		return &qlikProvider{version: version, patience: patience{
			answer: answer, maxBackoff: time.Second, keyOverlap: 300 * time.Millisecond, lease: 3 * time.Second, speed: speed,
		}}
	}
}
