// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

const secret = "0123456789abcdef0123456789abcdef"

func hook(name string) qlik.WebhookRequest {
	return qlik.WebhookRequest{
		Name: name, URL: "https://hooks.example.com/x", Description: "d", EventTypes: []string{qlik.EventReloadFinished},
		Filter: `topLevelResourceId eq "a" or topLevelResourceId eq "b"`, Level: qlik.LevelTenant, Enabled: true, Secret: secret,
		Headers: map[string]string{"X-Plain": "p"}, EncryptedHeaders: map[string]string{"x-api-key": "hush"}, CheckCertificateRevocation: true,
	}
}

// Both base paths: the tenant of today, and one without the core API, which the client finds out.
func TestWebhookLives(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]tenant.Config{"core": {}, "v1": {WithoutCoreWebhooks: true}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tn := startTenant(t, config)
			c := keyClient(t, tn)
			made, err := c.CreateWebhook(t.Context(), hook("Nightly"))
			if err != nil {
				t.Fatal(err)
			}
			if made.ID == "" || !made.Enabled || !made.SecretKeyAdded || !made.EnableCloudEventDelivery || !made.CheckCertificateRevocation ||
				made.Filter == "" || fmt.Sprint(made.EncryptedHeaders, made.Headers,
				made.EventTypes) != "[x-api-key] map[X-Plain:p] [com.qlik.v1.reload.finished]" ||
				made.Level != "tenant" || made.CreatedByUserID != tn.UserID() || made.CreatedAt.IsZero() {
				t.Errorf("made %+v", made)
			}
			got, err := c.GetWebhook(t.Context(), made.ID)
			if err != nil || fmt.Sprint(got) != fmt.Sprint(made) {
				t.Errorf("got %+v, %v\nmade %+v", got, err, made)
			}
			if stored := tn.Webhooks()[0]; stored.Secret != secret || stored.EncryptedHeaders["x-api-key"] != "hush" {
				t.Errorf("stored %+v", stored)
			}
			err = c.PatchWebhook(t.Context(), made.ID, []qlik.PatchOperation{
				{Op: "replace", Path: "/enabled", Value: false}, {Op: "replace", Path: "/eventTypes", Value: []string{qlik.EventAppReloadFinished}},
				{Op: "remove", Path: "/secret"}, {Op: "remove", Path: "/description"},
			})
			if err != nil {
				t.Fatal(err)
			}
			got, err = c.GetWebhook(t.Context(), made.ID)
			if err != nil || got.Enabled || got.SecretKeyAdded || got.Description != "" || got.EventTypes[0] != qlik.EventAppReloadFinished ||
				len(got.EncryptedHeaders) != 1 {
				t.Errorf("patched %+v, %v", got, err)
			}
			got, err = c.ReplaceWebhook(t.Context(), made.ID,
				qlik.WebhookRequest{Name: "Weekly", URL: "https://hooks.example.com/y", EventTypes: []string{qlik.EventReloadFinished}})
			if err != nil || got.Name != "Weekly" || got.Enabled || got.Filter != "" || got.Headers != nil || got.EncryptedHeaders != nil ||
				got.CheckCertificateRevocation ||
				got.SecretKeyAdded || got.Level != "tenant" || !got.CreatedAt.Equal(made.CreatedAt.Time) || !got.UpdatedAt.After(made.UpdatedAt.Time) {
				t.Errorf("replaced %+v, %v", got, err)
			}
			if err := c.DeleteWebhook(t.Context(), made.ID); err != nil {
				t.Fatal(err)
			}
			if _, err := c.GetWebhook(t.Context(), made.ID); !qlik.IsNotFound(err) {
				t.Errorf("error %v, want not found", err)
			}
			if err := c.DeleteWebhook(t.Context(), made.ID); !qlik.IsNotFound(err) {
				t.Errorf("error %v, want not found", err)
			}
			if len(tn.Webhooks()) != 0 {
				t.Errorf("left over: %+v", tn.Webhooks())
			}
		})
	}
}

