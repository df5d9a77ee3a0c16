// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// mistake is something that users write, and what Terraform has to print for it.
type mistake struct {
	name string
	// source is where the mistake comes from, if from outside this project.
	source string
	// hcl is a step, an argument of the chain, an argument of the provider or a whole configuration, as its table says. Terraform has to
	// print the line that ends with the comment "# here", or else the resource's header.
	hcl string
	// says is a part of the sentences: the fix.
	says string
}

// here marks the line that Terraform has to print.
const here = "# here"

// printed is one error or warning as people see it.
type printed struct {
	title, file string
	line        int
	text        string // in one line
}

var printedAt = regexp.MustCompile(`^ *on (\S+) line (\d+)`)

// readPrinted splits what terraform has printed into its errors and warnings.
func readPrinted(output string) []printed {
	var all []printed
	for line := range strings.Lines(strings.NewReplacer("│ ", "", "│", "", "╷", "", "╵", "").Replace(output)) {
		line = strings.TrimSuffix(line, "\n")
		title, isError := strings.CutPrefix(line, "Error: ")
		if !isError {
			var isWarning bool
			if title, isWarning = strings.CutPrefix(line, "Warning: "); !isWarning {
				title = ""
			}
		}
		if title != "" {
			all = append(all, printed{title: title})
			continue
		}
		if len(all) == 0 {
			continue
		}
		last := &all[len(all)-1]
		if at := printedAt.FindStringSubmatch(line); at != nil && last.file == "" {
			last.file = at[1]
			last.line, _ = strconv.Atoi(at[2]) // digits
			continue
		}
		last.text = strings.TrimSpace(last.text + " " + strings.Join(strings.Fields(line), " "))
	}
	return all
}

// tally counts the mistakes of all tables.
type tally struct{ all, refused, atLine int }

// check compares what terraform printed for one file with what its mistake demands.
func (c *tally) check(t *testing.T, m *mistake, file, config string, all []printed) {
	t.Helper()
	c.all++
	wanted := 1 // without a mark: the resource's header
	for i, line := range strings.Split(config, "\n") {
		if strings.HasSuffix(line, here) {
			wanted = i + 1
		}
	}
	var found []printed
	for _, p := range all {
		if p.file == file {
			found = append(found, p)
		}
	}
	var lines []int
	for _, p := range found {
		if !strings.Contains(p.title+" "+p.text, m.says) {
			continue
		}
		lines = append(lines, p.line)
	}
	if len(lines) == 0 {
		t.Errorf("%s: terraform does not say %q, but: %v", m.name, m.says, found)
		return
	}
	c.refused++
	if len(lines) > 1 || lines[0] != wanted {
		t.Errorf("%s: terraform prints the lines %v, want one message at line %d: %v", m.name, lines, wanted, found)
		return
	}
	c.atLine++
}

// chainWith returns a chain with a name of its own and these lines in it.
func chainWith(name string, lines ...string) string {
	return fmt.Sprintf("resource \"qlik_task_chain\" %q {\n  name = %[1]q\n%s\n}\n", name, strings.Join(lines, "\n"))
}

// mistakesWorkspace is a folder in which terraform uses the built provider without an init.
type mistakesWorkspace struct {
	*workspace.Workspace
	t *testing.T
}

