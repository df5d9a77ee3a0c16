// SPDX-License-Identifier: MPL-2.0

package cloud_test

import (
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/ratelimit"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"golang.org/x/sync/errgroup"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

// TestQuotas goes over the quota of one operation and over the one that all share, and waits for each.
func TestQuotas(t *testing.T) {
	t.Parallel()
	began := time.Now()
	var moved atomic.Int64
	now := func() time.Time { return began.Add(time.Duration(moved.Load())) }
	c := cloudtest.Start(t, cloud.Config{Now: now, Quotas: cloud.Quotas{On: true, Scale: 10}})
	client := apigateway.NewFromConfig(cloudtest.UserConfig(c))
	create := func() error {
		_, err := client.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("a")})
		return err
	}
	if err := create(); err != nil {
		t.Fatal(err)
	}
	cloudtest.WantError(t, create(), 429, "TooManyRequestsException", "Too Many Requests")
	moved.Add(int64(200 * time.Millisecond))
	cloudtest.WantError(t, create(), 429, "TooManyRequestsException", "Too Many Requests")
	moved.Add(int64(100 * time.Millisecond)) // three seconds of ten times the speed
	if err := create(); err != nil {
		t.Error(err)
	}

	list := func() error {
		_, err := client.GetRestApis(t.Context(), nil)
		return err
	}
	moved.Add(int64(time.Second))
	for range 40 {
		if err := list(); err != nil {
			t.Fatal(err)
		}
	}
	cloudtest.WantError(t, list(), 429, "TooManyRequestsException", "Too Many Requests")
	cloudtest.WantError(t, create(), 429, "TooManyRequestsException", "Too Many Requests")
	moved.Add(int64(10 * time.Millisecond))
	if err := create(); err != nil { // the call that the total refused has not used up the operation's own quota
		t.Error(err)
	}
	if _, err := lambda.NewFromConfig(cloudtest.UserConfig(c)).ListFunctions(t.Context(), nil); err != nil {
		t.Errorf("another service: %v", err)
	}
	if want := map[string]int{"apigateway CreateRestApi": 3, "apigateway GetRestApis": 1}; !maps.Equal(c.Throttled(), want) {
		t.Errorf("refused: %v, want %v", c.Throttled(), want)
	}
}

func TestNoQuotas(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	client := apigateway.NewFromConfig(cloudtest.UserConfig(c))
	for range 3 {
		if _, err := client.CreateRestApi(t.Context(), &apigateway.CreateRestApiInput{Name: aws.String("a")}); err != nil {
			t.Error(err)
		}
	}
	if refused := c.Throttled(); len(refused) != 0 {
		t.Errorf("refused: %v", refused)
	}
}

// TestQuotasOfMany creates APIs at the same time, with clients that wait as the SDK does: all calls succeed, three seconds apart.
func TestQuotasOfMany(t *testing.T) {
	t.Parallel()
	const many, scale = 20, 600
	c := cloudtest.Start(t, cloud.Config{Quotas: cloud.Quotas{On: true, Scale: scale}})
	config := cloudtest.UserConfig(c)
	config.Retryer = func() aws.Retryer {
		return retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts, o.Backoff = 1000, retry.NewExponentialJitterBackoff(20*time.Millisecond)
			o.RateLimiter = ratelimit.None
		})
	}
	client := apigateway.NewFromConfig(config)
	began := time.Now()
	group, ctx := errgroup.WithContext(t.Context())
	for i := range many {
		group.Go(func() error {
			_, err := client.CreateRestApi(ctx, &apigateway.CreateRestApiInput{Name: aws.String(fmt.Sprint(i))})
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	if took, least := time.Since(began), (many-1)*3*time.Second/scale; took < least {
		t.Errorf("%d APIs were made in %v, which the quota spreads over %v", many, took, least)
	}
	if c.Throttled()["apigateway CreateRestApi"] == 0 {
		t.Error("no call was over the quota")
	}
}
