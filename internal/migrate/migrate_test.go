// SPDX-License-Identifier: MPL-2.0

package migrate_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2/hclsyntax"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
)

var update = flag.Bool("update", false, "write what comes out as what is wanted")

type reader func([]byte, string) (*migrate.Chain, error)

// ctrlQ reads a table on a day between the schedules that have ended and those that are to come.
func ctrlQ(data []byte, name string) (*migrate.Chain, error) {
	return migrate.CtrlQ(data, name, time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC))
}

// qlikTasks reads the tasks of a tenant on the same day.
func qlikTasks(data []byte, name string) (*migrate.Chain, error) {
	return migrate.QlikTasks(data, name, time.Date(2026, 11, 30, 12, 0, 0, 0, time.UTC))
}

// TestFixtures: files of the real shapes become the HCL beside them.
func TestFixtures(t *testing.T) {
	t.Parallel()
	for file, read := range map[string]reader{
		"apps.json": migrate.AppsJS, "members.json": migrate.AppsJS, "tasks.csv": ctrlQ, "schedules.csv": ctrlQ,
		"qlik-tasks.json": qlikTasks,
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			c, err := read(contents(t, file), "migrated")
			if err != nil {
				t.Fatal(err)
			}
			got := c.HCL(file)
			if *update {
				if err := os.WriteFile(filepath.Join("testdata", file+".tf"), got, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			if want := contents(t, file+".tf"); !bytes.Equal(got, want) {
				t.Errorf("got:\n%s", got)
			}
			expectHCL(t, c)
		})
	}
}

func contents(t *testing.T, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", file))
	if err != nil {
		t.Fatal(err)
	}
	return data
}

const (
	idA = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"
	idB = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02"
	idC = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c03"
)

// TestAppsJSShapes: what means the same becomes the same.
func TestAppsJSShapes(t *testing.T) {
	t.Parallel()
	for want, documents := range map[string][]string{
		"a, b after a success, c after b failure": {
			`[{"name":"a","appId":"` + idA + `","chain":["b"]},{"name":"b","appId":"` + idB + `","condition":"failure",` +
				`"chain":"` + strings.ToUpper(idC) + `"},{"name":"c","appId":"` + idC + `"}]`,
			`{"apps":[{"name":"a","appId":"` + idA + `","chain":[{"appId":"` + idB + `","name":"b",` +
				`"chain":[{"appId":"` + idC + `","name":"c","condition":"failed"}]}]}]}`,
			`{"a":{"app_id":"` + idA + `","Chain":["b"]},"b":{"id":"` + idB + `","on-failure":["c"]},"c":{"guid":"` + idC + `"}}`,
			`{"` + idA + `":{"name":"a","next":{"success":["` + idB + `"]}},` +
				`"` + idB + `":{"title":"b","chain":{"failure":[{"name":"c"}]}},"` + idC + `":{"appName":"c"}}`,
			"\ufeff" + `{"tasks":[{"name":"a","appId":"` + idA + `","onSuccess":[{"name":"b"}]},` +
				`{"name":"b","appId":"` + idB + `","fail":["c"]},{"name":"c","appId":"` + idC + `"}]}`,
		},
		"a, b, c after a success or b success": {
			`[{"name":"a","appId":"` + idA + `","chain":["c"]},{"name":"b","appId":"` + idB + `","chain":["c"]},{"name":"c","appId":"` + idC + `"}]`,
		},
		"a, b after a completion": {
			`[{"name":"a","appId":"` + idA + `","onSuccess":["b"],"onFailure":["b"]},{"name":"b","appId":"` + idB + `"}]`,
			`[{"name":"a","appId":"` + idA + `","chain":["b"],"condition":"always"},{"name":"b","appId":"` + idB + `"}]`,
		},
	} {
		for _, document := range documents {
			c, err := migrate.AppsJS([]byte(document), "x")
			if err != nil {
				t.Errorf("%s: %v", document, err)
				continue
			}
			if got := inWords(c.Definition); got != want {
				t.Errorf("%s\n%s\nwant %s", document, got, want)
			}
		}
	}
}

// inWords is what starts after what.
func inWords(d *chain.Definition) string {
	var steps []string
	for key, s := range d.Steps {
		var links []string
		for _, upstream := range s.Upstreams() {
			links = append(links, upstream+" "+string(s.After[upstream]))
		}
		word := " and "
		if s.WaitFor == chain.WaitForAny {
			word = " or "
		}
		if len(links) > 0 {
			key += " after " + strings.Join(links, word)
		}
		steps = append(steps, key)
	}
	slices.Sort(steps)
	return strings.Join(steps, ", ")
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		read reader
		data string
		want string
	}{
		"JavaScript": {migrate.AppsJS, "module.exports = []", "Export apps.js with: node "},
		"no chain": {migrate.AppsJS, `[{"name":"a","appId":"` + idA + `"}, 7]`,
			`7 is no app. It is left out. "a" starts after no other step`},
		"nothing":       {migrate.AppsJS, `"x"`, "x is no list of apps."},
		"a tree":        {ctrlQ, string(contents(t, "tree.json")), "Export it with --output-format table"},
		"empty":         {ctrlQ, "", "the table is empty"},
		"no tasks":      {qlikTasks, `{"data":"x"}`, "is not the JSON of GET /api/scheduling/tasks"},
		"one page":      {qlikTasks, `{"data":[],"links":{"next":{"href":"x"}}}`, "there are more: its links.next leads to them"},
		"no task":       {qlikTasks, `[{"id":"a"},{"id":7}]`, "task 2 of the file cannot be read"},
		"other columns": {ctrlQ, "Task counter,Task type\n1,Reload\n", `the table has no column "Task name"`},
	} {
		if _, err := test.read([]byte(test.data), "x"); err == nil || !strings.Contains(err.Error(), test.want) {
			t.Errorf("%s: %v, want %q", name, err, test.want)
		}
	}
	if _, err := migrate.AppsJS(contents(t, "apps.json"), "Not A Name"); err == nil || !strings.Contains(err.Error(), "cannot be used") {
		t.Errorf("a name: %v", err)
	}
}

