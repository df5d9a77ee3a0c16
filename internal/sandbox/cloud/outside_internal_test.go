// SPDX-License-Identifier: MPL-2.0

package cloud

import (
	"net/http/httptest"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

func TestOutsideCallIsNamed(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		scope, operation, path, body string
	}{
		"dynamodb PutItem STEP#transform": {"dynamodb", "PutItem", "/",
			`{"TableName":"t","Item":{"pk":{"S":"RUN#1"},"sk":{"S":"STEP#transform"},"doc":{"S":"{}"}}}`},
		"dynamodb GetItem RUN#1": {"dynamodb", "GetItem", "/", `{"Key":{"pk":{"S":"RUN#1"}}}`},
		"dynamodb DeleteItem":    {"dynamodb", "DeleteItem", "/", `{"Key":{"id":{"N":"1"}}}`},
		"dynamodb Query":         {"dynamodb", "Query", "/", `{"KeyConditionExpression":"pk = :pk"}`},
		"dynamodb UpdateItem":    {"dynamodb", "UpdateItem", "/", `{"Key":7}`},
		"dynamodb TransactWriteItems STEP#a STEP#b": {"dynamodb", "TransactWriteItems", "/",
			`{"TransactItems":[{"Put":{"Item":{"sk":{"S":"STEP#a"}}}},{"Delete":{"Key":{"sk":{"S":"STEP#b"}}}}]}`},
		"scheduler CreateSchedule nightly-transform-17": {"scheduler", "CreateSchedule", "/schedules/nightly-transform-17", `{}`},
		"scheduler ListSchedules":                       {"scheduler", "ListSchedules", "/schedules", ``},
		"events PutEvents StepEnded RunEnded": {"events", "PutEvents", "/",
			`{"Entries":[{"DetailType":"StepEnded","Detail":"{}"},{"DetailType":"RunEnded"}]}`},
		"ssm GetParameters": {"ssm", "GetParameters", "/", `{"Names":["/a"]}`},
	} {
		request := &wire.Request{
			HTTP: httptest.NewRequest("POST", test.path, nil), Body: []byte(test.body),
			Caller: wire.Identity{Role: "qlik-chain-nightly",
				ARN: "arn:aws:sts::123456789012:assumed-role/qlik-chain-nightly/qlik-task-chain-nightly"},
		}
		got := outsideCall(test.scope, request, &wire.Call{Operation: test.operation})
		if got.String() != name || got.Function != "qlik-task-chain-nightly" {
			t.Errorf("got %q of %q, want %q", got, got.Function, name)
		}
		request.Caller = wire.Identity{ARN: "arn:aws:iam::123456789012:user/sandbox"}
		if got := outsideCall(test.scope, request, &wire.Call{Operation: test.operation}); got != (outside.Call{Service: test.scope,
			Operation: test.operation}) {
			t.Errorf("the user's call is %+v", got)
		}
	}
}
