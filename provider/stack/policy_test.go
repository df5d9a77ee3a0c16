// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// longest returns a chain with the longest name that there may be, in a region with one of the longest names.
func longest() *Stack {
	return New(Clients{}, Place{Partition: "aws", DNSSuffix: "amazonaws.com", Region: "ap-southeast-1", Account: "123456789012"},
		strings.Repeat("n", 32), Known{})
}

func TestNamesFit(t *testing.T) {
	t.Parallel()
	s := longest()
	for service, test := range map[string]struct {
		name string
		most int
	}{
		"IAM role":                    {s.role.name, 64},
		"IAM role of the timers":      {s.timerRole.name, 64},
		"Lambda function":             {s.objectName(), 64},
		"DynamoDB table":              {s.objectName(), 255},
		"SQS queue":                   {s.queueName(), 80},
		"EventBridge rule":            {s.ruleOf("a", &chain.Signal{}).name, 64},
		"EventBridge Scheduler group": {s.scheduleGroupName(), 64},
		"IAM policy of the function": {s.role.permissions(&Spec{Settings: Settings{RolePath: "/",
			KMSKeyARN: "arn:aws:kms:ap-southeast-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"}}), 10240},
		"IAM trust policy of the timers":   {s.timerRole.trust, 2048},
		"SSM parameter of the credentials": {s.credentials.path(), 1011},
	} {
		if len(test.name) > test.most {
			t.Errorf("%s: %q has %d characters, and %d are allowed", service, test.name, len(test.name), test.most)
		}
	}
}

func TestFunctionPolicy(t *testing.T) {
	t.Parallel()
	s := New(Clients{}, Place{Partition: "aws-cn", DNSSuffix: "amazonaws.com.cn", Region: "cn-north-1", Account: "123456789012"}, "nightly",
		Known{})
	const (
		first  = "arn:aws-cn:kms:cn-north-1:123456789012:key/1"
		second = "arn:aws-cn:kms:cn-north-1:123456789012:key/2"
		base   = `
  {"Sid":"OwnLogGroup","Effect":"Allow","Action":["logs:CreateLogStream","logs:PutLogEvents"],
   "Resource":"arn:aws-cn:logs:cn-north-1:123456789012:log-group:/aws/lambda/qlik-task-chain-nightly:*"},
  {"Sid":"OwnParameters","Effect":"Allow","Action":"ssm:GetParameters","Resource":[
   "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/qlik-task-chain/nightly/definition",
   "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/qlik-task-chain/nightly/definition/*",
   "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/qlik-task-chain/nightly/credentials",
   "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/qlik-task-chain/nightly/signing-secret"]},
  {"Sid":"OwnTable","Effect":"Allow",
   "Action":["dynamodb:GetItem","dynamodb:PutItem","dynamodb:UpdateItem","dynamodb:DeleteItem","dynamodb:Query"],
   "Resource":"arn:aws-cn:dynamodb:cn-north-1:123456789012:table/qlik-task-chain-nightly"},
  {"Sid":"OwnTimers","Effect":"Allow","Action":"scheduler:CreateSchedule",
   "Resource":"arn:aws-cn:scheduler:cn-north-1:123456789012:schedule/qlik-task-chain-nightly/*"},
  {"Sid":"TimersRole","Effect":"Allow","Action":"iam:PassRole",
   "Resource":"arn:aws-cn:iam::123456789012:role/qlik-task-timer-nightly-cn-north-1",
   "Condition":{"StringEquals":{"iam:PassedToService":"scheduler.amazonaws.com"}}},
  {"Sid":"OwnDeadLetters","Effect":"Allow","Action":["sqs:DeleteMessage","sqs:GetQueueAttributes","sqs:ReceiveMessage","sqs:SendMessage"],
   "Resource":"arn:aws-cn:sqs:cn-north-1:123456789012:qlik-task-chain-nightly-dead-letters"}`
		key = `,
  {"Sid":"CustomerKeyOfSecrets","Effect":"Allow","Action":"kms:Decrypt","Resource":[KEYS],"Condition":{"StringEquals":{
   "kms:ViaService":"ssm.cn-north-1.amazonaws.com.cn","kms:EncryptionContext:PARAMETER_ARN":[
   "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/qlik-task-chain/nightly/credentials",
   "arn:aws-cn:ssm:cn-north-1:123456789012:parameter/qlik-task-chain/nightly/signing-secret"]}}},
  {"Sid":"CustomerKeyOfTable","Effect":"Allow","Action":"kms:Decrypt","Resource":[KEYS],"Condition":{"StringEquals":{
   "kms:ViaService":"dynamodb.cn-north-1.amazonaws.com.cn","kms:EncryptionContext:aws:dynamodb:tableName":"qlik-task-chain-nightly",
   "kms:EncryptionContext:aws:dynamodb:subscriberId":"123456789012"}}},
  {"Sid":"CustomerKeyItself","Effect":"Allow","Action":"kms:DescribeKey","Resource":[KEYS],
   "Condition":{"StringEquals":{"kms:ViaService":"dynamodb.cn-north-1.amazonaws.com.cn"}}}`
	)
	for name, test := range map[string]struct{ have, want, statement string }{
		"no key":            {"", "", ""},
		"one key":           {first, first, strings.ReplaceAll(key, "KEYS", `"`+first+`"`)},
		"to another key":    {first, second, strings.ReplaceAll(key, "KEYS", `"`+first+`","`+second+`"`)},
		"to a key":          {"", second, strings.ReplaceAll(key, "KEYS", `"`+second+`"`)},
		"back to AWS's own": {first, "", strings.ReplaceAll(key, "KEYS", `"`+first+`"`)},
	} {
		s.tableKey = test.have
		want := `{"Version":"2012-10-17","Statement":[` + base + test.statement + `]}`
		if got := s.role.meanwhile(&Spec{Settings: Settings{RolePath: "/", KMSKeyARN: test.want}}); !samePolicy(got, want) {
			t.Errorf("%s: the policy is\n%s\nwant\n%s", name, got, want)
		}
	}
}

