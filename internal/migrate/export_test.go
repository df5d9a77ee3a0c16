// SPDX-License-Identifier: MPL-2.0

package migrate_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
)

// guideCommand is the command of the guide, as it stands there.
const guideCommand = "node export-apps.mjs apps.js > apps.json"

// export runs the guide's command, with the real Node.js, over a file.
func export(t *testing.T, file string, environment ...string) (out, log string) {
	t.Helper()
	guide, err := os.ReadFile(filepath.Join("..", "..", "templates", "guides", "migrating.md"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(guide), "\n"+guideCommand+"\n") {
		t.Fatalf("the guide does not have %s", guideCommand)
	}
	words := strings.Fields(guideCommand)
	command := exec.CommandContext(t.Context(), words[0], words[1], file)
	command.Env = append(os.Environ(), environment...)
	var stdout, stderr strings.Builder
	command.Stdout, command.Stderr = &stdout, &stderr
	if err := command.Run(); err != nil {
		t.Fatalf("%v (this test needs Node.js 18 or later): %s", err, stderr.String())
	}
	return stdout.String(), stderr.String()
}

// TestExport: the guide's command calls the functions of a file shaped as the white paper's, and the chain is read out of what they return.
func TestExport(t *testing.T) {
	t.Parallel()
	out, log := export(t, filepath.Join("testdata", "apps.js"), "QLIK_TENANT_URL=http://127.0.0.1:1")
	if !strings.Contains(log, "deciding for Transform") {
		t.Errorf("what the file prints is not on standard error: %s", log)
	}
	c, err := migrate.AppsJS([]byte(out), "nightly")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	want := map[string]map[string]chain.Condition{
		"extract_sales": nil, "transform": {"extract_sales": chain.ConditionSuccess}, "dashboard": {"transform": chain.ConditionSuccess},
		"fallback": {"transform": chain.ConditionFailure},
	}
	for key, after := range want {
		if got := c.Definition.Steps[key].After; fmt.Sprint(got) != fmt.Sprint(after) {
			t.Errorf("%s starts after %v, want %v", key, got, after)
		}
	}
	if fallback := c.Definition.Steps["fallback"]; fallback.Enabled || fallback.Weight != 3 {
		t.Errorf("%+v", fallback)
	}
	var notes strings.Builder
	for _, n := range c.Notes {
		fmt.Fprintln(&notes, n)
	}
	for _, want := range []string{
		`extract_sales: "Extract Sales" decides in code what starts after it. What it returned whatever the outcome is carried over. An entry without an outcome of its own starts after success.`,
		`transform: "Transform" decides in code what starts after it. What it returned after a success is carried over. Write what else the ` +
			`code decides`,
		`transform: "Transform" decides in code what starts after it. What it returned after a failure is carried over.`,
		`dashboard: "Dashboard" decides in code what starts after it. The code failed in the export: Invalid URL. What it starts then is ` +
			`missing: add it.`,
		`fallback: "Fallback" has a function as condition, which decides in code.`,
	} {
		if !strings.Contains(notes.String(), want) {
			t.Errorf("no note %s in\n%s", want, &notes)
		}
	}
}

// TestExportLosesNothing: methods of classes, regular expressions and dates are there, and names in any script.
func TestExportLosesNothing(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "apps.js")
	if err := os.WriteFile(file, []byte(`
		class Base { get kind() { return "app"; } next() { return [this.following]; } }
		class App extends Base {
			constructor(name, following) { super(); Object.assign(this, { name, following, match: /^x$/, since: new Date(0) }); }
		}
		module.exports = [new App("Übersicht", "売上 🏆"), { name: "売上 🏆" }];
	`), 0o600); err != nil {
		t.Fatal(err)
	}
	out, _ := export(t, file)
	if strings.ContainsFunc(out, func(r rune) bool { return r > '~' }) {
		t.Errorf("it is not ASCII: %s", out)
	}
	c, err := migrate.AppsJS([]byte(out), "x")
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if after := c.Definition.Steps["売上"].After; fmt.Sprint(after) != "map[übersicht:success]" || c.Names["売上"] != "売上 🏆" {
		t.Errorf("%v, %v", after, c.Names)
	}
	if notes := fmt.Sprint(c.Notes); !strings.Contains(notes, "members that are not carried over: following, kind, match, since.") {
		t.Error(notes)
	}
}

