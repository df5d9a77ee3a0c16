// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package workspace_test

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	tfjson "github.com/hashicorp/terraform-json"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// savedPlanConfig is a chain. Everything that a provider's setting enters can differ from job to job.
// The data sources are read by the plan, and one of them by the apply if the chain changes; the ephemeral resource is opened by both.
const savedPlanConfig = `
terraform {
  required_providers {
    qlik = { source = "qlik-task-chain/qlik" }
  }
}

variable "memory" { default = 256 }

provider "qlik" {}

resource "qlik_task_chain" "saved" {
  name        = "saved"
  memory_size = var.memory
  tags        = { owner = "bi" }
  steps       = { a = { app = data.qlik_app.a.id }, b = { app = "` + sandbox.AppTransform + `", after = { a = "success" } } }
}

data "qlik_app" "a" {
  id = "` + sandbox.AppExtract + `"
}

data "qlik_task_chain" "saved" {
  name       = "saved"
  depends_on = [qlik_task_chain.saved]
}

output "invoke_url" { value = data.qlik_task_chain.saved.invoke_url }
`

const savedPlanKey = `
ephemeral "qlik_task_chain_key" "saved" {
  api_key_id = qlik_task_chain.saved.api_key_id
}
`

const savedChain = "qlik-task-chain-saved"

// job is an environment that a plan is made or applied in.
type job struct {
	name    string
	env     []string
	refused string // what an apply says there of a chain that the first job has deployed; empty if it works
}

// savedPlans is one chain and the jobs that work on it.
type savedPlans struct {
	*shell
	sandbox *sandbox.Sandbox
	jobs    []job
}

