// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/terraform"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// secretFree checks that neither a plan nor a state holds a secret.
type secretFree struct{ h *harness }

func (c secretFree) secrets(ctx context.Context) ([]string, error) {
	secrets := []string{c.h.Tenant.APIKey(), secretKey}
	webhooks := c.h.Tenant.Webhooks()
	if len(webhooks) == 0 {
		return secrets, nil
	}
	keys, signing, err := c.h.secrets(ctx)
	return slices.Concat(secrets, slices.Sorted(maps.Values(keys)), []string{signing}), err
}

func (c secretFree) check(ctx context.Context, where string, what any) error {
	text, err := json.Marshal(what)
	if err != nil {
		return err
	}
	secrets, err := c.secrets(ctx)
	if err != nil {
		return err
	}
	for i, secret := range secrets {
		if len(secret) < 16 {
			return fmt.Errorf("the secret number %d is %q, which is no secret to look for", i, secret)
		}
		if strings.Contains(string(text), secret) {
			return fmt.Errorf("the secret number %d is in the %s", i, where)
		}
	}
	return nil
}

func (c secretFree) CheckState(ctx context.Context, req statecheck.CheckStateRequest, resp *statecheck.CheckStateResponse) {
	resp.Error = c.check(ctx, "state", req.State)
}

func (c secretFree) CheckPlan(ctx context.Context, req plancheck.CheckPlanRequest, resp *plancheck.CheckPlanResponse) {
	for _, change := range req.Plan.ResourceChanges { // the provider's configuration is the user's own text
		resp.Error = errors.Join(resp.Error, c.check(ctx, "plan", change))
	}
}

// TestAccNoSecretInPlanOrState looks for the value of every secret that there is.
func TestAccNoSecretInPlanOrState(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	free := secretFree{h}
	h.run(
		resource.TestStep{
			Config:            h.chain(nightlySteps),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{free}},
			ConfigStateChecks: []statecheck.StateCheck{free},
			Check: func(state *terraform.State) error {
				return free.check(t.Context(), "state file", state)
			},
		},
		resource.TestStep{
			Config:            h.chain(nightlySteps, "memory_size = 512"),
			ConfigPlanChecks:  resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{free}},
			ConfigStateChecks: []statecheck.StateCheck{free},
		},
	)
}

// TestAccEnvelopesAndEventTypes covers tenants without the core webhooks API, and every form of the event, for both types.
func TestAccEnvelopesAndEventTypes(t *testing.T) {
	t.Parallel()
	for name, envelope := range map[string]tenant.Envelope{
		"CloudEvents": tenant.EnvelopeCloudEvents, "hybrid": tenant.EnvelopeHybrid, "legacy": tenant.EnvelopeLegacy, "2020": tenant.Envelope2020,
	} {
		for _, eventType := range []string{qlik.EventReloadFinished, qlik.EventAppReloadFinished} {
			t.Run(name+" "+eventType, func(t *testing.T) {
				t.Parallel()
				h := newHarness(t, func(c *sandbox.Config) {
					c.Tenant.Envelope = envelope
					c.Tenant.WithoutCoreWebhooks = envelope != tenant.EnvelopeCloudEvents
				})
				h.run(resource.TestStep{
					Config: h.chain(nightlySteps, fmt.Sprintf("event_type = %q", eventType)),
					Check: do(t.Context(), func(ctx context.Context) error {
						filtered := strings.Contains(h.Tenant.Webhooks()[0].Filter, sandbox.AppExtract)
						if filtered != (eventType == qlik.EventAppReloadFinished) {
							return fmt.Errorf("the filter is %q", h.Tenant.Webhooks()[0].Filter)
						}
						return errors.Join(
							h.expectReloads(ctx, sandbox.AppExtract, sandbox.AppExtract, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppArchive),
							h.failingBranch(ctx),
							h.expectReloads(ctx, sandbox.AppOutside, sandbox.AppOutside))
					}),
				})
			})
		}
	}
}

