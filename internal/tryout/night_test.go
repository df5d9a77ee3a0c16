// SPDX-License-Identifier: MPL-2.0

package tryout

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/hclwrite"
)

// TestAppNames checks how many apps there are in which group, and what is refused.
func TestAppNames(t *testing.T) {
	t.Parallel()
	file := func(text string) string {
		name := filepath.Join(t.TempDir(), "names.txt")
		if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		return name
	}
	for name, test := range map[string]struct {
		apps, want, refused string
	}{
		"number":      {"4", "App 001,App 002,App 003|App 004", ""},
		"names":       {file("Sales\n HR \n\n\n\nReport\r\n"), "Sales,HR|Report", ""},
		"one twice":   {file("Sales\n\nSales\n"), "", `the app "Sales" is there twice`},
		"empty file":  {file("\n"), "", "the file has 0 names"},
		"zero":        {"0", "", "give a number from 1 to 300"},
		"too many":    {"301", "", "give a number from 1 to 300"},
		"no file":     {"does-not-exist", "", "give a number of apps, or a file"},
		"last line":   {file("Sales"), "Sales", ""},
		"blank first": {file("\n\nSales\n"), "Sales", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			stages, err := appNames(test.apps)
			var got []string
			for _, stage := range stages {
				got = append(got, strings.Join(stage, ","))
			}
			refused := ""
			if err != nil {
				refused = err.Error()
			}
			if strings.Join(got, "|") != test.want || (refused == "") != (test.refused == "") || !strings.Contains(refused, test.refused) {
				t.Errorf("%q, %v", got, err)
			}
		})
	}
}

// TestNewNight checks that the configuration names each app once, and that each app waits for the whole group before it.
func TestNewNight(t *testing.T) {
	t.Parallel()
	n := newNight([][]string{{"Sales (EU)", "Sales EU"}, {"2025", "Größe"}, {"Report"}}, time.Second)
	parsed, diagnostics := hclsyntax.ParseConfig([]byte(n.config), "main.tf", hcl.InitialPos)
	if diagnostics.HasErrors() {
		t.Fatal(diagnostics)
	}
	if formatted := string(hclwrite.Format([]byte(n.config))); formatted != n.config {
		t.Errorf("terraform fmt changes the file to\n%s", formatted)
	}
	var keys []string
	after := map[string]int{}
	body, ok := parsed.Body.(*hclsyntax.Body)
	if !ok {
		t.Fatalf("the file is a %T", parsed.Body)
	}
	for _, block := range body.Blocks {
		if block.Type != "resource" {
			continue
		}
		for _, step := range members(t, block.Body.Attributes["steps"].Expr) {
			key := hcl.ExprAsKeyword(step.KeyExpr)
			keys = append(keys, key)
			for _, member := range members(t, step.ValueExpr) {
				if hcl.ExprAsKeyword(member.KeyExpr) == "after" {
					after[key] = len(members(t, member.ValueExpr))
				}
			}
		}
	}
	if !slices.Equal(keys, []string{"sales_eu", "sales_eu_2", "app_2025", "gr_e", "report"}) || len(after) != 3 || after["report"] != 2 {
		t.Errorf("steps %q, which wait for %v", keys, after)
	}
	for _, app := range n.apps {
		if strings.Count(n.config, `"`+app.ID+`"`) != 1 || !strings.Contains(n.config, "# "+app.Name+"\n") {
			t.Errorf("the app %s is not in %s", app.Name, n.config)
		}
	}
}

func members(t *testing.T, expression hclsyntax.Expression) []hclsyntax.ObjectConsItem {
	t.Helper()
	object, ok := expression.(*hclsyntax.ObjectConsExpr)
	if !ok {
		t.Fatalf("it is no object, but a %T", expression)
	}
	return object.Items
}

// TestFind checks which app a name stands for.
func TestFind(t *testing.T) {
	t.Parallel()
	n := newNight([][]string{{"Sales", "Sales EU", "HR"}}, time.Second)
	for name, want := range map[string]string{"sales": "Sales", "sales e": "Sales EU", "h": "HR", "sale": "", "": "", "x": ""} {
		app, err := n.find(name)
		if (err == nil) != (want != "") || err == nil && app.Name != want {
			t.Errorf("%q is %+v, %v", name, app, err)
		}
	}
}
