// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	tfjson "github.com/hashicorp/terraform-json"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// everySetting are arguments of a chain that has everything which can be imported.
var everySetting = []string{
	"memory_size = 512", "log_retention_in_days = 7", `tags = { team = "bi" }`, `api_key_rotation = "2"`, `signing_secret_rotation = "2"`,
	`source_ip_ranges = ["127.0.0.0/8"]`, "throttle = { rate_limit = 100, burst_limit = 200 }", "reserved_concurrent_executions = 5",
	`event_type = "com.qlik.v1.app.reload.finished"`, `webhook_level = "user"`, "point_in_time_recovery = true", "history_days = 7",
	"max_running = 5",
	`timezone = "Europe/Berlin"`, `role_path = "/platform/"`, fmt.Sprintf("permissions_boundary_arn = %q", wideARN),
	fmt.Sprintf("kms_key_arn = %q", firstKeyARN),
	fmt.Sprintf("log_group_kms_key_arn = %q", firstKeyARN), "paused = true", "viewer_key = true", "signal_key = true",
	`cycle = { begins = "06:00", every = "12h" }`,
	`schedule = { cron = "0 5 1 1 ? 2199", timezone = "Europe/Zurich", except = ["2199-01-01", "2198-01-01"] }`,
	`overlap = "queue"`, `max_duration = { after = "8h", on_exceeded = "cancel" }`, `notify_on = ["success", "failure"]`,
	`expect_by = { time = "06:00", days = ["FRI", "MON"] }`, `failure_log = { lines = 20 }`, `summary_at = "07:00"`,
	`events = { bus = "chains" }`,
}

// TestAccImport checks that a chain with every setting is imported by its name from AWS and Qlik Cloud alone. Only the import is planned,
// and no call changes anything.
func TestAccImport(t *testing.T) {
	t.Parallel()
	h := newHarness(t, withBoundaries)
	config := h.chain(nightlySteps, append(everySetting, fmt.Sprintf("credentials_wo = { api_key = %q }", h.Tenant.AddAPIKey()),
		"credentials_wo_version = 3")...)
	l := newLife(t, faultAnswer, 1000)
	l.configure(config)
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	again := newLife(t, faultAnswer, 1000)
	again.configure(config + example(t, "resources/qlik_task_chain/import-by-string-id.tf"))
	plan, err := again.plan()
	if err != nil {
		t.Fatal(err)
	}
	if change := plan.ResourceChanges[0].Change; change.Importing == nil || !change.Actions.NoOp() {
		t.Errorf("the import plans to %v: %s", change.Actions, difference(change))
	}
	h.ResetProviderCalls()
	if err := errors.Join(again.apply(), again.expectNoChange()); err != nil {
		t.Error(err)
	}
	if writes := h.writes(); len(writes) > 0 {
		t.Errorf("the import changed something: %q", writes)
	}
	if err := errors.Join(again.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// difference returns which attributes a plan changes.
func difference(change *tfjson.Change) string {
	before, after := attributes(change.Before), attributes(change.After)
	var words []string
	for name, value := range after {
		if fmt.Sprint(before[name]) != fmt.Sprint(value) {
			words = append(words, fmt.Sprintf("%s: %v, was %v", name, value, before[name]))
		}
	}
	return strings.Join(words, "; ")
}

// speaker speaks Terraform's protocol with the provider, for what this machine's terraform may be too old for.
type speaker struct {
	t        *testing.T
	server   tfprotov6.ProviderServer
	resource tftypes.Type
	identity tftypes.Type
}

func (h *harness) speaker() *speaker {
	h.t.Helper()
	s := &speaker{t: h.t, server: providerserver.NewProtocol6(provider.NewImpatient(testedVersion, 10*time.Second, 1000)())()}
	schemas, err := s.server.GetProviderSchema(h.t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		h.t.Fatal(err)
	}
	identities, err := s.server.GetResourceIdentitySchemas(h.t.Context(), &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		h.t.Fatal(err)
	}
	s.resource = schemas.ResourceSchemas["qlik_task_chain"].ValueType()
	s.identity = identities.IdentitySchemas["qlik_task_chain"].ValueType()
	answer, err := s.server.ConfigureProvider(h.t.Context(),
		&tfprotov6.ConfigureProviderRequest{TerraformVersion: "1.12.0", Config: h.providerValue(schemas)})
	if err != nil || len(answer.Diagnostics) > 0 {
		h.t.Fatalf("configuring: %v %+v", err, answer)
	}
	return s
}

// providerValue configures the provider for the sandbox, as Terraform sends it.
func (h *harness) providerValue(schemas *tfprotov6.GetProviderSchemaResponse) *tfprotov6.DynamicValue {
	h.t.Helper()
	endpoints := map[string]any{}
	for _, service := range []string{"apigateway", "cloudwatch", "dynamodb", "iam", "lambda", "logs", "scheduler", "sqs", "ssm", "sts"} {
		endpoints[service] = h.Cloud.URL()
	}
	kind := schemas.Provider.ValueType()
	value, err := valueOf(kind, map[string]any{
		"tenant_url": h.Tenant.URL(), "api_key": h.Tenant.APIKey(),
		"aws": map[string]any{"region": h.Cloud.Region(), "endpoints": endpoints},
	})
	if err != nil {
		h.t.Fatal(err)
	}
	config, err := tfprotov6.NewDynamicValue(kind, value)
	if err != nil {
		h.t.Fatal(err)
	}
	return &config
}

// importBy imports a chain by its identity and reads it. It returns the chain's state and identity, or what the provider says against it.
func (s *speaker) importBy(ctx context.Context, identity map[string]string) (state, readIdentity map[string]tftypes.Value, refusal string) {
	s.t.Helper()
	values := map[string]tftypes.Value{}
	for _, name := range []string{"name", "tenant_id", "account_id", "region"} {
		values[name] = tftypes.NewValue(tftypes.String, nil)
		if value, ok := identity[name]; ok {
			values[name] = tftypes.NewValue(tftypes.String, value)
		}
	}
	dynamic, err := tfprotov6.NewDynamicValue(s.identity, tftypes.NewValue(s.identity, values))
	if err != nil {
		s.t.Fatal(err)
	}
	imported, err := s.server.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{
		TypeName: "qlik_task_chain", Identity: &tfprotov6.ResourceIdentityData{IdentityData: &dynamic},
	})
	if err != nil {
		s.t.Fatal(err)
	}
	if len(imported.Diagnostics) > 0 {
		return nil, nil, imported.Diagnostics[0].Detail
	}
	one := imported.ImportedResources[0]
	read, err := s.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{
		TypeName: "qlik_task_chain", CurrentState: one.State, CurrentIdentity: one.Identity, Private: one.Private,
	})
	if err != nil || len(read.Diagnostics) > 0 {
		s.t.Fatalf("reading: %v %+v", err, read)
	}
	return s.values(read.NewState, s.resource), s.values(read.NewIdentity.IdentityData, s.identity), ""
}

