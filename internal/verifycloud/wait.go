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

// errNotYet is what a condition returns that is to be tried again.
var errNotYet = errors.New("not yet")

// pace is how often a place is asked, and how long for.
type pace struct {
	every, limit time.Duration
}

// until asks again and again until the answer is no errNotYet, or the limit is over.
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

// answerWithin is how long a service may take to answer one request.
const answerWithin = 40 * time.Second

func recordedClient(record *shape.Recorder) *http.Client {
	return &http.Client{Transport: record.Transport("Qlik Cloud", nil)}
}
