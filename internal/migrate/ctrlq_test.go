// SPDX-License-Identifier: MPL-2.0

package migrate_test

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/unicode"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate/migratetest"
)

// records reads a test's table with the standard library.
func records(t *testing.T, file string) [][]string {
	t.Helper()
	rows, err := csv.NewReader(bytes.NewReader(contents(t, file))).ReadAll()
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

// separated writes a table with another separator.
func separated(t *testing.T, rows [][]string, separator rune) []byte {
	t.Helper()
	var b bytes.Buffer
	w := csv.NewWriter(&b)
	w.Comma, w.UseCRLF = separator, true
	if err := w.WriteAll(rows); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func encoded(t *testing.T, text []byte, e encoding.Encoding) []byte {
	t.Helper()
	data, err := e.NewEncoder().Bytes(text)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestTablesOfAllShapes: what means the same is read as the same.
func TestTablesOfAllShapes(t *testing.T) {
	t.Parallel()
	for _, file := range []string{"tasks", "schedules"} {
		text, rows := contents(t, file+".csv"), records(t, file+".csv")
		want, err := ctrlQ(text, "migrated")
		if err != nil {
			t.Fatal(err)
		}
		german := slices.Clone(rows)
		for i := range german[1:] {
			german[i+1] = slices.Clone(rows[i+1])
			for _, column := range []string{"Task enabled", "Event enabled", "Partial reload", "Manually triggered"} {
				cell := &german[i+1][slices.Index(rows[0], column)]
				*cell = map[string]string{"1": "WAHR", "": "FALSCH"}[*cell]
			}
		}
		for name, data := range map[string][]byte{
			"JSON":                       contents(t, file+".json"),
			"semicolons":                 separated(t, rows, ';'),
			"tabs":                       separated(t, rows, '\t'),
			"semicolons, named by Excel": append([]byte("sep=;\r\n"), separated(t, rows, ';')...),
			"a byte order mark":          append([]byte("\ufeff"), text...),
			"UTF-16, little endian":      encoded(t, text, unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)),
			"UTF-16, big endian":         encoded(t, text, unicode.UTF16(unicode.BigEndian, unicode.UseBOM)),
			"UTF-16 with tabs, no mark":  encoded(t, separated(t, rows, '\t'), unicode.UTF16(unicode.LittleEndian, unicode.IgnoreBOM)),
			"big endian, no mark":        encoded(t, text, unicode.UTF16(unicode.BigEndian, unicode.IgnoreBOM)),
			"UTF-16 JSON":                encoded(t, contents(t, file+".json"), unicode.UTF16(unicode.LittleEndian, unicode.UseBOM)),
		} {
			if got, err := ctrlQ(data, "migrated"); err != nil || !reflect.DeepEqual(got, want) {
				t.Errorf("%s, %s: %v, %+v", file, name, err, got)
			}
		}
		got, err := ctrlQ(separated(t, german, ';'), "migrated")
		if err != nil || !reflect.DeepEqual(got.Definition, want.Definition) {
			t.Errorf("%s, in German: %v", file, err)
		}
	}
}

// changed is the table of tasks.csv with other cells, by row and column.
func changed(t *testing.T, cells map[string]string) []byte {
	t.Helper()
	rows := records(t, "tasks.csv")
	for at, value := range cells {
		var row int
		place, column, _ := strings.Cut(at, " ")
		if _, err := fmt.Sscan(place, &row); err != nil {
			t.Fatal(err)
		}
		rows[row-1][slices.Index(rows[0], column)] = value
	}
	return migratetest.Table(rows)
}

// TestCells: booleans in the words of spreadsheets are read; what cannot be read is refused with its cell and its column.
func TestCells(t *testing.T) {
	t.Parallel()
	for word, enabled := range map[string]bool{
		"1": true, "TRUE": true, "true": true, "WAHR": true, "VRAI": true, "VERDADERO": true, "PRAWDA": true, "ИСТИНА": true, "DOĞRU": true,
		"yes": true,
		"":    false, "0": false, "FALSE": false, "FALSCH": false, "FAUX": false, "FAŁSZ": false, "ЛОЖЬ": false, "YANLIŞ": false,
		"EPÄTOSI": false, "no": false,
	} {
		c, err := ctrlQ(changed(t, map[string]string{"6 Task enabled": word, "3 Event enabled": word, "11 Event enabled": word}), "x")
		if err != nil {
			t.Errorf("%s: %v", word, err)
			continue
		}
		steps := c.Definition.Steps
		if steps["transform_all"].Enabled != enabled || (steps["reload_task_of_extract_sales"].Schedule != nil) != enabled ||
			(steps["dashboard"].After != nil) != enabled {
			t.Errorf("%q: %+v", word, steps)
		}
	}
	for cells, want := range map[string]string{
		"6 Task enabled=maybe":            `cell E6, column "Task enabled", is "maybe", which is neither true nor false`,
		"7 Event enabled=ja":              `cell W7, column "Event enabled", is "ja"`,
		"10 Partial reload=half":          `cell I10, column "Partial reload", is "half"`,
		"2 Task retries=two":              `cell G2, column "Task retries", is "two"`,
		"2 Task retries=-1":               `cell G2, column "Task retries", is "-1"`,
		"7 Time contstraint minutes=6:00": `cell AI7, column "Time contstraint minutes", is "6:00"`,
		"8 Rule state=TaskSuccess":        `cell AM8, column "Rule state", is "TaskSuccess"`,
		"7 Event type=Manual":             `cell U7, column "Event type", is "Manual"`,
		"7 Task counter=9":                `cell A7, column "Task counter", is "9", and the row stands below "3"`,
		"8 Event counter=9":               `cell T8, column "Event counter", is "9", and the row stands below "1"`,
		"3 Schema increment option=often": `column "Schema increment option", is "often"`,
		"3 Daylight savings time=summer":  `column "Daylight savings time", is "summer"`,
		"2 Task type=":                    `cell B2, column "Task type", is empty`,
		"2 Task counter=":                 `cell A2, column "Task counter", is empty`,
		"6 Task name=a\n\"b\"\n;, ,6 Task enabled=x,8 Rule state=y": `cell AM8 (line 10 of the file), column "Rule state", is "y"`,
	} {
		changes := map[string]string{}
		for cell := range strings.SplitSeq(cells, ",") {
			if at, value, found := strings.Cut(cell, "="); found {
				changes[at] = value
			}
		}
		if _, err := ctrlQ(changed(t, changes), "x"); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v, want %s", cells, err, want)
		}
	}
}

// TestFilesThatAreNoTables: each is refused with how to export it.
func TestFilesThatAreNoTables(t *testing.T) {
	t.Parallel()
	twice := records(t, "tasks.csv")
	twice[0][1] = "Task name"
	without := records(t, "tasks.csv")
	without[0][29] = "Schema begin"
	for name, test := range map[string]struct {
		data []byte
		want string
	}{
		"a workbook":      {[]byte("PK\x03\x04\x14\x00\x06\x00"), "--output-file-format csv"},
		"an old workbook": {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\x00"), "Excel workbook"},
		"Windows-1252": {encoded(t, []byte("Task type\nReload für alle\n"), charmap.Windows1252),
			`line 2 is not UTF-8 text. Save the file as UTF-8; Excel calls it "CSV UTF-8"`},
		"half of UTF-16":        {[]byte("\xff\xfeT"), "UTF-8"},
		"binary":                {[]byte("Task type\nRel\x00oad\n"), "line 2 has a zero byte"},
		"an open quote":         {[]byte("Task type,Task name\nReload,\"Sales\n"), "neither JSON nor CSV"},
		"a tree":                {contents(t, "tree.json"), "Export it with --output-format table"},
		"two tables":            {[]byte(`[["a"]] [["b"]]`), "something follows the table"},
		"a list in a cell":      {[]byte(`[["a"],[["b"]]]`), "cell A2 is neither"},
		"empty":                 {nil, "the table is empty"},
		"a column twice":        {migratetest.Table(twice), `the columns B and C are both called "Task name"`},
		"no schedules' columns": {migratetest.Table(without), `the table has no column "Schema start"`},
	} {
		if _, err := ctrlQ(test.data, "x"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
}

// TestTwins: tasks of one app are one step, with what both have; a disabled one adds nothing.
func TestTwins(t *testing.T) {
	t.Parallel()
	c, err := ctrlQ(contents(t, "tasks.csv"), "migrated")
	if err != nil {
		t.Fatal(err)
	}
	sales := c.Definition.Steps["reload_task_of_extract_sales"]
	if !sales.Enabled || sales.Partial || sales.After != nil || sales.Retry.MaxAttempts != 3 || sales.Schedule.Cron != "0 2 * * ? *" {
		t.Errorf("the twin of a disabled task: %+v", sales)
	}
	expectNote(t, c, "reload_task_of_extract_sales", `Left out: its trigger "After HR"`,
		`Left out: its schedule "Noon" (cron(0 12 * * ? *) Europe/Stockholm)`, "its retries, 5", "partially")
	if after := c.Definition.Steps["after_old_sales"].After; len(after) != 1 || after["yesterday_s_figures"] != chain.ConditionSuccess {
		t.Errorf("what waits for a disabled twin starts after %v", after)
	}
	expectNote(t, c, "after_old_sales", `Its trigger "Never"`, "It never fired, and is left out")
	if dashboard := c.Definition.Steps["dashboard"]; dashboard.Partial || dashboard.Retry == nil || dashboard.Retry.MaxAttempts != 2 {
		t.Errorf("two enabled tasks: %+v", dashboard)
	}
	expectNote(t, c, "dashboard", "They are one step", "one reloads partially", "0 and 1 retries")

	// The first one is disabled: the second is the step.
	c, err = ctrlQ(changed(t, map[string]string{"2 Task enabled": "", "41 Task enabled": "1"}), "migrated")
	if err != nil {
		t.Fatal(err)
	}
	for key, s := range c.Definition.Steps {
		if s.App == idA && (!s.Enabled || !s.Partial || s.Schedule != nil || len(s.After) != 1 || s.Retry.MaxAttempts != 6) {
			t.Errorf("%s: %+v", key, s)
		}
	}
}

func expectNote(t *testing.T, c *migrate.Chain, step string, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if !slices.ContainsFunc(c.Notes, func(n migrate.Note) bool { return n.Step == step && strings.Contains(n.Text, text) }) {
			t.Errorf("%s has no note %s", step, text)
		}
	}
}

// TestRowsThatAreMissing: a table that was cut has notes.
func TestRowsThatAreMissing(t *testing.T) {
	t.Parallel()
	rows := records(t, "tasks.csv")
	c, err := ctrlQ(migratetest.Table(slices.Delete(slices.Clone(rows), 7, 8)), "x") // the first of two rules
	if err != nil {
		t.Fatal(err)
	}
	expectNote(t, c, "transform_all", `In row 8 the column "Rule counter" has "2" after 0: rows may be missing.`)
	slices.SortStableFunc(rows[1:], func(a, b []string) int { return strings.Compare(b[19], a[19]) }) // by event, as in a spreadsheet
	if _, err := ctrlQ(migratetest.Table(rows), "x"); err == nil || !strings.Contains(err.Error(), "do not sort it") {
		t.Errorf("a sorted table: %v", err)
	}
}
