// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/criticalpath"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
)

// proven are the calls after which both sets of credentials are known to be good; nothing else may come before.
var proven = []string{"qlik.GET /api/v1/users/{id}", "sts.GetCallerIdentity"}

// order says which call needs the answer of which other, or may not be made before it. It holds what the services and the chain's
// promises ask for, not how the provider goes about it: an id comes from the call that made the thing; what a thing is made of has to be
// there first; the webhook comes when all is there that an event needs, and goes before any of that goes. What is called a second time,
// after its service was told to change something, is called that "again".
var order = func() criticalpath.Order {
	o := criticalpath.Order{
		"qlik.GET /api/v1/users/me":   nil,
		"qlik.GET /api/v1/users/{id}": {"qlik.GET /api/v1/users/me"},
		"sts.GetCallerIdentity":       nil,

		// What there is.
		"ssm.ListTagsForResource":       {"ssm.GetParameter"},
		"iam.GetRolePolicy":             {"iam.GetRole"},
		"iam.ListRolePolicies":          {"iam.GetRole"},
		"iam.ListAttachedRolePolicies":  {"iam.GetRole"},
		"logs.ListTagsForResource":      {"logs.DescribeLogGroups"},
		"dynamodb.ListTagsOfResource":   {"dynamodb.DescribeTable"},
		"sqs.GetQueueAttributes":        {"sqs.GetQueueUrl"},
		"sqs.ListQueueTags":             {"sqs.GetQueueUrl"},
		"scheduler.ListTagsForResource": {"scheduler.GetScheduleGroup"},
		"scheduler.GetSchedule":         {"scheduler.ListSchedules"}, // which says which there are
		"apigateway.GetMethod":          {"apigateway.GetResources"},
		"apigateway.GetDeployment":      {"apigateway.GetStage"},

		// Setting up.
		"logs.CreateLogGroup":           {"logs.DescribeLogGroups"},
		"logs.PutRetentionPolicy":       {"logs.CreateLogGroup"},
		"iam.CreateRole":                {"iam.GetRole"},
		"iam.PutRolePolicy":             {"iam.CreateRole"},
		"scheduler.CreateScheduleGroup": {"scheduler.GetScheduleGroup"},
		"sqs.CreateQueue":               {"sqs.GetQueueUrl"},
		"dynamodb.CreateTable":          {"dynamodb.DescribeTable"},
		"dynamodb.DescribeTable again":  {"dynamodb.CreateTable", "dynamodb.DeleteTable"},
		"dynamodb.UpdateTimeToLive":     {"dynamodb.DescribeTable again"},
		"ssm.PutParameter":              {"ssm.GetParameter"},
		"ssm.GetParameter again":        {"ssm.PutParameter"},
		"lambda.CreateFunction": { // it vouches for all that it stands on
			"lambda.GetFunction", "iam.PutRolePolicy", "ssm.GetParameter again", "dynamodb.DescribeTable again", "logs.PutRetentionPolicy",
			"sqs.CreateQueue", "scheduler.CreateScheduleGroup",
		},
		"lambda.GetFunction again":            {"lambda.CreateFunction"},
		"lambda.AddPermission":                {"lambda.GetFunction again", "apigateway.CreateRestApi"},
		"lambda.PutFunctionEventInvokeConfig": {"lambda.GetFunction again", "sqs.CreateQueue"},
		"apigateway.CreateApiKey":             {"apigateway.GetApiKeys"},
		"apigateway.GetApiKey again":          {"apigateway.CreateApiKey"},
		"apigateway.CreateRestApi":            {"apigateway.GetRestApis"},
		"apigateway.GetResources again":       {"apigateway.CreateRestApi"},
		"apigateway.CreateResource":           {"apigateway.GetResources again"},
		"apigateway.PutMethod":                {"apigateway.CreateResource"},
		"apigateway.PutMethodResponse":        {"apigateway.PutMethod"},
		"apigateway.PutIntegration":           {"apigateway.PutMethod"},
		"apigateway.PutIntegrationResponse":   {"apigateway.PutIntegration", "apigateway.PutMethodResponse"},
		"apigateway.CreateDeployment":         {"apigateway.PutIntegrationResponse"},
		"apigateway.CreateStage":              {"apigateway.CreateDeployment"},
		"apigateway.UpdateStage":              {"apigateway.CreateStage"}, // which takes no settings for methods
		"apigateway.GetDeployments again":     {"apigateway.CreateStage"},
		"apigateway.CreateUsagePlan":          {"apigateway.CreateStage"},
		"apigateway.CreateUsagePlanKey":       {"apigateway.CreateUsagePlan", "apigateway.CreateApiKey"},
		"qlik.POST /api/core/webhooks": {
			"qlik.GET /api/core/webhooks", "apigateway.CreateUsagePlanKey", "apigateway.GetApiKey again", "lambda.AddPermission",
			"lambda.PutFunctionEventInvokeConfig", "logs.PutRetentionPolicy", "dynamodb.UpdateTimeToLive", "scheduler.CreateScheduleGroup",
		},
		"scheduler.CreateSchedule": {"qlik.POST /api/core/webhooks", "scheduler.ListSchedules"}, // the sweeps', which names the webhook

		// Deleting.
		"qlik.DELETE /api/core/webhooks/{id}": {"qlik.GET /api/core/webhooks/{id}"},
		"apigateway.UpdateUsagePlan":          {"qlik.DELETE /api/core/webhooks/{id}", "apigateway.GetUsagePlan"},
		"apigateway.DeleteUsagePlan":          {"apigateway.UpdateUsagePlan"},
		"apigateway.DeleteApiKey":             {"qlik.DELETE /api/core/webhooks/{id}", "apigateway.GetApiKey"},
		"apigateway.DeleteRestApi":            {"apigateway.DeleteUsagePlan"},
		"lambda.DeleteFunction":               {"qlik.DELETE /api/core/webhooks/{id}", "lambda.GetFunction"},
		"iam.DeleteRole":                      {"iam.DeleteRolePolicy"},
		"scheduler.DeleteSchedule":            {"scheduler.GetSchedule"},
		"scheduler.GetScheduleGroup again":    {"scheduler.DeleteScheduleGroup"},
	}
	for _, found := range []string{
		"qlik.GET /api/core/webhooks", "qlik.GET /api/core/webhooks/{id}", "ssm.GetParameter", "ssm.GetParametersByPath", "iam.GetRole",
		"logs.DescribeLogGroups", "dynamodb.DescribeTable", "dynamodb.DescribeTimeToLive", "dynamodb.DescribeContinuousBackups", "dynamodb.GetItem",
		"sqs.GetQueueUrl",
		"scheduler.GetScheduleGroup", "scheduler.ListSchedules", "monitoring.DescribeAlarms", "lambda.GetFunction", "lambda.GetFunctionEventInvokeConfig", "lambda.GetPolicy",
		"lambda.GetFunctionUrlConfig", "lambda.ListEventSourceMappings", "apigateway.GetApiKeys",
		"apigateway.GetApiKey", "apigateway.GetRestApis", "apigateway.GetRestApi", "apigateway.GetResources", "apigateway.GetStage",
		"apigateway.GetUsagePlans", "apigateway.GetUsagePlan", "apigateway.GetUsagePlanKeys",
	} {
		o[found] = proven
	}
	for _, stoodOn := range []string{
		"ssm.DeleteParameter", "dynamodb.DeleteTable", "sqs.DeleteQueue", "scheduler.DeleteScheduleGroup", "logs.DeleteLogGroup", "iam.DeleteRolePolicy",
	} {
		o[stoodOn] = []string{"lambda.DeleteFunction"}
	}
	return o
}()

// changes are the operations' first words that change something.
var changes = []string{"Create", "Put", "Update", "Delete", "Add", "POST", "DELETE"}

// made are the calls of the provider that began in a span of time, named as in order.
func made(s *sandbox.Sandbox, from, to time.Time) []criticalpath.Call {
	type timed struct {
		service, operation string
		began, ended       time.Time
	}
	var all []timed
	for _, c := range s.Cloud.Calls() {
		if c.Role == "" {
			all = append(all, timed{c.Service, c.Operation, c.Began, c.Ended})
		}
	}
	for _, c := range s.Tenant.Calls() {
		all = append(all, timed{"qlik", c.Operation, c.Began, c.Ended})
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.began.Compare(b.began) })
	var calls []criticalpath.Call
	changed := map[string]bool{} // by service
	for _, c := range all {
		if c.began.Before(from) || c.began.After(to) {
			continue
		}
		name := c.service + "." + c.operation
		if startsWithAny(c.operation, changes) {
			changed[c.service] = true
		} else if changed[c.service] {
			name += " again"
		}
		calls = append(calls, criticalpath.Call{Operation: name, Took: c.ended.Sub(c.began)})
	}
	return calls
}