// TestAccSettings checks that every setting of the resource can be changed in place, and is imported.
func TestAccSettings(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	tagged := func(tags string) string {
		return h.providerWith(fmt.Sprintf("api_key = %q", h.Tenant.APIKey()), `default_tags = { team = "bi", stage = "test" }`) +
			chainResource(nightlySteps, "tags = { "+tags+" }")
	}
	changed := func(config string, attributes ...string) resource.TestStep {
		return inPlace(t, config, nil, attributes...)
	}
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps)},
		changed(tagged(`owner = "me"`), "tags", "tags_all"),
		resource.TestStep{RefreshState: true, RefreshPlanChecks: resource.RefreshPlanChecks{
			PostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		}},
		imported(),
		changed(tagged(`owner = "you", stage = "prod"`), "tags", "tags_all"),
		changed(h.chain(nightlySteps), "tags", "tags_all"),
		changed(h.chain(nightlySteps, "log_retention_in_days = 0"), "log_retention_in_days"),
		imported(),
		changed(h.chain(nightlySteps, "log_retention_in_days = 0", `webhook_level = "user"`), "webhook_level"),
		changed(h.chain(nightlySteps, `event_type = "com.qlik.v1.app.reload.finished"`), "event_type", "log_retention_in_days", "webhook_level"),
		imported(),
	)
}

// TestAccNameReplaces checks that a chain cannot be renamed, and that the plan says so.
func TestAccNameReplaces(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps)},
		resource.TestStep{
			Config: strings.Replace(h.chain(nightlySteps), `"nightly"`, `"hourly"`, 1),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(chainAddress, plancheck.ResourceActionDestroyBeforeCreate),
			}},
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("role_arn"),
					knownvalue.StringExact("arn:aws:iam::123456789012:role/qlik-task-chain-hourly-eu-central-1")),
			},
		},
	)
}

// TestAccUnknownID checks that an unknown app id is no error, and that the plan shows it as unknown.
func TestAccUnknownID(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{
		Config: h.chain(`
    extract   = { app = terraform_data.app.output }
    transform = { app = "`+sandbox.AppTransform+`", after = { extract = "success" } }`) + `
resource "terraform_data" "app" { input = "` + sandbox.AppExtract + `" }`,
		ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply: []plancheck.PlanCheck{
				plancheck.ExpectUnknownValue(chainAddress, tfjsonpath.New("steps").AtMapKey("extract").AtMapKey("app")),
			},
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		},
		Check: do(t.Context(), func(ctx context.Context) error {
			return h.expectReloads(ctx, sandbox.AppExtract, sandbox.AppExtract, sandbox.AppTransform)
		}),
	})
}

// TestAccExamples checks that the examples of the registry's page, of the demo and of the README can be applied.
func TestAccExamples(t *testing.T) {
	t.Parallel()
	nightly, err := os.ReadFile(filepath.Join("..", "examples", "nightly", "main.tf"))
	if err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(filepath.Join("..", "examples", "resources", "qlik_task_chain", "resource.tf"))
	if err != nil {
		t.Fatal(err)
	}
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, shown, _ := strings.Cut(string(readme), "```hcl\n")
	shown, _, _ = strings.Cut(shown, "```")
	for name, test := range map[string]struct {
		text, definedProvider string
		schedules             int
	}{
		"nightly": {string(nightly), `provider "qlik" {}`, 0},
		"page":    {string(page), "", 2},
		"README":  {shown, `provider "qlik" {}`, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := newHarness(t, nil)
			config := test.text
			if test.definedProvider != "" {
				if !strings.Contains(config, test.definedProvider) {
					t.Fatalf("the example does not say %s", test.definedProvider)
				}
				// In the tests the provider's settings cannot come from the environment, and its source is the test itself.
				config = config[strings.Index(config, test.definedProvider)+len(test.definedProvider):]
			}
			h.run(resource.TestStep{Config: h.providerConfig() + config,
				Check: do(t.Context(), func(context.Context) error { return h.oneOfEachAnd(test.schedules) })})
		})
	}
}
