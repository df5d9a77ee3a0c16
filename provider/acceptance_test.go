// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// All sandboxes know the same AWS user: the provider takes AWS credentials from the environment, which the tests share.
const (
	accessKey = "AKIAACCEPTANCETEST00"
	secretKey = "acceptance-test-secret-key-0000000000000"
)

const chainAddress = "qlik_task_chain.test"

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "acceptance")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	profiles := filepath.Join(dir, "credentials")
	text := "[unknown]\naws_access_key_id = AKIANOBODYKNOWSTHIS0\naws_secret_access_key = nothing\n" +
		"[wrong-secret]\naws_access_key_id = " + accessKey + "\naws_secret_access_key = wrong\n"
	if err := os.WriteFile(profiles, []byte(text), 0o600); err != nil {
		panic(err)
	}
	for name, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": accessKey, "AWS_SECRET_ACCESS_KEY": secretKey, "AWS_SHARED_CREDENTIALS_FILE": profiles,
		"AWS_CONFIG_FILE": os.DevNull, "AWS_EC2_METADATA_DISABLED": "true", "CHECKPOINT_DISABLE": "1",
		"TF_CLI_CONFIG_FILE": os.DevNull, // tofu warns about a missing one before it prints its version
	} {
		if err := os.Setenv(name, value); err != nil {
			panic(err)
		}
	}
	for _, name := range []string{"AWS_SESSION_TOKEN", "AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_ENDPOINT_URL", "AWS_CA_BUNDLE",
		"QLIK_TENANT_URL", "QLIK_API_KEY", "QLIK_CLIENT_ID", "QLIK_CLIENT_SECRET", "QLIK_ALLOWED_TENANT_IDS", "QLIK_AWS_ALLOWED_ACCOUNT_IDS"} {
		if err := os.Unsetenv(name); err != nil {
			panic(err)
		}
	}
	code := m.Run()
	fmt.Println(constraints.String())
	return code
}

// constraints are the requests of all tests.
var constraints constraint.Sum

// harness is one sandbox and what tests need around it.
type harness struct {
	*sandbox.Sandbox
	t *testing.T
}

// newHarness starts a sandbox with the apps of examples/nightly. change may be nil.
func newHarness(t *testing.T, change func(*sandbox.Config)) *harness {
	t.Helper()
	bootstrap, err := filepath.Abs(filepath.Join("..", "bin", "bootstrap"))
	if err != nil {
		t.Fatal(err)
	}
	config := sandbox.Config{Apps: sandbox.NightlyApps(20 * time.Millisecond)}
	config.Cloud.AccessKey, config.Cloud.SecretKey = accessKey, secretKey
	config.Cloud.Lambda = function.Config{PendingFor: 50 * time.Millisecond, UpdateFor: 50 * time.Millisecond, HostBootstrap: bootstrap}
	config.Cloud.SQS.RecreateAfter = 300 * time.Millisecond
	if change != nil {
		change(&config)
	}
	s, err := sandbox.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Errorf("closing the sandbox: %v", err)
		}
		constraints.Add(s.Cloud.Constraints())
	})
	return &harness{Sandbox: s, t: t}
}

// providerConfig configures the provider for the sandbox with an API key.
func (h *harness) providerConfig() string {
	return h.providerWith(fmt.Sprintf("api_key = %q", h.Tenant.APIKey()), "")
}

// providerWith configures the provider for the sandbox with these credentials, and more arguments of aws.
func (h *harness) providerWith(credentials, aws string) string {
	return fmt.Sprintf(`
provider "qlik" {
  tenant_url = %q
  %s
  aws = {
    region = %q
    %s
    endpoints = {
      apigateway = %[5]q, cloudwatch = %[5]q, dynamodb = %[5]q, eventbridge = %[5]q, iam = %[5]q, lambda = %[5]q, logs = %[5]q,
      scheduler = %[5]q, sqs = %[5]q, ssm = %[5]q, sts = %[5]q
    }
  }
}
`, h.Tenant.URL(), credentials, h.Cloud.Region(), aws, h.Cloud.URL())
}

// chain returns a configuration of one chain on the harness's sandbox.
func (h *harness) chain(steps string, more ...string) string {
	return h.providerConfig() + chainResource(steps, more...)
}

// chainResource returns a chain in UTC, unless the attributes set another time zone.
func chainResource(steps string, more ...string) string {
	if !slices.ContainsFunc(more, func(line string) bool { return strings.HasPrefix(line, "timezone") }) {
		more = append([]string{`timezone = "UTC"`}, more...)
	}
	return fmt.Sprintf(`
resource "qlik_task_chain" "test" {
  name         = "nightly"
  architecture = %q
  %s
  steps = {
%s
  }
}
`, function.HostArchitecture(), strings.Join(more, "\n  "), steps)
}

// nightlySteps is the chain of examples/nightly.
var nightlySteps = fmt.Sprintf(`
    extract   = { app = %q }
    transform = { app = %q, after = { extract = "success" }, variables = { mode = "full" } }
    dashboard = { app = %q, after = { transform = "success" }, weight = 5 }
    fallback  = { app = %q, after = { transform = "failure" } }
    archive   = { app = %q, after = { transform = "success" } }
`, sandbox.AppExtract, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppFallback, sandbox.AppArchive)

// providers serves the provider from this process.
var providers = map[string]func() (tfprotov6.ProviderServer, error){
	"qlik": providerserver.NewProtocol6WithError(provider.NewImpatient(testedVersion, 10*time.Second, 60)()),
}

// run runs the steps with the real terraform, never skipped, and checks that nothing is left at the end.
func (h *harness) run(steps ...resource.TestStep) {
	h.t.Helper()
	resource.Test(h.t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: providers, Steps: steps,
		CheckDestroy: func(*terraform.State) error { return h.nothingLeft() },
	})
}

func (h *harness) nothingLeft() error {
	if left := h.Objects(); len(left) > 0 {
		return fmt.Errorf("these objects are left: %v", left)
	}
	return nil
}

// do makes a check of what happens outside of Terraform's state.
func do(ctx context.Context, f func(ctx context.Context) error) resource.TestCheckFunc {
	return func(*terraform.State) error { return f(ctx) }
}
