// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

func TestItems(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	space := tn.AddSpace("Sales", "managed")
	extract := tn.AddApp(tenant.App{Name: "Extract Sales", SpaceID: space})
	own := tn.AddApp(tenant.App{Name: "my extract"})
	flow := tn.AddApp(tenant.App{Name: "Flow", SpaceID: space, SubType: "dataflow-prep"})
	var ids []string
	for i := range 120 {
		ids = append(ids, tn.AddApp(tenant.App{Name: fmt.Sprint("app ", i), SpaceID: space}))
	}
	names := func(f qlik.ItemFilter) string {
		items, err := c.Items(t.Context(), f)
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, i := range items {
			all = append(all, i.Name)
		}
		return strings.Join(all, ", ")
	}
	if got := names(qlik.ItemFilter{Name: "EXTRACT"}); got != "Extract Sales, my extract" {
		t.Errorf("by part of the name: %s", got)
	}
	if got := names(qlik.ItemFilter{Name: "extract", SpaceID: space}); got != "Extract Sales" {
		t.Errorf("by name and space: %s", got)
	}
	if got := names(qlik.ItemFilter{SpaceID: "personal"}); got != "my extract" {
		t.Errorf("in the personal space: %s", got)
	}
	if got := names(qlik.ItemFilter{ResourceIDs: []string{flow, own, "unknown"}}); got != "my extract, Flow" {
		t.Errorf("by ids: %s", got)
	}
	if items, err := c.Items(t.Context(), qlik.ItemFilter{ResourceIDs: ids}); err != nil || len(items) != 120 {
		t.Errorf("%d items, %v; want 120", len(items), err)
	}
	if items, err := c.Items(t.Context(), qlik.ItemFilter{}); err != nil || len(items) != 123 {
		t.Errorf("%d items, %v; want 123", len(items), err)
	}
	if _, err := tn.StartReload(extract); err != nil {
		t.Fatal(err)
	}
	idle(t, tn)
	items, err := c.Items(t.Context(), qlik.ItemFilter{ResourceIDs: []string{extract}})
	if err != nil || len(items) != 1 || items[0].ResourceID != extract || items[0].ID == extract || items[0].SpaceID != space ||
		items[0].ResourceReloadStatus != "succeeded" || items[0].ResourceReloadEndTime.IsZero() {
		t.Errorf("got %+v, %v", items, err)
	}
	if !tn.RemoveApp(extract) || tn.RemoveApp(extract) {
		t.Error("an app can be removed once")
	}
	if items, err := c.Items(t.Context(), qlik.ItemFilter{ResourceIDs: []string{extract}}); err != nil || len(items) != 0 {
		t.Errorf("a removed app: %+v, %v", items, err)
	}
}

func TestItemsRefusals(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	tn.AddApp(tenant.App{Name: "plain"})
	tn.AddApp(tenant.App{Name: "flow", SubType: "dataflow-prep"})
	for query, want := range map[string]int{
		"":                  400,
		"resourceIds=x":     400,
		"resourceType=app":  200,
		"resourceType=note": 400,
		"resourceType=app&resourceIds=" + strings.Repeat("x,", 100): 400,
		"resourceType=app&limit=1000":                               400,
		"resourceType=app&sort=name":                                400,
		"resourceType=app&query=x":                                  400,
	} {
		if status, body := raw(t, tn, tn.APIKey(), "GET", "/api/v1/items?"+query, ""); status != want {
			t.Errorf("%s: %d %s, want %d", query, status, body, want)
		}
	}
	_, with := raw(t, tn, tn.APIKey(), "GET", "/api/v1/items?resourceType=app&limit=1", "")
	_, without := raw(t, tn, tn.APIKey(), "GET", "/api/v1/items?resourceType=app&limit=1&noActions=true", "")
	if strings.Count(with, `"actions":`) != 2 || strings.Count(without, `"actions":`) != 1 {
		t.Errorf("with actions: %s\nwithout: %s", with, without)
	}
}

func TestSpaces(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	sales := tn.AddSpace("Sales", "shared")
	tn.AddSpace("Sales archive", "managed")
	tn.AddSpace("Data", "data")
	spaces, err := c.Spaces(t.Context(), qlik.SpaceFilter{Name: "sales", Type: "shared,managed"})
	if err != nil || len(spaces) != 2 || spaces[0].ID != sales || spaces[0].Type != "shared" || spaces[0].TenantID != tn.ID() ||
		len(spaces[0].Meta.Roles) == 0 {
		t.Errorf("got %+v, %v", spaces, err)
	}
	if spaces, err = c.Spaces(t.Context(), qlik.SpaceFilter{Type: "data"}); err != nil || len(spaces) != 1 {
		t.Errorf("got %+v, %v", spaces, err)
	}
}

func TestApps(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	id := tn.AddApp(tenant.App{Name: "a"})
	app, err := c.App(t.Context(), id)
	if err != nil || app.Attributes.ID != id || app.Attributes.Name != "a" || !app.CanReload() || !app.Attributes.LastReloadTime.IsZero() {
		t.Errorf("got %+v, %v", app, err)
	}
	if _, err := tn.StartReload(id); err != nil {
		t.Fatal(err)
	}
	idle(t, tn)
	if app, err = c.App(t.Context(), id); err != nil || app.Attributes.LastReloadTime.IsZero() {
		t.Errorf("got %+v, %v; want the time of the reload", app, err)
	}
	locked := tn.AddApp(tenant.App{Name: "b", NoReload: true})
	if app, err = c.App(t.Context(), locked); err != nil || app.CanReload() {
		t.Errorf("got %+v, %v; want no right to reload", app, err)
	}
	if _, err = c.App(t.Context(), "unknown"); !qlik.IsNotFound(err) {
		t.Errorf("error %v, want not found", err)
	}
	_, key := tn.AddUser("Anna")
	if _, err = newClient(t, tn, qlik.Credentials{APIKey: key}).App(t.Context(), id); !qlik.IsNotFound(err) {
		t.Errorf("error %v: another user's personal app should not show", err)
	}
}
