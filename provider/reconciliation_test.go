// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// TestAccReconciliation checks that the sweeps are set in place, are read by an import, and are switched off. They treat the webhook as
// configured.
func TestAccReconciliation(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps), Check: do(t.Context(), func(ctx context.Context) error {
			if err := h.expectSweeps(ctx, "ENABLED", "rate(15 minutes)", `"max_age_seconds":21600}`); err != nil {
				return err
			}
			h.Tenant.DisableWebhook(h.Tenant.Webhooks()[0].ID, "DELIVERY-FAILURES", "too many deliveries failed")
			if err := h.sweepNow(ctx); err != nil {
				return err
			}
			notices, err := h.notices(ctx)
			if err != nil || !strings.Contains(notices, "The webhook is disabled, as was found at ") ||
				!strings.Contains(notices, "too many deliveries failed") {
				return fmt.Errorf("the picture's notices are %q, %w", notices, err)
			}
			if h.Tenant.Webhooks()[0].Enabled {
				return errors.New("the webhook was enabled, but the configuration does not ask for that")
			}
			return nil
		}), ExpectNonEmptyPlan: true}, // the webhook is to be enabled
		resource.TestStep{Config: h.chain(nightlySteps, `reconciliation = { interval = "1h", max_age = "1h30m", enable_webhook = true }`),
			Check: do(t.Context(), func(ctx context.Context) error {
				if err := h.expectSweeps(ctx, "ENABLED", "rate(60 minutes)",
					`"enable_webhook":true,"reloads":true,"max_age_seconds":5400}`); err != nil {
					return err
				}
				h.Tenant.DisableWebhook(h.Tenant.Webhooks()[0].ID, "DELIVERY-FAILURES", "too many deliveries failed")
				if err := h.sweepNow(ctx); err != nil {
					return err
				}
				if !h.Tenant.Webhooks()[0].Enabled {
					return errors.New("the sweep has not enabled the webhook")
				}
				notices, err := h.notices(ctx)
				if err != nil || notices != "" {
					return fmt.Errorf("the picture's notices are %q, %w", notices, err)
				}
				return nil
			})},
		imported(),
		inPlace(t, h.chain(nightlySteps, `reconciliation = { enabled = false, interval = "60m" }`), func(ctx context.Context) error {
			return h.expectSweeps(ctx, "DISABLED", "rate(60 minutes)", `"max_age_seconds":21600}`)
		}, "reconciliation"),
		imported("reconciliation"), // 60m comes back as 1h
		inPlace(t, h.chain(nightlySteps), func(ctx context.Context) error {
			return errors.Join(h.expectSweeps(ctx, "ENABLED", "rate(15 minutes)", `"max_age_seconds":21600}`), h.runs(ctx))
		}, "reconciliation"),
	)
}

// expectSweeps checks the sweeps' schedule.
func (h *harness) expectSweeps(ctx context.Context, state, expression, inputEnds string) error {
	_, in, err := h.schedule(ctx, sweepSchedule)
	if err != nil {
		return err
	}
	if string(in.State) != state || aws.ToString(in.ScheduleExpression) != expression ||
		!strings.HasSuffix(aws.ToString(in.Target.Input), inputEnds) {
		return fmt.Errorf("the sweeps' schedule is %s, %s, %s", in.State, aws.ToString(in.ScheduleExpression), aws.ToString(in.Target.Input))
	}
	return nil
}

// sweepNow invokes the function as the sweeps' schedule does.
func (h *harness) sweepNow(ctx context.Context) error {
	_, in, err := h.schedule(ctx, sweepSchedule)
	if err != nil {
		return err
	}
	out, err := lambda.NewFromConfig(h.AWS()).Invoke(ctx,
		&lambda.InvokeInput{FunctionName: aws.String(objectName), Payload: []byte(aws.ToString(in.Target.Input))})
	if err == nil && out.FunctionError != nil {
		err = fmt.Errorf("the sweep failed: %s", out.Payload)
	}
	return err
}

// notices returns the chain's notices beside its picture.
func (h *harness) notices(ctx context.Context) (string, error) {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return "", err
	}
	status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL()+"/graph", map[string]string{"x-api-key": key}, nil)
	if err != nil || status != http.StatusOK {
		return "", fmt.Errorf("GET /graph = %d %s, %w", status, body, err)
	}
	var picture struct{ Notices []string }
	err = json.Unmarshal(body, &picture)
	return strings.Join(picture.Notices, " "), err
}
