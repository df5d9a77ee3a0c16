// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"
)

// TestAccBadSettings checks that a wrong setting is reported in one sentence by the plan, and that nothing is created.
func TestAccBadSettings(t *testing.T) {
	t.Parallel()
	// Nothing can listen at a reserved port, whereas one that was free a moment ago may belong to another test.
	const nobody = "http://127.0.0.1:1"
	tests := map[string]struct {
		config func(h *harness) string
		want   string
	}{
		"Qlik API key": {
			func(h *harness) string { return h.providerWith(`api_key = "wrong"`, "") },
			"refused the provider's credentials. An API key expires: create a new one",
		},
		"Qlik client secret": {
			func(h *harness) string {
				return h.providerWith(fmt.Sprintf("client_id = %q\n client_secret = \"wrong\"", h.Tenant.ClientID()), "")
			},
			"refused the provider's credentials",
		},
		"no Qlik credentials": {
			func(h *harness) string { return h.providerWith("", "") },
			"Set the provider's argument api_key (or the environment variable QLIK_API_KEY)",
		},
		"both kinds of Qlik credentials": {
			func(h *harness) string { return h.providerWith("api_key = \"x\"\n client_id = \"y\"", "") }, "api_key",
		},
		"unreachable tenant": {
			func(h *harness) string { return strings.ReplaceAll(h.providerConfig(), h.Tenant.URL(), nobody) }, "cannot be reached",
		},
		"tenant over http": {
			func(h *harness) string {
				return strings.ReplaceAll(h.providerConfig(), h.Tenant.URL(), "http://acme.eu.qlikcloud.com")
			}, "https",
		},
		"AWS access key": {
			func(h *harness) string {
				return h.providerWith(fmt.Sprintf("api_key = %q", h.Tenant.APIKey()), `profile = "unknown"`)
			},
			"AWS does not know the provider's credentials",
		},
		"AWS secret key": {
			func(h *harness) string {
				return h.providerWith(fmt.Sprintf("api_key = %q", h.Tenant.APIKey()), `profile = "wrong-secret"`)
			},
			"AWS refused the signature of the provider's calls",
		},
		"AWS region that does not exist": {
			func(h *harness) string {
				return strings.ReplaceAll(h.providerConfig(), `"eu-central-1"`, `"eu-centrl-1"`)
			},
			`The AWS region "eu-centrl-1" is not one that this version of the provider knows`,
		},
		"another AWS region": {
			func(h *harness) string {
				return strings.ReplaceAll(h.providerConfig(), `"eu-central-1"`, `"eu-west-1"`)
			},
			"Check the secret access key, the region",
		},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			h.run(resource.TestStep{Config: test.config(h) + chainResource(nightlySteps), ExpectError: says(test.want)})
			if err := h.nothingLeft(); err != nil {
				t.Error(err)
			}
		})
	}
}

// TestAccTenantKeyChanges checks that a new key of the tenant is one change in place, and that the function uses it.
func TestAccTenantKeyChanges(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	old := h.Tenant.APIKey()
	first := h.chain(nightlySteps)
	fresh := h.Tenant.AddAPIKey()
	h.run(
		resource.TestStep{Config: first},
		resource.TestStep{
			Config: strings.ReplaceAll(first, old, fresh),
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "credentials_fingerprint")},
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
			Check: do(t.Context(), func(ctx context.Context) error {
				h.Tenant.RevokeAPIKey(old)
				return h.runs(ctx)
			}),
		},
	)
}

// TestAccOAuthClient uses an OAuth client instead of an API key, in the provider and in the function.
func TestAccOAuthClient(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{
		Config: h.providerWith(fmt.Sprintf("client_id = %q\n  client_secret = %q", h.Tenant.ClientID(), h.Tenant.ClientSecret()), "") +
			chainResource(nightlySteps),
		Check: do(t.Context(), func(ctx context.Context) error {
			return h.runs(ctx)
		}),
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{plancheck.ExpectUnknownValue(chainAddress, tfjsonpath.New("webhook_id"))},
		},
	})
}

// TestAccAssumeRole checks that every call except AssumeRole itself is made as the assumed role.
func TestAccAssumeRole(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	client := iam.NewFromConfig(h.AWS())
	role, err := client.CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName:                 aws.String("deployer"),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::123456789012:root"},"Action":"sts:AssumeRole"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	_, err = client.PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String("deployer"), PolicyName: aws.String("all"),
		PolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	before := len(h.Cloud.Calls())
	config := h.providerWith(fmt.Sprintf("api_key = %q", h.Tenant.APIKey()),
		fmt.Sprintf(`assume_role = { role_arn = %q, session_name = "ci" }`, aws.ToString(role.Role.Arn)))
	resource.Test(t, resource.TestCase{
		IsUnitTest: true, ProtoV6ProviderFactories: providers,
		Steps: []resource.TestStep{{Config: config + chainResource(nightlySteps)}},
	})
	taken := 0
	for _, call := range h.Cloud.Calls()[before:] {
		switch {
		case call.Operation == "AssumeRole":
			taken++
		case call.Role == "":
			t.Errorf("%s was called as the user", call.Operation)
		}
	}
	if taken == 0 {
		t.Error("the role was not assumed")
	}
	if left := h.Objects(); len(left) != 1 || len(left["iam"]) != 1 {
		t.Errorf("more than the role deployer is left: %v", left)
	}
}
