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
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	rows := tableOf(t, "tasks.json")
	changes := expectLossless(t, ctrlQ, migratetest.Table(rows), migratetest.TableMutants(rows, func(row, column int) bool {
		return rows[row][column] != "" || (row+column)%8 == 0 // and one in eight of the empty cells
	}))
	t.Logf("tasks.json: %d changes", changes)
}

// TestNothingIsLostOfSchedules: likewise, for each schedule in a table of its own.
func TestNothingIsLostOfSchedules(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	all := tableOf(t, "schedules.json")
	changes := 0
	for i := 1; i < len(all); i += 5 { // a task, its schedule, and the task after it with its trigger and its rule
		rows := append([][]string{all[0]}, all[i:i+5]...)
		changes += expectLossless(t, ctrlQ, migratetest.Table(rows), migratetest.TableMutants(rows, func(row, column int) bool {
			return row == 2 && rows[row][column] != ""
		}))
	}
	t.Logf("schedules.json: %d changes", changes)
}

func tableOf(t *testing.T, file string) [][]string {
	t.Helper()
	rows, err := migratetest.Rows(contents(t, file))
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// TestNothingIsLostOfAppsJS: likewise, for the members of an apps.js.
func TestNothingIsLostOfAppsJS(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	for _, file := range []string{"apps.json", "members.json"} {
		mutants, err := migratetest.DocumentMutants(contents(t, file))
		if err != nil {
			t.Fatal(err)
		}
		t.Logf("%s: %d changes", file, expectLossless(t, migrate.AppsJS, contents(t, file), mutants))
	}
}

func expectLossless(t *testing.T, read reader, data []byte, mutants []migratetest.Mutant) (changes int) {
	t.Helper()
	base, err := read(data, "migrated")
	if err != nil {
		t.Fatal(err)
	}
	for i, m := range mutants {
		c, err := read(m.Data, "migrated")
		if err != nil {
			if !slices.ContainsFunc([]string{": cell ", "task ", "GET /api/scheduling/tasks", "it contains no chain"}, func(place string) bool {
				return strings.Contains(err.Error(), place)
			}) {
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
	return len(mutants)
}

// TestNothingIsLostOfQlikTasks: likewise, for the members of tasks of Qlik Cloud.
func TestNothingIsLostOfQlikTasks(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	mutants, err := migratetest.DocumentMutants(contents(t, "qlik-tasks.json"))
	if err != nil {
		t.Fatal(err)
	}
	mutants = slices.DeleteFunc(mutants, func(m migratetest.Mutant) bool { // they mean the same
		links := strings.HasPrefix(m.What, ".links") || m.What == " without links"
		twice := strings.HasSuffix(m.What, " without resourceId") || strings.HasSuffix(m.What, " without arguments") // both have the app's id
		empty := strings.HasSuffix(m.What, " without description") || strings.HasSuffix(m.What, " without eventRefs")
		return links || twice || empty
	})
	t.Logf("qlik-tasks.json: %d changes", expectLossless(t, qlikTasks, contents(t, "qlik-tasks.json"), mutants))
}
