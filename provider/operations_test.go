// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway"
)

const (
	boundaryARN  = "arn:aws:iam::123456789012:policy/boundary"
	wideARN      = "arn:aws:iam::123456789012:policy/wide"
	firstKeyARN  = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	secondKeyARN = "arn:aws:kms:eu-central-1:123456789012:key/9999abcd-12ab-34cd-56ef-1234567890ab"
)

// withBoundaries lets the sandbox know two policies that can be boundaries: one that allows all, and one that forbids the table.
func withBoundaries(c *sandbox.Config) {
	c.Cloud.ManagedPolicies = map[string]string{
		wideARN:     `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`,
		boundaryARN: `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","NotAction":"dynamodb:*","Resource":"*"}]}`,
	}
}

// inPlace returns a step that changes exactly these attributes. Afterwards nothing is left to do, and the check succeeds.
func inPlace(t *testing.T, config string, check func(ctx context.Context) error, attributes ...string) resource.TestStep {
	t.Helper()
	step := resource.TestStep{Config: config, ConfigPlanChecks: resource.ConfigPlanChecks{
		PreApply:             []plancheck.PlanCheck{expectChangesOnly(chainAddress, attributes...)},
		PostApplyPostRefresh: []plancheck.PlanCheck{plancheck.ExpectEmptyPlan()},
	}}
	if check != nil {
		step.Check = do(t.Context(), check)
	}
	return step
}

// imported compares what an import finds with the state. What is only in the configuration is not to be found.
func imported(ignore ...string) resource.TestStep {
	return resource.TestStep{
		ResourceName: chainAddress, ImportState: true, ImportStateId: "nightly", ImportStateVerify: true,
		ImportStateVerifyIdentifierAttribute: "name",
		ImportStateVerifyIgnore:              ignore,
	}
}

// TestAccOperations checks that the settings for the operation of an account are set, work, are imported, and are removed, each in place.
func TestAccOperations(t *testing.T) {
	t.Parallel()
	h := newHarness(t, withBoundaries)
	all := []string{
		"permissions_boundary_arn = " + fmt.Sprintf("%q", wideARN), "kms_key_arn = " + fmt.Sprintf("%q", firstKeyARN),
		"log_group_kms_key_arn = " + fmt.Sprintf("%q", firstKeyARN), "reserved_concurrent_executions = 7",
		`source_ip_ranges = ["127.0.0.0/8", "2001:db8::/32"]`,
		"throttle = { rate_limit = 50, burst_limit = 5 }",
	}
	attributes := []string{"permissions_boundary_arn", "kms_key_arn", "log_group_kms_key_arn", "reserved_concurrent_executions",
		"source_ip_ranges", "throttle"}
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps)},
		inPlace(t, h.chain(nightlySteps, all...), func(ctx context.Context) error {
			return errors.Join(h.runs(ctx), h.expectRange(ctx), h.expectThrottle(ctx), h.expectReserved(ctx, 7))
		}, attributes...),
		imported(),
		inPlace(t, h.chain(nightlySteps, append(all[2:], "permissions_boundary_arn = "+fmt.Sprintf("%q", wideARN), "kms_key_arn = "+
			fmt.Sprintf("%q", secondKeyARN))...),
			h.runs, "kms_key_arn"),
		inPlace(t, h.chain(nightlySteps), func(ctx context.Context) error { return errors.Join(h.runs(ctx), h.expectReserved(ctx, 0)) },
			attributes...),
		inPlace(t, h.chain(nightlySteps, "permissions_boundary_arn = "+fmt.Sprintf("%q", boundaryARN)), h.expectBounded,
			"permissions_boundary_arn"),
		imported(),
	)
}

