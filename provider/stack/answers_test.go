// SPDX-License-Identifier: MPL-2.0

package stack_test

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go/middleware"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// TestEveryFieldOfEveryAnswer changes each field of each answer that looking a chain up gets from AWS, one at a time. It expects that the
// chain is found to differ, or that leftAlone gives the reason why the field does not matter here. The fields are those of the SDK's types,
// which come from AWS's own models. A field that a release of the SDK adds fails the test until it is one or the other.
func TestEveryFieldOfEveryAnswer(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	deployed := deploy(t)
	state, differences := deployed.find(t)
	if len(differences) > 0 {
		t.Fatalf("the chain differs as it was deployed: %v", differences)
	}
	deployed.answers.replay = true
	noticed, left, needed := 0, 0, map[string]bool{}
	for _, answer := range deployed.answers.sorted() {
		visit(reflect.ValueOf(answer.result).Elem(), strings.TrimSuffix(answer.name, "Input"), func(field string, change func() (undo func())) {
			undo := change()
			found, now := deployed.find(t)
			undo()
			entry, isLeft := whyLeft(field)
			switch {
			case len(now) > 0 || !reflect.DeepEqual(found, state):
				noticed++
			case isLeft:
				left++
				needed[entry] = true
			default:
				t.Errorf("%s: a change of it is not noticed (%s). Compare it, or give a reason in leftAlone", field, answer.key)
			}
		})
	}
	for field := range leftAlone {
		if !needed[field] {
			t.Errorf("%s: leftAlone says %q, and every change of it is noticed, or there is no such field", field, leftAlone[field])
		}
	}
	t.Logf("answers: %d fields changed, %d noticed, %d left alone with a reason", noticed+left, noticed, left)
}

// whyLeft finds the entry of leftAlone for a field: its own, or that of something that it is a part of.
func whyLeft(field string) (entry string, there bool) {
	for entry = field; entry != ""; entry = entry[:max(0, strings.LastIndexAny(entry, ".[{"))] {
		if _, there := leftAlone[entry]; there {
			return entry, true
		}
	}
	return "", false
}

// deployment is a chain in a sandbox, and what looking it up was answered.
type deployment struct {
	sandbox *sandbox.Sandbox
	clients stack.Clients
	place   stack.Place
	spec    *stack.Spec
	known   stack.Known
	answers *answers
	webhook *webhookAnswer
}

func (d *deployment) find(t *testing.T) (stack.State, []stack.Difference) {
	t.Helper()
	s := stack.New(d.clients, d.place, "nightly", d.known)
	state, err := s.Find(t.Context())
	if err != nil {
		return state, []stack.Difference{{Setting: "error", Have: err.Error()}}
	}
	return state, s.Differences(d.spec)
}

// deploy makes a chain with everything that a chain can have.
func deploy(t *testing.T) *deployment {
	t.Helper()
	return deployIn(t, sandbox.Config{})
}

func deployIn(t *testing.T, config sandbox.Config) *deployment {
	t.Helper()
	config.Apps = sandbox.NightlyApps(time.Millisecond)
	s, err := sandbox.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	webhook := new(webhookAnswer)
	tenant, err := qlik.NewClient(qlik.Config{
		TenantURL: s.Tenant.URL(), Credentials: qlik.Credentials{APIKey: s.Tenant.APIKey()}, HTTPClient: &http.Client{Transport: webhook},
	})
	if err != nil {
		t.Fatal(err)
	}
	d := &deployment{
		sandbox: s, answers: &answers{all: map[string]*answer{}}, webhook: webhook,
		place: stack.Place{
			Partition: "aws", DNSSuffix: "amazonaws.com", Region: s.Cloud.Region(), Account: s.Cloud.Account(), TenantID: s.Tenant.ID(),
		},
		spec: fullSpec(t, s.Tenant.URL(), s.Tenant.APIKey()),
	}
	cloud := s.AWS()
	cloud.APIOptions = append(cloud.APIOptions, stack.CreateOnce, stack.RepeatTransient, d.answers.add)
	d.clients = stack.Clients{
		APIGateway: apigateway.NewFromConfig(cloud), CloudWatch: cloudwatch.NewFromConfig(cloud), DynamoDB: dynamodb.NewFromConfig(cloud),
		IAM: stack.NewIAM(cloud), Lambda: lambda.NewFromConfig(cloud), Logs: cloudwatchlogs.NewFromConfig(cloud),
		Scheduler: scheduler.NewFromConfig(cloud), EventBridge: eventbridge.NewFromConfig(cloud), SQS: sqs.NewFromConfig(cloud),
		SSM: ssm.NewFromConfig(cloud), Qlik: tenant,
	}
	made := stack.New(d.clients, d.place, "nightly", stack.Known{})
	if _, err := made.Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	state, err := made.Apply(t.Context(), d.spec)
	if err != nil {
		t.Fatal(err)
	}
	d.known = stack.Known{
		Instance: state.Instance, Function: true, RestAPIID: state.RestAPIID, APIKeyID: state.APIKeyID, WebhookKeyID: state.WebhookKeyID,
		SignalKeyID: state.SignalKeyID,
		ViewerKeyID: state.ViewerKeyID, UsagePlanID: state.UsagePlanID, WebhookID: state.WebhookID, DeadLetterQueueURL: state.DeadLetterQueueURL,
	}
	d.answers.forget()
	return d
}

