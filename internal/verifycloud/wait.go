// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/shape"
)

// errNotYet is the error of a condition that must be tried again.
var errNotYet = errors.New("not yet")

// pace defines how often a place is asked, and for how long.
type pace struct {
	every, limit time.Duration
}

// until repeats condition until it no longer returns errNotYet, or the limit is over.
func (p pace) until(ctx context.Context, condition func(context.Context) error) error {
	limited, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	ticker := time.NewTicker(p.every)
	defer ticker.Stop()
	for {
		err := condition(limited)
		if !errors.Is(err, errNotYet) {
			return err
		}
		select {
		case <-ticker.C:
		case <-ctx.Done():
			return ctx.Err()
		case <-limited.Done():
			return fmt.Errorf("gave up after %s: %w", p.limit, err)
		}
	}
}

// answerWithin is the time limit for one request to a service.
const answerWithin = 40 * time.Second

func recordedClient(record *shape.Recorder) *http.Client {
	return &http.Client{Transport: record.Transport("Qlik Cloud", nil)}
}
