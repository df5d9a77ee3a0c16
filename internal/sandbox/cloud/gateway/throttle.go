package gateway

import "time"

// bucketKey names what a token bucket limits: a key in a usage plan, or a method of a stage.
type bucketKey struct{ scope, member string }

// bucket is a token bucket. It starts full.
type bucket struct {
	tokens float64
	filled time.Time
}

// take takes a token, or returns false when there is none. The bucket fills with rate tokens a second up to burst.
func (b *bucket) take(now time.Time, rate float64, burst int) bool {
	if b.filled.IsZero() {
		b.tokens = float64(burst)
	} else if passed := now.Sub(b.filled).Seconds(); passed > 0 {
		b.tokens += passed * rate
	}
	b.tokens, b.filled = min(b.tokens, float64(burst)), now
	if b.tokens < 1 {
		return false
	}
	b.tokens--
	return true
}

// allow takes a token from the bucket of that name.
func (s *Service) allow(key bucketKey, rate float64, burst int) bool {
	b := s.buckets[key]
	if b == nil {
		b = &bucket{}
		s.buckets[key] = b
	}
	return b.take(s.config.Now(), rate, burst)
}
