// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"log/slog"
	"net/http"
	"os"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
	sandboxscheduler "github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/scheduler"
)

const (
	functionARN = "arn:aws:lambda:eu-central-1:123456789012:function:chain"
	timerARN    = "arn:aws:iam::123456789012:role/timer"
	groupARN    = "arn:aws:scheduler:eu-central-1:123456789012:schedule-group/chain"
	queueARN    = "arn:aws:sqs:eu-central-1:123456789012:dead"
)

// fiveOClock is what the clock shows when a test begins.
var fiveOClock = time.Date(2026, 11, 23, 5, 0, 0, 0, time.UTC)

// start runs a sandbox with a clock that is stopped at five o'clock, with the group chain and the role timer, which EventBridge Scheduler
// can assume and which may do nothing.
func start(t *testing.T, config cloud.Config) (*cloud.Cloud, *clock.Clock, *scheduler.Client) {
	t.Helper()
	config.Clock = clock.NewFrozen(fiveOClock)
	config.Lambda.Logger = slog.New(slog.DiscardHandler)
	c := cloudtest.Start(t, config)
	createRole(t, c, "timer", "scheduler.amazonaws.com")
	client := scheduler.NewFromConfig(cloudtest.UserConfig(c))
	createGroup(t, client, "chain")
	return c, config.Clock, client
}

func createRole(t *testing.T, c *cloud.Cloud, name, service string) {
	t.Helper()
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).CreateRole(t.Context(), &iam.CreateRoleInput{
		RoleName: aws.String(name), AssumeRolePolicyDocument: aws.String(
			`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole","Principal":{"Service":"` + service + `"}}}`),
	}); err != nil {
		t.Fatal(err)
	}
}

// allow gives a role an inline policy in place of the one before.
func allow(t *testing.T, c *cloud.Cloud, role, statements string) {
	t.Helper()
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).PutRolePolicy(t.Context(), &iam.PutRolePolicyInput{
		RoleName: aws.String(role), PolicyName: aws.String("inline"), PolicyDocument: aws.String(`{"Statement":[` + statements + `]}`),
	}); err != nil {
		t.Fatal(err)
	}
}

func createGroup(t *testing.T, client *scheduler.Client, name string) {
	t.Helper()
	if _, err := client.CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{Name: aws.String(name)}); err != nil {
		t.Fatal(err)
	}
}

// at is a schedule of the group chain for some time after five o'clock.
func at(name string, after time.Duration) *scheduler.CreateScheduleInput {
	return &scheduler.CreateScheduleInput{
		Name: aws.String(name), GroupName: aws.String("chain"),
		ScheduleExpression: aws.String("at(" + fiveOClock.Add(after).Format("2006-01-02T15:04:05") + ")"),
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: &types.Target{Arn: aws.String(functionARN), RoleArn: aws.String(timerARN),
			Input: aws.String(`{"name":"` + name + `"}`)},
	}
}

func create(t *testing.T, client *scheduler.Client, in *scheduler.CreateScheduleInput) {
	t.Helper()
	if _, err := client.CreateSchedule(t.Context(), in); err != nil {
		t.Fatal(err)
	}
}

// updateOf is the UpdateSchedule that leaves a schedule as the CreateSchedule has made it.
func updateOf(in *scheduler.CreateScheduleInput) *scheduler.UpdateScheduleInput {
	return &scheduler.UpdateScheduleInput{
		Name: in.Name, GroupName: in.GroupName, ScheduleExpression: in.ScheduleExpression,
		ScheduleExpressionTimezone: in.ScheduleExpressionTimezone,
		FlexibleTimeWindow:         in.FlexibleTimeWindow, Target: in.Target, State: in.State, ActionAfterCompletion: in.ActionAfterCompletion,
	}
}

// TestInvokesFunction lets a schedule invoke a function that runs, and then one that the role may not invoke.
func TestInvokesFunction(t *testing.T) {
	t.Parallel()
	c, clk, client := start(t, cloud.Config{})
	createRole(t, c, "chain", "lambda.amazonaws.com")
	functions := lambda.NewFromConfig(cloudtest.UserConfig(c))
	if _, err := functions.CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("chain"), Role: aws.String("arn:aws:iam::123456789012:role/chain"), Runtime: lambdatypes.RuntimeProvidedal2023,
		Handler: aws.String("bootstrap"), Architectures: []lambdatypes.Architecture{lambdatypes.Architecture(function.HostArchitecture())},
		Code: &lambdatypes.FunctionCode{ZipFile: functiontest.Zip(t, functiontest.Bootstrap(t), os.FileMode(0o755))},
	}); err != nil {
		t.Fatal(err)
	}
	allow(t, c, "timer", `{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"`+functionARN+`"}`)
	var invoked atomic.Int32
	url := functiontest.Serve(t, http.HandlerFunc(func(http.ResponseWriter, *http.Request) { invoked.Add(1) }))
	in := at("one", time.Minute)
	in.ActionAfterCompletion = types.ActionAfterCompletionDelete
	in.Target.Input = aws.String(`{"do":"get","url":"` + url + `"}`)
	create(t, client, in)
	clk.Advance(time.Minute)
	idle(t, c.Scheduler())
	if err := c.Lambda().Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if n := invoked.Load(); n != 1 {
		t.Errorf("the function was invoked %d times", n)
	}
	_, err := client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: in.Name, GroupName: in.GroupName})
	cloudtest.WantError(t, err, 404, "ResourceNotFoundException", "Schedule one does not exist.")

	allow(t, c, "timer", `{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"`+functionARN+`s"}`)
	create(t, client, at("two", 2*time.Minute))
	clk.Advance(time.Minute)
	idle(t, c.Scheduler())
	pending := c.Scheduler().Pending()
	if len(pending) != 1 || pending[0].Name != "two" || pending[0].Attempt != 1 {
		t.Errorf("pending %+v", pending)
	}
}

