// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

// Package durability_test proves what the chain does in bad nights: the real function is deployed to the sandbox, and cut off, notified
// twice, refused.
package durability_test

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"slices"
	"strings"
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

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// whole makes the tests go through everything; without it they take a sample that fits a build.
var (
	whole = flag.Bool("whole", false, "go through every point and many chains, not a sample")
	// The same seeds each time, so that a failure is that of the change that is tested. make test-all takes others.
	seed = flag.Uint64("seed", 1, "the first seed of random chains and events; 0: one of the clock's")
)

func firstSeed() uint64 {
	if *seed != 0 {
		return *seed
	}
	return uint64(time.Now().UnixNano())
}

// constraints are the requests of all tests.
var constraints constraint.Sum

func TestMain(m *testing.M) {
	code := m.Run()
	fmt.Println(constraints.String())
	os.Exit(code)
}

// deployment is a chain in a sandbox of its own.
type deployment struct {
	*sandbox.Sandbox
	t          testing.TB
	ctx        context.Context
	definition *chain.Definition
	state      stack.State
	key        string // the operators' API key
	webhookKey string
}

// deploy sets up a chain with apps of the tenant. They end as given: one status for each reload, the last one for all further ones.
func deploy(t testing.TB, config sandbox.Config, d *chain.Definition, endings map[string][]string) *deployment {
	t.Helper()
	config.Cloud.Scheduler.RunPast = true // the function's time is the real one, which the sandbox's clock may be ahead of
	for key, s := range d.Steps {
		if s.App != "" {
			config.Apps = append(config.Apps, tenant.App{ID: s.App, Name: key, Outcomes: endings[key]})
		}
	}
	box, err := sandbox.Start(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := box.Close(); err != nil {
			t.Error(err)
		}
		constraints.Add(box.Cloud.Constraints())
	})
	dep := &deployment{Sandbox: box, t: t, ctx: t.Context(), definition: d}
	dep.addRunnables(endings)
	dep.apply()
	return dep
}

func (d *deployment) apply() {
	d.t.Helper()
	credentials := qlik.Credentials{APIKey: d.Tenant.APIKey()}
	client, err := qlik.NewClient(qlik.Config{TenantURL: d.Tenant.URL(), Credentials: credentials, UserAgent: "durability"})
	if err != nil {
		d.t.Fatal(err)
	}
	architecture, ok := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	if !ok {
		d.t.Fatalf("Lambda runs nothing that is built for %s", runtime.GOARCH)
	}
	code, err := bundle.Load(architecture)
	if err != nil {
		d.t.Fatal(err)
	}
	config := d.AWS()
	endpoints, err := stack.FunctionEndpoints(d.ctx, d.Cloud.Region(), aws.FIPSEndpointStateUnset, aws.DualStackEndpointStateUnset)
	if err != nil {
		d.t.Fatal(err)
	}
	config.AppID = "terraform-provider-qlik" // it is the provider's code that calls
	s := stack.New(stack.Clients{
		APIGateway: apigateway.NewFromConfig(config), CloudWatch: cloudwatch.NewFromConfig(config), DynamoDB: dynamodb.NewFromConfig(config),
		IAM:    stack.NewIAM(config),
		Lambda: lambda.NewFromConfig(config), Logs: cloudwatchlogs.NewFromConfig(config), Scheduler: scheduler.NewFromConfig(config),
		EventBridge: eventbridge.NewFromConfig(config),
		SQS:         sqs.NewFromConfig(config), SSM: ssm.NewFromConfig(config), Qlik: client,
	}, stack.Place{
		Partition: "aws", DNSSuffix: "amazonaws.com", Region: d.Cloud.Region(), Account: d.Cloud.Account(), TenantID: d.Tenant.ID(),
		Endpoints: endpoints,
	}, d.definition.Name, stack.Known{})
	if _, err := s.Find(d.ctx); err != nil {
		d.t.Fatal(err)
	}
	if d.state, err = s.Apply(d.ctx, &stack.Spec{
		Settings: stack.Settings{
			Definition: d.definition, CredentialsFingerprint: credentials.Fingerprint(), EventType: qlik.EventReloadFinished,
			WebhookLevel: qlik.LevelTenant,
			Architecture: architecture, CodeSHA256: code.SHA256, MemorySize: 256, LogRetentionInDays: 30, RolePath: "/",
		},
		TenantURL: d.Tenant.URL(), Credentials: credentials, CodeZip: code.Zip,
		Reconciliation: stack.Reconciliation{Interval: 15 * time.Minute, MaxAge: 6 * time.Hour}, // and no sweep but those that a test asks for
	}); err != nil {
		d.t.Fatal(err)
	}
	for suffix, key := range map[string]*string{"": &d.key, ".webhook": &d.webhookKey} {
		if *key, err = d.APIKey(d.ctx, "qlik-task-chain-"+d.definition.Name+suffix); err != nil {
			d.t.Fatal(err)
		}
	}
}

