// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// sentNotices stores the notices.
type sentNotices struct {
	mu      sync.Mutex
	notices []engine.Notice
	err     error
}

func (n *sentNotices) Send(_ context.Context, notice engine.Notice, _ *time.Location) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.notices = append(n.notices, notice)
	return n.err
}

// living sends the notices of an execution while it is not cut off.
type living struct {
	*execution
	to *sentNotices
}

func (l living) Send(ctx context.Context, notice engine.Notice, zone *time.Location) error {
	l.mu.Lock()
	dead := l.dead
	l.mu.Unlock()
	if dead {
		return errCut
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return l.to.Send(ctx, notice, zone)
}