// A new client that first asks for a deleted webhook must not conclude that the API is missing.
func TestWebhookGoneOrAPIMissing(t *testing.T) {
	t.Parallel()
	for name, config := range map[string]tenant.Config{"core": {}, "v1": {WithoutCoreWebhooks: true}} {
		tn := startTenant(t, config)
		if _, err := keyClient(t, tn).GetWebhook(t.Context(), "65f0c0ffee0000000000abcd"); !qlik.IsNotFound(err) {
			t.Errorf("%s: error %v, want not found", name, err)
		}
		made, err := keyClient(t, tn).CreateWebhook(t.Context(), hook("w"))
		if err != nil {
			t.Fatal(err)
		}
		if err := keyClient(t, tn).DeleteWebhook(t.Context(), made.ID); err != nil {
			t.Errorf("%s: a fresh client's delete: %v", name, err)
		}
	}
}

func TestListWebhooks(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	for i := range 120 {
		if _, err := c.CreateWebhook(t.Context(), hook(fmt.Sprintf("Chain %03d", i))); err != nil {
			t.Fatal(err)
		}
	}
	all, err := c.ListWebhooks(t.Context(), "")
	if err != nil || len(all) != 120 || all[0].Name != "Chain 119" {
		t.Errorf("%d webhooks, %v; want 120, the newest first", len(all), err)
	}
	some, err := c.ListWebhooks(t.Context(), "CHAIN 01")
	if err != nil || len(some) != 10 {
		t.Errorf("%d webhooks, %v; want 10", len(some), err)
	}
	_, key := tn.AddUser("Anna")
	none, err := newClient(t, tn, qlik.Credentials{APIKey: key}).ListWebhooks(t.Context(), "")
	if err != nil || len(none) != 0 {
		t.Errorf("Anna sees %d webhooks of others, %v", len(none), err)
	}
	if _, body := raw(t, tn, tn.APIKey(), "GET", "/api/core/webhooks", ""); strings.Count(body, `"createdAt"`) != 20 {
		t.Errorf("the default page is %s, want 20 webhooks", body)
	}
	for _, query := range []string{"?limit=0", "?limit=101", "?enabled=false", "?sort=name"} {
		if status, body := raw(t, tn, tn.APIKey(), "GET", "/api/core/webhooks"+query, ""); status != 400 {
			t.Errorf("%s: %d %s", query, status, body)
		}
	}
}