// TestTrustForGroup lets a role be assumed for the schedules of one group alone.
func TestTrustForGroup(t *testing.T) {
	t.Parallel()
	c, clk, client := start(t, cloud.Config{})
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).UpdateAssumeRolePolicy(t.Context(), &iam.UpdateAssumeRolePolicyInput{
		RoleName: aws.String("timer"), PolicyDocument: aws.String(`{"Statement":{"Effect":"Allow","Action":"sts:AssumeRole",` +
			`"Principal":{"Service":"scheduler.amazonaws.com"},"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012","aws:SourceArn":"` +
			groupARN + `"}}}}`),
	}); err != nil {
		t.Fatal(err)
	}
	create(t, client, at("a", time.Minute))
	_, err := client.CreateSchedule(t.Context(), inGroup(at("a", time.Minute), "default"))
	cloudtest.WantError(t, err, 400, "ValidationException",
		"The execution role you provide must allow AWS EventBridge Scheduler to assume the role.")

	// A role that can no longer be assumed when the time comes is a failure like others.
	if _, err := iam.NewFromConfig(cloudtest.UserConfig(c)).DeleteRole(t.Context(),
		&iam.DeleteRoleInput{RoleName: aws.String("timer")}); err != nil {
		t.Fatal(err)
	}
	clk.Advance(time.Minute)
	idle(t, c.Scheduler())
	if pending := c.Scheduler().Pending(); len(pending) != 1 || pending[0].Attempt != 1 {
		t.Errorf("pending %+v", pending)
	}
}

// idle waits until the scheduler has nothing to do at the clock's time.
func idle(t *testing.T, s *sandboxscheduler.Service) {
	t.Helper()
	if err := s.Idle(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// TestAccess creates schedules as a role that lacks one permission after the other.
func TestAccess(t *testing.T) {
	t.Parallel()
	c, _, _ := start(t, cloud.Config{})
	createRole(t, c, "caller", "lambda.amazonaws.com")
	client := scheduler.NewFromConfig(cloudtest.RoleConfig(t, c, "caller"))
	const schedules = `{"Effect":"Allow","Action":"scheduler:*Schedule","Resource":"arn:aws:scheduler:eu-central-1:123456789012:schedule/chain/*"}`
	const caller = "User: arn:aws:sts::123456789012:assumed-role/caller/test is not authorized to perform: "
	_, err := client.CreateSchedule(t.Context(), at("a", time.Hour))
	cloudtest.WantError(t, err, 403, "AccessDeniedException", caller+
		"scheduler:CreateSchedule on resource: arn:aws:scheduler:eu-central-1:123456789012:schedule/chain/a")

	allow(t, c, "caller", schedules)
	_, err = client.CreateSchedule(t.Context(), at("a", time.Hour))
	cloudtest.WantError(t, err, 403, "AccessDeniedException", caller+"iam:PassRole on resource: "+timerARN)

	const pass = `,{"Effect":"Allow","Action":"iam:PassRole","Resource":"` + timerARN + `","Condition":{"StringEquals":{"iam:PassedToService":`
	allow(t, c, "caller", schedules+pass+`"lambda.amazonaws.com"}}}`)
	_, err = client.CreateSchedule(t.Context(), at("a", time.Hour))
	cloudtest.WantError(t, err, 403, "AccessDeniedException", caller+"iam:PassRole on resource: "+timerARN)

	allow(t, c, "caller", schedules+pass+`"scheduler.amazonaws.com"}}}`)
	create(t, client, at("a", time.Hour))
	_, err = client.CreateSchedule(t.Context(), inGroup(at("a", time.Hour), ""))
	cloudtest.WantError(t, err, 403, "AccessDeniedException", "schedule/default/a")

	// Looking and deleting pass no role on; updating does.
	allow(t, c, "caller", schedules)
	if _, err := client.GetSchedule(t.Context(), &scheduler.GetScheduleInput{Name: aws.String("a"),
		GroupName: aws.String("chain")}); err != nil {
		t.Error(err)
	}
	_, err = client.UpdateSchedule(t.Context(), updateOf(at("a", time.Hour)))
	cloudtest.WantError(t, err, 403, "AccessDeniedException", "iam:PassRole on resource: "+timerARN)
	if _, err := client.DeleteSchedule(t.Context(), &scheduler.DeleteScheduleInput{Name: aws.String("a"),
		GroupName: aws.String("chain")}); err != nil {
		t.Error(err)
	}
	_, err = client.DeleteScheduleGroup(t.Context(), &scheduler.DeleteScheduleGroupInput{Name: aws.String("chain")})
	cloudtest.WantError(t, err, 403, "AccessDeniedException", "scheduler:DeleteScheduleGroup on resource: "+groupARN)
	_, err = client.ListSchedules(t.Context(), nil)
	cloudtest.WantError(t, err, 403, "AccessDeniedException", "scheduler:ListSchedules on resource: *")
	_, err = client.ListTagsForResource(t.Context(), &scheduler.ListTagsForResourceInput{ResourceArn: aws.String(groupARN)})
	cloudtest.WantError(t, err, 403, "AccessDeniedException", "scheduler:ListTagsForResource on resource: "+groupARN)
}

// TestPassRoleToLambda needs the same permission as passing a role to EventBridge Scheduler.
func TestPassRoleToLambda(t *testing.T) {
	t.Parallel()
	c, _, _ := start(t, cloud.Config{})
	createRole(t, c, "caller", "lambda.amazonaws.com")
	allow(t, c, "caller", `{"Effect":"Allow","Action":"lambda:*","Resource":"*"}`)
	_, err := lambda.NewFromConfig(cloudtest.RoleConfig(t, c, "caller")).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: aws.String("chain"), Role: aws.String("arn:aws:iam::123456789012:role/caller"),
		Code: &lambdatypes.FunctionCode{ZipFile: []byte("a")},
	})
	cloudtest.WantError(t, err, 403, "AccessDeniedException", "iam:PassRole on resource: arn:aws:iam::123456789012:role/caller")
}

