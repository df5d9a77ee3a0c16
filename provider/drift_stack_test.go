// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
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
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// deployed is a chain that the stack has set up on a sandbox, without Terraform.
type deployed struct {
	h       *harness
	clients stack.Clients
	place   stack.Place
	spec    *stack.Spec
	known   stack.Known
	left    shown // how the chain was left, see attributesOf
}

// newDeployed deploys a chain with nightlyDefinition and the default settings, as changed by change.
func newDeployed(t *testing.T, h *harness, change func(*stack.Spec)) *deployed {
	t.Helper()
	tenant, err := h.qlikClient()
	if err != nil {
		t.Fatal(err)
	}
	code, err := bundle.Load(function.HostArchitecture())
	if err != nil {
		t.Fatal(err)
	}
	endpoints, err := stack.FunctionEndpoints(t.Context(), h.Cloud.Region(), aws.FIPSEndpointStateUnset, aws.DualStackEndpointStateUnset)
	if err != nil {
		t.Fatal(err)
	}
	config := h.AWS()
	config.APIOptions = append(config.APIOptions, stack.CreateOnce, stack.RepeatTransient)
	config.AppID = "terraform-provider-qlik" // it is the provider's code that calls
	credentials := qlik.Credentials{APIKey: h.Tenant.APIKey()}
	d := &deployed{
		h: h,
		clients: stack.Clients{
			APIGateway: apigateway.NewFromConfig(config), CloudWatch: cloudwatch.NewFromConfig(config), DynamoDB: dynamodb.NewFromConfig(config),
			IAM: stack.NewIAM(config), Lambda: lambda.NewFromConfig(config), Logs: cloudwatchlogs.NewFromConfig(config),
			Scheduler:   scheduler.NewFromConfig(config),
			EventBridge: eventbridge.NewFromConfig(config), SQS: sqs.NewFromConfig(config), SSM: ssm.NewFromConfig(config), Qlik: tenant,
		},
		place: stack.Place{
			Partition: "aws", DNSSuffix: "amazonaws.com", Region: h.Cloud.Region(), Account: h.Cloud.Account(), TenantID: h.Tenant.ID(),
			Endpoints: endpoints,
		},
		spec: &stack.Spec{
			TenantURL: h.Tenant.URL(), Credentials: credentials, CodeZip: code.Zip,
			Reconciliation: stack.Reconciliation{Enabled: true, Interval: 15 * time.Minute, MaxAge: 6 * time.Hour},
			Settings: stack.Settings{
				Definition: nightlyDefinition(), CredentialsFingerprint: credentials.Fingerprint(), EventType: qlik.EventReloadFinished,
				WebhookLevel: qlik.LevelTenant, Architecture: function.HostArchitecture(), CodeSHA256: code.SHA256, MemorySize: 256,
				LogRetentionInDays: 30, RolePath: "/", Metrics: true, OperatorAuth: chain.OperatorAuthKey,
			},
		},
	}
	if change != nil {
		change(d.spec)
	}
	s := stack.New(d.clients, d.place, "nightly", d.known)
	if _, err := s.Find(t.Context()); err != nil {
		t.Fatal(err)
	}
	state, err := s.Create(t.Context(), d.spec)
	if err != nil {
		t.Fatal(err)
	}
	d.remember(&state)
	if have, err := d.differs(t.Context()); err != nil || len(have) > 0 {
		t.Fatalf("the chain differs as it was set up: %v %v", have, err)
	}
	return d
}

// nightlyDefinition returns the definition of a chain that runs after each of many drifts, all within an hour.
func nightlyDefinition() *chain.Definition {
	step := func(app, upstream string, condition chain.Condition) chain.Step {
		s := chain.Step{App: app, Enabled: true}
		if upstream != "" {
			s.After, s.MaxStartsPerHour = map[string]chain.Condition{upstream: condition}, 1000
		}
		return s
	}
	transform, dashboard := step(sandbox.AppTransform, "extract", chain.ConditionSuccess), step(sandbox.AppDashboard, "transform",
		chain.ConditionSuccess)
	transform.Variables, dashboard.Weight = map[string]string{"mode": "full"}, 5
	return &chain.Definition{Version: chain.Version, Name: "nightly", Timezone: "UTC", Steps: map[string]chain.Step{
		"extract": step(sandbox.AppExtract, "", ""), "transform": transform, "dashboard": dashboard,
		"fallback": step(sandbox.AppFallback, "transform", chain.ConditionFailure),
		"archive":  step(sandbox.AppArchive, "transform", chain.ConditionSuccess),
	}}
}