func TestWebhookRefusals(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	_, annasKey := tn.AddUser("Anna")
	admin, anna := keyClient(t, tn), newClient(t, tn, qlik.Credentials{APIKey: annasKey})
	long := strings.Repeat("x", 2049)
	for name, test := range map[string]struct {
		change func(*qlik.WebhookRequest)
		by     *qlik.Client
		status int
		words  string
	}{
		"no name":            {func(w *qlik.WebhookRequest) { w.Name = "" }, admin, 400, "name must have"},
		"long name":          {func(w *qlik.WebhookRequest) { w.Name = long[:513] }, admin, 400, "name must have"},
		"long description":   {func(w *qlik.WebhookRequest) { w.Description = long[:1025] }, admin, 400, "description must have"},
		"long URL":           {func(w *qlik.WebhookRequest) { w.URL = "https://example.com/" + long }, admin, 400, "url must have"},
		"plain http":         {func(w *qlik.WebhookRequest) { w.URL = "http://example.com/" }, admin, 400, "must be https"},
		"an IP address":      {func(w *qlik.WebhookRequest) { w.URL = "https://93.184.216.34/" }, admin, 400, "not an IP address"},
		"no full host name":  {func(w *qlik.WebhookRequest) { w.URL = "https://intranet/" }, admin, 400, "fully qualified"},
		"no host":            {func(w *qlik.WebhookRequest) { w.URL = "https:///x" }, admin, 400, "with a host"},
		"short secret":       {func(w *qlik.WebhookRequest) { w.Secret = secret[1:] }, admin, 400, "secret must have"},
		"long secret":        {func(w *qlik.WebhookRequest) { w.Secret = long[:65] }, admin, 400, "secret must have"},
		"big headers":        {func(w *qlik.WebhookRequest) { w.Headers = map[string]string{"a": long} }, admin, 400, "more than 2048"},
		"big secret headers": {func(w *qlik.WebhookRequest) { w.EncryptedHeaders = map[string]string{"a": long} }, admin, 400, "more than 2048"},
		"header twice":       {func(w *qlik.WebhookRequest) { w.Headers = map[string]string{"a": "1", "A": "2"} }, admin, 400, "comes twice"},
		"header in both":     {func(w *qlik.WebhookRequest) { w.Headers = map[string]string{"X-API-KEY": "1"} }, admin, 400, "comes twice"},
		"no header":          {func(w *qlik.WebhookRequest) { w.Headers = map[string]string{"a b": "1"} }, admin, 400, "not a header"},
		"event type": {func(w *qlik.WebhookRequest) { w.EventTypes = []string{"com.qlik.v1.coffee.started"} }, admin, 400,
			"is not known"},
		"level": {func(w *qlik.WebhookRequest) { w.Level = "space" }, admin, 400, "level must be"},
		"event of a level": {func(w *qlik.WebhookRequest) { w.Level, w.EventTypes = "user", []string{"com.qlik.v1.app.deleted"} }, admin, 400,
			"not for webhooks of level"},
		"owner of a tenant's": {func(w *qlik.WebhookRequest) { w.OwnerID = tn.UserID() }, admin, 400, "ownerId is for"},
		"unknown owner":       {func(w *qlik.WebhookRequest) { w.Level, w.OwnerID = "user", "x" }, admin, 400, "is not a user"},
		"other owner":         {func(w *qlik.WebhookRequest) { w.Level, w.OwnerID = "user", tn.UserID() }, anna, 403, "only a TenantAdmin"},
		"not an admin":        {func(*qlik.WebhookRequest) {}, anna, 403, "needs the role TenantAdmin"},
		"filter":              {func(w *qlik.WebhookRequest) { w.Filter = `name eq "x"` }, admin, 400, "the sandbox knows topLevelResourceId eq"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := hook("w")
			test.change(&w)
			_, err := test.by.CreateWebhook(t.Context(), w)
			wantError(t, err, test.status, test.words)
		})
	}
	t.Run("allowed", func(t *testing.T) {
		t.Parallel()
		for _, change := range []func(*qlik.WebhookRequest){
			func(w *qlik.WebhookRequest) { w.URL = "http://127.0.0.1:1/hook" },
			func(w *qlik.WebhookRequest) { w.URL = "http://localhost:1/hook" },
			func(w *qlik.WebhookRequest) { w.Secret = long[:64] },
		} {
			w := hook("w")
			change(&w)
			if _, err := admin.CreateWebhook(t.Context(), w); err != nil {
				t.Error(err)
			}
		}
		w := hook("mine")
		w.Level = qlik.LevelUser
		mine, err := anna.CreateWebhook(t.Context(), w)
		if err != nil || mine.OwnerID == "" || mine.OwnerID != mine.CreatedByUserID {
			t.Errorf("Anna's own webhook: %+v, %v", mine, err)
		}
	})
}

func TestWebhookDefaults(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	status, body := raw(t, tn, tn.APIKey(), "POST", "/api/core/webhooks", `{"name":"w","url":"https://example.com/"}`)
	for _, want := range []string{`"enabled":false`, `"level":"tenant"`, `"enableCloudEventDelivery":true`, `"origin":"api"`,
		`"secretKeyAdded":false`, `"checkCertificateRevocation":false`} {
		if status != 201 || !strings.Contains(body, want) {
			t.Errorf("%d %s, want %s", status, body, want)
		}
	}
	for _, body := range []string{`{"name":"w","url":"https://example.com/","origin":"x"}`,
		`{"name":"w","url":"https://example.com/","evenTypes":[]}`, `[]`, `{"name":1}`} {
		if status, answer := raw(t, tn, tn.APIKey(), "POST", "/api/core/webhooks", body); status != 400 {
			t.Errorf("%s: %d %s", body, status, answer)
		}
	}
}

