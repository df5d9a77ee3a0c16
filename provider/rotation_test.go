// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// shortChain is a step and what comes after it.
var shortChain = fmt.Sprintf("extract = { app = %q }\n transform = { app = %q, after = { extract = \"success\" } }\n", sandbox.AppExtract,
	sandbox.AppTransform)

// rounds reloads the first app of shortChain over and over until stop is closed, and returns how often.
func (h *harness) rounds(stop <-chan struct{}) (int, error) {
	for n := 0; ; n++ {
		if _, err := h.Tenant.StartReload(sandbox.AppExtract); err != nil {
			return n, err
		}
		if err := h.Settle(h.t.Context()); err != nil {
			return n, err
		}
		select {
		case <-stop:
			return n + 1, nil
		default:
		}
	}
}

// during runs change while the chain runs, and checks that no event of these rounds was refused or lost.
func (h *harness) during(change func() error) error {
	before, stop := len(h.Tenant.Reloads()), make(chan struct{})
	type count struct {
		n   int
		err error
	}
	done := make(chan count, 1)
	go func() {
		n, err := h.rounds(stop)
		done <- count{n, err}
	}()
	err := change()
	close(stop)
	rounds := <-done
	if err := errors.Join(err, rounds.err); err != nil {
		return err
	}
	if err := h.RunUntilQuiet(h.t.Context(), time.Hour); err != nil { // what Lambda tries again by itself
		return err
	}
	lines, err := h.LogLines(h.t.Context(), logGroup)
	if err != nil {
		return err
	}
	if refused := slices.DeleteFunc(lines, func(line string) bool { return !strings.Contains(line, `"refused"`) }); len(refused) > 0 {
		return fmt.Errorf("%d events were refused: %s", len(refused), refused[0])
	}
	started := 0
	for _, reload := range h.Tenant.Reloads()[before:] {
		if reload.AppID == sandbox.AppTransform {
			started++
		}
	}
	if started != rounds.n {
		return fmt.Errorf("after %d reloads of the first app, the second one was reloaded %d times", rounds.n, started)
	}
	for _, delivery := range h.Tenant.Deliveries() {
		if delivery.StatusCode != http.StatusAccepted {
			return fmt.Errorf("a delivery was answered %d", delivery.StatusCode)
		}
	}
	return nil
}

// secrets returns the chain's present secrets: its keys in API Gateway, by name, and the webhook's signing secret.
func (h *harness) secrets(ctx context.Context) (keys map[string]string, signing string, err error) {
	out, err := apigateway.NewFromConfig(h.AWS()).GetApiKeys(ctx, &apigateway.GetApiKeysInput{IncludeValues: aws.Bool(true)})
	if err != nil {
		return nil, "", err
	}
	keys = map[string]string{}
	for _, key := range out.Items {
		name := aws.ToString(key.Name)
		if keys[name] != "" {
			return nil, "", fmt.Errorf("there are two keys %s", name)
		}
		keys[name] = aws.ToString(key.Value)
	}
	return keys, h.Tenant.Webhooks()[0].Secret, nil
}