func newMistakesWorkspace(t *testing.T, environment ...string) *mistakesWorkspace {
	t.Helper()
	binary, err := filepath.Abs(filepath.Join("..", "bin", "terraform-provider-qlik"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.New(t.TempDir(), os.Getenv("TF_ACC_TERRAFORM_PATH"), binary, t.TempDir(), environment)
	if err != nil {
		t.Fatal(err)
	}
	overrides := filepath.Join(t.TempDir(), "terraform.rc")
	config := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    \"qlik-task-chain/qlik\" = %q\n  }\n  direct {}\n}\n",
		filepath.Dir(binary))
	if err := os.WriteFile(overrides, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	w.Set("TF_CLI_CONFIG_FILE", overrides)
	m := &mistakesWorkspace{w, t}
	m.write("versions.tf", providerSource)
	return m
}

func (w *mistakesWorkspace) write(file, text string) {
	w.t.Helper()
	if err := os.WriteFile(filepath.Join(w.Dir, file), []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}

// run runs terraform, which has to fail, and reads what it prints.
func (w *mistakesWorkspace) run(args ...string) []printed {
	w.t.Helper()
	var output bytes.Buffer
	if err := w.Terraform(w.t.Context(), &output, append(args, "-no-color")...); err == nil {
		w.t.Errorf("terraform %v has succeeded: %s", args, output.String())
	}
	return readPrinted(output.String())
}

// TestAccMistakes makes each mistake of the tables in a file of its own, and reads what `terraform validate` and `terraform plan` print.
func TestAccMistakes(t *testing.T) {
	t.Parallel()
	var count tally
	offline := newMistakesWorkspace(t)
	type made struct {
		*mistake
		file, config string
	}
	var all []made
	add := func(w *mistakesWorkspace, m *mistake, config func(name string) string) made {
		name := fmt.Sprintf("m%02d", len(all)+1)
		text := config(name)
		w.write(name+".tf", text)
		return made{m, name + ".tf", text}
	}
	for i := range stepMistakes {
		all = append(all, add(offline, &stepMistakes[i], func(name string) string {
			return chainWith(name, `  timezone = "UTC"`, "  steps = {",
				fmt.Sprintf("    hr = { app = %q }\n    crm = { app = %q }", sandbox.AppExtract, sandbox.AppArchive), stepMistakes[i].hcl, "  }")
		}))
	}
	for i := range chainMistakes {
		all = append(all, add(offline, &chainMistakes[i], func(name string) string {
			return chainWith(name, chainMistakes[i].hcl)
		}))
	}
	for i := range providerMistakes {
		all = append(all, add(offline, &providerMistakes[i], func(name string) string {
			return fmt.Sprintf("provider \"qlik\" {\n  alias = %q\n%s\n}\ndata \"qlik_app\" %[1]q {\n  provider = qlik.%[1]s\n  name = \"x\"\n}\n",
				name, providerMistakes[i].hcl)
		}))
	}
	printed := offline.run("validate")
	for _, m := range all {
		count.check(t, m.mistake, m.file, m.config, printed)
	}
	checkPlanMistakes(t, &count)
	fmt.Printf("mistakes: %d of %d refused, %d at their line\n", count.refused, count.all, count.atLine)
}

// checkPlanMistakes makes the mistakes that only a plan notices, because it calls Qlik Cloud and AWS.
func checkPlanMistakes(t *testing.T, count *tally) {
	t.Helper()
	h := newHarness(t, nil)
	profiles := filepath.Join(t.TempDir(), "credentials")
	text := fmt.Sprintf("[right]\naws_access_key_id = %s\naws_secret_access_key = %s\n"+
		"[unknown]\naws_access_key_id = AKIANOBODYKNOWSTHIS0\naws_secret_access_key = nothing\n"+
		"[wrong]\naws_access_key_id = %[1]s\naws_secret_access_key = wrong\n", accessKey, secretKey)
	if err := os.WriteFile(profiles, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	w := newMistakesWorkspace(t, "AWS_SHARED_CREDENTIALS_FILE="+profiles, "AWS_CONFIG_FILE="+os.DevNull, "AWS_EC2_METADATA_DISABLED=true")
	mistakes, configs := planMistakes(h), []string{}
	for i := range mistakes {
		name := fmt.Sprintf("p%02d", i+1)
		config := strings.NewReplacer("ALIAS", name).Replace(mistakes[i].hcl)
		w.write(name+".tf", config)
		configs = append(configs, config)
	}
	printed := w.run("plan", "-input=false", "-lock=false")
	for i := range mistakes {
		count.check(t, &mistakes[i], fmt.Sprintf("p%02d.tf", i+1), configs[i], printed)
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}