// TestKeys: whatever names there are, keys are identifiers and differ.
func TestKeys(t *testing.T) {
	t.Parallel()
	names := []string{"for", "null", "2026", "été", "e\u0301te\u0301", "ÉTÉ", "---", "日本", "a b", "a-b", "A/B", strings.Repeat("x", 300),
		strings.Repeat("x", 301), "İ", "\u1100\u1161", "가"}
	var apps []map[string]any
	for i, name := range names {
		apps = append(apps, map[string]any{"name": name, "appId": chaintest.AppID(i + 1), "chain": []string{chaintest.AppID(i + 2)}})
	}
	data, err := json.Marshal(apps)
	if err != nil {
		t.Fatal(err)
	}
	c, err := migrate.AppsJS(data, "x")
	if err != nil {
		t.Fatal(err)
	}
	if len(c.Definition.Steps) != len(names)+1 { // and the one that is only named
		t.Errorf("%d steps of %d", len(c.Definition.Steps), len(names)+1)
	}
	for key := range c.Definition.Steps {
		if !hclsyntax.ValidIdentifier(key) || len([]rune(key)) > 70 {
			t.Errorf("the key %q", key)
		}
	}
	expectHCL(t, c)
}

// TestGenerated: random chains, written as an apps.js, come back as they were.
func TestGenerated(t *testing.T) {
	t.Parallel()
	for seed := range uint64(200) {
		d := chaintest.Random(rand.New(rand.NewPCG(seed, 7)), 30, 3)
		type entry struct {
			Name      string `json:"name"`
			Condition string `json:"condition"`
		}
		apps := map[string]map[string]any{}
		for key, s := range d.Steps {
			apps[key] = map[string]any{"appId": s.App, "chain": []entry{}}
		}
		for _, l := range d.Links() {
			list, _ := apps[l.From]["chain"].([]entry)
			apps[l.From]["chain"] = append(list, entry{l.To, string(l.Condition)})
		}
		data, err := json.Marshal(apps)
		if err != nil {
			t.Fatal(err)
		}
		c, err := migrate.AppsJS(data, "x")
		if err != nil {
			t.Fatalf("seed %d: %v", seed, err)
		}
		if got, want := fmt.Sprint(c.Definition.Links()), fmt.Sprint(d.Links()); got != want {
			t.Fatalf("seed %d: %s\nwant %s", seed, got, want)
		}
	}
}

func TestReplaceIDs(t *testing.T) {
	t.Parallel()
	c, err := ctrlQ(contents(t, "tasks.json"), "migrated")
	if err != nil {
		t.Fatal(err)
	}
	notes := len(c.Notes)
	if err := c.ReplaceIDs(map[string]string{idA: idB, "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06": idC}); err == nil ||
		!strings.Contains(err.Error(), "has the same app") {
		t.Errorf("an id given twice: %v", err)
	}
	if err := c.ReplaceIDs(map[string]string{idB: idA, idA: chaintest.AppID(1)}); err != nil ||
		c.Definition.Steps["reload_task_of_extract_sales"].App != chaintest.AppID(1) || len(c.Notes) == notes {
		t.Errorf("%v, %+v", err, c.Definition.Steps)
	}
}

// smallSeed is how many lines of a file have tasks that are linked.
const smallSeed = 9

func fuzz(f *testing.F, read reader, files ...string) {
	for _, file := range files {
		data, err := os.ReadFile(filepath.Join("testdata", file))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		if lines := bytes.SplitAfter(data, []byte("\n")); len(lines) > smallSeed { // which is faster to change
			f.Add(bytes.Join(lines[:smallSeed], nil))
		}
	}
	fuzzHCL(f, read)
}

func fuzzHCL(f *testing.F, read reader) {
	f.Fuzz(func(t *testing.T, data []byte) {
		c, err := read(data, "fuzzed")
		if err != nil {
			return
		}
		expectHCL(t, c)
	})
}

// FuzzAppsJS and FuzzCtrlQ: a chain that is read is one, and its HCL can be read.
func FuzzAppsJS(f *testing.F) { fuzz(f, migrate.AppsJS, "apps.json", "members.json", "tree.json") }

func FuzzCtrlQ(f *testing.F) { fuzz(f, ctrlQ, "tasks.csv", "schedules.csv", "tree.json") }

// FuzzQlikTasks begins with every two tasks that follow each other: the whole file is slow to change.
func FuzzQlikTasks(f *testing.F) {
	data, err := os.ReadFile(filepath.Join("testdata", "qlik-tasks.json"))
	if err != nil {
		f.Fatal(err)
	}
	var file struct{ Data []map[string]any }
	if err := json.Unmarshal(data, &file); err != nil {
		f.Fatal(err)
	}
	for i := range len(file.Data) - 1 {
		two := file.Data[i : i+2]
		for _, task := range two {
			delete(task, "metadata")
		}
		seed, err := json.Marshal(two)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(seed)
	}
	fuzzHCL(f, qlikTasks)
}