// TestAccRotation rotates the API keys and the signing secret while events arrive. API Gateway is slow to accept a new key, and Qlik Cloud
// to send it. No event is refused. The old keys open nothing afterwards.
func TestAccRotation(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *sandbox.Config) {
		c.Cloud.Gateway.KeyDelay, c.Tenant.WebhookDelay = 200*time.Millisecond, 200*time.Millisecond // less than NewImpatient's overlap
	})
	l := newLife(t, faultAnswer, 1000)
	for round, rotation := range []string{"", "2026-11", "2026-12", ""} {
		more := []string{"viewer_key = true", "signal_key = true"}
		if rotation != "" {
			more = append(more, fmt.Sprintf("api_key_rotation = %q", rotation), fmt.Sprintf("signing_secret_rotation = %q", rotation))
		}
		// During each of the rotations, the second step starts as often as the first one ends.
		l.configure(h.chain(strings.ReplaceAll(shortChain, "after =", "max_starts_per_hour = 1000, after ="), more...))
		if round == 0 {
			if err := l.apply(); err != nil {
				t.Fatal(err)
			}
			continue
		}
		keys, signing, err := h.secrets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		plan, err := l.plan()
		if err != nil {
			t.Fatal(err)
		}
		for _, id := range []string{"api_key_id", "webhook_key_id", "viewer_key_id", "signal_key_id"} {
			if change := plan.ResourceChanges[0].Change; !change.Actions.Update() || attributes(change.AfterUnknown)[id] != true {
				t.Errorf("the plan does not show another %s in place: %v", id, change.Actions)
			}
		}
		if err := h.during(func() error { return l.apply() }); err != nil {
			t.Fatalf("rotation to %q: %v", rotation, err)
		}
		after, signingAfter, err := h.secrets(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		if len(keys) != 4 || len(after) != 4 || signingAfter == signing {
			t.Errorf("rotation to %q: there were %d keys and are %d, the signing secret is the old one: %t", rotation, len(keys), len(after),
				signingAfter == signing)
		}
		for name, key := range keys {
			if after[name] == key {
				t.Errorf("rotation to %q: the key %s is the old one", rotation, name)
			}
			for _, method := range []string{http.MethodGet, http.MethodPost} {
				status, body, err := sandbox.Call(t.Context(), method, h.invokeURL(),
					map[string]string{"x-api-key": key, "Content-Type": "application/json"}, strings.NewReader("{}"))
				if err != nil || status != http.StatusForbidden || string(body) != `{"message":"Forbidden"}` {
					t.Errorf("rotation to %q: a %s with the old key %s is answered %d %s, %v", rotation, method, name, status, body, err)
				}
			}
		}
		if err := l.expectNoChange(); err != nil {
			t.Error(err)
		}
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccRotationFails checks that the next apply continues a rotation that failed after some of the keys, also an apply without a refresh.
func TestAccRotationFails(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.chain(shortChain))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	before, _, err := h.secrets(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	l.configure(h.chain(shortChain, `api_key_rotation = "2026-11"`))
	h.Cloud.Faults().Add(cloud.Fault{Service: "apigateway", Operation: "CreateApiKey", Kind: cloud.FaultAccessDenied, Times: 1})
	if err := l.apply(); err == nil {
		t.Error("the rotation did not fail")
	}
	if err := errors.Join(l.apply("-refresh=false"), l.expectNoChange()); err != nil {
		t.Fatal(err)
	}
	after, _, err := h.secrets(t.Context())
	if err != nil || len(after) != 2 || after[objectName] == before[objectName] || after[webhookKeyName] == before[webhookKeyName] {
		t.Errorf("there are %d keys, and not both are new: %v", len(after), err)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccFormerSecret checks that a delivery is accepted if it was signed before a rotation of the signing secret and arrives after it.
// After another rotation it is refused.
func TestAccFormerSecret(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	var secrets []string
	for _, more := range []string{"", `signing_secret_rotation = "1"`, `signing_secret_rotation = "2"`} {
		l.configure(h.chain(shortChain, more))
		if err := l.apply(); err != nil {
			t.Fatal(err)
		}
		secrets = append(secrets, h.Tenant.Webhooks()[0].Secret)
	}
	for i, accepted := range []bool{false, true, true} {
		outcome, err := h.deliver(t.Context(), fmt.Sprintf("%024d", i), secrets[i])
		if err != nil {
			t.Fatal(err)
		}
		if refused := strings.Contains(outcome, `"refused"`); refused == accepted {
			t.Errorf("a delivery signed with the secret number %d is refused: %t: %s", i, refused, outcome)
		}
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}

// deliver sends the end of a reload of the first app, signed with a secret, and returns the function's line about it.
func (h *harness) deliver(ctx context.Context, reload, secret string) (string, error) {
	return h.deliverAs(ctx, "application/json", reload, secret)
}

// deliverAs does so with a content type.
func (h *harness) deliverAs(ctx context.Context, contentType, reload, secret string) (string, error) {
	key, err := h.APIKey(ctx, webhookKeyName)
	if err != nil {
		return "", err
	}
	event := "event-" + reload
	body := fmt.Sprintf(`{"id":%q,"type":"com.qlik.v1.reload.finished","specversion":"1.0","tenantid":%q,"data":{"id":%q,"appId":%q,"succeeded":true}}`,
		event, h.Tenant.ID(), reload, sandbox.AppExtract)
	before, err := h.LogLines(ctx, logGroup)
	if err != nil {
		return "", err
	}
	status, _, err := sandbox.Call(ctx, http.MethodPost, h.invokeURL(), map[string]string{
		"x-api-key": key, "Content-Type": contentType, qlik.SignatureHeader: qlik.Sign(secret, []byte(body)),
	}, strings.NewReader(body))
	if err != nil || status != http.StatusAccepted {
		return "", fmt.Errorf("the gateway answered %d, %w", status, err)
	}
	if err := h.Settle(ctx); err != nil {
		return "", err
	}
	lines, err := h.LogLines(ctx, logGroup)
	if err != nil {
		return "", err
	}
	for _, line := range lines[len(before):] { // one that is refused for its signature does not say which event it was
		if strings.Contains(line, event) || strings.Contains(line, `"refused"`) {
			return line, nil
		}
	}
	return "", fmt.Errorf("the function said nothing of it: %q", lines[len(before):])
}
