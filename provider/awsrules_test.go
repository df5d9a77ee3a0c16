// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// member is where a value goes to in a request to AWS, and as what.
type member struct {
	scope, operation, path string
	as                     func(string) string // nil: as it is
}

// awsRule says where the value of an attribute goes to.
type awsRule struct {
	put     func(value string) map[string]any // the arguments that have the value
	samples []string                          // besides those of all rules
	exact   bool                              // the plan refuses nothing that AWS takes
	few     bool                              // the samples are enough: the plan takes a value out of a list, or a number
	members []member
}

const (
	iamARN = "arn:aws:iam::123456789012:"
	snsARN = "arn:aws:sns:eu-central-1:123456789012:"
	sqsARN = "arn:aws:sqs:eu-central-1:123456789012:"
	ssmARN = "arn:aws:ssm:eu-central-1:123456789012:"

	aKey  = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	anApp = "80c6f35f-c9d7-4488-bb5a-ad973b13ec00"
	// longestRegion has the length of the longest region's name
	// (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html).
	longestRegion = "ap-southeast-1"
)

// argument returns the attribute of the resource itself.
func argument(name string) func(string) map[string]any {
	return func(value string) map[string]any { return map[string]any{name: value} }
}

func step(attributes map[string]any) map[string]any {
	attributes["app"] = anApp
	return map[string]any{"timezone": "UTC", "steps": map[string]any{"a": attributes}}
}

func signaling(signal map[string]any) map[string]any {
	return map[string]any{"timezone": "UTC", "steps": map[string]any{"a": map[string]any{"signal": signal}}}
}

func around(before, after string) func(string) string {
	return func(value string) string { return before + value + after }
}