// remember notes what an apply has left, as the provider's state does.
func (d *deployed) remember(state *stack.State) {
	d.known = stack.Known{
		Instance: state.Instance, Function: state.FunctionARN != "", RestAPIID: state.RestAPIID, APIKeyID: state.APIKeyID,
		WebhookKeyID: state.WebhookKeyID,
		SignalKeyID:  state.SignalKeyID,
		ViewerKeyID:  state.ViewerKeyID, UsagePlanID: state.UsagePlanID, WebhookID: state.WebhookID,
		DeadLetterQueueURL: state.DeadLetterQueueURL,
	}
}

// find looks the chain up.
func (d *deployed) find(ctx context.Context) (*stack.Stack, stack.State, error) {
	s := stack.New(d.clients, d.place, "nightly", d.known)
	state, err := s.Find(ctx)
	return s, state, err
}

// differs returns everything that differs from how the chain was left. A difference in a state is under the name of the attribute that
// shows it. The other differences are under drift.
func (d *deployed) differs(ctx context.Context) (shown, error) {
	s, state, err := d.find(ctx)
	if err != nil {
		return nil, err
	}
	spec := foundSpec(d.spec, &state)
	now := attributesOf(&state, spec)
	if d.left == nil {
		d.left = now
	}
	have := shown{}
	for name, value := range now {
		if value != d.left[name] {
			have[name] = value
		}
	}
	then := map[string]string{}
	for _, difference := range s.Differences(d.spec) {
		then[difference.Setting] = difference.String()
	}
	for _, difference := range s.Differences(spec) {
		if words, differed := then[difference.Setting]; differed { // else what was found says so
			have["drift."+difference.Setting] = words
		}
	}
	return have, nil
}

// repair applies what the chain was left as.
func (d *deployed) repair(ctx context.Context) error {
	s, _, err := d.find(ctx)
	if err != nil {
		return err
	}
	state, err := s.Apply(ctx, d.spec)
	d.remember(&state)
	if err != nil {
		return err
	}
	have, err := d.differs(ctx)
	for name := range have { // an id that AWS has made anew is as it should be
		if slices.Contains(generatedIDs, name) && have[name] != gone {
			d.left[name] = have[name]
			delete(have, name)
		}
	}
	if err == nil && len(have) > 0 {
		err = fmt.Errorf("the chain still differs: %v", have)
	}
	return err
}

// remove deletes the chain.
func (d *deployed) remove(ctx context.Context) error {
	s := stack.New(d.clients, d.place, "nightly", d.known)
	if _, err := s.FindToDelete(ctx); err != nil {
		return err
	}
	_, err := s.Delete(ctx)
	return err
}

// generatedIDs are the attributes that show ids of AWS's and Qlik Cloud's making.
var generatedIDs = []string{
	"api_key_id", "invoke_url", "page_url", "rest_api_id", "signal_key_id", "usage_plan_id", "viewer_key_id", "webhook_id", "webhook_key_id",
}

// foundSpec returns what was found. For missing objects it returns what was left.
func foundSpec(left *stack.Spec, state *stack.State) *stack.Spec {
	found := *left
	if state.Definition != nil {
		found.Definition = state.Definition
	}
	if state.TableName != "" {
		found.PointInTimeRecovery, found.KMSKeyARN = state.PointInTimeRecovery, state.KMSKeyARN
		if state.FunctionARN != "" {
			found.Paused = state.Paused
		}
	}
	found.ViewerKey, found.SignalKey = state.ViewerKeyID != "", state.SignalKeyID != ""
	if state.LogGroupName != "" {
		found.LogRetentionInDays, found.LogGroupKMSKeyARN = state.LogRetentionInDays, state.LogGroupKMSKeyARN
	}
	if state.RoleARN != "" {
		found.PermissionsBoundaryARN = state.PermissionsBoundaryARN
	}
	if state.APIKeyID != "" {
		found.APIKeyRotation = state.APIKeyRotation
	}
	if state.SigningSecret {
		found.SigningSecretRotation = state.SigningSecretRotation
	}
	if state.RestAPIID != "" {
		found.SourceIPRanges = state.SourceIPRanges
	}
	if state.InvokeURL != "" {
		found.Throttle = state.Throttle
	}
	if state.Reconciliation != nil {
		found.Reconciliation = *state.Reconciliation
	}
	if state.WebhookID != "" {
		found.EventType, found.WebhookLevel = state.EventType, state.WebhookLevel
	}
	found.CodeSHA256, found.CredentialsFingerprint = state.CodeSHA256, state.CredentialsFingerprint
	if state.FunctionARN != "" {
		found.Architecture, found.MemorySize, found.ReservedConcurrency = state.Architecture, state.MemorySize, state.ReservedConcurrency
		found.AlarmActions, found.Metrics, found.OperatorAuth = state.AlarmActions, state.Metrics, state.OperatorAuth
		found.CredentialsVersion, found.Tags, found.Events = state.CredentialsVersion, state.Tags, state.Events
	}
	return &found
}

