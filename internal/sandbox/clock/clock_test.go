// SPDX-License-Identifier: MPL-2.0

package clock_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
)

func TestWaitEndsWhenTheClockIsMoved(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]*clock.Clock{"running": {}, "frozen": clock.NewFrozen(time.Unix(1_000_000, 0))} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			due := c.Now().Add(2 * time.Hour)
			reached := make(chan bool)
			go func() { reached <- c.Wait(t.Context(), due) }()
			c.Advance(time.Hour)
			select {
			case <-reached:
				t.Fatal("the wait ended an hour early")
			default:
			}
			c.Advance(time.Hour)
			if c.Stands() != (name == "frozen") {
				t.Errorf("a %s clock stands: %v", name, c.Stands())
			}
			if !<-reached {
				t.Error("the wait says that its context ended")
			}
			if c.Now().Before(due) {
				t.Errorf("the clock says %v after it was moved to %v", c.Now(), due)
			}
		})
	}
}

func TestWaitEndsByItself(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var c clock.Clock
		if !c.Wait(t.Context(), c.Now().Add(time.Minute)) {
			t.Error("the wait says that its context ended")
		}
	})
}

func TestWaitEndsWithItsContext(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	c := clock.NewFrozen(time.Unix(0, 0))
	if c.Wait(ctx, c.Now().Add(time.Second)) || c.Wait(ctx, c.Now()) {
		t.Error("a wait whose context has ended says that the time has come")
	}
}
