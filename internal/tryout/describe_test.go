// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"net/http"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestDescribe: the sandbox shows the variables of a reload, in the order of their names, as they came in.
func TestDescribe(t *testing.T) {
	t.Parallel()
	tn, err := tenant.Start(t.Context(), tenant.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(tn.Close)
	app := tn.AddApp(tenant.App{Name: "Extract"})
	body := `{"appId": "` + app + `", "variables": {"vMode": "a \"full\" one", "vDay": "2026-11-01"}}`
	status, answer, err := sandbox.Call(t.Context(), http.MethodPost, tn.URL()+"/api/v1/reloads",
		map[string]string{"Authorization": "Bearer " + tn.APIKey(), "Content-Type": "application/json"}, strings.NewReader(body))
	if err != nil || status != http.StatusCreated {
		t.Fatalf("POST /reloads = %d %s %v", status, answer, err)
	}
	reload := tn.Reloads()[0]
	if got := describe(&reload); !strings.HasPrefix(got, "Extract  ") ||
		!strings.HasSuffix(got, `  with vDay = "2026-11-01", vMode = "a \"full\" one"`) {
		t.Errorf("it says %q", got)
	}
	if got := describe(&tenant.Reload{AppName: "Transform", Status: "QUEUED"}); strings.Contains(got, "with") {
		t.Errorf("without variables it says %q", got)
	}
}
