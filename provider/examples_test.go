// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// exampleLife returns a life in a copy of an example. added configures the provider.
func exampleLife(t *testing.T, name, added string) *life {
	t.Helper()
	l := newLife(t, 10*time.Second, 60)
	if err := os.CopyFS(l.dir, os.DirFS(filepath.Join("..", "examples", name))); err != nil {
		t.Fatal(err)
	}
	// Terraform merges it with the existing configuration: https://developer.hashicorp.com/terraform/language/files/override.
	if err := os.WriteFile(filepath.Join(l.dir, "sandbox_override.tf"), []byte(added), 0o600); err != nil {
		t.Fatal(err)
	}
	return l
}

// builtProvider makes a workspace with an example, in which the built provider runs: several configurations of the provider need several
// processes. It returns its folder, and what runs Terraform there and returns the output.
func (h *harness) builtProvider(example string, environment ...string) (dir string, run func(args ...string) string) {
	t := h.t
	t.Helper()
	binary, err := filepath.Abs(filepath.Join("..", "bin", "terraform-provider-qlik"))
	if err != nil {
		t.Fatal(err)
	}
	w, err := workspace.New(t.TempDir(), os.Getenv("TF_ACC_TERRAFORM_PATH"), binary, filepath.Join("..", "examples", example), environment)
	if err != nil {
		t.Fatal(err)
	}
	return w.Dir, func(args ...string) string {
		t.Helper()
		var output bytes.Buffer
		if err := w.Terraform(t.Context(), &output, append(args, "-no-color")...); err != nil {
			t.Fatalf("%v: %s", err, output.String())
		}
		return output.String()
	}
}

// ofTenants returns the sandbox's environment without a tenant, and these variables: the example's variables name its tenants.
func (h *harness) ofTenants(variables ...string) []string {
	environment := slices.DeleteFunc(h.Environment(), func(variable string) bool { return strings.HasPrefix(variable, "QLIK_") })
	return append(environment, append(variables, "TF_VAR_architecture="+function.HostArchitecture())...)
}

// TestAccExampleTests checks that `terraform test` asserts what a chain does without a cloud, a credential or a setting. It also checks
// that the assertion can fail.
func TestAccExampleTests(t *testing.T) {
	t.Parallel()
	l := exampleLife(t, "tests", "")
	if l.cli().openTofu {
		l.playInOutputs(filepath.Join("tests", "nightly.tftest.hcl"))
	}
	output, err := l.terraform("test", "-no-color")
	if err != nil || !strings.Contains(output, "Success! 4 passed, 0 failed.") {
		t.Fatalf("%v: %s", err, output)
	}
	file := filepath.Join(l.dir, "main.tf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	other := strings.Replace(string(text), `{ transform = "failure" }`, `{ extract = "success" }`, 1)
	if err := os.WriteFile(file, []byte(other), 0o600); err != nil {
		t.Fatal(err)
	}
	output, err = l.terraform("test", "-no-color")
	if err == nil || !strings.Contains(output, "After a failure of transform, fallback is to reload, and nothing else.") {
		t.Errorf("%v: %s", err, output)
	}
}

// TestAccExampleMultiTenant checks that one module deploys a chain in three tenants. Their apps have the same names and other ids. Only
// another variables file promotes a change. The tenants' own URLs stand in for those of the files.
func TestAccExampleMultiTenant(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	m := newMultiTenant(h)
	keys, err := json.Marshal(m.keys())
	if err != nil {
		t.Fatal(err)
	}
	dir, run := h.builtProvider("multi-tenant", h.ofTenants("TF_VAR_api_keys="+string(keys))...)
	for _, file := range []string{"release-1.tfvars", "release-2.tfvars"} {
		m.putURLs(filepath.Join(dir, file))
	}
	run("init")
	run("apply", "-auto-approve", "-input=false", "-var-file=release-1.tfvars")
	m.expect("dev", "Extract sales", "Report", "Transform")
	m.expect("test", "Extract sales", "Transform")
	m.expect("prod", "Extract sales", "Transform")
	plan := run("plan", "-input=false", "-var-file=release-2.tfvars")
	for _, want := range []string{"module.test.qlik_task_chain.this will be updated in-place",
		"module.prod.qlik_task_chain.this will be updated in-place",
		"Plan: 0 to add, 2 to change, 0 to destroy."} {
		if !strings.Contains(plan, want) {
			t.Errorf("there is no %q in %s", want, plan)
		}
	}
	run("apply", "-auto-approve", "-input=false", "-var-file=release-2.tfvars")
	m.expect("test", "Extract sales", "Report", "Transform")
	m.expect("prod", "Extract sales", "Report", "Transform")
	run("destroy", "-auto-approve", "-input=false", "-var-file=release-2.tfvars")
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
	for name, tn := range m.tenants {
		if left := tn.Webhooks(); len(left) > 0 {
			t.Errorf("%s has webhooks left: %v", name, left)
		}
	}
}

// multiTenant is three tenants with the apps of the example.
type multiTenant struct {
	*harness
	tenants map[string]*tenant.Tenant
	names   map[string]string // of apps, by id
	ids     map[string]string // of the first app, by tenant
}

func newMultiTenant(h *harness) *multiTenant {
	m := &multiTenant{h, map[string]*tenant.Tenant{"dev": h.Tenant, "test": h.secondTenant(), "prod": h.secondTenant()}, map[string]string{},
		map[string]string{}}
	for name, tn := range m.tenants {
		space := tn.AddSpace("Sales", "shared")
		for _, app := range []string{"Transform", "Report", "Extract sales"} {
			m.ids[name] = tn.AddApp(tenant.App{Name: app, SpaceID: space, Duration: 20 * time.Millisecond})
			m.names[m.ids[name]] = app
		}
	}
	return m
}

func (m *multiTenant) keys() map[string]string {
	keys := map[string]string{}
	for name, tn := range m.tenants {
		keys[name] = tn.APIKey()
	}
	return keys
}

// putURLs puts the tenants' URLs in place of those in a variables file.
func (m *multiTenant) putURLs(file string) {
	m.t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		m.t.Fatal(err)
	}
	replaced := strings.NewReplacer("https://acme-dev.eu.qlikcloud.com", m.tenants["dev"].URL(), "https://acme-test.eu.qlikcloud.com",
		m.tenants["test"].URL(),
		"https://acme.eu.qlikcloud.com", m.tenants["prod"].URL()).Replace(string(text))
	if err := os.WriteFile(file, []byte(replaced), 0o600); err != nil {
		m.t.Fatal(err)
	}
}

