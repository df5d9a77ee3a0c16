// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/smithy-go/encoding/cbor"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// A request to an operation, as a client writes it.
type request struct {
	scope, operation string
	method, url      string
	header           map[string]string
	body             string
}

func jsonTo(scope, operation, body string) request {
	return request{scope, operation, http.MethodPost, "/", map[string]string{"X-Amz-Target": "T." + operation}, body}
}

func formTo(scope, operation, body string) request {
	header := map[string]string{"Content-Type": "application/x-www-form-urlencoded"}
	return request{scope, operation, http.MethodPost, "/", header, "Action=" + operation + "&Version=1&" + body}
}

func cborTo(operation string, body cbor.Map) request {
	header := map[string]string{"Smithy-Protocol": "rpc-v2-cbor"}
	return request{"monitoring", operation, http.MethodPost, "/service/x/operation/" + operation, header, string(cbor.Encode(body))}
}

func restTo(scope, operation, method, url, body string) request {
	return request{scope, operation, method, url, nil, body}
}

func (r request) check(t *testing.T) error {
	t.Helper()
	http := httptest.NewRequestWithContext(t.Context(), r.method, r.url, nil)
	for name, value := range r.header {
		http.Header.Set(name, value)
	}
	_, err := Read(r.scope, r.operation, &wire.Request{HTTP: http, Body: []byte(r.body)})
	return err
}

const (
	alarm = "arn:aws:sns:eu-central-1:1:a"
	above = cbor.String("GreaterThanThreshold")
	group = "/tags/arn:aws:scheduler:eu-central-1:123456789012:schedule-group%2Fa"
)