func newSavedPlans(t *testing.T, config string) *savedPlans {
	t.Helper()
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.tf"), []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	s, sh := newShellOn(t, folder)
	p := &savedPlans{shell: sh, sandbox: s}
	second, err := tenant.Start(t.Context(), tenant.Config{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(second.Close)
	const tags, url, key = "TF_AWS_DEFAULT_TAGS_repo=", "QLIK_TENANT_URL=", "QLIK_API_KEY="
	localhost := strings.NewReplacer("127.0.0.1", "localhost")
	client := []string{key, "QLIK_CLIENT_ID=" + s.Tenant.ClientID(), "QLIK_CLIENT_SECRET=" + s.Tenant.ClientSecret()}
	endpoints := []string{"AWS_ENDPOINT_URL=" + localhost.Replace(s.Cloud.URL())}
	p.jobs = []job{
		{name: "the same"},
		{name: "other key", env: []string{key + s.Tenant.AddAPIKey()}},
		{name: "OAuth client", env: client},
		{name: "default tags", env: []string{tags + "one"}},
		{name: "other default tags and key", env: []string{tags + "two", key + s.Tenant.AddAPIKey()}},
		{name: "other tenant URL", env: []string{url + localhost.Replace(s.Tenant.URL())}},
		{name: "other endpoints", env: endpoints, refused: "no longer as it was when the plan was made"},
		{name: "other tenant", env: []string{url + second.URL(), key + second.APIKey()}, refused: "was deployed for the tenant " + s.Tenant.ID()},
		{name: "other account", env: p.cloud("210987654321", ""), refused: "was deployed for the AWS account 123456789012"},
		{name: "other region", env: p.cloud("", "eu-west-1"), refused: "was deployed for the AWS region eu-central-1"},
	}
	return p
}

// cloud is the environment of another AWS.
func (p *savedPlans) cloud(account, region string) []string {
	p.t.Helper()
	other, err := cloud.Start(p.t.Context(), cloud.Config{Account: account, Region: region})
	if err != nil {
		p.t.Fatal(err)
	}
	p.t.Cleanup(func() {
		if err := other.Close(); err != nil {
			p.t.Error(err)
		}
	})
	return other.Environment()
}

// in runs terraform in a job.
func (p *savedPlans) in(j job, args ...string) (string, error) {
	p.t.Helper()
	var output bytes.Buffer
	err := p.With(j.env...).Terraform(p.t.Context(), &output, insertFlag(args)...)
	said := strings.Join(strings.Fields(strings.ReplaceAll(output.String(), "│", " ")), " ")
	if strings.Contains(said, "Provider produced") || strings.Contains(said, "bug in the provider") {
		p.t.Errorf("in the job %q, terraform %s blames the provider: %s", j.name, args[0], said)
	}
	return said, err
}

// must is in, which has to succeed.
func (p *savedPlans) must(j job, args ...string) {
	p.t.Helper()
	if said, err := p.in(j, args...); err != nil {
		p.t.Fatalf("in the job %q: %v: %s", j.name, err, said)
	}
}

// planned are the values of the chain that the saved plan shows: those that are known.
func (p *savedPlans) planned() map[string]any {
	p.t.Helper()
	var plan tfjson.Plan
	if err := plan.UnmarshalJSON([]byte(p.succeed("show", "-json", "saved"))); err != nil {
		p.t.Fatal(err)
	}
	i := slices.IndexFunc(plan.ResourceChanges, func(c *tfjson.ResourceChange) bool { return c.Address == "qlik_task_chain.saved" })
	change := plan.ResourceChanges[i].Change
	after, isMap := change.After.(map[string]any)
	unknown, isUnknownMap := change.AfterUnknown.(map[string]any)
	if !isMap || !isUnknownMap {
		p.t.Fatalf("the plan's change is %v, unknown %v", change.After, change.AfterUnknown)
	}
	known := maps.Clone(after)
	maps.DeleteFunc(known, func(name string, _ any) bool { return unknown[name] == true })
	return known
}

// state are the values of the chain in the state.
func (p *savedPlans) state() map[string]any {
	p.t.Helper()
	var state tfjson.State
	if err := state.UnmarshalJSON([]byte(p.succeed("show", "-json"))); err != nil {
		p.t.Fatal(err)
	}
	resources := state.Values.RootModule.Resources
	i := slices.IndexFunc(resources, func(r *tfjson.StateResource) bool { return r.Address == "qlik_task_chain.saved" })
	return resources[i].AttributeValues
}

// deployed is what the provider's settings have come to in AWS.
type deployed struct {
	fingerprint, tenantURL string
	credentials            int64 // version of the parameter
	tags                   map[string]any
}

func (p *savedPlans) deployed() deployed {
	p.t.Helper()
	functions, parameters := lambda.NewFromConfig(p.sandbox.AWS()), ssm.NewFromConfig(p.sandbox.AWS())
	function, err := functions.GetFunction(p.t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(savedChain)})
	if err != nil {
		p.t.Fatal(err)
	}
	parameter, err := parameters.GetParameter(p.t.Context(), &ssm.GetParameterInput{Name: aws.String("/qlik-task-chain/saved/credentials")})
	if err != nil {
		p.t.Fatal(err)
	}
	environment := function.Configuration.Environment.Variables
	d := deployed{
		fingerprint: environment[chain.EnvCredentialsFingerprint], tenantURL: environment[chain.EnvTenantURL],
		credentials: parameter.Parameter.Version, tags: map[string]any{},
	}
	for key, value := range function.Tags {
		if key == "owner" || key == "repo" {
			d.tags[key] = value
		}
	}
	return d
}

// expectPlanned checks that a plan was applied as it was shown: in the state and in AWS.
func (p *savedPlans) expectPlanned(about string, planned map[string]any) {
	p.t.Helper()
	state, now := p.state(), p.deployed()
	for _, name := range slices.Sorted(maps.Keys(planned)) {
		if !reflect.DeepEqual(planned[name], state[name]) {
			p.t.Errorf("%s: %s was planned to be %v and is %v", about, name, planned[name], state[name])
		}
	}
	if now.fingerprint != state["credentials_fingerprint"] || !reflect.DeepEqual(any(now.tags), state["tags_all"]) {
		p.t.Errorf("%s: the state has the fingerprint %v and the tags %v, AWS has %+v",
			about, state["credentials_fingerprint"], state["tags_all"], now)
	}
}

// TestSavedPlans: one job makes a plan, another one applies it, with other credentials, tags, addresses of the same services, or for
// another tenant, account or region. Terraform never blames the provider, what is applied is what the plan shows, and another place is
// refused before any write.
func TestSavedPlans(t *testing.T) {
	t.Parallel()
	t.Run("create", func(t *testing.T) {
		t.Parallel()
		for _, name := range []string{"OAuth client", "other default tags and key", "other tenant URL", "other endpoints"} {
			t.Run(name, func(t *testing.T) {
				t.Parallel()
				newSavedPlans(t, savedPlanConfig+savedPlanKey).create(name)
			})
		}
	})
	t.Run("create where it is not allowed", func(t *testing.T) {
		t.Parallel()
		newSavedPlans(t, savedPlanConfig).createElsewhere()
	})
	t.Run("update", func(t *testing.T) {
		t.Parallel()
		p := newSavedPlans(t, savedPlanConfig+savedPlanKey)
		p.must(p.jobs[0], "apply", "-auto-approve")
		memory := 256
		for _, plans := range []string{"the same", "other default tags and key"} {
			for _, applies := range p.jobs {
				memory++
				p.update(p.job(plans), applies, memory)
			}
		}
		p.must(p.jobs[0], "destroy", "-auto-approve")
		p.expectNothing()
	})
	t.Run("no change", func(t *testing.T) {
		t.Parallel()
		p := newSavedPlans(t, savedPlanConfig)
		p.must(p.jobs[0], "apply", "-auto-approve")
		p.must(p.jobs[0], "plan", "-out", "saved")
		before := p.deployed()
		for _, applies := range p.jobs {
			p.must(applies, "apply", "saved")
			if now := p.deployed(); !reflect.DeepEqual(now, before) {
				t.Errorf("a plan without changes, applied in the job %q, changed %+v to %+v", applies.name, before, now)
			}
		}
	})
}

func (p *savedPlans) job(name string) job {
	p.t.Helper()
	i := slices.IndexFunc(p.jobs, func(j job) bool { return j.name == name })
	if i < 0 {
		p.t.Fatalf("there is no job %q", name)
	}
	return p.jobs[i]
}

// create plans a chain in the first job and creates it in another.
func (p *savedPlans) create(applies string) {
	p.t.Helper()
	second := p.job(applies)
	p.must(p.jobs[0], "plan", "-out", "saved")
	planned := p.planned()
	for _, name := range []string{"account_id", "credentials_fingerprint", "region", "tags_all", "tenant_id"} {
		if value, known := planned[name]; known {
			p.t.Errorf("a plan to create says that %s is %v, which the job that applies it decides", name, value)
		}
	}
	p.must(second, "apply", "saved")
	p.expectPlanned("created in the job "+applies, planned)
	p.must(second, "plan", "-detailed-exitcode")
	p.must(second, "destroy", "-auto-approve")
	p.expectNothing()
}

// createElsewhere applies plans to create where the configuration does not allow it.
func (p *savedPlans) createElsewhere() {
	p.t.Helper()
	pinned := fmt.Sprintf("provider \"qlik\" {\n  allowed_tenant_ids = [%q]\n  allowed_account_ids = [%q]\n}",
		p.sandbox.Tenant.ID(), p.sandbox.Cloud.Account())
	config := strings.Replace(savedPlanConfig, `provider "qlik" {}`, pinned, 1)
	if err := os.WriteFile(filepath.Join(p.Dir, "main.tf"), []byte(config), 0o600); err != nil {
		p.t.Fatal(err)
	}
	for name, want := range map[string]string{"other tenant": "allowed_tenant_ids", "other account": "allowed_account_ids"} {
		p.must(p.jobs[0], "plan", "-out", "saved")
		if said, err := p.in(p.job(name), "apply", "saved"); err == nil || !strings.Contains(said, want) {
			p.t.Errorf("in the job %q: %v: %s", name, err, said)
		}
	}
	p.expectNothing()
}

// update plans another amount of memory in one job and applies it in another.
func (p *savedPlans) update(plans, applies job, memory int) {
	p.t.Helper()
	about := fmt.Sprintf("planned in the job %q, applied in %q", plans.name, applies.name)
	p.must(plans, "plan", "-out", "saved", "-var", fmt.Sprint("memory=", memory))
	planned, before := p.planned(), p.deployed()
	p.sandbox.ResetProviderCalls()
	said, err := p.in(applies, "apply", "saved")
	if applies.refused != "" {
		if err == nil || !strings.Contains(said, applies.refused) {
			p.t.Errorf("%s: %v: %s\nwant: %s", about, err, said, applies.refused)
		}
		if now := p.deployed(); !reflect.DeepEqual(now, before) {
			p.t.Errorf("%s: a refused plan changed %+v to %+v", about, before, now)
		}
		return
	}
	if err != nil {
		p.t.Errorf("%s: %v: %s", about, err, said)
		return
	}
	p.expectPlanned(about, planned)
	now := p.deployed()
	_, keeps := planned["credentials_fingerprint"]
	if keeps && (now.credentials != before.credentials || now.fingerprint != before.fingerprint) {
		p.t.Errorf("%s: the plan keeps the credentials, and they were written", about)
	}
	if planURL := p.tenantURL(plans); now.tenantURL != planURL {
		p.t.Errorf("%s: the function has the tenant's URL %s instead of %s, which the plan was made with", about, now.tenantURL, planURL)
	}
}

// tenantURL is the one of a job.
func (p *savedPlans) tenantURL(j job) string {
	for _, variable := range j.env {
		if url, ok := strings.CutPrefix(variable, "QLIK_TENANT_URL="); ok {
			return url
		}
	}
	return p.sandbox.Tenant.URL()
}

func (p *savedPlans) expectNothing() {
	p.t.Helper()
	if left := p.sandbox.Objects(); len(left) > 0 {
		p.t.Errorf("left: %v", left)
	}
}
