// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
)

// secondCloud returns another AWS beside the harness's, of another account or region, in which the same user may do everything.
func (h *harness) secondCloud(account, region string) *cloud.Cloud {
	h.t.Helper()
	second, err := cloud.Start(h.t.Context(), cloud.Config{Account: account, Region: region, AccessKey: accessKey, SecretKey: secretKey})
	if err != nil {
		h.t.Fatal(err)
	}
	h.t.Cleanup(func() {
		if err := second.Close(); err != nil {
			h.t.Error(err)
		}
	})
	return second
}

// inCloud returns the configuration for another AWS.
func (h *harness) inCloud(config string, other *cloud.Cloud) string {
	quoted := func(c *cloud.Cloud) string { return fmt.Sprintf("%q", c.Region()) }
	return strings.NewReplacer(h.Cloud.URL(), other.URL(), quoted(h.Cloud), quoted(other)).Replace(config)
}

// blamesProvider reports whether Terraform calls the problem a bug in the provider. Its sentences begin with "Provider produced".
func blamesProvider(output string) bool {
	return strings.Contains(output, "Provider produced") || strings.Contains(output, "bug in the provider")
}

// elsewhere returns configurations of the provider for another place than a chain's, and what a refusal says.
func (h *harness) elsewhere(config string) map[string]struct{ config, want string } {
	second := h.secondTenant()
	refusal := func(what, deployed, configured, setting string) string {
		return fmt.Sprintf("was deployed for the %s %s, not %s, which the provider is configured for. Set %s",
			what, deployed, configured, setting)
	}
	return map[string]struct{ config, want string }{
		"tenant": {h.forTenant(config, second), refusal("tenant", h.Tenant.ID(), second.ID(), "tenant_url")},
		"account": {h.inCloud(config, h.secondCloud("210987654321", "")),
			refusal("AWS account", "123456789012", "210987654321", "the AWS credentials")},
		"region": {h.inCloud(config, h.secondCloud("", "eu-west-1")), refusal("AWS region", "eu-central-1", "eu-west-1", "aws.region")},
	}
}

// TestAccElsewhere checks a provider that is configured for another tenant, account or region than the chain's. Plan, apply and destroy
// refuse it, with and without a refresh, and also by the state of an import. They also refuse it if the function, which has account and
// region in its ARN, was deleted by hand.
func TestAccElsewhere(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	config := h.chain(nightlySteps)
	places := h.elsewhere(config)
	made, imported := newLife(t, faultAnswer, 1000), newLife(t, faultAnswer, 1000)
	for _, l := range []*life{made, imported} {
		l.configure(config)
	}
	importing := func() error { return imported.must("import", "-no-color", "-input=false", chainAddress, "nightly") }
	if err := errors.Join(made.apply(), importing(), imported.apply()); err != nil {
		t.Fatal(err)
	}
	before := fmt.Sprint(h.Objects())
	some := [][]string{{"plan"}, {"apply", "-auto-approve", "-refresh=false"}, {"destroy", "-auto-approve", "-refresh=false"}}
	all := append([][]string{
		{"plan", "-destroy"}, {"plan", "-refresh-only"}, {"apply", "-auto-approve"}, {"destroy", "-auto-approve"},
		{"plan", "-refresh=false"}, {"plan", "-destroy", "-refresh=false"},
		{"apply", "-auto-approve", "-refresh=false", "-replace=" + chainAddress},
	}, some...)
	refuse := func(about string, l *life, commands [][]string) {
		for name, place := range places {
			l.configure(place.config)
			for _, command := range commands {
				output, err := l.terraform(append(command, "-no-color", "-input=false")...)
				if err == nil || !strings.Contains(output, place.want) || blamesProvider(output) {
					t.Errorf("%s, another %s: terraform %s: %v: %s\nwant: %s", about, name, strings.Join(command, " "), err, output, place.want)
				}
			}
		}
		l.configure(config)
	}
	refuse("created", made, all)
	refuse("imported", imported, some)
	if after := fmt.Sprint(h.Objects()); after != before {
		t.Errorf("the objects were %s and are %s", before, after)
	}
	if err := errors.Join(made.expectNoChange(), imported.expectNoChange(), h.runs(t.Context()), deleteFunction(t.Context(), h),
		made.must("apply", "-refresh-only", "-auto-approve", "-no-color", "-input=false")); err != nil {
		t.Fatal(err)
	}
	refuse("without a function", made, some)
	if err := errors.Join(made.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccAllowed checks that the provider works only in the tenants and accounts that it is allowed to. Elsewhere it creates nothing, reads
// nothing, and leaves an existing chain alone.
func TestAccAllowed(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	allow := func(arguments string) string {
		return strings.Replace(h.providerConfig(), "\n  aws = {", "\n  "+arguments+"\n  aws = {", 1)
	}
	const tenants, accounts = `allowed_tenant_ids = ["another", "third"]`, `allowed_account_ids = ["210987654321"]`
	tenant := says("is configured for the Qlik Cloud tenant " + h.Tenant.ID() +
		", and allowed_tenant_ids (or QLIK_ALLOWED_TENANT_IDS) allows only another, third")
	account := says("is configured for the AWS account 123456789012, " +
		"and allowed_account_ids (or QLIK_AWS_ALLOWED_ACCOUNT_IDS) allows only 210987654321")
	here := allow(fmt.Sprintf("allowed_tenant_ids = [%q, \"another\"]\n  allowed_account_ids = [\"123456789012\"]", h.Tenant.ID()))
	app, deployed := "data \"qlik_app\" \"a\" {\n  name = \"Extract\"\n}\n", "data \"qlik_task_chain\" \"a\" {\n  name = \"nightly\"\n}\n"
	key := "ephemeral \"qlik_task_chain_key\" \"a\" {\n  name = \"nightly\"\n}\n"
	untouched := func(step resource.TestStep) resource.TestStep {
		step.PreConfig = h.ResetProviderCalls
		return step
	}
	h.run(
		resource.TestStep{Config: allow(tenants) + chainResource(nightlySteps), ExpectError: tenant},
		resource.TestStep{Config: allow(accounts) + chainResource(nightlySteps), ExpectError: account},
		resource.TestStep{Config: here + chainResource(nightlySteps), Check: do(t.Context(), h.runs)},
		untouched(resource.TestStep{Config: allow(tenants) + chainResource(nightlySteps, "memory_size = 512"), ExpectError: tenant}),
		untouched(resource.TestStep{Config: allow(accounts) + chainResource(nightlySteps, "memory_size = 512"), ExpectError: account}),
		resource.TestStep{Config: allow(accounts) + chainResource(nightlySteps), Destroy: true, ExpectError: account},
		resource.TestStep{Config: allow(tenants) + app, ExpectError: tenant},
		resource.TestStep{Config: allow(accounts) + deployed, ExpectError: account},
		resource.TestStep{Config: allow(accounts) + key, ExpectError: account},
		resource.TestStep{Config: allow(`allowed_account_ids = ["12"]`) + chainResource(nightlySteps), ExpectError: says("must have 12 digits")},
		resource.TestStep{Config: allow(`allowed_tenant_ids = []`) + chainResource(nightlySteps), ExpectError: says("at least 1 element")},
		resource.TestStep{Config: here + chainResource(nightlySteps), PlanOnly: true, PreConfig: func() {
			if writes := h.writes(); len(writes) > 0 {
				t.Errorf("a refused provider changed something: %q", writes)
			}
		}},
	)
}
