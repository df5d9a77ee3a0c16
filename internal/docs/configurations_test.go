// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package docs_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

const source = "terraform {\n  required_providers {\n    qlik = { source = \"qlik-task-chain/qlik\" }\n  }\n}\n"

// frames complete a part to a configuration. %s is the part.
var frames = map[string]string{
	"file":      "%s",
	"chain":     "resource \"qlik_task_chain\" \"framed\" {\n%s\n}\n",
	"steps":     "resource \"qlik_task_chain\" \"framed\" {\n  steps = {\n%s\n  }\n}\n",
	"when":      guarded, // of a step
	"condition": "check \"framed\" {\n  assert {\n%s\n    error_message = \"framed\"\n  }\n}\n",
	"value":     "output \"framed\" {\n  value = %s\n}\n",
}

// guarded is a chain with a step that comes after those that guards name.
const guarded = `resource "qlik_task_chain" "framed" {
  steps = {
    hr        = { app = "…" }
    sales     = { app = "…" }
    transform = { app = "…" }
    guarded = {
      app      = "…"
      after    = { hr = "completion", sales = "completion", transform = "completion" }
      wait_for = "all_settled"
%s
    }
  }
}
`

// before are steps that others name.
func before(names ...string) string {
	var steps strings.Builder
	for _, name := range names {
		fmt.Fprintf(&steps, "    %s = { app = \"…\" }\n", name)
	}
	return steps.String()
}

const someSteps = `{
    extract       = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01" }
    extract_sales = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c06" }
    transform     = { app = "7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02", after = { extract = "success" } }
  }`

// completed are the arguments that a chain needs besides those that a part shows.
func completed(chain string) string {
	var more strings.Builder
	for argument, value := range map[string]string{"name": `"framed"`, "timezone": `"UTC"`, "steps": someSteps} {
		if !regexp.MustCompile(`(?m)^ *` + argument + ` +=`).MatchString(chain) {
			fmt.Fprintf(&more, "  %s = %s\n", argument, value)
		}
	}
	return more.String()
}

var (
	chainPattern     = regexp.MustCompile(`(?ms)^resource "qlik_task_chain" "(\w+)" \{.*?^\}`)
	referencePattern = regexp.MustCompile(`\b(?:data\.qlik_\w+|aws_\w+)\.\w+\.\w+`)
	providerPattern  = regexp.MustCompile(`(?m)^ +provider += (\w+)\.(\w+)\n`)
	variablePattern  = regexp.MustCompile(`\b(var|local)\.(\w+)`)
	requiredPattern  = regexp.MustCompile(`(?m)^variable "(\w+)" \{$`)
	otherPattern     = regexp.MustCompile(`\bqlik_task_chain\.(\w+)\b`)
)

// TestAccConfigurations has terraform validate each configuration, and each part of one, that the README and the guides show. They are
// modules of one configuration, so that the provider starts once.
func TestAccConfigurations(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var rootModule strings.Builder
	places := map[string]string{} // module → block
	for _, page := range testedPages(t) {
		for _, b := range blocks(t, page) {
			if b.kind != "hcl" {
				continue
			}
			for _, text := range parts(t, b) {
				name := fmt.Sprintf("part%d", len(places))
				places[name] = b.at()
				writeModule(t, filepath.Join(dir, "configurations", name), text)
				fmt.Fprintf(&rootModule, "module %q {\n  source = \"./%s\"\n}\n", name, name)
			}
		}
	}
	if len(places) == 0 {
		t.Fatal("no configuration was found")
	}
	write(t, filepath.Join(dir, "configurations", "main.tf"), source+rootModule.String())
	t.Logf("terraform validates %d configurations and parts", len(places))
	for _, problem := range validate(t, dir) {
		module, _, _ := strings.Cut(problem.Range.Filename, "/")
		t.Errorf("%s: %s: %s (%s)", places[module], problem.Summary, problem.Detail, problem.Range.Filename)
	}
}

// parts are the configurations that a block stands for.
func parts(t *testing.T, b *block) []string {
	t.Helper()
	pieces, frame := []string{b.text}, b.argument
	if each, found := strings.CutPrefix(b.argument, "each "); found {
		pieces, frame = strings.Split(strings.TrimSpace(b.text), "\n"), each
	}
	frame, others, _ := strings.Cut(frame, " with ")
	format, known := frames[frame]
	if !known {
		t.Fatalf("%s: there is no frame %q", b.at(), frame)
	}
	var all []string
	for _, piece := range pieces {
		if strings.TrimSpace(piece) != "" {
			if others != "" {
				piece = before(strings.Split(others, ", ")...) + piece
			}
			all = append(all, fmt.Sprintf(format, strings.TrimRight(piece, "\n")))
		}
	}
	return all
}

