// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/functiontest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

var ended = engine.Event{
	Type: engine.EventStepEnded, Version: 1, ID: "id", Chain: "nightly", Step: "ü & =+%", Status: "SUCCEEDED",
	EndedAt: time.Date(2026, 11, 24, 2, 12, 9, 0, time.UTC),
}

func TestPut(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*cloud.Fault{
		"well": nil, "failed": {Kind: cloud.FaultServer}, "cut off": {Kind: cloud.FaultCutBefore},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.Start(t, cloud.Config{})
			bus := c.Events().AddBus("orders")
			if fault != nil {
				fault.Service, fault.Times = "events", 1
				c.Faults().Add(*fault)
			}
			if err := aws.NewBus(cloudtest.UserConfig(c), bus).Put(t.Context(), ended); err != nil {
				t.Fatal(err)
			}
			got := c.Events().Put("orders")
			if len(got) != 1 || got[0].Source != "qlik-task-chain" || got[0].DetailType != "StepEnded" ||
				!strings.Contains(got[0].Detail, `"status":"SUCCEEDED"`) {
				t.Errorf("on the bus are %+v", got)
			}
		})
	}
}

func TestPutFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		fault cloud.Fault
		code  string
		calls int
	}{
		"may not":      {cloud.Fault{Kind: cloud.FaultAccessDenied}, "AccessDenied", 1},
		"always fails": {cloud.Fault{Kind: cloud.FaultServer}, "InternalException", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.Start(t, cloud.Config{})
			c.Faults().Add(tt.fault)
			err := aws.NewBus(cloudtest.UserConfig(c), "default").Put(t.Context(), ended)
			if err == nil || !strings.Contains(err.Error(), tt.code) || !strings.Contains(err.Error(), "on default") {
				t.Errorf("Put() = %v, want %s and the bus", err, tt.code)
			}
			if calls := c.Calls(); len(calls) != tt.calls {
				t.Errorf("there were the calls %+v, want %d", calls, tt.calls)
			}
		})
	}
}

// TestPutRefused checks an answer of 200 that refuses the entry. Only what may pass is tried again.
func TestPutRefused(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]int{"InvalidArgument": 1, "ThrottlingException": 2, "InternalFailure": 2} {
		calls := 0
		url := functiontest.Serve(t, http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			calls++
			answer := map[string]any{"FailedEntryCount": 1, "Entries": []any{map[string]any{"ErrorCode": code, "ErrorMessage": "no"}}}
			_ = json.NewEncoder(w).Encode(answer)
		}))
		err := aws.NewBus(sdk.Config{
			Region: "eu-central-1", BaseEndpoint: &url, HTTPClient: http.DefaultClient,
			Credentials: credentials.NewStaticCredentialsProvider("id", "key", ""),
		}, "default").Put(t.Context(), ended)
		if err == nil || !strings.Contains(err.Error(), code+": no") || calls != want {
			t.Errorf("%s: Put() = %v after %d calls, want %d", code, err, calls, want)
		}
	}
}

// TestPutAsTheSDK compares the request with the SDK's.
func TestPutAsTheSDK(t *testing.T) {
	t.Parallel()
	detail, err := json.Marshal(ended)
	if err != nil {
		t.Fatal(err)
	}
	sendSame(t, func(config sdk.Config) {
		if err := aws.NewBus(config, "orders").Put(t.Context(), ended); err != nil {
			t.Error(err)
		}
	}, func(config sdk.Config) {
		if _, err := eventbridge.NewFromConfig(config).PutEvents(t.Context(), &eventbridge.PutEventsInput{
			Entries: []types.PutEventsRequestEntry{{
				EventBusName: sdk.String("orders"), Source: sdk.String("qlik-task-chain"), DetailType: sdk.String("StepEnded"),
				Detail: sdk.String(string(detail)), Time: &ended.EndedAt,
			}},
		}); err != nil {
			t.Error(err)
		}
	})
}
