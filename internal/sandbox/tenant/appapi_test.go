// SPDX-License-Identifier: MPL-2.0

package tenant_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestAppLives: an app is created, reloads according to its script, and is deleted.
func TestAppLives(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	c := keyClient(t, tn)
	app, err := c.CreateApp(t.Context(), "Made", "")
	if err != nil {
		t.Fatal(err)
	}
	id := app.Attributes.ID
	if app.Attributes.Name != "Made" || app.Attributes.OwnerID != tn.UserID() || !app.CanReload() {
		t.Errorf("made %+v", app)
	}
	if items, err := c.Items(t.Context(), qlik.ItemFilter{Name: "made"}); err != nil || len(items) != 1 || items[0].ResourceID != id {
		t.Errorf("listed %+v, %v", items, err)
	}
	for _, step := range []struct {
		script string
		want   qlik.Status
	}{
		{"", qlik.StatusSucceeded},
		{"Numbers:\nLOAD RecNo() AS N AUTOGENERATE 10;", qlik.StatusSucceeded},
		{"Numbers:\nLOAD RecNo() AS N AUTOGENERATE 10;\n[Copy]:\nNOCONCATENATE LOAD * Resident numbers;", qlik.StatusSucceeded},
		{"Copy:\nLOAD * RESIDENT ThereIsNoSuchTable;", qlik.StatusFailed},
		{"Numbers:\nLOAD RecNo() AS N AUTOGENERATE 1;", qlik.StatusSucceeded},
	} {
		if step.script != "" {
			if err := c.SetScript(t.Context(), id, step.script); err != nil {
				t.Fatal(err)
			}
		}
		if _, err := c.StartReload(t.Context(), qlik.ReloadRequest{AppID: id}); err != nil {
			t.Fatal(err)
		}
		idle(t, tn)
		reloads, err := c.ListReloads(t.Context(), qlik.ReloadFilter{AppID: id})
		if err != nil || reloads[0].Status != step.want {
			t.Errorf("after the script %q: %v, %v", step.script, reloads[0].Status, err)
		}
	}
	if err := c.DeleteApp(t.Context(), id); err != nil {
		t.Fatal(err)
	}
	for what, err := range map[string]error{"delete": c.DeleteApp(t.Context(), id), "script": c.SetScript(t.Context(), id, "x")} {
		if !qlik.IsNotFound(err) {
			t.Errorf("%s of a deleted app: %v", what, err)
		}
	}
}

// TestAppRefusals: the tenant refuses what is not documented or what the caller's roles do not allow.
func TestAppRefusals(t *testing.T) {
	t.Parallel()
	tn := startTenant(t, tenant.Config{})
	closed, managed := tn.AddSpace("Closed", "shared"), tn.AddSpace("Managed", "managed")
	tn.Assign(closed, "another user", "producer")
	app := tn.AddApp(tenant.App{Name: "Read only", NoReload: true})
	for name, test := range map[string]struct {
		path, body string
		want       int
	}{
		"no body":           {"/api/v1/apps", "", http.StatusBadRequest},
		"no name":           {"/api/v1/apps", `{"attributes":{}}`, http.StatusBadRequest},
		"a long name":       {"/api/v1/apps", `{"attributes":{"name":"` + strings.Repeat("x", 257) + `"}}`, http.StatusBadRequest},
		"an unknown member": {"/api/v1/apps", `{"attributes":{"name":"x","script":"y"}}`, http.StatusBadRequest},
		"a usage":           {"/api/v1/apps", `{"attributes":{"name":"x","usage":"ANALYTICS"}}`, http.StatusBadRequest},
		"an unknown space":  {"/api/v1/apps", `{"attributes":{"name":"x","spaceId":"65f0c0ffee0000000000abcd"}}`, http.StatusForbidden},
		"a closed space":    {"/api/v1/apps", `{"attributes":{"name":"x","spaceId":"` + closed + `"}}`, http.StatusForbidden},
		"a managed space":   {"/api/v1/apps", `{"attributes":{"name":"x","spaceId":"` + managed + `"}}`, http.StatusForbidden},
		"no script":         {"/api/v1/apps/" + app + "/scripts", `{"versionMessage":"x"}`, http.StatusBadRequest},
		"a read-only app":   {"/api/v1/apps/" + app + "/scripts", `{"script":"x"}`, http.StatusForbidden},
	} {
		status, content, err := sandbox.Call(t.Context(), http.MethodPost, tn.URL()+test.path, map[string]string{
			"Authorization": "Bearer " + tn.APIKey(), "Content-Type": "application/json",
		}, strings.NewReader(test.body))
		if err != nil || status != test.want {
			t.Errorf("%s: %d %s, %v; want %d", name, status, content, err, test.want)
		}
	}
}