// attributesOf returns the attributes that show what was found, in words as Terraform's.
func attributesOf(state *stack.State, found *stack.Spec) shown {
	page := ""
	if state.InvokeURL != "" {
		page = state.InvokeURL + "/page"
	}
	all := shown{
		"api_key_id": state.APIKeyID, "dead_letter_queue_url": state.DeadLetterQueueURL, "function_arn": state.FunctionARN,
		"instance_id": state.Instance,
		"invoke_url":  state.InvokeURL, "rest_api_id": state.RestAPIID, "role_arn": state.RoleARN, "schedule_group_name": state.ScheduleGroupName,
		"table_name": state.TableName, "usage_plan_id": state.UsagePlanID, "viewer_key_id": state.ViewerKeyID, "webhook_id": state.WebhookID,
		"webhook_key_id": state.WebhookKeyID, "page_url": page,

		"code_sha256": found.CodeSHA256, "credentials_fingerprint": found.CredentialsFingerprint,
		"credentials_wo_version": found.CredentialsVersion,
		"api_key_rotation":       found.APIKeyRotation, "signing_secret_rotation": found.SigningSecretRotation, "event_type": found.EventType,
		"webhook_level": found.WebhookLevel, "architecture": found.Architecture, "memory_size": fmt.Sprint(found.MemorySize),
		"log_retention_in_days": fmt.Sprint(found.LogRetentionInDays), "alarm_actions": inWords(found.AlarmActions),
		"metrics":                fmt.Sprint(found.Metrics),
		"point_in_time_recovery": fmt.Sprint(found.PointInTimeRecovery), "kms_key_arn": found.KMSKeyARN,
		"log_group_kms_key_arn":    found.LogGroupKMSKeyARN,
		"permissions_boundary_arn": found.PermissionsBoundaryARN, "reserved_concurrent_executions": inWords(found.ReservedConcurrency),
		"source_ip_ranges": inWords(found.SourceIPRanges), "paused": fmt.Sprint(found.Paused), "viewer_key": fmt.Sprint(found.ViewerKey),
		"signal_key": fmt.Sprint(found.SignalKey), "signal_key_id": state.SignalKeyID,
		"operator_auth": found.OperatorAuth, "tags": inWords(found.Tags), "tags_all": inWords(found.Tags), "throttle": "",
		"events":         "",
		"reconciliation": reconciliationInWords(found.Reconciliation),
		"steps":          stepsInWords(found.Definition),
	}
	if found.Events != nil {
		all["events"] = inWords(map[string]any{"bus": found.Events.Bus})
	}
	if t := found.Throttle; t != nil {
		all["throttle"] = inWords(map[string]any{"rate_limit": t.RateLimit, "burst_limit": t.BurstLimit})
	}
	for name, value := range all {
		if value == "" {
			all[name] = gone
		}
	}
	return all
}

// reconciliationInWords returns what differs from the default.
func reconciliationInWords(found stack.Reconciliation) string {
	said := map[string]any{}
	for name, is := range map[string]struct{ found, byDefault any }{
		"enabled": {found.Enabled, true}, "enable_webhook": {found.EnableWebhook, false},
		"interval": {chain.FormatDuration(found.Interval), "15m"}, "max_age": {chain.FormatDuration(found.MaxAge), "6h"},
	} {
		if is.found != is.byDefault {
			said[name] = is.found
		}
	}
	if len(said) == 0 {
		return ""
	}
	return inWords(said)
}

func stepsInWords(d *chain.Definition) string {
	text, err := d.EncodeCompact()
	if err != nil {
		panic(err) // texts and numbers always encode
	}
	var document struct{ Steps json.RawMessage }
	if err := json.Unmarshal(text, &document); err != nil {
		panic(err)
	}
	return string(document.Steps)
}

// TestAccDeletedJustNow checks that an object that is still being deleted when the chain is looked up is created again with all its
// settings.
func TestAccDeletedJustNow(t *testing.T) {
	t.Parallel()
	h := newDriftHarness(t, func(c *sandbox.Config) {
		c.Cloud.DynamoDB.TransitionTime, c.Cloud.Scheduler.DeletingFor = 400*time.Millisecond, 400*time.Millisecond
	})
	d := newDeployed(t, h, func(spec *stack.Spec) {
		scheduleDrifts.spec(spec)
		spec.PointInTimeRecovery = true
	})
	if err := inTurn(deleteTable, deleteScheduleGroup)(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	if err := errors.Join(d.repair(t.Context()), h.runs(t.Context()), d.remove(t.Context())); err != nil {
		t.Fatal(err)
	}
}
