// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

// deployer is the role that terraform runs as, with nothing but policies of examples/iam.
const deployer = "deployer"

// deployerLife is a life in which the provider signs its calls as the deployer.
type deployerLife struct {
	*life
	h *harness
}

func newDeployerLife(t *testing.T) *deployerLife {
	t.Helper()
	h := newHarness(t, func(c *sandbox.Config) {
		c.Cloud.DynamoDB.TimeToLiveInterval = -1
		withBoundaries(c)
	})
	_, err := iam.NewFromConfig(h.AWS()).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName:                 aws.String(deployer),
		AssumeRolePolicyDocument: aws.String(`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"AWS":"123456789012"}}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	return &deployerLife{newLife(t, 10*time.Second, 1000), h}
}

// chain returns the configuration of one chain, deployed as the deployer.
func (d *deployerLife) chain(steps string, more ...string) {
	d.t.Helper()
	d.configure(d.h.providerWith(d.credentials()) + chainResource(steps, more...))
}

// credentials returns Qlik Cloud's credentials, and the deployer's for AWS.
func (d *deployerLife) credentials() (qlik, aws string) {
	return fmt.Sprintf("api_key = %q", d.h.Tenant.APIKey()),
		fmt.Sprintf("assume_role = { role_arn = \"arn:aws:iam::123456789012:role/%s\" }", deployer)
}

// as lets the deployer have these policies and no others while do runs, and fails with what they lack. It returns the calls.
func (d *deployerLife) as(policies []policyFile, do func() error) []cloud.Call {
	d.t.Helper()
	client := iam.NewFromConfig(d.h.AWS())
	for _, p := range policies {
		if err := d.h.allowDeployer(d.t.Context(), p); err != nil {
			d.t.Fatal(err)
		}
	}
	before := len(d.h.Cloud.Calls())
	err := do()
	calls := madeBy(deployer, d.h.Cloud.Calls()[before:])
	expectAllowed(d.t, calls, policies...)
	if err != nil {
		d.t.Fatal(err)
	}
	for _, p := range policies {
		_, err := client.DeleteRolePolicy(d.t.Context(),
			&iam.DeleteRolePolicyInput{RoleName: aws.String(deployer), PolicyName: aws.String(p.name)})
		if err != nil {
			d.t.Fatal(err)
		}
	}
	return calls
}

// manyHands makes the manual changes that take otherwise unused calls to repair.
func manyHands() hand {
	var hands []hand
	for _, named := range []struct {
		group  driftGroup
		drifts []string
	}{
		{functionDrifts, []string{"code", "URL", "event source", "permission of another API"}},
		{roleDrifts, []string{"policy attached", "trust edited", "description", "timers' policy attached", "timers' trust edited",
			"timers' description"}},
		{parameterDrifts, []string{"log group protected"}},
		{tableDrifts, []string{"table protected", "queue's retention"}},
		{keyDrifts, []string{"renamed"}},
	} {
		for _, d := range named.group.drifts {
			if slices.Contains(named.drifts, d.name) {
				hands = append(hands, d.hand)
			}
		}
	}
	return inTurn(hands...)
}

// readersConfig reads a chain without having it in its state.
const readersConfig = `
data "qlik_task_chain" "nightly" { name = "nightly" }
ephemeral "qlik_task_chain_key" "by_name" { name = "nightly" }
ephemeral "qlik_task_chain_key" "by_id" { api_key_id = data.qlik_task_chain.nightly.api_key_id }
`

// TestAccLeastPolicy runs terraform under a role with exactly the permissions in examples/iam. It covers the whole life of a chain, the
// arguments that need more permissions, and manual changes. It also covers a plan with the reading permissions alone. Nothing is denied.
// Without any action on any resource of the files, something would be denied.
func TestAccLeastPolicy(t *testing.T) {
	t.Parallel()
	d := newDeployerLife(t)
	deploy, options, reading := readPolicyFile(t, "policy.json"), readPolicyFile(t, "options.json"), readPolicyFile(t, "plan.json")
	long, ids := longChain(twoParts, 7)
	d.h.addApps(ids)
	steady := func() error {
		if err := d.apply(); err != nil {
			return err
		}
		return errors.Join(d.expectNoChange(), d.h.runs(t.Context()))
	}

	d.chain(nightlySteps)
	calls := d.as([]policyFile{deploy}, steady)
	d.chain(long, "memory_size = 512", "log_retention_in_days = 0", `tags = { team = "bi" }`, `api_key_rotation = "2"`,
		`signing_secret_rotation = "2"`,
		"throttle = { rate_limit = 100, burst_limit = 200 }", `events = { bus = "default" }`, `event_type = "com.qlik.v1.app.reload.finished"`)
	calls = append(calls, d.as([]policyFile{deploy}, func() error { return d.apply() })...)
	for _, year := range []string{"2198", "2199"} {
		d.chain(scheduledSteps(fmt.Sprintf(`{ cron = "0 5 1 1 ? %s" }`, year)))
		calls = append(calls, d.as([]policyFile{deploy}, steady)...)
	}

	both := []policyFile{deploy, options}
	signaled, plans := d.signals(both, reading)
	calls = append(calls, signaled...)
	d.chain(long, tellTopic, `tags = { team = "bi" }`)
	calls = append(calls, d.as(both, func() error { return d.apply() })...)
	d.chain(long, tellTopic)
	calls = append(calls, d.as(both, func() error { return d.apply() })...)
	d.expectReading(reading, long, plans)

	d.chain(nightlySteps)
	if err := manyHands()(t.Context(), d.h); err != nil {
		t.Fatal(err)
	}
	calls = append(calls, d.as(both, steady)...)
	all := []string{
		fmt.Sprintf("permissions_boundary_arn = %q", wideARN), fmt.Sprintf("kms_key_arn = %q", kmsKeyARN),
		fmt.Sprintf("log_group_kms_key_arn = %q", kmsKeyARN),
		"signal_key = true", "reserved_concurrent_executions = 7", `source_ip_ranges = ["127.0.0.0/8"]`, "point_in_time_recovery = true",
	}
	d.chain(nightlySteps, all...)
	calls = append(calls, d.as(both, steady)...)
	decrypting := options.only(t, "kms:Decrypt", "CustomerKeyOfFunctions", "CustomerKeyOfTables")
	expectNeeded(t, d.as([]policyFile{reading, decrypting}, d.expectNoChange), decrypting)
	d.chain(nightlySteps, "paused = true")
	calls = append(calls, d.as(both, func() error { return d.apply() })...)
	d.chain(nightlySteps, "paused = false") // without it, it would stay paused
	calls = append(calls, d.as(both, steady)...)
	calls = append(calls, d.as([]policyFile{deploy}, d.destroy)...)

	// The chain is created with all of them, and in a path, which the guide says to add.
	d.chain(nightlySteps, append(all, `role_path = "/platform/"`)...)
	calls = append(calls, d.as([]policyFile{deploy.withRolePath("platform/"), options.withRolePath("platform/")}, func() error {
		return errors.Join(steady(), d.destroy())
	})...)
	expectNeeded(t, calls, deploy, options)

	if err := deleteRoleItself(deployer)(t.Context(), d.h); err != nil {
		t.Fatal(err)
	}
	if err := d.h.nothingLeft(); err != nil {
		t.Error(err)
	}
}

// signals gives the chain a step that events of one bus report, and then of another one. It returns the calls, and those of plans.
func (d *deployerLife) signals(with []policyFile, reading policyFile) (calls, plans []cloud.Call) {
	d.t.Helper()
	d.h.Cloud.Events().AddBus("ingest")
	for _, bus := range []string{"default", "ingest"} {
		d.chain(signalSteps(fmt.Sprintf("{ event_pattern = %q, event_bus = %q }", dbtPattern, bus)), `tags = { team = "bi" }`)
		calls = append(calls, d.as(with, func() error { return errors.Join(d.apply(), d.expectNoChange()) })...)
		d.chain(signalSteps(fmt.Sprintf("{ event_pattern = %q, event_bus = %q }", dbtPattern, bus)))
		calls = append(calls, d.as(with, func() error { return d.apply() })...)
		d.chain(signalSteps(fmt.Sprintf("{ event_pattern = %q, event_bus = %q }", dbtPattern, bus)), `tags = { team = "dwh" }`)
		calls = append(calls, d.as(with, func() error { return d.apply() })...)
		plans = append(plans, d.as([]policyFile{reading}, d.expectNoChange)...)
	}
	return calls, plans
}

// expectReading plans with the reading permissions alone: no change, a change, and a manual deletion. It also reads and imports a chain
// that is not in the state. plans are calls of further plans.
func (d *deployerLife) expectReading(reading policyFile, longApps string, plans []cloud.Call) {
	d.t.Helper()
	reader := &deployerLife{newLife(d.t, 10*time.Second, 1000), d.h}
	reader.configure(d.h.providerWith(d.credentials()) + readersConfig)
	importer := &deployerLife{newLife(d.t, 10*time.Second, 1000), d.h}
	importer.chain(longApps)
	calls := d.as([]policyFile{reading}, func() error {
		return errors.Join(d.expectNoChange(), reader.apply(), importer.must("import", "-no-color", "-input=false", chainAddress, "nightly"))
	})
	if err := inTurn(deleteUsagePlan, deleteSchedule(sweepSchedule))(d.t.Context(), d.h); err != nil {
		d.t.Fatal(err)
	}
	d.chain(longApps, "memory_size = 512")
	calls = append(calls, d.as([]policyFile{reading}, func() error {
		_, err := d.plan()
		_, destroyErr := d.plan("-destroy")
		return errors.Join(err, destroyErr)
	})...)
	expectNeeded(d.t, append(calls, plans...), reading)
}

// TestLeastPolicyReach checks that neither the deploying nor the planning identity can reach objects that do not belong to the chains.
func TestLeastPolicyReach(t *testing.T) {
	t.Parallel()
	t.Run("deploy", func(t *testing.T) { t.Parallel(); testReach(t, "policy.json", "options.json") })
	t.Run("plan", func(t *testing.T) { t.Parallel(); testReach(t, "plan.json") })
}

func testReach(t *testing.T, policies ...string) {
	t.Helper()
	d := newDeployerLife(t)
	for _, p := range policies {
		err := d.h.allowDeployer(t.Context(), readPolicyFile(t, p))
		if err != nil {
			t.Fatal(err)
		}
	}
	config := cloudtest.RoleConfig(t, d.h.Cloud, deployer)
	for name, call := range map[string]func(ctx context.Context) error{
		"another role": func(ctx context.Context) error {
			_, err := iam.NewFromConfig(config).PutRolePolicy(ctx,
				&iam.PutRolePolicyInput{RoleName: aws.String(deployer), PolicyName: aws.String("more"), PolicyDocument: aws.String("{}")})
			return err
		},
		"another function": func(ctx context.Context) error {
			_, err := lambda.NewFromConfig(config).DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: aws.String("somebodys")})
			return err
		},
		"another table": func(ctx context.Context) error {
			_, err := dynamodb.NewFromConfig(config).DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String("somebodys")})
			return err
		},
		"a chain's record": func(ctx context.Context) error {
			_, err := dynamodb.NewFromConfig(config).Scan(ctx, &dynamodb.ScanInput{TableName: aws.String(objectName)})
			return err
		},
		"another parameter": func(ctx context.Context) error {
			_, err := ssm.NewFromConfig(config).GetParameters(ctx, &ssm.GetParametersInput{Names: []string{"/somebodys"}})
			return err
		},
		"a dead letter": func(ctx context.Context) error {
			_, err := sqs.NewFromConfig(config).ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: d.h.queueURL()})
			return err
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			if err := call(t.Context()); err == nil || !strings.Contains(err.Error(), "is not authorized to perform") {
				t.Errorf("it was not denied: %v", err)
			}
		})
	}
}

// allowDeployer adds a policy to the deployer's.
func (h *harness) allowDeployer(ctx context.Context, p policyFile) error {
	_, err := iam.NewFromConfig(h.AWS()).PutRolePolicy(ctx, &iam.PutRolePolicyInput{
		RoleName: aws.String(deployer), PolicyName: aws.String(p.name), PolicyDocument: aws.String(p.text),
	})
	return err
}