// expectRange checks that a caller from elsewhere is refused by the API's policy, and the others are not.
func (h *harness) expectRange(ctx context.Context) error {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return err
	}
	for source, want := range map[string]int{"127.0.0.1": http.StatusOK, "203.0.113.9": http.StatusForbidden, "2001:db8::7": http.StatusOK} {
		status, body, err := sandbox.Call(ctx, http.MethodGet, h.invokeURL(), map[string]string{"x-api-key": key, gateway.SourceHeader: source},
			nil)
		if err != nil || status != want {
			return fmt.Errorf("a caller from %s is answered %d instead of %d: %s %w", source, status, want, body, err)
		}
	}
	return nil
}

// expectThrottle checks that more calls at once than allowed are refused.
func (h *harness) expectThrottle(ctx context.Context) error {
	key, err := h.APIKey(ctx, objectName)
	if err != nil {
		return err
	}
	statuses := make(chan int, 100)
	for range cap(statuses) {
		go func() {
			status, _, _ := sandbox.Call(ctx, http.MethodGet, h.invokeURL(), map[string]string{"x-api-key": key}, nil)
			statuses <- status
		}()
	}
	counts := map[int]int{}
	for range cap(statuses) {
		counts[<-statuses]++
	}
	if counts[http.StatusTooManyRequests] == 0 || counts[http.StatusOK] == 0 {
		return fmt.Errorf("of %d calls at once, these were answered so: %v", cap(statuses), counts)
	}
	return nil
}

func (h *harness) expectReserved(ctx context.Context, want int32) error {
	out, err := lambda.NewFromConfig(h.AWS()).GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: aws.String(objectName)})
	if err != nil {
		return err
	}
	got := int32(0)
	if out.Concurrency != nil {
		got = aws.ToInt32(out.Concurrency.ReservedConcurrentExecutions)
	}
	if got != want {
		return fmt.Errorf("%d executions are reserved instead of %d", got, want)
	}
	return nil
}

// expectBounded checks that the boundary, which forbids the table, binds the function.
func (h *harness) expectBounded(ctx context.Context) error {
	if _, err := h.Tenant.StartReload(sandbox.AppTransform); err != nil {
		return err
	}
	if err := h.Settle(ctx); err != nil {
		return err
	}
	lines, err := h.LogLines(ctx, logGroup)
	if err != nil {
		return err
	}
	if last := lines[max(0, len(lines)-3):]; !strings.Contains(strings.Join(last, ""), "AccessDenied") {
		return fmt.Errorf("the function was not denied what the boundary forbids: %s", last)
	}
	return nil
}

// TestAccRolePath checks that the roles are created in the configured path. Another path replaces the chain, which the plan shows.
func TestAccRolePath(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	expectPath := func(want string) resource.TestCheckFunc {
		return do(t.Context(), func(ctx context.Context) error {
			for _, name := range []string{roleName, timerRoleName} {
				out, err := iam.NewFromConfig(h.AWS()).GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(name)})
				if err != nil {
					return err
				}
				if got := aws.ToString(out.Role.Path); got != want {
					return fmt.Errorf("the role %s has the path %s instead of %s", name, got, want)
				}
			}
			return h.runs(ctx)
		})
	}
	h.run(
		resource.TestStep{Config: h.chain(nightlySteps, `role_path = "/platform/qlik/"`), Check: expectPath("/platform/qlik/")},
		imported(),
		resource.TestStep{
			Config: h.chain(nightlySteps), Check: expectPath("/"),
			ConfigPlanChecks: resource.ConfigPlanChecks{PreApply: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(chainAddress, plancheck.ResourceActionDestroyBeforeCreate),
			}},
		},
	)
}

