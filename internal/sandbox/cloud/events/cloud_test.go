// SPDX-License-Identifier: MPL-2.0

package events_test

import (
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
)

// start runs a sandbox with the function of the chain nightly and its role.
func start(t *testing.T) *cloud.Cloud {
	t.Helper()
	config := cloud.Config{}
	config.Lambda.Logger = slog.New(slog.DiscardHandler)
	c := cloudtest.Start(t, config)
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String("chain"), AssumeRolePolicyDocument: aws.String(
			`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"lambda.amazonaws.com"}}}`),
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := lambda.NewFromConfig(cloudtest.UserConfig(c)).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("qlik-task-chain-nightly"), Role: aws.String("arn:aws:iam::123456789012:role/chain"),
		Runtime: lambdatypes.RuntimeProvidedal2023, Handler: aws.String("bootstrap"),
		Architectures: []lambdatypes.Architecture{lambdatypes.Architecture(function.HostArchitecture())},
		Code:          &lambdatypes.FunctionCode{ZipFile: functiontest.Zip(t, functiontest.Bootstrap(t), os.FileMode(0o755))},
	}); err != nil {
		t.Fatal(err)
	}
	return c
}

// One permission with a wildcard lets all rules of a chain invoke its function, and no other rule. What may not invoke it goes to the
// dead-letter queue, if the queue's policy lets the rule do so.
func TestInvokesFunctionByItsPolicy(t *testing.T) {
	t.Parallel()
	c := start(t)
	client := eventbridge.NewFromConfig(cloudtest.UserConfig(c))
	queues := sqs.NewFromConfig(cloudtest.UserConfig(c))
	made, err := queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("dead")})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := lambda.NewFromConfig(cloudtest.UserConfig(c)).AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: aws.String("qlik-task-chain-nightly"), StatementId: aws.String("rules"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("events.amazonaws.com"),
		SourceArn: aws.String("arn:aws:events:eu-central-1:123456789012:rule/qlik-nightly-*"),
	}); err != nil {
		t.Fatal(err)
	}
	var invoked atomic.Int32
	url := functiontest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { invoked.Add(1) }))
	for _, name := range []string{"qlik-nightly-dbt", "qlik-weekly-dbt"} {
		if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{
			Name: aws.String(name), EventPattern: aws.String(`{"detail":{"rule":["` + name + `"]}}`),
		}); err != nil {
			t.Fatal(err)
		}
		if _, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String(name), Targets: []types.Target{{
			Id: aws.String("chain"), Arn: aws.String(functionARN), Input: aws.String(`{"do":"get","url":"` + url + `"}`),
			DeadLetterConfig: &types.DeadLetterConfig{Arn: aws.String(queueARN)},
		}}}); err != nil {
			t.Fatal(err)
		}
	}
	send := func(name string, wantInvoked int32, wantDead int) {
		t.Helper()
		if _, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
			Source: aws.String("x"), DetailType: aws.String("y"), Detail: aws.String(`{"rule":"` + name + `"}`),
		}}}); err != nil {
			t.Fatal(err)
		}
		if err := c.Events().Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := c.Lambda().Idle(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n, dead := invoked.Load(), len(c.SQS().Messages("dead")); n != wantInvoked || dead != wantDead {
			t.Errorf("%s: invoked %d times, %d dead letters; want %d and %d", name, n, dead, wantInvoked, wantDead)
		}
	}
	send("qlik-nightly-dbt", 1, 0)
	send("qlik-weekly-dbt", 1, 0) // the queue has no policy yet
	if _, err := queues.SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: made.QueueUrl, Attributes: map[string]string{"Policy": `{"Statement":{"Effect":"Allow","Principal":{"Service":` +
			`"events.amazonaws.com"},"Action":"sqs:SendMessage","Resource":"` + queueARN + `","Condition":{"ArnLike":{"aws:SourceArn":` +
			`"arn:aws:events:eu-central-1:123456789012:rule/qlik-weekly-*"}}}}`},
	}); err != nil {
		t.Fatal(err)
	}
	send("qlik-weekly-dbt", 1, 1)
	if letter := c.SQS().Messages("dead")[0]; letter.Attributes["ERROR_CODE"] != "NO_PERMISSIONS" {
		t.Errorf("the dead letter is %+v", letter)
	}
}

// A function puts events with its role's permission for the bus, and tags at the creation of a rule need a permission of their own.
func TestAccess(t *testing.T) {
	t.Parallel()
	c := start(t)
	client := eventbridge.NewFromConfig(cloudtest.RoleConfig(t, c, "chain"))
	entries := &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{{
		Source: aws.String("x"), DetailType: aws.String("y"), Detail: aws.String(`{}`),
	}}}
	tagged := &eventbridge.PutRuleInput{
		Name: aws.String(rule), EventPattern: aws.String(all), Tags: []types.Tag{{Key: aws.String("a"), Value: aws.String("b")}},
	}
	_, err := client.PutEvents(t.Context(), entries)
	cloudtest.WantError(t, err, 400, "AccessDeniedException",
		"events:PutEvents on resource: arn:aws:events:eu-central-1:123456789012:event-bus/default")
	allow := func(actions string) {
		t.Helper()
		if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
			RoleName: aws.String("chain"), PolicyName: aws.String("inline"), PolicyDocument: aws.String(
				`{"Statement":{"Effect":"Allow","Action":[` + actions + `],"Resource":["` + ruleARN + `","arn:aws:events:*:*:event-bus/default"]}}`),
		}); err != nil {
			t.Fatal(err)
		}
	}
	allow(`"events:PutEvents","events:PutRule"`)
	if _, err := client.PutEvents(t.Context(), entries); err != nil {
		t.Error(err)
	}
	entries.Entries[0].EventBusName = aws.String("other")
	_, err = client.PutEvents(t.Context(), entries)
	cloudtest.WantError(t, err, 400, "AccessDeniedException", "event-bus/other")
	_, err = client.PutRule(t.Context(), tagged)
	cloudtest.WantError(t, err, 400, "AccessDeniedException", "events:TagResource on resource: "+ruleARN)
	allow(`"events:TagResource","events:PutRule"`)
	if _, err := client.PutRule(t.Context(), tagged); err != nil {
		t.Error(err)
	}
}

func TestFaults(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	client := eventbridge.NewFromConfig(cloudtest.UserConfig(c))
	for kind, want := range map[cloud.FaultKind]struct {
		status int
		code   string
	}{cloud.FaultThrottle: {400, "ThrottlingException"}, cloud.FaultServer: {500, "InternalException"}} {
		c.Faults().Add(cloud.Fault{Service: "events", Kind: kind, Times: 1})
		_, err := client.DescribeRule(t.Context(), &eventbridge.DescribeRuleInput{Name: aws.String("a")})
		cloudtest.WantError(t, err, want.status, want.code, "")
	}
}
