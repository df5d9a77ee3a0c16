// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
)

// contentTypesOfClients are what HTTP clients and CloudEvents' SDKs send with JSON: Go's and Node's bare types, axios' and Express'
// parameter in lower case, Java's in upper case, both with and without the space.
var contentTypesOfClients = []string{
	"application/json", "application/json; charset=utf-8", "application/json;charset=utf-8", "application/json; charset=UTF-8",
	"application/json;charset=UTF-8",
	"application/cloudevents+json", "application/cloudevents+json; charset=utf-8", "application/cloudevents+json;charset=utf-8",
	"application/cloudevents+json; charset=UTF-8", "application/cloudevents+json;charset=UTF-8",
}

// TestAccContentTypes checks that a delivery reaches the function with its signature, whatever its content type, and however API Gateway
// selects a template.
func TestAccContentTypes(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, 10*time.Second, 600)
	l.configure(h.chain(nightlySteps))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	_, secret, err := h.secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, matching := range gateway.TemplateMatchings {
		h.Cloud.Gateway().MatchTemplates(matching)
		for i, contentType := range contentTypesOfClients {
			line, err := h.deliverAs(t.Context(), contentType, fmt.Sprintf("%012x%012x", matching, i), secret)
			if err != nil || strings.Contains(line, `"refused"`) {
				t.Errorf("%s, templates found by the %s: %s, %v", contentType, matching, line, err)
			}
		}
	}
	if err := errors.Join(h.passedThrough(t.Context()), l.destroy()); err != nil {
		t.Error(err)
	}
}

// passedThrough lets API Gateway pass an event through without the template, as after a manual change. The function reports an error, and
// the event ends in the dead-letter queue.
func (h *harness) passedThrough(ctx context.Context) error {
	if err := inTurn(patchIntegration("POST", replace("/passthroughBehavior", "WHEN_NO_MATCH")), deploy)(ctx, h); err != nil {
		return err
	}
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return err
	}
	body := fmt.Sprintf(`{"id":"passed-through","type":"com.qlik.v1.reload.finished","specversion":"1.0","tenantid":%q,
		"data":{"id":"%024x","appId":%q,"succeeded":true}}`, h.Tenant.ID(), 7, sandbox.AppExtract)
	before := len(h.Tenant.Reloads())
	headers := map[string]string{"x-api-key": key, "Content-Type": "text/plain"}
	status, _, err := sandbox.Call(ctx, http.MethodPost, h.invokeURL(), headers, strings.NewReader(body))
	if err != nil || status != http.StatusAccepted {
		return fmt.Errorf("the event is answered %d, %w", status, err)
	}
	for range 3 { // the attempts that Lambda makes, with a wait before each but the first
		if err := h.Settle(ctx); err != nil {
			return err
		}
		if retry, waits := h.Cloud.Lambda().NextRetry(); waits {
			h.Clock.Advance(max(0, retry.Sub(h.Clock.Now())))
		}
	}
	lines, err := h.LogLines(ctx, logGroup)
	if err != nil {
		return err
	}
	failed := 0
	for _, line := range lines {
		if strings.Contains(line, `"passed-through"`) && strings.Contains(line, `"ERROR"`) && strings.Contains(line, "mapping template") {
			failed++
		}
	}
	letters, err := sqs.NewFromConfig(h.AWS()).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: h.queueURL(), MaxNumberOfMessages: 10})
	if err != nil || failed != 3 || len(letters.Messages) != 1 || !strings.Contains(aws.ToString(letters.Messages[0].Body), "passed-through") {
		return fmt.Errorf("%d error lines and the dead letters %+v, want 3 and the event: %w", failed, letters, err)
	}
	if after := len(h.Tenant.Reloads()); after != before {
		return fmt.Errorf("an event without a signature started %d reloads", after-before)
	}
	return nil
}