// TestAccInvalidOperations checks that the plan refuses what AWS would refuse, or show in another form.
func TestAccInvalidOperations(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := newLife(t, faultAnswer, 1000)
	for argument, want := range map[string]string{
		`permissions_boundary_arn = "arn:aws:iam::123456789012:role/boundary"`: "must be the ARN of an IAM policy",
		`role_path = "platform"`:               "must begin and end with a slash",
		`log_group_kms_key_arn = "alias/mine"`: "is not the ARN of a KMS key",
		"reserved_concurrent_executions = 0":   "value must be at least 1",
		`source_ip_ranges = ["203.0.113.7"]`:   `"203.0.113.7" is not a CIDR block. Write a network's address and the length of its prefix`,
		`source_ip_ranges = ["203.0.113.7/24"]`: "203.0.113.7/24 has bits set beyond its prefix. Write " +
			"203.0.113.0/24.",
		"source_ip_ranges = []":                            "set must contain at least 1 elements",
		"throttle = { rate_limit = 0.5, burst_limit = 1 }": "throttle.rate_limit: This must be 1 or more.",
		"throttle = { rate_limit = 10000, burst_limit = 5000 }": "API Gateway reports 10000 requests a second, 5000 at once " +
			"for an API without a limit. Remove throttle, or change one of its values.",
		`api_key_rotation = "2026;11"`:         "may have letters, digits, spaces and _.:/=+-@ only",
		`signing_secret_rotation = ""`:         "string length must be between 1 and 128",
		`credentials_wo = { api_key = "key" }`: "Set credentials_wo_version, for example to 1.",
		"credentials_wo_version = 1":           "Set credentials_wo, or remove credentials_wo_version.",
		"credentials_wo = {}\n credentials_wo_version = 1": "No Qlik Cloud credentials: give an API key, or an OAuth " +
			"client's id and secret",
		"credentials_wo = { client_id = \"a\" }\n credentials_wo_version = 1":   "The OAuth client's secret is missing",
		"credentials_wo = { api_key = \"a key\" }\n credentials_wo_version = 1": "holds a space, a line break or another character",
		"timeouts {\n create = \"soon\"\n }":                                    `"soon" must be a string containing a sequence of decimal numbers`,
		`events = {}`:                                                           "events.bus",
		`events = { bus = "aws.partner/acme.com/1" }`:                           "is not the name or the ARN of an EventBridge bus",
		`events = { bus = "` + topicARN + `" }`:                                 "is not the name or the ARN of an EventBridge bus",
		`events = { bus = "` + strings.Repeat("b", 257) + `" }`:                 "is not the name or the ARN of an EventBridge bus",
		`events = { bus = "arn:aws:events:eu-west-1:123456789012:event-bus/chains" }`: "is in eu-west-1 (aws), and the chain is in " +
			"eu-central-1 (aws). Use a bus of the chain's region",
		`reconciliation = { interval = "4m" }`: "4m is not from 5m to 24h.",
		`reconciliation = { interval = "330s" }`: "5m30s is not in whole minutes, which is how EventBridge " +
			"Scheduler keeps time. Use 6m.",
		`reconciliation = { max_age = "a day" }`: `"a day" is not a duration: use whole days, hours, minutes and seconds`,
		`tags = { "qlik-rotation" = "x" }`:       `The tag "qlik-rotation" is the chain's own`,
		"credentials_wo = { api_key = \"a\", client_id = \"b\", client_secret = \"c\" }\n credentials_wo_version = 1": "An API key and an " +
			"OAuth client are both given",
	} {
		l.configure(h.chain(nightlySteps, argument))
		output, err := l.terraform("plan", "-no-color", "-input=false")
		if err == nil || !strings.Contains(output, strings.Join(strings.Fields(want), " ")) {
			t.Errorf("%s: %v, %s\nwant: %s", argument, err, output, want)
		}
	}
}

// TestAccTimeOut checks that an operation that exceeds its timeout reports it, and that the next one continues from there.
func TestAccTimeOut(t *testing.T) {
	t.Parallel()
	h := newHarness(t, func(c *sandbox.Config) { c.Cloud.Lambda.PendingFor = 20 * time.Second })
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps, "timeouts {\n create = \"6s\"\n }"))
	output, err := l.terraform("apply", "-auto-approve", "-no-color", "-input=false")
	if err == nil || !strings.Contains(output, "It took longer than this operation may.") ||
		!strings.Contains(output, "run `terraform untaint` on this resource") {
		t.Errorf("%v: %s", err, output)
	}
	l.configure(h.chain(nightlySteps, "timeouts {\n delete = \"30s\"\n }"))
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
