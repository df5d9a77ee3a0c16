// SPDX-License-Identifier: MPL-2.0

package tokenbucket

import (
	"testing"
	"time"
)

func TestBucket(t *testing.T) {
	t.Parallel()
	var b Bucket
	now := time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)
	for i, step := range []struct {
		after time.Duration
		want  bool
	}{
		{0, true}, {0, true}, {0, false}, // two in advance
		{time.Second, false}, {time.Second, true}, {0, false}, // one every two seconds
		{time.Hour, true}, {0, true}, {0, false}, // never more than two
		{-time.Second, false}, // a clock that goes back takes nothing away
	} {
		now = now.Add(step.after)
		if has, got := b.Has(now, 0.5, 2), b.Take(now, 0.5, 2); got != step.want || has != got {
			t.Errorf("step %d: there was a token: %v, taken: %v; want %v", i, has, got, step.want)
		}
	}
	var none Bucket
	if none.Take(now, 1, 0) {
		t.Error("a bucket without room has a token")
	}
}