// expect reloads the first app of one tenant and compares what is reloaded, in all of them.
func (m *multiTenant) expect(name string, want ...string) {
	m.t.Helper()
	before := map[string]int{}
	for each, tn := range m.tenants {
		before[each] = len(tn.Reloads())
	}
	if _, err := m.tenants[name].StartReload(m.ids[name]); err != nil {
		m.t.Fatal(err)
	}
	for calls := -1; calls != m.Cloud.Lambda().Attempts(); {
		calls = m.Cloud.Lambda().Attempts()
		if err := errors.Join(m.tenants[name].Idle(m.t.Context()), m.Settle(m.t.Context())); err != nil {
			m.t.Fatal(err)
		}
	}
	for each, tn := range m.tenants {
		var got []string
		for _, reload := range tn.Reloads()[before[each]:] {
			got = append(got, m.names[reload.AppID])
		}
		slices.Sort(got)
		if each == name && !slices.Equal(got, want) || each != name && len(got) > 0 {
			m.t.Errorf("after a reload in %s, %s reloaded %q, want %q", name, each, got, want)
		}
	}
}

// TestAccExampleLookUps checks that the examples of the data sources and of the function work as described.
func TestAccExampleLookUps(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"data-sources/qlik_app": "", "data-sources/qlik_apps": "", "data-sources/qlik_space": "",
		"data-sources/qlik_automation": `automation = "`, "data-sources/qlik_data_task": `"task" = "task-cYSY"`,
		"functions/simulate": `"fallback" = "is not needed: starts after transform = failure; transform succeeded"`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			space := h.Tenant.AddSpace("Sales", "shared")
			for _, app := range []string{"Transform", "Extract sales", "Extract HR"} {
				h.Tenant.AddApp(tenant.App{Name: app, SpaceID: space})
			}
			h.Tenant.AddAutomation(tenant.Automation{Name: "Send report", SpaceID: space})
			project := h.Tenant.AddDataProject(tenant.DataProject{Name: "Orders", SpaceID: h.Tenant.AddSpace("Landing", "data")})
			h.Tenant.AddDataTask(tenant.DataTask{ProjectID: project, ID: "task-cYSY", Name: "Transform orders"})
			l := exampleLife(t, name, "")
			l.configure(h.providerConfig())
			output, err := l.terraform("apply", "-auto-approve", "-no-color", "-input=false")
			if err != nil || !strings.Contains(output, want) || strings.Contains(output, "Warning: Check block assertion failed") {
				t.Fatalf("%v: %s", err, output)
			}
			if err := errors.Join(l.expectNoChange(), l.destroy()); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccExampleDeployedChain checks that the example that reads a chain finds one that another configuration has deployed.
func TestAccExampleDeployedChain(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	owner, reader := newLife(t, 10*time.Second, 60), exampleLife(t, "data-sources/qlik_task_chain", "")
	owner.configure(h.chain(nightlySteps))
	if err := owner.apply(); err != nil {
		t.Fatal(err)
	}
	reader.configure(h.providerConfig())
	if err := reader.apply(); err != nil {
		t.Fatal(err)
	}
	var url strings.Builder
	if err := reader.run(&url, "output", "-raw", "invoke_url"); err != nil || url.String() != h.invokeURL() {
		t.Errorf("%v: %s, want %s", err, url.String(), h.invokeURL())
	}
	if err := owner.destroy(); err != nil {
		t.Error(err)
	}
}
