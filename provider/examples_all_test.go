// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
)

// examplesTests names the test that applies each example, a file or a folder of them, or does with it what it is for.
var examplesTests = map[string]string{
	"actions/qlik_start_chain":                "TestAccExampleAction",
	"alarms":                                  "TestAccExampleAlarms",
	"ci/main.tf":                              "TestAccExampleCI",
	"ci/.github/workflows":                    "TestChainsWorkflow",
	"ci/.gitlab-ci.yml":                       "TestChainsWorkflow",
	"ci/.tflint.hcl":                          "TestChainsWorkflow",
	"ci/trust-deploy.json":                    "TestChainsWorkflow",
	"ci/trust-plan.json":                      "TestChainsWorkflow",
	"data-sources/qlik_app":                   "TestAccExampleLookUps",
	"data-sources/qlik_apps":                  "TestAccExampleLookUps",
	"data-sources/qlik_automation":            "TestAccExampleLookUps",
	"data-sources/qlik_data_task":             "TestAccExampleLookUps",
	"data-sources/qlik_space":                 "TestAccExampleLookUps",
	"data-sources/qlik_task_chain":            "TestAccExampleDeployedChain",
	"ephemeral-resources/qlik_task_chain_key": "TestAccKey",
	"functions/diagram":                       "TestAccExampleDiagram",
	"functions/simulate":                      "TestAccExampleLookUps",
	"kinds":                                   "TestAccExampleKinds",
	"iam":                                     "TestAccLeastPolicy",
	"multi-tenant":                            "TestAccExampleMultiTenant",
	"nightly":                                 "TestAccExamples",
	"provider":                                "TestAccExampleProvider",
	"pull-request-comment/main.tf":            "TestExamples",
	"pull-request-comment/.github/workflows":  "TestWorkflow",
	"qlik-app":                                "TestExamples",
	"resources/qlik_task_chain/import-with-identity.tf": "TestAccExampleImportByIdentity",
	"resources/qlik_task_chain/import-by-string-id.tf":  "TestAccExampleImports",
	"resources/qlik_task_chain/import.sh":               "TestAccExampleImports",
	"resources/qlik_task_chain/resource.tf":             "TestAccExamples",
	"signals":                                           "TestAccExampleSignals",
	"tests":                                             "TestAccExampleTests",
	"two-tenants":                                       "TestAccExampleTwoTenants",
}

// TestEveryExampleHasATest fails for an example without a test, and for one with a test that no longer exists.
func TestEveryExampleHasATest(t *testing.T) {
	t.Parallel()
	var tests strings.Builder
	for _, folder := range []string{".", filepath.Join("..", "internal", "examples")} {
		files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			tests.Write(text)
		}
	}
	used := map[string]bool{}
	root := filepath.Join("..", "examples")
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		for example, test := range examplesTests {
			if name = filepath.ToSlash(name); name == example || strings.HasPrefix(name, example+"/") {
				used[example] = true
				if !strings.Contains(tests.String(), "func "+test+"(t *testing.T)") {
					t.Errorf("examples/%s: there is no test %s", name, test)
				}
				return nil
			}
		}
		t.Errorf("examples/%s is applied by no test. Write one, and name it in examplesTests", name)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for example := range examplesTests {
		if !used[example] {
			t.Errorf("the example %s no longer exists", example)
		}
	}
}

// TestAccExampleDiagram checks that the function draws the module's steps.
func TestAccExampleDiagram(t *testing.T) {
	t.Parallel()
	l := exampleLife(t, "functions/diagram", "")
	if err := os.WriteFile(filepath.Join(l.dir, "main.tf"), []byte(providerSource), 0o600); err != nil {
		t.Fatal(err)
	}
	steps := `{"extract":{"app":"7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c01"},"transform":{"app":"7b0a3a52-3a0c-4e0e-9d3f-0c6f1a2b3c02","after":{"extract":"success"}}}`
	if err := l.apply("-var=steps=" + steps); err != nil {
		t.Fatal(err)
	}
	var diagram bytes.Buffer
	if err := l.run(&diagram, "output", "-raw", "diagram"); err != nil ||
		!strings.Contains(diagram.String(), "step_extract -->|success| step_transform") {
		t.Errorf("%v: %s", err, diagram.String())
	}
}

