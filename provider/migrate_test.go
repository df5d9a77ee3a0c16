// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate/migratetest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// migratedOn is the day on which the tables are read.
var migratedOn = time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC)

// migrated reads the chain of each file that the migration's own tests have, and of the tables also some that differ in one cell.
func migrated(t *testing.T) map[string]*migrate.Chain {
	t.Helper()
	all := map[string]*migrate.Chain{}
	ctrlQ := func(data []byte, name string) (*migrate.Chain, error) { return migrate.CtrlQ(data, name, migratedOn) }
	for file, read := range map[string]func([]byte, string) (*migrate.Chain, error){
		"apps.json": migrate.AppsJS, "members.json": migrate.AppsJS, "tasks.csv": ctrlQ, "schedules.csv": ctrlQ, "tasks.json": ctrlQ,
		"schedules.json": ctrlQ,
	} {
		data, err := os.ReadFile(filepath.Join("..", "internal", "migrate", "testdata", file))
		if err != nil {
			t.Fatal(err)
		}
		name := strings.ReplaceAll(file, ".", "-")
		if all[name], err = read(data, name); err != nil {
			t.Fatal(err)
		}
		if filepath.Ext(file) != ".json" || !bytes.HasPrefix(data, []byte("[")) {
			continue
		}
		rows, err := migratetest.Rows(data)
		if err != nil {
			t.Fatal(err)
		}
		mutants := migratetest.TableMutants(rows, func(row, column int) bool { return rows[row][column] != "" })
		for i := 0; i < len(mutants); i += len(mutants)/20 + 1 {
			name := strconv.Itoa(i) + "-of-" + name
			if c, err := ctrlQ(mutants[i].Data, name); err == nil && len(c.LookedUp) == 0 { // a look-up's name is that of another chain's
				all[name] = c
			}
		}
	}
	return all
}

// TestAccMigrated checks the HCL of each migrated chain. Terraform validates it, plans it as what was read, and finds nothing to format.
func TestAccMigrated(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, 10*time.Second, 60)
	l.configure(h.providerConfig())
	all := migrated(t)
	known, format := map[string]bool{}, []string{"fmt", "-check"}
	for name, c := range all {
		for key, s := range c.Definition.Steps {
			switch id := strings.ToLower(s.App); {
			case c.LookedUp[key]:
				h.Tenant.AddApp(tenant.App{Name: c.Names[key]})
			case !known[id]:
				known[id] = true
				h.Tenant.RemoveApp(id) // the tenant has some of them
				h.Tenant.AddApp(tenant.App{ID: id, Name: "Migrated " + id})
			}
		}
		format = append(format, name+".tf")
		if err := os.WriteFile(filepath.Join(l.dir, name+".tf"), c.HCL(name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{format, {"validate", "-no-color"}} {
		if err := l.must(args...); err != nil {
			t.Fatal(err)
		}
	}
	plan, err := l.plan()
	if err != nil {
		t.Fatal(err)
	}
	planned := map[string]map[string]any{}
	for _, change := range plan.ResourceChanges {
		if after, ok := change.Change.After.(map[string]any); ok && change.Type == "qlik_task_chain" {
			name, _ := after["name"].(string)
			planned[name] = after
		}
	}
	for name, c := range all {
		steps, _ := planned[name]["steps"].(map[string]any)
		if got, want := slices.Sorted(maps.Keys(steps)), slices.Sorted(maps.Keys(c.Definition.Steps)); !slices.Equal(got, want) {
			t.Errorf("%s is planned with %v, want %v", name, got, want)
		}
	}
	for name, links := range map[string][]string{
		"apps-json": {"step_extract_hr -->|success| step_transform", "step_transform -.->|failure| step_yesterday_s_figures",
			"step_transform -->|success| step_archive_2026_year"},
		"tasks-csv": {`join_transform_all{{"all of 2"}}`, "step_transform_all -.->|failure| step_yesterday_s_figures",
			"step_dashboard -->|success| step_archive"},
	} {
		diagram := draw.Of(all[name].Definition).Mermaid()
		for _, want := range links {
			if !strings.Contains(diagram, want) {
				t.Errorf("there is no %q in %s", want, diagram)
			}
		}
	}
	t.Logf("%d chains are validated and planned", len(all))
}
