// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/smithy-go/middleware"
	"golang.org/x/time/rate"
)

// Pacer keeps the calls to API Gateway within the account's quotas, which cannot be raised. All chains of one configuration share it. Each
// call waits for its turn, in the order of arrival, instead of being refused repeatedly.
type Pacer struct {
	total      *rate.Limiter
	operations map[string]*rate.Limiter
}

// These are the quotas of API Gateway's management API (https://docs.aws.amazon.com/apigateway/latest/developerguide/limits.html, "Quotas
// for creating, deploying and managing an API").
const (
	allCalls      = 10 // a second
	allCallsBurst = 40
)

var operationQuotas = map[string]struct {
	calls int
	per   time.Duration
}{
	"CreateApiKey":     {5, time.Second},
	"CreateDeployment": {1, 5 * time.Second},
	"CreateResource":   {5, time.Second},
	"CreateRestApi":    {1, 3 * time.Second},
	"DeleteApiKey":     {5, time.Second},
	"DeleteResource":   {5, time.Second},
	"DeleteRestApi":    {1, 30 * time.Second},
	"GetResources":     {5, 2 * time.Second},
	"UpdateUsagePlan":  {1, 20 * time.Second},
}

// NewPacer returns a Pacer for an account in which time passes speed times as fast as in reality: 1 for AWS.
func NewPacer(speed float64) *Pacer {
	p := &Pacer{total: rate.NewLimiter(rate.Limit(allCalls*speed), allCallsBurst), operations: map[string]*rate.Limiter{}}
	for operation, quota := range operationQuotas {
		p.operations[operation] = rate.NewLimiter(rate.Limit(float64(quota.calls)/quota.per.Seconds()*speed), quota.calls)
	}
	return p
}

// Add makes every try of every call of a client wait for its turn. Pass it in apigateway.Options.APIOptions.
func (p *Pacer) Add(s *middleware.Stack) error {
	operation := s.ID()
	return s.Finalize.Insert(middleware.FinalizeMiddlewareFunc("Pacer",
		func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput,
			middleware.Metadata, error) {
			if err := p.wait(ctx, operation); err != nil {
				return middleware.FinalizeOutput{}, middleware.Metadata{}, err
			}
			return next.HandleFinalize(ctx, in)
		}), "Signing", middleware.Before)
}

func (p *Pacer) wait(ctx context.Context, operation string) error {
	if limiter := p.operations[operation]; limiter != nil {
		if err := limiter.Wait(ctx); err != nil {
			quota := operationQuotas[operation]
			return fmt.Errorf("API Gateway allows an account %d %s in %s, and the turn of this one would come after the operation's time-out. "+
				"Set longer timeouts, or change fewer chains at once: %w", quota.calls, operation, quota.per, err)
		}
	}
	if err := p.total.Wait(ctx); err != nil {
		return fmt.Errorf("API Gateway allows an account %d calls a second, and the turn of this one would come after the operation's time-out. "+
			"Set longer timeouts, or change fewer chains at once: %w", allCalls, err)
	}
	return nil
}
