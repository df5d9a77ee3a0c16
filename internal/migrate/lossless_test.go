// SPDX-License-Identifier: MPL-2.0

package migrate_test

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate/migratetest"
)

// TestNothingIsLostOfTables: whatever changes in one cell of a table shows in what is written, is refused, or the notes name its column.
func TestNothingIsLostOfTables(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"tasks.json", "schedules.json"} {
		rows, err := migratetest.Rows(contents(t, file))
		if err != nil {
			t.Fatal(err)
		}
		choose := func(row, column int) bool { // and one in four of the empty cells
			return rows[row][column] != "" || (row+column)%4 == 0
		}
		if file == "schedules.json" {
			choose = func(row, column int) bool { return rows[row][column] != "" && slices.Contains(rows[row], "Schema") }
		}
		mutants := migratetest.TableMutants(rows, choose)
		expectLossless(t, ctrlQ, migratetest.Table(rows), mutants)
		t.Logf("%s: %d changes of %d rows", file, len(mutants), len(rows))
	}
}

// TestNothingIsLostOfAppsJS: likewise, for the members of an apps.js.
func TestNothingIsLostOfAppsJS(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"apps.json", "members.json"} {
		mutants, err := migratetest.DocumentMutants(contents(t, file))
		if err != nil {
			t.Fatal(err)
		}
		expectLossless(t, migrate.AppsJS, contents(t, file), mutants)
		t.Logf("%s: %d changes", file, len(mutants))
	}
}

func expectLossless(t *testing.T, read reader, data []byte, mutants []migratetest.Mutant) {
	t.Helper()
	base, err := read(data, "migrated")
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range mutants {
		c, err := read(m.Data, "migrated")
		if err != nil {
			if !strings.Contains(err.Error(), ": cell ") && !strings.Contains(err.Error(), "there is no chain in it") {
				t.Errorf("%s: refused without a place: %v", m.What, err)
			}
			continue
		}
		named := slices.ContainsFunc(c.Notes, func(n migrate.Note) bool { return strings.Contains(n.Text, m.Member) })
		if strings.HasSuffix(m.What, " without appId") && len(c.LookedUp) == len(base.LookedUp) {
			continue // the file has the app's id in another place
		}
		if !named && reflect.DeepEqual(c, base) {
			t.Errorf("%s: nothing shows it", m.What)
		}
		if i%20 == 0 { // which takes longer than all else
			expectHCL(t, c)
		}
	}
}