// cutOffAfter gives the function so little time that a claim of an execution that is cut off runs out soon.
func (d *deployment) cutOffAfter(seconds int32) {
	d.t.Helper()
	client := lambda.NewFromConfig(d.AWS())
	name := aws.String(d.state.FunctionARN)
	if _, err := client.UpdateFunctionConfiguration(d.ctx,
		&lambda.UpdateFunctionConfigurationInput{FunctionName: name, Timeout: aws.Int32(seconds)}); err != nil {
		d.t.Fatal(err)
	}
	waiter := lambda.NewFunctionUpdatedV2Waiter(client, func(o *lambda.FunctionUpdatedV2WaiterOptions) { o.MinDelay = 10 * time.Millisecond })
	if err := waiter.Wait(d.ctx, &lambda.GetFunctionInput{FunctionName: name}, time.Minute); err != nil {
		d.t.Fatal(err)
	}
}

// reload is a reload of a step's app by hand.
func (d *deployment) reload(step string) {
	d.t.Helper()
	var err error
	switch s := d.definition.Steps[step]; s.Kind() {
	case chain.KindAutomation:
		_, err = d.Tenant.StartAutomation(s.Automation)
	case chain.KindDataTask:
		_, err = d.Tenant.StartDataTask(s.DataTask.Project, s.DataTask.Task)
	default:
		_, err = d.Tenant.StartReload(s.App)
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// made counts the reloads so far, by step.
func (d *deployment) made() map[string]int {
	made := map[string]int{}
	for _, r := range d.Tenant.Reloads() {
		made[r.AppName]++
	}
	d.countRunnables(made)
	return made
}

// randomEndings are endings for every attempt of every step.
func randomEndings(seed uint64, d *chain.Definition) map[string][]string {
	ending, endings := chaintest.Endings(seed, d), map[string][]string{}
	for key := range d.Steps {
		for attempt := 1; attempt <= chain.MaxAttempts; attempt++ {
			endings[key] = append(endings[key], ending(key, attempt))
		}
	}
	return endings
}

// get asks the chain for what is at path.
func (d *deployment) get(path string, content any) {
	d.t.Helper()
	status, body, err := sandbox.Call(d.ctx, http.MethodGet, d.state.InvokeURL+path, map[string]string{"x-api-key": d.key}, nil)
	if err != nil || status != http.StatusOK {
		d.t.Fatalf("GET %s = %d %s, %v", path, status, body, err)
	}
	if err := json.Unmarshal(body, content); err != nil {
		d.t.Fatalf("GET %s: %v", path, err)
	}
}

// deadLetters are the bodies in the dead-letter queue.
func (d *deployment) deadLetters() []string {
	var bodies []string
	for _, m := range d.Cloud.SQS().Messages("qlik-task-chain-" + d.definition.Name + "-dead-letters") {
		bodies = append(bodies, m.Body)
	}
	return bodies
}

func (d *deployment) logLines() []string {
	d.t.Helper()
	lines, err := d.LogLines(d.ctx, d.state.LogGroupName)
	if err != nil {
		d.t.Fatal(err)
	}
	return lines
}

// soon is how far ahead something may be that is waited for in real time: an execution that was cut off has its claim in real time.
const soon = 5 * time.Second

// quiet lets everything happen: what is soon in real time, what is later by moving the clock.
func (d *deployment) quiet() {
	d.t.Helper()
	for began := time.Now(); ; {
		if lines := d.logLines(); time.Since(began) > time.Minute && len(lines) > 0 {
			d.t.Fatalf("something goes on and on; the log ends with %s", strings.Join(lines[max(0, len(lines)-6):], "\n"))
		}
		if err := d.Settle(d.ctx); err != nil {
			d.t.Fatal(err)
		}
		next, found := d.Next()
		if !found {
			return
		}
		if left := next.Sub(d.Clock.Now()); left > soon {
			d.Clock.Advance(left)
		} else if !d.Clock.Wait(d.ctx, next) {
			d.t.Fatal(d.ctx.Err())
		}
	}
}

func step(n int, after map[string]chain.Condition) chain.Step {
	return chain.Step{App: fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", n), Enabled: true, After: after}
}

func after(condition chain.Condition, upstreams ...string) map[string]chain.Condition {
	m := map[string]chain.Condition{}
	for _, u := range upstreams {
		m[u] = condition
	}
	return m
}

func keysOf(m map[string]int) []string {
	var keys []string
	for key, n := range m {
		keys = append(keys, fmt.Sprintf("%s ×%d", key, n))
	}
	slices.Sort(keys)
	return keys
}

// quick is a sandbox with a function that is ready at once and is tried again soon.
func quick() sandbox.Config {
	return sandbox.Config{Cloud: cloud.Config{Lambda: function.Config{RetryDelay: 2100 * time.Millisecond, Concurrency: 16}}}
}