func (s *speaker) values(dynamic *tfprotov6.DynamicValue, kind tftypes.Type) map[string]tftypes.Value {
	s.t.Helper()
	value, err := dynamic.Unmarshal(kind)
	if err != nil {
		s.t.Fatal(err)
	}
	values := map[string]tftypes.Value{}
	if err := value.As(&values); err != nil {
		s.t.Fatal(err)
	}
	return values
}

// TestAccImportByIdentity checks the same for an import by identity, which Terraform and OpenTofu support from 1.12 on. The test uses the
// protocol, whichever of them runs it. A chain of the same name elsewhere is refused.
func TestAccImportByIdentity(t *testing.T) {
	t.Parallel()
	h := newHarness(t, withBoundaries)
	l := newLife(t, faultAnswer, 1000)
	l.configure(h.chain(nightlySteps, everySetting...))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	s := h.speaker()
	byName, _, _ := s.importBy(t.Context(), map[string]string{"name": "nightly"})
	here := map[string]string{"name": "nightly", "tenant_id": h.Tenant.ID(), "account_id": h.Cloud.Account(), "region": h.Cloud.Region()}
	state, identity, refusal := s.importBy(t.Context(), here)
	if refusal != "" {
		t.Fatal(refusal)
	}
	for name, value := range state {
		if !value.Equal(byName[name]) {
			t.Errorf("%s: %s by the identity, %s by the name", name, value, byName[name])
		}
	}
	for name, want := range here {
		var got string
		if err := identity[name].As(&got); err != nil || got != want {
			t.Errorf("the identity's %s is %q instead of %q", name, got, want)
		}
	}
	var memory big.Float
	if err := state["memory_size"].As(&memory); err != nil || memory.Cmp(big.NewFloat(512)) != 0 {
		t.Errorf("the chain has %v MB instead of 512, %v", &memory, err)
	}
	for name, want := range map[string]string{
		"tenant_id":  "of a chain in the tenant elsewhere, not " + h.Tenant.ID(),
		"account_id": "the AWS account elsewhere, not 123456789012", "region": "the AWS region elsewhere, not eu-central-1",
	} {
		if _, _, refusal := s.importBy(t.Context(), map[string]string{"name": "nightly", name: "elsewhere"}); !strings.Contains(refusal, want) {
			t.Errorf("another %s: %q, want %q", name, refusal, want)
		}
	}
	if l.cli().importsByIdentity() {
		h.importByIdentity(here)
	}
	if err := l.destroy(); err != nil {
		t.Error(err)
	}
}

// importByIdentity imports the chain into an empty state, by an import block.
func (h *harness) importByIdentity(identity map[string]string) {
	h.t.Helper()
	block := "import {\n  to = " + chainAddress + "\n  identity = {\n"
	for _, name := range slices.Sorted(maps.Keys(identity)) {
		block += fmt.Sprintf("    %s = %q\n", name, identity[name])
	}
	again := newLife(h.t, faultAnswer, 1000)
	again.configure(h.chain(nightlySteps, everySetting...) + block + "  }\n}\n")
	plan, err := again.plan()
	if err != nil {
		h.t.Fatal(err)
	}
	if change := plan.ResourceChanges[0].Change; change.Importing == nil || !change.Actions.NoOp() {
		h.t.Errorf("the import plans to %v: %s", change.Actions, difference(change))
	}
	if err := errors.Join(again.apply(), again.expectNoChange()); err != nil {
		h.t.Error(err)
	}
}
