// SPDX-License-Identifier: MPL-2.0

package qlikapi_test

import (
	"fmt"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// @qlik/api has no type for the token endpoint's answer: this one is the documentation's.
const tokenType = `{ status: 200; data: { access_token: string; token_type: "bearer"; expires_at: string; expires_in: number } }`

// accounts records users and the token endpoint.
func (r *recorder) accounts() error {
	err := r.all("users", []exchange{
		{answered("GetMyUserHttpResponse"), "GET", "/api/v1/users/me", nil},
		{answered("GetUserHttpResponse"), "GET", "/api/v1/users/" + r.tenant.UserID(), nil},
		{answered("GetUserHttpError"), "GET", "/api/v1/users/unknown", nil},
	})
	if err != nil {
		return err
	}
	token := map[string]string{"grant_type": "client_credentials", "client_id": r.tenant.ClientID(), "client_secret": r.tenant.ClientSecret()}
	return r.all("oauth-tokens", []exchange{
		{tokenType, "POST", "/oauth/token", token},
		{answered("GetOauthTokensHttpError"), "POST", "/oauth/token",
			map[string]string{"grant_type": "client_credentials", "client_id": "unknown"}},
		{answered("GetOauthTokensHttpError"), "POST", "/oauth/token", map[string]string{"grant_type": "password"}},
	})
}

// catalog records spaces, items and apps.
func (r *recorder) catalog() error {
	space := r.tenant.AddSpace("Sales", "shared")
	r.tenant.AddSpace("Archive", "managed")
	app := r.tenant.AddApp(tenant.App{Name: "Extract", SpaceID: space})
	r.tenant.AddAutomation(tenant.Automation{Name: "Mail"})
	r.tenant.AddApp(tenant.App{Name: "Flow", SubType: "dataflow-prep"})
	if _, err := r.tenant.StartReload(app); err != nil {
		return err
	}
	if err := r.tenant.Idle(r.ctx); err != nil {
		return err
	}
	// Without actions, the items' own documentation says, the list of actions is left out; its type says otherwise.
	const withoutActions = `{ status: 200; data: { data: Omit<api.ItemResultResponseBody, "actions">[]; links: api.ItemsLinksResponseBody } }`
	if err := r.all("spaces", []exchange{
		{answered("GetSpacesHttpResponse"), "GET", "/api/v1/spaces?limit=1", nil},
	}); err != nil {
		return err
	}
	if err := r.all("items", []exchange{
		{answered("GetItemsHttpResponse"), "GET", "/api/v1/items?resourceType=app&limit=1", nil},
		{answered("GetItemsHttpResponse"), "GET", "/api/v1/items?resourceType=app&resourceIds=" + app, nil},
		{withoutActions, "GET", "/api/v1/items?resourceType=app&noActions=true", nil},
		{answered("GetItemsHttpResponse"), "GET", "/api/v1/items?resourceType=automation", nil},
		{answered("GetItemsHttpError"), "GET", "/api/v1/items?limit=0", nil},
	}); err != nil {
		return err
	}
	made, err := r.answer("apps", answered("CreateAppHttpResponse"), "POST", "/api/v1/apps",
		map[string]any{"attributes": map[string]string{"name": "Made", "spaceId": space}})
	if err != nil {
		return err
	}
	attributes, _ := made["attributes"].(map[string]any)
	script := map[string]string{"script": "LOAD 1 AS One AUTOGENERATE 1;", "versionMessage": "first"}
	return r.all("apps", []exchange{
		{answered("GetAppInfoHttpResponse"), "GET", "/api/v1/apps/" + app, nil},
		{"{ status: 404; data: api.Errors }", "GET", "/api/v1/apps/unknown", nil},
		{answered("CreateAppHttpError"), "POST", "/api/v1/apps", map[string]any{"attributes": map[string]string{"spaceId": space}}},
		{answered("UpdateAppScriptHttpResponse"), "POST", fmt.Sprintf("/api/v1/apps/%v/scripts", attributes["id"]), script},
		{answered("DeleteAppHttpResponse"), "DELETE", fmt.Sprintf("/api/v1/apps/%v", attributes["id"]), nil},
		{answered("DeleteAppHttpError"), "DELETE", "/api/v1/apps/unknown", nil},
	})
}

// reloads records a reload's whole life and the refusals.
func (r *recorder) reloads() error {
	const base = "/api/v1/reloads"
	app := r.tenant.AddApp(tenant.App{Name: "Fails", Outcomes: []string{"FAILED"}})
	slow := r.tenant.AddApp(tenant.App{Name: "Slow", Duration: 1 << 40})
	ended, err := r.answer("reloads", answered("QueueReloadHttpResponse"), "POST", base, map[string]any{
		"appId": app, "partial": true, "weight": 2, "variables": map[string]string{"mode": "full"}, "resourceId": "run-1", "resourceType": "api",
	})
	if err != nil {
		return err
	}
	if err := r.tenant.Idle(r.ctx); err != nil {
		return err
	}
	running, err := r.answer("reloads", answered("QueueReloadHttpResponse"), "POST", base, map[string]any{"appId": slow})
	if err != nil {
		return err
	}
	return r.all("reloads", []exchange{
		{answered("GetReloadHttpResponse"), "GET", fmt.Sprintf("%s/%s", base, ended["id"]), nil},
		{answered("GetReloadsHttpResponse"), "GET", base + "?limit=1", nil},
		{answered("GetReloadsHttpResponse"), "GET", base + "?limit=100&appId=" + app, nil},
		{answered("QueueReloadHttpError"), "POST", base, map[string]any{"appId": slow}}, // pending
		{answered("QueueReloadHttpError"), "POST", base, map[string]any{"appId": "x"}},
		{answered("QueueReloadHttpError"), "POST", base, map[string]any{"appId": "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"}},
		{answered("GetReloadHttpError"), "GET", base + "/unknown", nil},
		{answered("GetReloadsHttpError"), "GET", base + "?filter=x", nil},
		{answered("CancelReload202HttpResponse"), "POST", fmt.Sprintf("%s/%s/actions/cancel", base, running["id"]), nil},
		{answered("CancelReloadHttpError"), "POST", fmt.Sprintf("%s/%s/actions/cancel", base, ended["id"]), nil},
	})
}

// webhooks records both places of the Webhooks API. The package knows v1 only; the core API has the same operations.
func (r *recorder) webhooks() error {
	for _, base := range []string{"/api/v1/webhooks", "/api/core/webhooks"} {
		if err := r.webhooksAt(base); err != nil {
			return err
		}
	}
	return nil
}

func (r *recorder) webhooksAt(base string) error {
	receiver := listener()
	defer receiver.Close()
	app := r.tenant.AddApp(tenant.App{Name: "Delivers"})
	hook := map[string]any{
		"name": "Chain", "url": receiver.URL, "description": "d", "enabled": true, "level": "tenant",
		"eventTypes": []string{"com.qlik.v1.reload.finished", "com.qlik.v1.app.reload.finished"},
		"filter":     fmt.Sprintf("topLevelResourceId eq %q", app),
		"secret":     "0123456789abcdef0123456789abcdef", "headers": map[string]string{"x-a": "1"},
		"encryptedHeaders": map[string]string{"x-b": "2"},
	}
	made, err := r.answer("webhooks", answered("CreateWebhookHttpResponse"), "POST", base, hook)
	if err != nil {
		return err
	}
	user := map[string]any{"name": "Mine", "url": "https://hooks.example.com/x", "level": "user"}
	if _, err := r.answer("webhooks", answered("CreateWebhookHttpResponse"), "POST", base, user); err != nil {
		return err
	}
	if _, err := r.tenant.StartReload(app); err != nil {
		return err
	}
	if err := r.tenant.Idle(r.ctx); err != nil {
		return err
	}
	one := fmt.Sprintf("%s/%s", base, made["id"])
	hook["enableCloudEventDelivery"] = true
	if err := r.all("webhooks", []exchange{
		{answered("GetWebhookHttpResponse"), "GET", one, nil},
		{answered("GetWebhooksHttpResponse"), "GET", base + "?limit=1", nil},
		{answered("GetWebhooksHttpResponse"), "GET", base + "?name=nobody", nil},
		{answered("GetWebhookDeliveriesHttpResponse"), "GET", one + "/deliveries", nil},
		{answered("UpdateWebhookHttpResponse"), "PUT", one, hook},
		{answered("PatchWebhookHttpResponse"), "PATCH", one, []any{map[string]any{"op": "replace", "path": "/enabled", "value": false}}},
		{answered("CreateWebhookHttpError"), "POST", base, map[string]any{"name": "x"}},
		{answered("PatchWebhookHttpError"), "PATCH", one, []any{map[string]any{"op": "replace", "path": "/colour"}}},
		{answered("UpdateWebhookHttpError"), "PUT", one, map[string]any{"name": "x", "url": receiver.URL}},
		{answered("GetWebhookEventTypesHttpResponse"), "GET", base + "/event-types", nil},
		{answered("GetWebhookHttpError"), "GET", base + "/unknown", nil},
		{answered("DeleteWebhookHttpResponse"), "DELETE", one, nil},
	}); err != nil {
		return err
	}
	_, key := r.tenant.AddUser("Anna")
	if err := r.as(key, func() error {
		return r.all("webhooks", []exchange{{answered("CreateWebhookHttpError"), "POST", base, hook}})
	}); err != nil {
		return err
	}
	return r.as("wrong", func() error {
		return r.all("webhooks", []exchange{{answered("GetWebhooksHttpError"), "GET", base, nil}})
	})
}