// TestPolicyOfEvents checks that the function may put events on the bus of events alone, whether its ARN or its name is given. Without
// events it may put none.
func TestPolicyOfEvents(t *testing.T) {
	t.Parallel()
	s := longest()
	without := s.role.permissions(&Spec{Settings: Settings{RolePath: "/"}})
	if strings.Contains(without, "events:") {
		t.Errorf("without events the policy is %s", without)
	}
	const other = "arn:aws:events:ap-southeast-1:210987654321:event-bus/other"
	for bus, want := range map[string]string{
		"chains": "arn:aws:events:ap-southeast-1:123456789012:event-bus/chains", other: other,
	} {
		got := s.role.permissions(&Spec{Settings: Settings{RolePath: "/", Events: &Events{Bus: bus}}})
		statement := `,{"Sid":"Events","Effect":"Allow","Action":"events:PutEvents","Resource":"` + want + `"}]}`
		if !samePolicy(got, strings.TrimSuffix(without, "]}")+statement) {
			t.Errorf("with the bus %s the policy is %s", bus, got)
		}
	}
}

// TestFunctionTrust checks that Lambda may assume the role only for this account's functions.
func TestFunctionTrust(t *testing.T) {
	t.Parallel()
	const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole",
  "Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}}`
	if s := longest(); !samePolicy(s.role.trust, trust) {
		t.Errorf("the trust policy is %s, want %s", s.role.trust, trust)
	}
}

// TestResourcePolicyOfOperators checks the API's policy if operators sign. It does not allow their routes to anyone by itself. An address
// outside of the ranges is denied everything.
func TestResourcePolicyOfOperators(t *testing.T) {
	t.Parallel()
	s := longest()
	s.restAPI.seen = &types.RestApi{Id: aws.String("abc123")}
	const (
		api  = `"arn:aws:execute-api:ap-southeast-1:123456789012:abc123/`
		deny = `{"Sid":"FromElsewhere","Effect":"Deny","Principal":"*","Action":"execute-api:Invoke","Resource":` + api +
			`*","Condition":{"NotIpAddress":{"aws:SourceIp":"192.0.2.0/24"}}}`
	)
	ranges := []string{"192.0.2.0/24"}
	for auth, callers := range map[string]string{"key": api + `*"`, "iam": "[" + api + `live/GET/*",` + api + `live/POST/"]`} {
		want := `{"Version":"2012-10-17","Statement":[{"Sid":"Callers","Effect":"Allow","Principal":"*","Action":"execute-api:Invoke","Resource":` + callers + `},` + deny + `]}`
		got := s.restAPI.wantPolicy(ranges, auth)
		if !samePolicy(got, want) {
			t.Errorf("%s: the policy is\n%s\nwant\n%s", auth, got, want)
		}
		s.restAPI.seen.Policy = &got
		if found := s.restAPI.sourceIPRanges(); !slices.Equal(found, ranges) {
			t.Errorf("%s: the ranges are %q", auth, found)
		}
		if s.restAPI.wantPolicy(nil, auth) != "" {
			t.Errorf("%s: there is a policy without ranges", auth)
		}
	}
}

