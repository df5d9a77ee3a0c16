// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"time"

	"github.com/hashicorp/terraform-plugin-framework/provider"
)

// NewImpatient does the same as New, for tests against services on this machine. Their quotas refill speed times as fast as AWS's.
func NewImpatient(version string, answer time.Duration, speed float64) func() provider.Provider {
	return NewClaiming(version, answer, speed, 10*time.Minute)
}

// NewClaiming does the same as NewImpatient, for tests of claims. All other tests have a lease that is longer than a create, so that no
// renewal is among the calls.
func NewClaiming(version string, answer time.Duration, speed float64, lease time.Duration) func() provider.Provider {
	return func() provider.Provider {
		return &qlikProvider{version: version, waits: waits{
			answer: answer, maxBackoff: time.Second, keyOverlap: 300 * time.Millisecond, lease: lease, speed: speed,
		}}
	}
}

// DynamicPaths returns the paths of what is in the dynamic attributes of the resource, which its schema does not show.
func DynamicPaths() []string {
	var paths []string
	var look func(prefix string, fields []field)
	look = func(prefix string, fields []field) {
		for _, f := range fields {
			paths = append(paths, prefix+f.name)
			look(prefix+f.name+".", f.fields)
		}
	}
	for _, f := range resourceFields() {
		look(f.name+".", f.fields)
	}
	return paths
}
