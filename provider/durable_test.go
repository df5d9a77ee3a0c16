// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"
	"github.com/hashicorp/terraform-plugin-testing/statecheck"
	"github.com/hashicorp/terraform-plugin-testing/tfjsonpath"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// expectPolicy checks what a role may do.
func (h *harness) expectPolicy(ctx context.Context, role string, with, without []string) error {
	out, err := iam.NewFromConfig(h.AWS()).GetRolePolicy(ctx,
		&iam.GetRolePolicyInput{RoleName: aws.String(role), PolicyName: aws.String("task-chain")})
	if err != nil {
		return err
	}
	for _, text := range with {
		if !strings.Contains(aws.ToString(out.PolicyDocument), text) {
			return fmt.Errorf("the policy of %s lacks %s: %s", role, text, aws.ToString(out.PolicyDocument))
		}
	}
	for _, text := range without {
		if strings.Contains(aws.ToString(out.PolicyDocument), text) {
			return fmt.Errorf("the policy of %s has %s: %s", role, text, aws.ToString(out.PolicyDocument))
		}
	}
	return nil
}

// TestAccTableSettings checks that the table's own settings change in place. The function gets the permission to use the key, and loses it
// again.
func TestAccTableSettings(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	key := fmt.Sprintf("kms_key_arn = %q", kmsKeyARN)
	changed := func(config string, check func(ctx context.Context) error, attributes ...string) resource.TestStep {
		return resource.TestStep{Config: config, Check: do(t.Context(), check), ConfigPlanChecks: resource.ConfigPlanChecks{
			PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, attributes...)},
			PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
		}}
	}
	runs := func(ctx context.Context) error {
		return h.runs(ctx)
	}
	imported := imported()
	h.run(
		resource.TestStep{
			Config: h.chain(nightlySteps, "point_in_time_recovery = true"),
			ConfigStateChecks: []statecheck.StateCheck{
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("table_name"), knownvalue.StringExact(objectName)),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("schedule_group_name"), knownvalue.StringExact(objectName)),
				statecheck.ExpectKnownValue(chainAddress, tfjsonpath.New("dead_letter_queue_url"), knownvalue.StringExact(*h.queueURL())),
			},
		},
		changed(h.chain(nightlySteps, "point_in_time_recovery = true", key), func(ctx context.Context) error {
			return errors.Join(runs(ctx), h.expectPolicy(ctx, roleName, []string{"kms%3ADecrypt", "1234abcd"}, nil))
		}, "kms_key_arn"),
		imported,
		changed(h.chain(nightlySteps, strings.Replace(key, "1234abcd", "abcd1234", 1)), func(ctx context.Context) error {
			return errors.Join(runs(ctx), h.expectPolicy(ctx, roleName, []string{"abcd1234"}, []string{"1234abcd-"}))
		}, "kms_key_arn", "point_in_time_recovery"),
		changed(h.chain(nightlySteps), func(ctx context.Context) error {
			return errors.Join(runs(ctx), h.expectPolicy(ctx, roleName, nil, []string{"kms"}))
		}, "kms_key_arn"),
	)
}

// TestAccDestroyWithTimers checks that waiting timers are deleted with the chain.
func TestAccDestroyWithTimers(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	h.run(resource.TestStep{
		Config: h.chain(strings.Replace(nightlySteps, `after = { extract = "success" }`, `after = { extract = "success" }, delay = "10m"`, 1)),
		Check: do(t.Context(), func(ctx context.Context) error {
			if err := h.expectReloads(ctx, sandbox.AppExtract, sandbox.AppExtract); err != nil {
				return err
			}
			if objects := h.Objects()["scheduler"]; len(objects) != 3 {
				return fmt.Errorf("there are %q instead of the group, the sweep's schedule and a timer", objects)
			}
			return nil
		}),
	})
}

// TestAccTimeToLiveRefused checks what happens when DynamoDB refuses a second change of the time to live within an hour. The rest of the
// chain does not wait for it, and a later apply repairs it.
func TestAccTimeToLiveRefused(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	larger := h.chain(nightlySteps, "memory_size = 512")
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps), ExpectNonEmptyPlan: true, Check: do(t.Context(), func(ctx context.Context) error {
			h.Clock.Advance(2 * time.Hour)
			return setTimeToLive("expires", false)(ctx, h)
		})},
		resource.TestStep{Config: larger, ExpectError: says("DynamoDB allows one such change in about an hour")},
		resource.TestStep{
			PreConfig: func() { h.Clock.Advance(2 * time.Hour) }, Config: larger,
			ConfigPlanChecks: resource.ConfigPlanChecks{
				PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, "drift")}, // the memory is as wanted already
				PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
			},
		},
	)
}
