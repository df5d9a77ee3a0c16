package engine

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// maxConcurrentStarts is how many requests for a reload are under way at once.
const maxConcurrentStarts = 32

// attempt is what came of one due step.
type attempt struct {
	due    chain.Due
	reload *qlik.Reload
	err    error
	tried  bool // the request may have reached Qlik
}

// startAll starts the reloads of all due steps at the same time and returns what came of each, in the same order.
func (e *Engine) startAll(ctx context.Context, due []chain.Due) []attempt {
	attempts := make([]attempt, len(due))
	slots := make(chan struct{}, maxConcurrentStarts)
	var all sync.WaitGroup
	for i, d := range due {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			attempts[i] = e.start(ctx, d)
		})
	}
	all.Wait()
	return attempts
}

func (e *Engine) start(ctx context.Context, due chain.Due) attempt {
	if err := ctx.Err(); err != nil {
		return attempt{due: due, err: fmt.Errorf("the time was over before Qlik was asked: %w", err)}
	}
	reload, err := e.Reloads.StartReload(ctx, qlik.ReloadRequest{
		AppID: due.Step.ID, Partial: due.Step.Partial, Variables: due.Step.Variables, Weight: due.Step.Weight,
	})
	return attempt{due: due, reload: reload, err: err, tried: true}
}

// isPending tells whether Qlik refused because a reload of the app is queued or running already. Ordinary rate limiting has the
// same status with the code HTTP-429 (https://qlik.dev/apis/rest/rate-limiting/).
func isPending(err error) bool {
	var refusal *qlik.Error
	return errors.As(err, &refusal) && refusal.Status == http.StatusTooManyRequests && strings.HasPrefix(refusal.Code, "RELOADS-")
}
