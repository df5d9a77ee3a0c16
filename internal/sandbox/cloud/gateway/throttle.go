// SPDX-License-Identifier: MPL-2.0

package gateway

import "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/tokenbucket"

// bucketKey names the object that a token bucket limits: a key in a usage plan, or a method of a stage.
type bucketKey struct{ scope, member string }

// allow removes a token from the bucket with that key. It returns false if the bucket is empty.
func (s *Service) allow(key bucketKey, rate float64, burst int) bool {
	b := s.buckets[key]
	if b == nil {
		b = new(tokenbucket.Bucket)
		s.buckets[key] = b
	}
	return b.Take(s.config.Now(), rate, burst)
}