func TestWebhookPutRules(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	made, err := keyClient(t, tn).CreateWebhook(t.Context(), hook("w"))
	if err != nil {
		t.Fatal(err)
	}
	put := func(base, body string) int {
		status, _ := raw(t, tn, tn.APIKey(), "PUT", base+"/"+made.ID, body)
		return status
	}
	const ok = `"name":"w","url":"https://example.com/","enableCloudEventDelivery":true`
	for _, base := range []string{"/api/core/webhooks", "/api/v1/webhooks"} {
		for body, want := range map[string]int{
			`{` + ok + `}`: 200,
			`{"name":"w","url":"https://example.com/"}`:                                    403, // turns CloudEvents off
			`{"name":"w","url":"https://example.com/","enableCloudEventDelivery":false}`:   403,
			`{` + ok + `,"id":"x"}`:                                                        400,
			`{` + ok + `,"createdAt":"2026-11-23T00:00:00Z","secretKeyAdded":true}`:        400,
			`{` + ok + `,"origin":"api"}`:                                                  400,
			`{` + ok + `,"encryptedHeaders":["x-api-key"]}`:                                400,
			`{"name":"","url":"https://example.com/","enableCloudEventDelivery":true}`:     400,
			`{"name":"w","url":"http://10.0.0.1/","enableCloudEventDelivery":true}`:        400,
			`{` + ok + `,"filter":"topLevelResourceId eq a"}`:                              400,
			`{` + ok + `,"level":"user","ownerId":"` + tn.UserID() + `","enabled":true}`:   200,
			`{` + ok + `,"eventTypes":["com.qlik.v1.reload.finished"],"enabled":true}`:     200,
			`{` + ok + `,"headers":{"a":"1"},"encryptedHeaders":{"b":"2"},"enabled":true}`: 200,
		} {
			if got := put(base, body); got != want {
				t.Errorf("PUT %s %s: %d, want %d", base, body, got, want)
			}
		}
	}
	if status, _ := raw(t, tn, tn.APIKey(), "PUT", "/api/core/webhooks/x", `{`+ok+`}`); status != 404 {
		t.Errorf("an unknown webhook: %d", status)
	}
}

