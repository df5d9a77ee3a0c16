// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

// Package examples_test tries the examples that are no configurations alone: a pull request's comment and a Qlik app's load script.
package examples_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/explain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/command"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// deployment is the example of the comment, planned and applied by the real terraform. It needs what `make build` makes.
type deployment struct {
	*sandbox.Sandbox
	plan []byte // of the apply, as terraform show -json shows it
	url  string
}

func deploy(t *testing.T) *deployment {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	config := sandbox.Config{Apps: sandbox.NightlyApps(20 * time.Millisecond)}
	config.Cloud.Lambda.HostBootstrap = filepath.Join(root, "bin", "bootstrap")
	box, err := sandbox.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
	})
	binary, err := terraform.Find(t.Context(), filepath.Join(root, ".cache"), 3*time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.New(t.TempDir(), binary, filepath.Join(root, "bin", "terraform-provider-qlik"),
		filepath.Join(examples, "pull-request-comment"), box.Environment())
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{Sandbox: box}
	var plan, state bytes.Buffer
	for _, step := range []struct {
		output *bytes.Buffer
		args   []string
	}{
		{new(bytes.Buffer), []string{"init", "-input=false", "-no-color"}},
		{new(bytes.Buffer), []string{"plan", "-input=false", "-no-color", "-out=plan"}},
		{&plan, []string{"show", "-json", "plan"}},
		{new(bytes.Buffer), []string{"apply", "-input=false", "-no-color", "plan"}},
		{&state, []string{"show", "-json"}},
	} {
		if err := w.Terraform(t.Context(), step.output, step.args...); err != nil {
			t.Fatalf("%v: %s", err, step.output)
		}
	}
	d.plan = plan.Bytes()
	var shown struct {
		Values struct {
			Root struct {
				Resources []struct {
					Values struct {
						InvokeURL string `json:"invoke_url"`
					}
				}
			} `json:"root_module"`
		}
	}
	if err := json.Unmarshal(state.Bytes(), &shown); err != nil || len(shown.Values.Root.Resources) != 1 {
		t.Fatalf("the state is %s: %v", state.Bytes(), err)
	}
	d.url = shown.Values.Root.Resources[0].Values.InvokeURL
	return d
}

// get asks the chain, with its key, for what is at a path.
func (d *deployment) get(t *testing.T, path string) map[string]any {
	t.Helper()
	key, err := d.APIKey(t.Context(), "qlik-task-chain-nightly")
	if err != nil {
		t.Fatal(err)
	}
	status, body, err := sandbox.Call(t.Context(), http.MethodGet, d.url+path, map[string]string{"x-api-key": key}, nil)
	var content map[string]any
	if err != nil || status != http.StatusOK || json.Unmarshal(body, &content) != nil {
		t.Fatalf("GET %s = %d %s, %v", path, status, body, err)
	}
	return content
}

// latestRun is the id of the newest run.
func (d *deployment) latestRun(t *testing.T) string {
	t.Helper()
	runs, _ := d.get(t, "/runs")["runs"].([]any)
	if len(runs) == 0 {
		t.Fatal("there is no run")
	}
	newest, _ := runs[0].(map[string]any)
	id, _ := newest["run"].(string)
	return id
}

func TestExamples(t *testing.T) {
	t.Parallel()
	d := deploy(t)
	if _, err := d.Tenant.StartReload(sandbox.AppExtract); err != nil {
		t.Fatal(err)
	}
	if err := d.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	t.Run("comment", func(t *testing.T) {
		t.Parallel()
		got := comment(t, d.plan)
		for _, want := range []string{
			explain.Marker + "\n### `qlik_task_chain.nightly` is created\n\n- The chain has ",
			"```mermaid\nflowchart LR\n",
			"  step_transform -.->|failure| step_fallback\n```\n",
		} {
			if !strings.Contains(got, want) {
				t.Errorf("the comment is %s\nwant it to contain %s", got, want)
			}
		}
	})
	t.Run("load script", func(t *testing.T) {
		t.Parallel()
		script, err := os.ReadFile(filepath.Join(examples, "qlik-app", "load.qvs"))
		if err != nil {
			t.Fatal(err)
		}
		loads := parseScript(t, string(script))
		if len(loads) != 3 {
			t.Fatalf("the script asks in %d places, want 3", len(loads))
		}
		checkLoad(t, loads[0], "$(vURL)/", d.get(t, "/"), "steps", "links", "tree")
		checkLoad(t, loads[1], "$(vURL)/runs", d.get(t, "/runs"), "runs")
		checkLoad(t, loads[2], "$(vURL)/runs/$(vRun)", d.get(t, "/runs/"+d.latestRun(t)), "steps", "starts")
	})
}

// comment is what the workflow's command makes of a plan.
func comment(t *testing.T, plan []byte) string {
	t.Helper()
	var out, errors strings.Builder
	if code := command.Run(t.Context(), "", []string{"explain", "-o", "markdown", "-"}, bytes.NewReader(plan), &out, &errors); code != 0 {
		t.Fatalf("qlik-chain explain: %d %s", code, errors.String())
	}
	return out.String()
}