// awsRules returns the attributes with values that end in a request to AWS as they are. TestEachAttributeIsKnown requires an entry for
// each new one.
func awsRules() map[string]awsRule {
	object := around("qlik-task-chain-", "")
	var tagKeys, tagValues []member
	for _, tagged := range [][2]string{
		{"iam", "CreateRole"}, {"iam", "TagRole"}, {"ssm", "AddTagsToResource"}, {"ssm", "PutParameter"},
		{"dynamodb", "CreateTable"}, {"dynamodb", "TagResource"},
		{"scheduler", "CreateScheduleGroup"}, {"scheduler", "TagResource"}, {"events", "PutRule"}, {"events", "TagResource"},
		{"monitoring", "PutMetricAlarm"}, {"monitoring", "TagResource"},
	} {
		tagKeys = append(tagKeys, member{tagged[0], tagged[1], "Tags[].Key", nil})
		tagValues = append(tagValues, member{tagged[0], tagged[1], "Tags[].Value", nil})
	}
	for _, operation := range []string{"CreateLogGroup", "TagResource"} {
		tagKeys = append(tagKeys, member{"logs", operation, "tags{key}", nil})
		tagValues = append(tagValues, member{"logs", operation, "tags{}", nil})
	}
	crons := []string{
		"0 5 * * ? *", numbers(60) + " 5 * * ? *", numbers(60) + " " + numbers(24) + " * * ? *",
		numbers(60) + " " + numbers(24) + " * 1,2,3,4,5,6,7,8,9,10,11,12 ? *",
	}
	longKey := aKey + strings.Repeat("a", 256-len(aKey))
	zone := []member{{"scheduler", "CreateSchedule", "ScheduleExpressionTimezone", nil}}
	return map[string]awsRule{
		"name": {put: argument("name"), samples: []string{strings.Repeat("a", 32), strings.Repeat("a", 33), "a-b"}, members: []member{
			{"lambda", "CreateFunction", "FunctionName", object}, {"iam", "CreateRole", "RoleName", around("qlik-task-chain-", "-"+longestRegion)},
			{"iam", "CreateRole", "RoleName", around("qlik-task-timer-", "-"+longestRegion)}, {"iam", "CreateRole", "Description", object},
			{"dynamodb", "CreateTable", "TableName", object}, {"scheduler", "CreateScheduleGroup", "Name", object},
			{"scheduler", "CreateScheduleGroup", "Tags[].Value", nil},
			{"events", "PutRule", "Name", around("qlik-task-chain-", "."+strings.Repeat("0", 15))},
			{"scheduler", "CreateSchedule", "Target.DeadLetterConfig.Arn", around(sqsARN+"qlik-task-chain-", "-dead-letters")},
			{"logs", "CreateLogGroup", "logGroupName", around("/aws/lambda/qlik-task-chain-", "")}, {"logs", "CreateLogGroup", "tags{}", nil},
			{"ssm", "PutParameter", "Name", around("/qlik-task-chain/", "/definition")}, {"ssm", "PutParameter", "Tags[].Value", nil},
			{"monitoring", "PutMetricAlarm", "AlarmName", object}, {"monitoring", "PutMetricAlarm", "Dimensions[].Value", nil},
		}},
		"events.bus": {
			put: func(value string) map[string]any {
				return map[string]any{"events": map[string]any{"bus": value}}
			},
			samples: []string{"default", "arn:aws:events:eu-central-1:123456789012:event-bus/chains", "aws.partner/acme.com/1",
				"arn:aws:events:eu-central-1:1:event-bus/a", strings.Repeat("a", 256), strings.Repeat("a", 257)},
			members: []member{{"events", "PutEvents", "Entries[].EventBusName", nil}},
		},
		"steps{}": {
			put: func(value string) map[string]any {
				return map[string]any{"steps": map[string]any{value: map[string]any{"app": anApp}}}
			},
			members: []member{
				{"scheduler", "CreateSchedule", "Description", around("Starts ", " of the task chain "+strings.Repeat("a", 32)+".")},
				{"events", "PutRule", "Description", around("Reports ", " to the task chain "+strings.Repeat("a", 32)+".")},
			},
		},
		"steps.signal.event_pattern": {
			put: func(value string) map[string]any {
				return signaling(map[string]any{"event_pattern": value})
			},
			samples: []string{
				`{"source":["x"]}`, `{"source":["` + strings.Repeat("x", 2033) + `"]}`, `{"source":["` + strings.Repeat("x", 2034) + `"]}`,
			},
			members: []member{{"events", "PutRule", "EventPattern", nil}},
		},
		"steps.signal.event_bus": {
			put: func(value string) map[string]any {
				return signaling(map[string]any{"event_pattern": `{"source":["x"]}`, "event_bus": value})
			},
			samples: []string{"aws.partner/fivetran.com/acme"},
			members: []member{
				{"events", "PutRule", "EventBusName", nil}, {"events", "PutTargets", "EventBusName", nil},
				{"events", "DescribeRule", "EventBusName", nil},
			},
		},
		"steps.signal.outcome": {
			put: func(value string) map[string]any {
				return signaling(map[string]any{"event_pattern": `{"source":["x"]}`, "outcome": value})
			},
			samples: []string{"success", "$.detail.status", "$.detail[0].a-b", "$." + strings.Repeat("a", 254), "$." + strings.Repeat("a", 255)},
			members: []member{{"events", "PutTargets", "Targets[].InputTransformer.InputPathsMap{}", nil}},
		},
		"steps.schedule.cron": {
			few: true,
			put: func(value string) map[string]any {
				return step(map[string]any{"schedule": map[string]any{"cron": value}})
			},
			samples: crons,
			members: []member{{"scheduler", "CreateSchedule", "ScheduleExpression", around("cron(", ")")}},
		},
		"steps.schedule.rate": {
			few: true,
			put: func(value string) map[string]any {
				return step(map[string]any{"schedule": map[string]any{"rate": value}})
			},
			samples: []string{"1m", "365d"},
			members: []member{{"scheduler", "CreateSchedule", "ScheduleExpression", around("rate(", " minutes)")}},
		},
		"steps.schedule.timezone": {
			few: true,
			put: func(value string) map[string]any {
				return step(map[string]any{"schedule": map[string]any{"cron": "0 5 * * ? *", "timezone": value}})
			},
			samples: []string{"Europe/Zurich", "America/Argentina/ComodRivadavia"}, members: zone,
		},
		"steps.expect_by.timezone": {
			few: true,
			put: func(value string) map[string]any {
				return step(map[string]any{"expect_by": map[string]any{"time": "06:00", "timezone": value}})
			},
			samples: []string{"Europe/Zurich", "America/Argentina/ComodRivadavia"}, members: zone,
		},
		"expect_by.timezone": {
			few: true,
			put: func(value string) map[string]any {
				return map[string]any{"timezone": "UTC", "expect_by": map[string]any{"time": "06:00", "timezone": value}}
			},
			samples: []string{"Europe/Zurich", "America/Argentina/ComodRivadavia"}, members: zone,
		},
		"schedule.cron": {
			few: true,
			put: func(value string) map[string]any {
				return map[string]any{"timezone": "UTC", "schedule": map[string]any{"cron": value}}
			},
			samples: crons, members: []member{{"scheduler", "CreateSchedule", "ScheduleExpression", around("cron(", ")")}},
		},
		"schedule.rate": {
			few:     true,
			put:     func(value string) map[string]any { return map[string]any{"schedule": map[string]any{"rate": value}} },
			samples: []string{"1m", "365d"},
			members: []member{{"scheduler", "CreateSchedule", "ScheduleExpression", around("rate(", " minutes)")}},
		},
		"schedule.timezone": {
			few: true,
			put: func(value string) map[string]any {
				return map[string]any{"timezone": "UTC", "schedule": map[string]any{"cron": "0 5 * * ? *", "timezone": value}}
			},
			samples: []string{"Europe/Zurich", "America/Argentina/ComodRivadavia"}, members: zone,
		},
		"timezone": {few: true, put: argument("timezone"), samples: []string{"Europe/Zurich", "America/Argentina/ComodRivadavia"}, members: zone},
		"tags{key}": {
			put:   func(value string) map[string]any { return map[string]any{"tags": map[string]any{value: "x"}} },
			exact: true, members: tagKeys,
		},
		"tags{}": {
			put:   func(value string) map[string]any { return map[string]any{"tags": map[string]any{"x": value}} },
			exact: true, members: tagValues,
		},
		"api_key_rotation":        {put: argument("api_key_rotation"), members: tagValues},
		"signing_secret_rotation": {put: argument("signing_secret_rotation"), members: tagValues},
		"role_path": {
			put: argument("role_path"),
			samples: []string{"/", "/a/", "/a/b=c,d.e@f+g-h_/", "/ä/", "/a b/",
				"/" + strings.Repeat("a", 510) + "/", "/" + strings.Repeat("a", 511) + "/",
			},
			members: []member{
				{"iam", "CreateRole", "Path", nil}, {"lambda", "CreateFunction", "Role", around(iamARN+"role", "qlik-task-chain-a-eu-central-1")},
				{"scheduler", "CreateSchedule", "Target.RoleArn", around(iamARN+"role", "qlik-task-timer-a-eu-central-1")},
			},
		},
		"permissions_boundary_arn": {
			put: argument("permissions_boundary_arn"),
			samples: []string{
				iamARN + "policy/a", "arn:aws:iam::aws:policy/a", iamARN + "policy/a b",
				iamARN + "policy/" + strings.Repeat("a", 2015), iamARN + "policy/" + strings.Repeat("a", 2016),
			},
			members: []member{{"iam", "CreateRole", "PermissionsBoundary", nil}, {"iam", "PutRolePermissionsBoundary", "PermissionsBoundary", nil}},
		},
		"kms_key_arn": {
			put: argument("kms_key_arn"), samples: []string{aKey, aKey + "é", aKey + "+", longKey, longKey + "a"},
			members: []member{{"ssm", "PutParameter", "KeyId", nil}, {"lambda", "CreateFunction", "KMSKeyArn", nil}},
		},
		"log_group_kms_key_arn": {
			put: argument("log_group_kms_key_arn"), samples: []string{aKey, longKey, longKey + "a"},
			members: []member{{"logs", "CreateLogGroup", "kmsKeyId", nil}, {"logs", "AssociateKmsKey", "kmsKeyId", nil}},
		},
		"alarm_actions[]": {
			put: func(value string) map[string]any { return map[string]any{"alarm_actions": []any{value}} },
			samples: []string{
				snsARN + "oncall", ssmARN + strings.Repeat("a", 986), ssmARN + strings.Repeat("a", 987),
			},
			members: []member{{"monitoring", "PutMetricAlarm", "AlarmActions[]", nil}},
		},
		"architecture": {
			few: true,
			put: argument("architecture"), samples: []string{"arm64", "x86_64"},
			members: []member{{"lambda", "CreateFunction", "Architectures[]", nil}},
		},
		"memory_size": {
			few: true,
			put: argument("memory_size"), samples: []string{"127", "128", "10240", "10241", "32769"},
			members: []member{{"lambda", "CreateFunction", "MemorySize", nil}},
		},
		"reserved_concurrent_executions": {
			few: true,
			put: argument("reserved_concurrent_executions"), samples: []string{"-1", "0", "1"},
			members: []member{{"lambda", "PutFunctionConcurrency", "ReservedConcurrentExecutions", nil}},
		},
	}
}