func TestTimerRolePolicies(t *testing.T) {
	t.Parallel()
	s := New(Clients{}, Place{Partition: "aws", DNSSuffix: "amazonaws.com", Region: "eu-central-1", Account: "123456789012"}, "nightly",
		Known{})
	const trust = `{"Version":"2012-10-17","Statement":{"Effect":"Allow","Principal":{"Service":"scheduler.amazonaws.com"},"Action":"sts:AssumeRole","Condition":{
  "StringEquals":{"aws:SourceAccount":"123456789012","aws:SourceArn":"arn:aws:scheduler:eu-central-1:123456789012:schedule-group/qlik-task-chain-nightly"}}}}`
	if !samePolicy(s.timerRole.trust, trust) {
		t.Errorf("the trust policy is %s, want %s", s.timerRole.trust, trust)
	}
	const permissions = `{"Version":"2012-10-17","Statement":[
  {"Sid":"OwnFunction","Effect":"Allow","Action":"lambda:InvokeFunction",
   "Resource":"arn:aws:lambda:eu-central-1:123456789012:function:qlik-task-chain-nightly"},
  {"Sid":"OwnDeadLetters","Effect":"Allow","Action":"sqs:SendMessage","Resource":"arn:aws:sqs:eu-central-1:123456789012:qlik-task-chain-nightly-dead-letters"}]}`
	if got := s.timerRole.permissions(&Spec{}); !samePolicy(got, permissions) {
		t.Errorf("the policy is %s, want %s", got, permissions)
	}
}

func TestDiffering(t *testing.T) {
	t.Parallel()
	const (
		read  = `{"Sid":"Read","Effect":"Allow","Action":["s3:GetObject"],"Resource":["*"]}`
		write = `{"Sid":"Write","Effect":"Allow","Action":["s3:PutObject"],"Resource":["*"]}`
	)
	policy := func(statements string) string { return `{"Version":"2012-10-17","Statement":` + statements + `}` }
	for name, test := range map[string]struct{ a, b, onlyA, onlyB string }{
		"one more": {policy("[" + read + "," + write + "]"), policy(read), write, "none"},
		"one less": {policy("[" + write + "]"), policy("[" + read + "," + write + "]"), "none", read},
		"another":  {policy(read), policy(write), read, write},
		"the same in other form": {policy("[" + strings.NewReplacer("[", "", "]", "").Replace(read) + "," + write + "]"),
			policy("[" + read + "]"), write, "none"},
		"none at all":     {"", policy(read), "none", read},
		"not a policy":    {"x", policy(read), "none", read},
		"another version": {`{"Statement":` + read + `}`, policy(read), `{"Statement":` + read + `}`, policy(read)},
	} {
		if onlyA, onlyB := differing(test.a, test.b); onlyA != test.onlyA || onlyB != test.onlyB {
			t.Errorf("%s: got %s and %s, want %s and %s", name, onlyA, onlyB, test.onlyA, test.onlyB)
		}
	}
}

func TestRevisionInWords(t *testing.T) {
	t.Parallel()
	for revision, want := range map[string]string{
		"3-1795705597974": "version 3 of 2026-11-26T15:06:37Z", "": "none", "by hand": "by hand",
	} {
		if got := revisionInWords(revision); got != want {
			t.Errorf("%q: got %q, want %q", revision, got, want)
		}
	}
}

// TestRulesOfOneChain: the pattern in the function's policy covers every rule of the chain. A chain with a name that begins the same has no
// rule that it covers.
func TestRulesOfOneChain(t *testing.T) {
	t.Parallel()
	place := Place{Partition: "aws", Region: "eu-central-1", Account: "123456789012"}
	own, other := New(Clients{}, place, "night", Known{}), New(Clients{}, place, "night-2", Known{})
	for _, bus := range []string{"default", "aws.partner/dbt.com/x"} {
		covered, found := strings.CutSuffix(own.rulesOnBus(bus), "*")
		signal := &chain.Signal{EventBus: bus}
		if rule := own.ruleARN(own.ruleOf("dbt", signal)); !found || !strings.HasPrefix(rule, covered) {
			t.Errorf("%s* does not cover %s", covered, rule)
		}
		if rule := other.ruleARN(other.ruleOf("dbt", signal)); strings.HasPrefix(rule, covered) {
			t.Errorf("%s* covers %s", covered, rule)
		}
	}
	call := own.permission.wanted(&Spec{Settings: Settings{Definition: &chain.Definition{Steps: map[string]chain.Step{
		"dbt": {Signal: &chain.Signal{EventPattern: "{}"}}, "upload": {Signal: &chain.Signal{EventPattern: "{}"}},
		"other": {Signal: &chain.Signal{EventPattern: "{}", EventBus: "x"}}, "request": {Signal: &chain.Signal{EventBus: "y"}},
	}}}})
	if len(call) != 3 { // API Gateway's, and one for each bus with rules
		t.Errorf("the policy has the statements %v", keys(call))
	}
}
