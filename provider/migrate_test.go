// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestAccMigrated: the HCL of a migrated chain is one that terraform validates, plans as what was read, and finds nothing to format in.
func TestAccMigrated(t *testing.T) {
	t.Parallel()
	for file, test := range map[string]struct {
		read  func([]byte, string) (*migrate.Chain, error)
		links []string
	}{
		"apps.json": {migrate.AppsJS, []string{"app_extract_hr -->|success| app_transform", "app_transform -.->|failure| app_yesterday_s_figures", "app_transform -->|success| app_archive_2026_year"}},
		"tasks.csv": {migrate.CtrlQ, []string{"all of 2<br/><small>within 6h</small>", "app_transform_all -.->|failure| app_yesterday_s_figures", "app_dashboard -->|success| app_archive"}},
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			data, err := os.ReadFile(filepath.Join("..", "internal", "migrate", "testdata", file))
			if err != nil {
				t.Fatal(err)
			}
			c, err := test.read(data, "migrated")
			if err != nil {
				t.Fatal(err)
			}
			for _, name := range []string{"10", "11"} { // which examples/nightly does not have
				h.Tenant.AddApp(tenant.App{ID: "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c" + name, Name: "Migrated " + name})
			}
			h.Tenant.AddApp(tenant.App{Name: `Archive "2026" ${year}`})
			l := newLife(t, 10*time.Second, 60)
			l.configure(h.providerConfig())
			if err := os.WriteFile(filepath.Join(l.dir, "chain.tf"), c.HCL(file), 0o600); err != nil {
				t.Fatal(err)
			}
			for _, args := range [][]string{{"fmt", "-check", "chain.tf"}, {"validate", "-no-color"}} {
				if err := l.must(args...); err != nil {
					t.Fatal(err)
				}
			}
			plan, err := l.plan()
			if err != nil {
				t.Fatal(err)
			}
			planned, _ := plan.ResourceChanges[len(plan.ResourceChanges)-1].Change.After.(map[string]any)
			diagram, _ := planned["diagram"].(string)
			for _, want := range test.links {
				if !strings.Contains(diagram, want) {
					t.Errorf("there is no %q in %s", want, diagram)
				}
			}
		})
	}
}