// TestRulesAgainstAWS checks that AWS's own models accept what a plan accepts, for each attribute that AWS gets. Where the rule is exact, a
// plan refuses nothing else.
func TestRulesAgainstAWS(t *testing.T) {
	t.Parallel()
	c := newChecker(t)
	for attribute, rule := range awsRules() {
		t.Run(attribute, func(t *testing.T) {
			t.Parallel()
			values := append([]string{"", "a", "R&D", "Ä", "a b"}, rule.samples...)
			if !rule.few {
				values = append(values, texts(rule.exact)...)
			}
			passed := 0
			for _, value := range values {
				refused := c.refuses(t, rule.put(value))
				broken := rule.broken(t, value)
				switch {
				case len(broken) > 0 && refused == "":
					t.Errorf("%q passes the plan, and AWS refuses it: %v", value, broken)
				case len(broken) == 0 && refused != "" && rule.exact:
					t.Errorf("%q is refused, and AWS takes it: %s", value, refused)
				case refused == "":
					passed++
				}
			}
			if passed == 0 {
				t.Error("the plan lets nothing pass")
			}
		})
	}
}

// broken returns AWS's objections to a value.
func (r *awsRule) broken(t *testing.T, value string) []string {
	t.Helper()
	var broken []string
	for _, m := range r.members {
		rule, err := constraint.RuleOf(m.scope, m.operation, m.path)
		if err != nil {
			t.Fatal(err)
		}
		text := value
		if m.as != nil {
			text = m.as(value)
		}
		var sent any = text
		if rule.Type == "integer" {
			sent = json.Number(text)
		}
		for _, why := range rule.Broken(sent) {
			broken = append(broken, m.scope+" "+m.operation+" "+m.path+": "+why)
		}
	}
	return broken
}