// TestExportFails: a file that cannot be loaded is an error, with nothing on standard output.
func TestExportFails(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "apps.js")
	if err := os.WriteFile(file, []byte(`throw new Error("boom");`), 0o600); err != nil {
		t.Fatal(err)
	}
	for arguments, want := range map[string]string{
		file: "boom. Make sure that Node.js can load it", "nowhere.js": "Cannot export nowhere.js", "": "Say which file",
	} {
		var stdout, stderr strings.Builder
		command := exec.CommandContext(t.Context(), "node", append([]string{"export-apps.mjs"}, strings.Fields(arguments)...)...)
		command.Stdout, command.Stderr = &stdout, &stderr
		if err := command.Run(); err == nil || stdout.Len() > 0 || !strings.Contains(stderr.String(), want) {
			t.Errorf("%s: %v, %s, %s", arguments, err, &stdout, &stderr)
		}
	}
}

// TestExportIsHarmless: a function that starts a reload itself reaches nothing, and sees no key.
func TestExportIsHarmless(t *testing.T) {
	t.Parallel()
	var requests atomic.Int32
	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { requests.Add(1) }))
	defer server.Close()
	for name, source := range map[string]string{
		"apps.cjs": `module.exports = { apps: [
			{ name: "a", key: process.env.QLIK_API_KEY, chain: (status) => (status === "ok" ? ["b"] : fetch("URL")) },
			{ name: "b", chain: (reload) => new Promise((resolve, reject) => require("node:http").get("URL", resolve).on("error", reject)) },
		] };`,
		"apps.mjs": `import http from "node:http";
			const later = new Map([["b", { name: "b", chain: () => new Set(["a2"]) }]]);
			const a = { name: "a", chain: () => [...later.values()], key: process.env.QLIK_API_KEY };
			later.get("b").back = a;
			await fetch("URL").catch(() => {});
			http.get("URL");
			Promise.reject(new Error("not waited for"));
			setInterval(() => {}, 1000);
			export default [a, { name: "a2", chain: (r) => { throw new Error("no " + r.data.status) } }];`,
	} {
		file := filepath.Join(t.TempDir(), name)
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(source, "URL", server.URL)), 0o600); err != nil {
			t.Fatal(err)
		}
		out, _ := export(t, file, "QLIK_API_KEY=secret-key")
		if strings.Contains(out, "secret-key") {
			t.Errorf("%s has the key:\n%s", name, out)
		}
		c, err := migrate.AppsJS([]byte(out), "x")
		if err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
		if after := c.Definition.Steps["b"].After; fmt.Sprint(after) != "map[a:success]" {
			t.Errorf("%s: b starts after %v\n%s", name, after, out)
		}
	}
	if n := requests.Load(); n != 0 {
		t.Errorf("%d requests", n)
	}
}

// TestPlainJSON: what JSON.stringify leaves of the white paper's file has no chain, and the error says what to do.
func TestPlainJSON(t *testing.T) {
	t.Parallel()
	text, err := exec.CommandContext(t.Context(), "node", "-p", `JSON.stringify(require("./testdata/apps.js"))`).Output()
	if err != nil {
		t.Fatal(err)
	}
	want := "JSON.stringify has dropped it. Export the file with: " + guideCommand
	if _, err := migrate.AppsJS(text, "x"); err == nil || !strings.Contains(err.Error(), want) {
		t.Errorf("%v", err)
	}
}
