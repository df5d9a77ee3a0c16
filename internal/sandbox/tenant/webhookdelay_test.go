// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestWebhookDelay changes the URL of a webhook, and checks where deliveries go before the change takes effect.
func TestWebhookDelay(t *testing.T) {
	t.Parallel()
	clk := clock.NewFrozen(night)
	tn := startTenant(t, tenant.Config{Clock: clk, WebhookDelay: time.Hour, QueueDuration: time.Second, ReloadDuration: time.Second})
	c := keyClient(t, tn)
	app := tn.AddApp(tenant.App{Name: "a"})
	before, deliveredBefore := listen(t, 202)
	after, deliveredAfter := listen(t, 202)
	w := hook("w")
	w.URL, w.Filter = before, ""
	made, err := c.CreateWebhook(t.Context(), w)
	if err != nil {
		t.Fatal(err)
	}
	reload := func() {
		t.Helper()
		if _, err := tn.StartReload(app); err != nil {
			t.Fatal(err)
		}
		clk.Advance(2 * time.Second)
		idle(t, tn)
	}
	want := func(deliveries <-chan received, key, signedWith string) {
		t.Helper()
		select {
		case got := <-deliveries:
			if got.header.Get("X-Api-Key") != key || !qlik.VerifySignature(signedWith, got.body, got.header.Get(qlik.SignatureHeader)) {
				t.Errorf("delivered with the key %q, signed with %q: %v", got.header.Get("X-Api-Key"), signedWith,
					qlik.VerifySignature(signedWith, got.body, got.header.Get(qlik.SignatureHeader)))
			}
		default:
			t.Error("nothing was delivered")
		}
		if n := len(deliveredBefore) + len(deliveredAfter); n != 0 {
			t.Errorf("%d deliveries more", n)
		}
	}
	reload() // a new webhook needs no time
	want(deliveredBefore, "hush", secret)

	w.URL, w.Secret, w.EncryptedHeaders = after, secret+"-2", map[string]string{"x-api-key": "hush-2"}
	if _, err := c.ReplaceWebhook(t.Context(), made.ID, w); err != nil {
		t.Fatal(err)
	}
	reload()
	want(deliveredBefore, "hush", secret)
	clk.Advance(30 * time.Minute)
	if err := c.PatchWebhook(t.Context(), made.ID, []qlik.PatchOperation{{Op: "replace", Path: "/encryptedHeaders",
		Value: map[string]string{"x-api-key": "hush-3"}}}); err != nil {
		t.Fatal(err)
	}
	reload()
	want(deliveredBefore, "hush", secret)
	clk.Advance(30 * time.Minute)
	reload() // the first change has taken effect, the second has not
	want(deliveredAfter, "hush-2", secret+"-2")
	clk.Advance(30 * time.Minute)
	reload()
	want(deliveredAfter, "hush-3", secret+"-2")

	// The current version of the webhook decides which events are sent.
	if err := c.PatchWebhook(t.Context(), made.ID, []qlik.PatchOperation{{Op: "replace", Path: "/enabled", Value: false}}); err != nil {
		t.Fatal(err)
	}
	reload()
	if n := len(deliveredBefore) + len(deliveredAfter); n != 0 {
		t.Errorf("%d deliveries of a webhook that is switched off", n)
	}
}