func TestWebhookPatchRules(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	const core, v1 = "/api/core/webhooks", "/api/v1/webhooks"
	for name, test := range map[string]struct {
		base, patch string
		want        int
	}{
		"v1 filter":              {v1, `[{"op":"replace","path":"/filter","value":""}]`, 400},
		"v1 level":               {v1, `[{"op":"replace","path":"/level","value":"user"}]`, 400},
		"v1 ownerId":             {v1, `[{"op":"replace","path":"/ownerId","value":"x"}]`, 400},
		"v1 revocation":          {v1, `[{"op":"replace","path":"/checkCertificateRevocation","value":true}]`, 400},
		"v1 one header":          {v1, `[{"op":"add","path":"/headers/a","value":"1"}]`, 400},
		"v1 id":                  {v1, `[{"op":"replace","path":"/id","value":"x"}]`, 400},
		"v1 name":                {v1, `[{"op":"replace","path":"/name","value":"n"}]`, 204},
		"v1 headers":             {v1, `[{"op":"replace","path":"/headers","value":{"a":"1"}}]`, 204},
		"filter":                 {core, `[{"op":"replace","path":"/filter","value":"topLevelResourceId eq \"x\""}]`, 204},
		"filter away":            {core, `[{"op":"remove","path":"/filter"}]`, 204},
		"revocation":             {core, `[{"op":"replace","path":"/checkCertificateRevocation","value":false}]`, 204},
		"level":                  {core, `[{"op":"replace","path":"/level","value":"user"}]`, 204},
		"one header":             {core, `[{"op":"add","path":"/headers/X~1Y","value":"1"}]`, 400},
		"read-only":              {core, `[{"op":"replace","path":"/createdAt","value":"x"}]`, 400},
		"origin":                 {core, `[{"op":"replace","path":"/origin","value":"automations"}]`, 400},
		"unknown path":           {core, `[{"op":"replace","path":"/colour","value":"x"}]`, 400},
		"no slash":               {core, `[{"op":"replace","path":"name","value":"x"}]`, 400},
		"deeper":                 {core, `[{"op":"replace","path":"/name/x","value":"x"}]`, 400},
		"unknown op":             {core, `[{"op":"move","path":"/name","value":"x"}]`, 400},
		"no value":               {core, `[{"op":"replace","path":"/name"}]`, 400},
		"wrong value":            {core, `[{"op":"replace","path":"/enabled","value":"yes"}]`, 400},
		"name away":              {core, `[{"op":"remove","path":"/name"}]`, 400},
		"CloudEvents off":        {core, `[{"op":"replace","path":"/enableCloudEventDelivery","value":false}]`, 403},
		"not a list":             {core, `{"op":"replace"}`, 400},
		"new URL":                {core, `[{"op":"replace","path":"/url","value":"https://example.org/"}]`, 400},
		"same URL":               {core, `[{"op":"replace","path":"/url","value":"https://hooks.example.com/x"}]`, 204},
		"new URL, headers again": {core, `[{"op":"replace","path":"/url","value":"https://example.org/"},{"op":"replace","path":"/encryptedHeaders","value":{"x-api-key":"new"}}]`, 204},
		"new URL, headers away":  {core, `[{"op":"replace","path":"/url","value":"https://example.org/"},{"op":"remove","path":"/encryptedHeaders"}]`, 204},
		"new URL, other headers": {core, `[{"op":"replace","path":"/url","value":"https://example.org/"},{"op":"replace","path":"/encryptedHeaders","value":{"y":"1"}}]`, 204},
		"the last one is wrong": {core, `[{"op":"replace","path":"/name","value":"changed"},{"op":"replace","path":"/secret","value":"short"}]`,
			400},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			made, err := c.CreateWebhook(t.Context(), hook(name))
			if err != nil {
				t.Fatal(err)
			}
			status, body := raw(t, tn, tn.APIKey(), "PATCH", test.base+"/"+made.ID, test.patch)
			if status != test.want {
				t.Errorf("%d %s, want %d", status, body, test.want)
			}
			after, err := c.GetWebhook(t.Context(), made.ID)
			if err != nil {
				t.Fatal(err)
			}
			if changed := !after.UpdatedAt.Equal(made.UpdatedAt.Time); changed != (test.want == 204) || !changed && after.Name != name {
				t.Errorf("after %d the webhook is %+v", status, after)
			}
		})
	}
}

func TestWebhookLimitPerUser(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	for range 150 {
		if _, err := c.CreateWebhook(t.Context(), hook("w")); err != nil {
			t.Fatal(err)
		}
	}
	_, err := c.CreateWebhook(t.Context(), hook("w"))
	wantError(t, err, 403, "150 webhooks already")
}

func TestWebhookDisabledByTheService(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	made, err := c.CreateWebhook(t.Context(), hook("w"))
	if err != nil {
		t.Fatal(err)
	}
	if !tn.DisableWebhook(made.ID, "SOME-CODE", "too many failures") || tn.DisableWebhook("x", "", "") {
		t.Error("DisableWebhook knows the wrong webhooks")
	}
	got, err := c.GetWebhook(t.Context(), made.ID)
	if err != nil || got.Enabled || got.DisabledReasonCode != "SOME-CODE" || got.DisabledReason != "too many failures" {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err = c.ReplaceWebhook(t.Context(), made.ID, hook("w")); err != nil || !got.Enabled || got.DisabledReasonCode != "" {
		t.Errorf("enabled again: %+v, %v", got, err)
	}
}