// registryExample returns a file of the registry's examples for the resource.
func registryExample(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "examples", "resources", "qlik_task_chain", name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// TestAccExampleImports checks that each way to import on the page imports the page's chain, and leaves no change.
func TestAccExampleImports(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	owner, byBlock, byCommand := newLife(t, 10*time.Second, 600), newLife(t, 10*time.Second, 600), newLife(t, 10*time.Second, 600)
	config := h.providerConfig() + registryExample(t, "resource.tf")
	owner.configure(config)
	if err := owner.apply(); err != nil {
		t.Fatal(err)
	}
	byBlock.configure(config + registryExample(t, "import-by-string-id.tf"))
	output, err := byBlock.terraform("apply", "-auto-approve", "-no-color", "-input=false")
	if err != nil || !strings.Contains(output, "1 imported, 0 added, 0 changed, 0 destroyed") {
		t.Errorf("%v: %s", err, output)
	}
	byCommand.configure(config)
	command := exec.CommandContext(t.Context(), "sh", "-c", registryExample(t, "import.sh"))
	command.Dir = byCommand.dir
	command.Env = append(slices.Clone(byCommand.env), "PATH="+filepath.Dir(os.Getenv("TF_ACC_TERRAFORM_PATH"))+string(os.PathListSeparator)+
		os.Getenv("PATH"))
	if text, err := command.CombinedOutput(); err != nil {
		t.Errorf("%v: %s", err, text)
	}
	if err := errors.Join(byCommand.expectNoChange(), owner.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccExampleImportByIdentity checks that the page's identity, with the tenant's own id, finds the chain. Terraform itself supports
// identities from 1.12 on, so the test uses the protocol.
func TestAccExampleImportByIdentity(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, 10*time.Second, 600)
	l.configure(h.chain(shortChain))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	shown := map[string]string{}
	for _, match := range regexp.MustCompile(`(?m)^ +(\w+) += "([^"]+)"$`).FindAllStringSubmatch(registryExample(t, "import-with-identity.tf"),
		-1) {
		shown[match[1]] = match[2]
	}
	shown["tenant_id"] = h.Tenant.ID()
	if len(shown) != 4 {
		t.Fatalf("the example shows the identity %v", shown)
	}
	if _, _, refusal := h.speaker().importBy(t.Context(), shown); refusal != "" {
		t.Error(refusal)
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}

// TestAccExampleAction checks that the page's chain is started where the example of the action says. The test uses the protocol, as above.
func TestAccExampleAction(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, 10*time.Second, 600)
	l.configure(h.providerConfig() + registryExample(t, "resource.tf"))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join("..", "examples", "actions", "qlik_start_chain", "action.tf"))
	if err != nil {
		t.Fatal(err)
	}
	step := regexp.MustCompile(`step = "([^"]+)"`).FindStringSubmatch(string(text))
	if step == nil {
		t.Fatal("the example names no step")
	}
	if messages, diagnostics := newActionServer(t, h).invoke(t, "nightly", step[1]); diagnostics != "" || len(messages) != 2 {
		t.Errorf("the action says %q and %q", messages, diagnostics)
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}

// TestAccExampleProvider deploys a chain with the provider's own example, with the sandbox's tenant in place of the one in the example.
// Everything else comes from the environment, so the built provider runs.
func TestAccExampleProvider(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	dir, run := h.builtProvider("provider", h.Environment()...)
	file := filepath.Join(dir, "provider.tf")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	config := strings.Replace(string(text), "https://acme.eu.qlikcloud.com", h.Tenant.URL(), 1) + chainResource(shortChain)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	run("init")
	run("apply", "-auto-approve", "-input=false")
	out, err := lambda.NewFromConfig(h.AWS()).GetFunction(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(objectName)})
	if err != nil || out.Tags["team"] != "bi-platform" {
		t.Errorf("the example's default tag is not on the function: %+v %v", out, err)
	}
	run("destroy", "-auto-approve", "-input=false")
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}

// TestAccExampleCI does what the jobs of the workflow do, each with its own key: a plan, an apply of a saved plan, a look for drift. A job
// in another account is refused.
func TestAccExampleCI(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := exampleLife(t, "ci", h.providerConfig())
	l.env = append(l.env, `TF_VAR_tenant_ids=["`+h.Tenant.ID()+`"]`, "TF_INPUT=0", "TF_CLI_ARGS=-no-color")
	job := func(account, reloadKey string, args ...string) (string, error) {
		l.env = append(l.env, `TF_VAR_account_ids=["`+account+`"]`, "TF_VAR_reload_key="+reloadKey)
		return l.terraform(args...)
	}
	const here, elsewhere, anyKey = "123456789012", "210987654321", "not-needed-by-a-plan"
	if output, err := job(here, anyKey, "plan", "-lock=false"); err != nil || !strings.Contains(output, "Plan: 1 to add") {
		t.Fatalf("the plan: %v: %s", err, output)
	}
	if output, err := job(elsewhere, anyKey, "plan", "-lock=false"); err == nil || !strings.Contains(output, here) {
		t.Errorf("a plan that may work in another account only: %v: %s", err, output)
	}
	for _, args := range [][]string{{"plan", "-out=tfplan"}, {"apply", "tfplan"}} {
		if output, err := job(here, h.Tenant.APIKey(), args...); err != nil {
			t.Fatalf("%v: %v: %s", args, err, output)
		}
	}
	if output, err := job(here, anyKey, "plan", "-lock=false", "-detailed-exitcode"); err != nil {
		t.Errorf("the look for drift: %v: %s", err, output)
	}
	if _, err := job(here, h.Tenant.APIKey(), "destroy", "-auto-approve"); err != nil {
		t.Error(err)
	}
	if err := h.nothingLeft(); err != nil {
		t.Error(err)
	}
}