// writeModule writes a configuration, with stand-ins for what it refers to and does not show.
func writeModule(t *testing.T, dir, text string) {
	t.Helper()
	apps := 0
	for strings.Contains(text, `app = "…"`) || strings.Contains(text, `"…"`) {
		apps++
		text = strings.Replace(text, `"…"`, fmt.Sprintf(`"7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b4c%02d"`, apps), 1)
	}
	text = referencePattern.ReplaceAllStringFunc(text, standIn)
	text = chainPattern.ReplaceAllStringFunc(text, func(chain string) string {
		first, rest, _ := strings.Cut(chain, "\n")
		return first + "\n" + completed(chain) + rest
	})
	text = providerPattern.ReplaceAllString(text, "")
	var also strings.Builder
	if !strings.Contains(text, "required_providers") {
		also.WriteString(source)
	}
	declared := map[string]bool{}
	for _, match := range variablePattern.FindAllStringSubmatch(text, -1) {
		if kind, name := match[1], match[2]; !declared[kind+name] && !strings.Contains(text, `variable "`+name+`"`) {
			declared[kind+name] = true
			if kind == "var" {
				fmt.Fprintf(&also, "variable %q {\n  default = %s\n}\n", name, someSteps)
			} else {
				fmt.Fprintf(&also, "locals {\n  %s = %s\n}\n", name, someSteps)
			}
		}
	}
	var override strings.Builder
	for _, match := range requiredPattern.FindAllStringSubmatch(text, -1) {
		fmt.Fprintf(&override, "variable %q {\n  default = \"framed\"\n}\n", match[1])
	}
	shown := map[string]bool{}
	for _, match := range chainPattern.FindAllStringSubmatch(text, -1) {
		shown[match[1]] = true
	}
	for _, match := range otherPattern.FindAllStringSubmatch(text, -1) {
		if name := match[1]; !shown[name] && !strings.Contains(text, "removed {") {
			shown[name] = true
			fmt.Fprintf(&also, "resource \"qlik_task_chain\" %q {\n  name  = %q\n  steps = %s\n}\n", name, name, someSteps)
		}
	}
	write(t, filepath.Join(dir, "main.tf"), text)
	write(t, filepath.Join(dir, "also.tf"), also.String())
	write(t, filepath.Join(dir, "also_override.tf"), override.String())
}

// standIn is a value for a reference to what a part does not show.
func standIn(reference string) string {
	switch {
	case strings.HasPrefix(reference, "aws_sns_topic."):
		return `"arn:aws:sns:eu-central-1:123456789012:oncall"`
	case strings.HasPrefix(reference, "aws_"):
		return `"chains"`
	case strings.HasPrefix(reference, "data.qlik_data_task.") && strings.HasSuffix(reference, ".id"):
		return `"task-cYSY"`
	}
	sum := 0
	for _, r := range reference {
		sum = (sum*31 + int(r)) % 1_000_000
	}
	return fmt.Sprintf(`"7b0a3a52-3a0c-4e0e-9d3f-0c6f1a%06d"`, sum)
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o750); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// problem is a diagnostic of terraform.
type problem struct {
	Severity, Summary, Detail string
	Range                     struct{ Filename string }
}

// validate lists the errors that terraform finds.
func validate(t *testing.T, dir string) []problem {
	t.Helper()
	absolute, err := filepath.Abs(root)
	if err != nil {
		t.Fatal(err)
	}
	binary, err := terraform.Find(t.Context(), filepath.Join(absolute, ".cache"), 3*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.New(t.TempDir(), binary, filepath.Join(absolute, "bin", "terraform-provider-qlik"),
		filepath.Join(dir, "configurations"), nil)
	if err != nil {
		t.Fatal(err)
	}
	var output bytes.Buffer
	if err := w.Terraform(t.Context(), &output, "init", "-backend=false", "-no-color"); err != nil {
		t.Fatalf("%v: %s", err, output.String())
	}
	output.Reset()
	failed := w.Terraform(t.Context(), &output, "validate", "-json")
	var answer struct {
		Valid       bool
		Diagnostics []problem
	}
	if err := json.Unmarshal(output.Bytes(), &answer); err != nil {
		t.Fatalf("%v: %s", err, output.String())
	}
	var problems []problem
	for _, p := range answer.Diagnostics {
		if p.Severity == "error" {
			problems = append(problems, p)
		}
	}
	if answer.Valid != (failed == nil) || answer.Valid != (len(problems) == 0) {
		t.Errorf("terraform validate says %v and %v, with %d errors", answer.Valid, failed, len(problems))
	}
	return problems
}

// TestAccConfigurationsFindMistakes checks that a mistake in any frame is found.
func TestAccConfigurationsFindMistakes(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var rootModule strings.Builder
	for i, b := range []*block{
		{kind: "hcl", argument: "file", text: "resource \"qlik_task_chain\" \"a\" {\n  name   = \"a\"\n  stepps = {}\n}\n"},
		{kind: "hcl", argument: "chain", text: "  steps = { a = { app = \"no-id\" } }\n"},
		{kind: "hcl", argument: "steps", text: "    a = { app = \"…\", aftr = { b = \"success\" } }\n"},
		{kind: "hcl", argument: "value", text: "provider::qlik::simulat(local.steps)\n"},
	} {
		for _, text := range parts(t, b) {
			name := fmt.Sprintf("part%d", i)
			writeModule(t, filepath.Join(dir, "configurations", name), text)
			fmt.Fprintf(&rootModule, "module %q {\n  source = \"./%s\"\n}\n", name, name)
		}
	}
	write(t, filepath.Join(dir, "configurations", "main.tf"), source+rootModule.String())
	found := map[string]bool{}
	for _, p := range validate(t, dir) {
		module, _, _ := strings.Cut(p.Range.Filename, "/")
		found[module] = true
	}
	// terraform stops at functions that do not exist before it asks providers, so those modules are looked at one by one.
	for i := range 4 {
		if name := fmt.Sprintf("part%d", i); !found[name] {
			alone := filepath.Join(t.TempDir(), "alone")
			text, err := os.ReadFile(filepath.Join(dir, "configurations", name, "main.tf"))
			if err != nil {
				t.Fatal(err)
			}
			writeModule(t, filepath.Join(alone, "configurations"), string(text))
			if len(validate(t, alone)) == 0 {
				t.Errorf("the mistake in %s is not found", text)
			}
		}
	}
}
