package stack

import (
	"context"
	"time"
)

// How long AWS may take to make one service's change visible to another, as the field caps it
// (terraform-provider-aws, docs/retries-and-waiters.md).
const propagationTimeout = 2 * time.Minute

// retry calls op until it succeeds, fails with an error that passing does not accept, or the cap is reached; the last error is
// returned then. The pauses double from 200 ms to 5 s.
func retry(ctx context.Context, limit time.Duration, passing func(error) bool, op func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	pause := 200 * time.Millisecond
	for {
		err := op(ctx)
		if err == nil || !passing(err) {
			return err
		}
		timer := time.NewTimer(pause)
		select {
		case <-ctx.Done():
			timer.Stop()
			return err
		case <-timer.C:
		}
		pause = min(2*pause, 5*time.Second)
	}
}