// TestCheck: each kind of constraint in each protocol, with what AWS answers. No answer stands for a request that meets all.
func TestCheck(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("ä", 256)
	target := `"Target":{"Arn":"a","RoleArn":"arn:aws:iam::123456789012:role/t"},` +
		`"FlexibleTimeWindow":{"Mode":"OFF"},"ScheduleExpression":"at(x)"`
	later := map[string]string{"X-Amz-Invocation-Type": "Later"}
	for name, tt := range map[string]struct {
		request
		code, message string
	}{
		// AWS JSON
		"json, well": {
			jsonTo("ssm", "PutParameter", `{"Name":"/a","Value":"b","Tags":[{"Key":"k","Value":"ä 1"}],"Tier":null}`),
			"", "",
		},
		"json, missing": {
			jsonTo("ssm", "PutParameter", `{"Name":"/a"}`),
			"ValidationException", "1 validation error detected: Value null at 'value' failed to satisfy constraint: Member must " +
				"not be null",
		},
		"json, null": {
			jsonTo("ssm", "PutParameter", `{"Name":"/a","Value":null}`),
			"ValidationException", "Value null at 'value'",
		},
		"json, below": {
			jsonTo("ssm", "PutParameter", `{"Name":"/a","Value":"b","Tags":[{"Key":"k","Value":"R&D"}]}`),
			"ValidationException", "Value 'R&D' at 'tags.1.member.value' failed to satisfy constraint: Member must satisfy regular " +
				"expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]*)$",
		},
		"json, missing deep": {
			jsonTo("ssm", "PutParameter", `{"Name":"/a","Value":"b","Tags":[{"Key":"k"}]}`),
			"ValidationException", "Value null at 'tags.1.member.value'",
		},
		"json, characters": {jsonTo("ssm", "PutParameter", `{"Name":"/a","Value":"b","Tags":[{"Key":"k","Value":"`+long+`"}]}`), "", ""},
		"json, too long": {
			jsonTo("ssm", "PutParameter", `{"Name":"/a","Value":"b","Tags":[{"Key":"k","Value":"`+long+`ä"}]}`),
			"ValidationException", "less than or equal to 256",
		},
		"json, two": {
			jsonTo("ssm", "PutParameter", `{"Name":"","Value":"b","Tier":"x"}`),
			"ValidationException", "2 validation errors detected: Value '' at 'name' failed to satisfy constraint: Member must " +
				"have length greater than or equal to 1; Value 'x' at 'tier' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [Standard, Advanced, Intelligent-Tiering]",
		},
		"json, a list": {
			jsonTo("ssm", "GetParameters", `{"Names":[]}`),
			"ValidationException", "Value '[]' at 'names' failed to satisfy constraint: Member must have length greater than or equal to 1",
		},
		"json, number": {
			jsonTo("ssm", "DescribeParameters", `{"MaxResults":51}`),
			"ValidationException", "Value '51' at 'maxResults' failed to satisfy constraint: Member must have value less than or " +
				"equal to 50",
		},
		"json, a type": {
			jsonTo("ssm", "DescribeParameters", `{"MaxResults":"5"}`),
			"SerializationException", "'maxResults': 5 is not a value of the type integer",
		},
		"json, half a number": {jsonTo("ssm", "DescribeParameters", `{"MaxResults":5.5}`), "SerializationException", "5.5"},
		"json, no such": {
			jsonTo("ssm", "PutParameter", `{"name":"/a","Name":"/a","Value":"b"}`),
			"SerializationException", "'name': AWS's model has no such member of the body",
		},
		"json, no such deep": {
			jsonTo("ssm", "PutParameter", `{"Name":"/a","Value":"b","Tags":[{"Key":"k","Value":"v","x":1}]}`),
			"SerializationException", "no such member",
		},
		"json, map": {jsonTo("logs", "CreateLogGroup", `{"logGroupName":"g","tags":{"a":"1"}}`), "", ""},
		"json, empty map": {
			jsonTo("logs", "CreateLogGroup", `{"logGroupName":"g","tags":{}}`),
			"InvalidParameterException", "Value '{}' at 'tags' failed to satisfy constraint: " +
				"Member must have length greater than or equal to 1",
		},
		"json, map's key": {
			jsonTo("logs", "CreateLogGroup", `{"logGroupName":"g","tags":{"R&D":"1"}}`),
			"InvalidParameterException", "at 'tags' failed to satisfy constraint: Map keys must satisfy constraint: [Member must have " +
				"length less than or equal to 128, Member must have length greater than or equal to 1, Member " +
				"must satisfy regular expression pattern: ^([\\p{L}\\p{Z}\\p{N}_.:/=+\\-@]+)$]",
		},
		"json, map's value": {
			jsonTo("logs", "CreateLogGroup", `{"logGroupName":"g","tags":{"a":"R&D"}}`),
			"InvalidParameterException", "Map value must satisfy constraint: [Member must have length less than or equal to 256",
		},
		"json, no JSON": {jsonTo("ssm", "PutParameter", `{`), "", ""}, // the service says so itself
		"dynamodb": {
			jsonTo("dynamodb", "PutItem", `{"TableName":"t","Item":{"pk":{"S":"a"}},"ReturnValues":"ALL"}`),
			"ValidationException", "'returnValues'",
		},
		"dynamodb, an item": {
			jsonTo("dynamodb", "PutItem", `{"TableName":"t","Item":{"pk":{"X":"a"}}}`),
			"SerializationException", "'item.pk.member.x'",
		},
		"sqs, missing": {
			jsonTo("sqs", "ReceiveMessage", `{}`),
			"MissingRequiredParameterException", "The request must contain the parameter QueueUrl.",
		},
		"sqs, flat list": {
			jsonTo("sqs", "GetQueueAttributes", `{"QueueUrl":"q","AttributeNames":["Colour"]}`),
			"InvalidAttributeName", "Unknown Attribute Colour.",
		},
		"sqs, flat map": {
			jsonTo("sqs", "CreateQueue", `{"QueueName":"q","Attributes":{"Colour":"red"}}`),
			"InvalidAttributeName", "Unknown Attribute Colour.",
		},

		// query
		"form, well": {
			formTo("iam", "CreateRole", "RoleName=a&AssumeRolePolicyDocument=%7B%7D&MaxSessionDuration=3600&"+
				"Tags.member.1.Key=k&Tags.member.1.Value="),
			"", "",
		},
		"form, missing": {
			formTo("iam", "CreateRole", "RoleName=a"),
			"ValidationError", "Value null at 'assumeRolePolicyDocument' failed to satisfy constraint: Member must not be null",
		},
		"form, below": {
			formTo("iam", "TagRole", "RoleName=a&Tags.member.1.Key=a&Tags.member.1.Value=R%26D"),
			"ValidationError", "Value 'R&D' at 'tags.1.member.value'",
		},
		"form, missing deep": {
			formTo("iam", "TagRole", "RoleName=a&Tags.member.1.Key=a"),
			"ValidationError", "Value null at 'tags.1.member.value'",
		},
		"form, no list": {formTo("iam", "TagRole", "RoleName=a"), "ValidationError", "Value null at 'tags'"},
		"form, texts": {
			formTo("iam", "UntagRole", "RoleName=a&TagKeys.member.1=a&TagKeys.member.2=R%26D"),
			"ValidationError", "at 'tagKeys' failed to satisfy constraint: Member must satisfy constraint: [Member must have " +
				"length less than or equal to 128",
		},
		"form, number": {
			formTo("iam", "CreateRole", "RoleName=a&AssumeRolePolicyDocument=x&MaxSessionDuration=60"),
			"ValidationError", "greater than or equal to 3600",
		},
		"form, no number": {
			formTo("iam", "CreateRole", "RoleName=a&AssumeRolePolicyDocument=x&MaxSessionDuration=x"),
			"SerializationException", "not a number",
		},
		"form, no such": {formTo("iam", "DeleteRole", "RoleName=a&Force=1"), "SerializationException", "'Force'"},
		"form, map": {
			formTo("sns", "Publish", "Message=m&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.DataType=String"),
			"", "",
		},
		"form, map's value": {
			formTo("sns", "Publish", "Message=m&MessageAttributes.entry.1.Name=a&MessageAttributes.entry.1.Value.StringValue=x"),
			"ValidationError", "Value null at 'messageAttributes.a.member.dataType'",
		},
		"sts": {
			formTo("sts", "AssumeRole", "RoleArn=arn:aws:iam::123456789012:role/a&RoleSessionName=a"),
			"ValidationError", "Value 'a' at 'roleSessionName' failed to satisfy constraint: Member must have length greater " +
				"than or equal to 2",
		},

		// CBOR
		"cbor, well": {
			cborTo("PutMetricAlarm", cbor.Map{"AlarmName": cbor.String("a"), "EvaluationPeriods": cbor.Uint(1), "ComparisonOperator": above}),
			"", "",
		},
		"cbor, missing": {
			cborTo("PutMetricAlarm", cbor.Map{"EvaluationPeriods": cbor.Uint(1), "ComparisonOperator": above}),
			"ValidationError", "Value null at 'alarmName'",
		},
		"cbor, a list": {cborTo("PutMetricAlarm", cbor.Map{
			"AlarmName": cbor.String("a"), "EvaluationPeriods": cbor.Uint(0), "ComparisonOperator": above,
			"AlarmActions": cbor.List{cbor.String(alarm), cbor.String("")},
		}), "ValidationError", `2 validation errors detected: Value '["` + alarm + `",""]' at 'alarmActions' failed to satisfy constraint: ` +
			`Member must satisfy constraint: [Member must have length less than or equal to 1024, ` +
			`Member must have length greater than or equal to 1]; ` +
			`Value '0' at 'evaluationPeriods'`},

		// REST
		"rest, well": {
			restTo("scheduler", "CreateSchedule", "POST", "/schedules/a.b", `{`+target+`,"ClientToken":"a-b"}`),
			"", "",
		},
		"rest, body": {
			restTo("scheduler", "CreateSchedule", "POST", "/schedules/a.b", `{`+target+`,"ClientToken":"release-20261130T052024.174"}`),
			"ValidationException", "1 validation error detected: Value 'release-20261130T052024.174' at 'clientToken' failed to " +
				"satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9-_]+$",
		},
		"rest, path": {
			restTo("scheduler", "CreateSchedule", "POST", "/schedules/a%20b", `{`+target+`}`),
			"ValidationException", "Value 'a b' at 'name'",
		},
		"rest, path in body": {
			restTo("scheduler", "CreateSchedule", "POST", "/schedules/a", `{`+target+`,"Name":"a"}`),
			"SerializationException", "'Name'",
		},
		"rest, another place": {
			restTo("scheduler", "CreateSchedule", "PUT", "/schedules/a", `{`+target+`}`),
			"SerializationException", "POST /schedules/{Name}",
		},
		"rest, missing": {
			restTo("scheduler", "CreateSchedule", "POST", "/schedules/a", `{}`),
			"ValidationException", "3 validation errors detected: Value null at 'flexibleTimeWindow'",
		},
		"rest, query": {
			restTo("scheduler", "ListSchedules", "GET", "/schedules?MaxResults=101", ""),
			"ValidationException", "Value '101' at 'maxResults' failed to satisfy constraint: Member must have value less than or " +
				"equal to 100",
		},
		"rest, query, as": {
			restTo("scheduler", "ListSchedules", "GET", "/schedules?ScheduleGroup=a%20b", ""),
			"ValidationException", "Value 'a b' at 'groupName'",
		},
		"rest, query, enum": {
			restTo("scheduler", "ListSchedules", "GET", "/schedules?State=OFF", ""),
			"ValidationException", "[ENABLED, DISABLED]",
		},
		"rest, query, number": {
			restTo("scheduler", "ListSchedules", "GET", "/schedules?MaxResults=many", ""),
			"SerializationException", "not a number",
		},
		"rest, query, list": {
			restTo("scheduler", "UntagResource", "DELETE", group+"?TagKeys=a&TagKeys=", ""),
			"ValidationException", "at 'tagKeys'",
		},
		"rest, no keys": {
			restTo("scheduler", "UntagResource", "DELETE", group, ""),
			"ValidationException", "Value null at 'tagKeys'",
		},
		"rest, header": {
			request{"lambda", "Invoke", "POST", "/2015-03-31/functions/f/invocations", later, "any text"},
			"ValidationException", "Value 'Later' at 'invocationType' failed to satisfy constraint: " +
				"Member must satisfy enum value set: [Event, RequestResponse, DryRun]",
		},
		"rest, payload": {restTo("lambda", "Invoke", "POST", "/2015-03-31/functions/f/invocations", "any text"), "", ""},
		"rest, boolean": {
			restTo("apigateway", "GetApiKeys", "GET", "/apikeys?includeValues=yes", ""),
			"SerializationException", "neither true nor false",
		},
		"rest, enum": {
			restTo("apigateway", "PutIntegration", "PUT", "/restapis/a/resources/b/methods/POST/integration",
				`{"type":"AWS","httpMethod":"POST","contentHandling":"BINARY"}`),
			"BadRequestException", "at 'contentHandling'",
		},
		"rest, body's as": {
			restTo("apigateway", "PutIntegration", "PUT", "/restapis/a/resources/b/methods/POST/integration",
				`{"type":"AWS","httpMethod":"POST"}`),
			"", "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			err := tt.check(t)
			var refusal *wire.Error
			if errors.As(err, &refusal); err != nil && refusal == nil {
				t.Fatal(err)
			}
			if refusal == nil {
				refusal = &wire.Error{}
			} else if refusal.Status != http.StatusBadRequest {
				t.Errorf("the status is %d", refusal.Status)
			}
			if refusal.Code != tt.code || !strings.Contains(refusal.Message, tt.message) || tt.message == "" && err != nil {
				t.Errorf("got  %s: %s\nwant %s: %s", refusal.Code, refusal.Message, tt.code, tt.message)
			}
		})
	}
}

// TestUnknownOperation: the sandbox offers nothing that no constraints are known of.
func TestUnknownOperation(t *testing.T) {
	t.Parallel()
	err := jsonTo("ssm", "LabelParameterVersion", "{}").check(t)
	if err == nil || !strings.Contains(err.Error(), "has no operation LabelParameterVersion of ssm") {
		t.Error(err)
	}
}