func inGroup(in *scheduler.CreateScheduleInput, group string) *scheduler.CreateScheduleInput {
	in.GroupName = nil
	if group != "" {
		in.GroupName = aws.String(group)
	}
	return in
}

// TestDeadLetterQueue sends what cannot be delivered to a real queue, if the role may.
func TestDeadLetterQueue(t *testing.T) {
	t.Parallel()
	c, clk, client := start(t, cloud.Config{})
	createQueue(t, c, "dead")
	for i, tt := range []struct {
		policy string
		want   int // messages in the queue
	}{
		{`{"Effect":"Allow","Action":"lambda:InvokeFunction","Resource":"*"}`, 0},
		{`{"Effect":"Allow","Action":["lambda:InvokeFunction","sqs:SendMessage"],"Resource":"*"}`, 1},
		{`{"Effect":"Allow","Action":"sqs:SendMessage","Resource":"` + queueARN + `"}`, 2},
	} {
		allow(t, c, "timer", tt.policy)
		in := at("a", time.Duration(i+1)*time.Minute)
		in.ActionAfterCompletion = types.ActionAfterCompletionDelete
		in.Target.DeadLetterConfig = &types.DeadLetterConfig{Arn: aws.String(queueARN)}
		in.Target.RetryPolicy = &types.RetryPolicy{MaximumRetryAttempts: aws.Int32(0)}
		create(t, client, in)
		clk.Advance(time.Minute)
		idle(t, c.Scheduler())
		messages := c.SQS().Messages("dead")
		if len(messages) != tt.want {
			t.Fatalf("with %s there are %d messages, want %d", tt.policy, len(messages), tt.want)
		}
	}
	codes := []string{"ResourceNotFoundException", "AccessDeniedException"} // there is no function, then it may not be invoked
	for i, message := range c.SQS().Messages("dead") {
		if message.Attributes["ERROR_CODE"] != codes[i] || message.Body != `{"name":"a"}` {
			t.Errorf("message %+v", message)
		}
	}
}

// TestFaults are the service's own.
func TestFaults(t *testing.T) {
	t.Parallel()
	c, _, client := start(t, cloud.Config{})
	for kind, want := range map[cloud.FaultKind]struct {
		status int
		code   string
	}{cloud.FaultThrottle: {429, "ThrottlingException"}, cloud.FaultServer: {500, "InternalServerException"}} {
		c.Faults().Add(cloud.Fault{Service: "scheduler", Kind: kind, Times: 1})
		_, err := client.ListSchedules(t.Context(), nil)
		cloudtest.WantError(t, err, want.status, want.code, "")
	}
}
