// SPDX-License-Identifier: MPL-2.0

package provider

import "time"

// waits is how long the provider waits for AWS and Qlik Cloud. Tests use shorter times, because their services are local.
type waits struct {
	answer     time.Duration // how long a service may take to begin its answer to one call
	maxBackoff time.Duration // the longest pause before a call that a service has refused for now is repeated
	keyOverlap time.Duration // stack.Clients.KeyOverlap
	lease      time.Duration // stack.Clients.Lease
	speed      float64       // how fast time passes for API Gateway's quotas: 1 for AWS
}

var defaultWaits = waits{answer: 30 * time.Second, maxBackoff: 30 * time.Second, keyOverlap: time.Minute, lease: time.Minute,
	speed: 1}