// notAWS are the attributes with values that AWS does not get, or not as they are, by the reason.
var notAWS = map[string][]string{
	"Qlik Cloud": {"check_apps", "event_type", "webhook_level"},
	"in a JSON document": {
		"credentials_wo", "credentials_wo_version", "history_days", "credentials_wo.api_key",
		"credentials_wo.client_id", "credentials_wo.client_secret", "steps.app", "steps.automation",
		"steps.data_task.project", "steps.data_task.task", "steps.after{}", "steps.wait_for", "steps.carry_over{}",
		"steps.max_duration", "steps.max_duration.after", "steps.max_duration.on_exceeded", "steps.max_starts_per_hour", "steps.schedule.except",
		"cycle", "cycle.begins", "cycle.every", "max_duration", "max_duration.after", "max_duration.on_exceeded", "max_running", "notify_on",
		"overlap", "failure_log.lines",
		"schedule.except", "schedule.variables{}", "steps.schedule.variables{}",
		"steps.when", "steps.delay", "steps.signal.quiet_for",
		"steps.retry", "steps.retry.max_attempts", "steps.retry.interval", "steps.retry.backoff_rate",
		"steps.retry.retry_on", "steps.partial", "steps.variables{}", "steps.weight",
	},
	"see its attributes": {
		"events", "expect_by", "failure_log",
		"reconciliation", "throttle", "schedule", "steps", "steps.schedule", "steps.expect_by", "steps.data_task",
		"steps.signal",
	},
	"becomes a cron expression of five numbers":                        {"expect_by.time", "summary_at"},
	"becomes a cron expression of day names":                           {"expect_by.days"},
	"one of a list that AWS's documentation has and its model has not": {"log_retention_in_days"},
	"an environment variable": {"metrics", "operator_auth", "reconciliation.max_age",
		"reconciliation.enable_webhook"},
	"in the state alone":                         {"deletion_protection"},
	"in the table":                               {"paused"},
	"a boolean":                                  {"point_in_time_recovery", "reconciliation.enabled", "signal_key", "viewer_key"},
	"becomes a rate of 5 to 1440 minutes":        {"reconciliation.interval"},
	"in a policy document, and CIDR blocks only": {"source_ip_ranges[]"},
	"AWS's model has no limit":                   {"throttle.rate_limit", "throttle.burst_limit"},
	"as expect_by.time":                          {"steps.expect_by.time"},
	"as expect_by.days":                          {"steps.expect_by.days"},
	"the schedule's state":                       {"steps.enabled"},
}

// TestEachAttributeIsKnown checks that every attribute has an entry for where its value goes, so that no new attribute is forgotten.
func TestEachAttributeIsKnown(t *testing.T) {
	t.Parallel()
	rules := awsRules()
	known := func(path string) bool {
		for _, name := range []string{path, path + "[]", path + "{}"} {
			if _, found := rules[name]; found {
				return true
			}
			for _, names := range notAWS {
				if slices.Contains(names, name) {
					return true
				}
			}
		}
		return false
	}
	check := func(path string) {
		if !known(path) {
			t.Errorf("%s is in neither awsRules nor notAWS. Add where AWS gets its value, so that a plan refuses what AWS would.", path)
		}
	}
	var look func(prefix string, attributes []*tfprotov6.SchemaAttribute)
	look = func(prefix string, attributes []*tfprotov6.SchemaAttribute) {
		for _, a := range attributes {
			if !a.Required && !a.Optional {
				continue
			}
			check(prefix + a.Name)
			if a.NestedType != nil {
				look(prefix+a.Name+".", a.NestedType.Attributes)
			}
		}
	}
	look("", newChecker(t).schema.Block.Attributes)
	for _, path := range provider.DynamicPaths() {
		check(path)
	}
}
