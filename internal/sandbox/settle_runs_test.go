// SPDX-License-Identifier: MPL-2.0

package sandbox_test

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// TestRunUntilQuietWithRuns goes through the statuses of an automation and of a data task, and through an event that invokes the function.
func TestRunUntilQuietWithRuns(t *testing.T) {
	t.Parallel()
	c := start(t)
	began := c.Clock.Now()
	automation := c.Tenant.AddAutomation(tenant.Automation{Name: "a", Duration: 90 * time.Minute})
	project := c.Tenant.AddDataProject(tenant.DataProject{Name: "p"})
	task := c.Tenant.AddDataTask(tenant.DataTask{ProjectID: project, Name: "d", Duration: time.Hour})
	endless := c.Tenant.AddDataTask(tenant.DataTask{ProjectID: project, Name: "e", Type: "REPLICATION"})
	if _, err := c.Tenant.StartAutomation(automation); err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{task, endless} {
		if _, err := c.Tenant.StartDataTask(project, id); err != nil {
			t.Fatal(err)
		}
	}
	c.addRule(t)
	if _, err := c.Cloud.Events().Emit("default", events.Event{Source: "aws.s3", DetailType: "Object Created", Detail: `{}`}); err != nil {
		t.Fatal(err)
	}
	c.run(t)
	runs := c.Tenant.DataTaskRuns()
	if c.Tenant.AutomationRuns()[0].Status != "finished" || runs[0].State != "COMPLETED" || runs[1].State != "RUNNING" {
		t.Errorf("the automation is %+v, the tasks are %+v", c.Tenant.AutomationRuns(), runs)
	}
	if passed := c.Clock.Now().Sub(began); passed < 90*time.Minute || passed > 100*time.Minute {
		t.Errorf("the clock was moved by %v", passed)
	}
	if len(c.OutsideCalls()) == 0 || c.written(t, "/second") != 1 {
		t.Errorf("the event did not invoke the function: %q", c.OutsideCalls())
	}
}

// addRule makes a rule that invokes the function for each event of S3.
func (c *chain) addRule(t *testing.T) {
	t.Helper()
	client := eventbridge.NewFromConfig(c.AWS())
	rule, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{
		Name: aws.String("arrived"), EventPattern: aws.String(`{"source":["aws.s3"]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: aws.String("arrived"), Targets: []types.Target{{
		Id: aws.String("chain"), Arn: aws.String(functionARN), Input: aws.String(string(c.calls(t))),
	}}}); err != nil {
		t.Fatal(err)
	}
	if _, err := lambda.NewFromConfig(c.AWS()).AddPermission(t.Context(), &lambda.AddPermissionInput{
		FunctionName: aws.String(functionName), StatementId: aws.String("rules"), Action: aws.String("lambda:InvokeFunction"),
		Principal: aws.String("events.amazonaws.com"), SourceArn: rule.RuleArn,
	}); err != nil {
		t.Fatal(err)
	}
}
