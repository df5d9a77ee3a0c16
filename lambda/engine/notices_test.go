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