func fullSpec(t *testing.T, tenantURL, apiKey string) *stack.Spec {
	t.Helper()
	var code bytes.Buffer
	archive := zip.NewWriter(&code)
	file, err := archive.Create("bootstrap")
	if err == nil {
		_, err = file.Write([]byte("#!/bin/sh\n"))
	}
	if err == nil {
		err = archive.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	sum := sha256.Sum256(code.Bytes())
	definition := &chain.Definition{Version: chain.Version, Name: "nightly", Steps: map[string]chain.Step{
		"extract": {App: sandbox.AppExtract, Enabled: true, Schedule: &chain.Schedule{Cron: "0 5 * * ? *"}},
		"transform": {
			App: sandbox.AppTransform, Enabled: true, After: map[string]chain.Condition{"extract": chain.ConditionSuccess},
			ExpectBy: &chain.ExpectBy{Time: "06:00"},
		},
		"dbt": {Enabled: true, Signal: &chain.Signal{EventPattern: `{"source":["dbt"]}`, Outcome: "$.detail.status"}},
	}}
	return &stack.Spec{
		TenantURL: tenantURL, Credentials: qlik.Credentials{APIKey: apiKey}, CodeZip: code.Bytes(), ViewerKey: true, SignalKey: true,
		Reconciliation: stack.Reconciliation{Enabled: true, Interval: 10 * time.Minute, MaxAge: 6 * time.Hour, EnableWebhook: true},
		Settings: stack.Settings{
			Definition: definition, CredentialsFingerprint: "fingerprint", EventType: qlik.EventReloadFinished, WebhookLevel: "tenant",
			Architecture: "arm64",
			CodeSHA256:   base64.StdEncoding.EncodeToString(sum[:]), MemorySize: 256, LogRetentionInDays: 30, PointInTimeRecovery: true,
			Metrics:      true,
			AlarmActions: []string{"arn:aws:sns:eu-central-1:123456789012:on-call"}, RolePath: "/", ReservedConcurrency: aws.Int32(5),
			SourceIPRanges: []string{"127.0.0.0/8"}, Throttle: &stack.Throttle{RateLimit: 100, BurstLimit: 200},
			Tags: map[string]string{"owner": "bi"},
		},
	}
}

// answer is what a call was answered.
type answer struct {
	name, key string // *apigateway.GetMethodInput, and with the input itself
	result    any
	err       error
}

// answers remembers what calls were answered, and answers with it in their place.
type answers struct {
	mu     sync.Mutex
	all    map[string]*answer
	replay bool
}

func (a *answers) forget() {
	a.mu.Lock()
	defer a.mu.Unlock()
	clear(a.all)
}

// sorted returns the answers that are not errors, in a stable order.
func (a *answers) sorted() []*answer {
	a.mu.Lock()
	defer a.mu.Unlock()
	var all []*answer
	for _, one := range a.all {
		if one.err == nil {
			all = append(all, one)
		}
	}
	slices.SortFunc(all, func(a, b *answer) int { return strings.Compare(a.key, b.key) })
	return all
}

// add belongs into aws.Config.APIOptions.
func (a *answers) add(s *middleware.Stack) error {
	return s.Initialize.Add(middleware.InitializeMiddlewareFunc("answers",
		func(ctx context.Context, in middleware.InitializeInput, next middleware.InitializeHandler) (
			middleware.InitializeOutput, middleware.Metadata, error,
		) {
			text, err := json.Marshal(in.Parameters)
			if err != nil {
				return middleware.InitializeOutput{}, middleware.Metadata{}, err
			}
			name := strings.TrimPrefix(fmt.Sprintf("%T", in.Parameters), "*")
			key := name + string(text)
			a.mu.Lock()
			one := a.all[key]
			a.mu.Unlock()
			if a.replay && one != nil {
				return middleware.InitializeOutput{Result: one.result}, middleware.Metadata{}, one.err
			}
			out, metadata, err := next.HandleInitialize(ctx, in)
			a.mu.Lock()
			defer a.mu.Unlock()
			if !a.replay {
				a.all[key] = &answer{name, key, out.Result, err}
			}
			return out, metadata, err
		}), middleware.Before)
}
