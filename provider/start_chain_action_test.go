// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// actionServer is the provider as Terraform 1.14 and later talk to it; those before know no actions.
type actionServer struct {
	tfprotov6.ProviderServerWithActions
	schemas *tfprotov6.GetProviderSchemaResponse
}

// newActionServer configures the provider for the harness's sandbox.
func newActionServer(t *testing.T, h *harness) *actionServer {
	t.Helper()
	protocol := providerserver.NewProtocol6(provider.NewImpatient("test", faultAnswer, 1000)())()
	server, ok := protocol.(tfprotov6.ProviderServerWithActions) //nolint:staticcheck // ProviderServer has no actions yet
	if !ok {
		t.Fatal("the provider serves no actions")
	}
	schemas, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}
	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: h.providerValue(schemas)})
	if err != nil || len(configured.Diagnostics) > 0 {
		t.Fatalf("configuring: %v %v", err, textsOf(configured.Diagnostics))
	}
	return &actionServer{server, schemas}
}

// objectOf returns an object with these attributes; the others are null.
func objectOf(t *testing.T, kind tftypes.Type, attributes map[string]tftypes.Value) tftypes.Value {
	t.Helper()
	of, ok := kind.(tftypes.Object)
	if !ok {
		t.Fatalf("%s is no object", kind)
	}
	all := map[string]tftypes.Value{}
	for name, kind := range of.AttributeTypes {
		all[name] = tftypes.NewValue(kind, nil)
		if value, given := attributes[name]; given {
			all[name] = value
		}
	}
	return tftypes.NewValue(kind, all)
}

func dynamic(t *testing.T, value tftypes.Value) *tfprotov6.DynamicValue {
	t.Helper()
	packed, err := tfprotov6.NewDynamicValue(value.Type(), value)
	if err != nil {
		t.Fatal(err)
	}
	return &packed
}

// textsOf returns the texts of diagnostics, one a line.
func textsOf(diagnostics []*tfprotov6.Diagnostic) string {
	var lines []string
	for _, d := range diagnostics {
		lines = append(lines, fmt.Sprintf("%s: %s: %s", d.Severity, d.Summary, d.Detail))
	}
	return strings.Join(lines, "\n")
}

// invoke validates, plans and invokes the action as Terraform does. It returns the messages and what the diagnostics say.
func (s *actionServer) invoke(t *testing.T, name, step string) (messages []string, diagnostics string) {
	t.Helper()
	return s.invokeWith(t, name, step, nil)
}

// invokeWith is invoke with more attributes.
func (s *actionServer) invokeWith(
	t *testing.T, name, step string, more map[string]tftypes.Value,
) (messages []string, diagnostics string) {
	t.Helper()
	const kind = "qlik_start_chain"
	attributes := map[string]tftypes.Value{"name": tftypes.NewValue(tftypes.String, name)}
	maps.Copy(attributes, more)
	if step != "" {
		attributes["step"] = tftypes.NewValue(tftypes.String, step)
	}
	config := dynamic(t, objectOf(t, s.schemas.ActionSchemas[kind].Schema.ValueType(), attributes))
	validated, err := s.ValidateActionConfig(t.Context(), &tfprotov6.ValidateActionConfigRequest{ActionType: kind, Config: config})
	if err != nil || len(validated.Diagnostics) > 0 {
		return nil, fmt.Sprint(err, textsOf(validated.Diagnostics))
	}
	planned, err := s.PlanAction(t.Context(), &tfprotov6.PlanActionRequest{ActionType: kind, Config: config})
	if err != nil || len(planned.Diagnostics) > 0 {
		return nil, fmt.Sprint(err, textsOf(planned.Diagnostics))
	}
	stream, err := s.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: kind, Config: config})
	if err != nil {
		t.Fatal(err)
	}
	completed := 0
	for event := range stream.Events {
		switch event := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			messages = append(messages, event.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			completed++
			diagnostics = textsOf(event.Diagnostics)
		}
	}
	if completed != 1 {
		t.Errorf("the action was completed %d times", completed)
	}
	return messages, diagnostics
}

// TestAccStartChain checks that the action starts a chain where it begins, or at a given step, and reports the run. If something prevents
// that, the error says what to do.
func TestAccStartChain(t *testing.T) {
	t.Parallel()
	h, l := newHarness(t, nil), newLife(t, faultAnswer, 1000)
	server := newActionServer(t, h)
	expectReloads := func(want ...string) {
		t.Helper()
		if err := h.RunUntilQuiet(t.Context(), time.Minute); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, reload := range h.Tenant.Reloads() {
			got = append(got, reload.AppID)
		}
		slices.Sort(got)
		slices.Sort(want)
		if !slices.Equal(got, want) {
			t.Errorf("these apps were reloaded: %q, want %q", got, want)
		}
	}
	expectRefusal := func(name, step string, words ...string) {
		t.Helper()
		messages, diagnostics := server.invoke(t, name, step)
		for _, words := range words {
			if !strings.Contains(diagnostics, words) {
				t.Errorf("the action says %q and %q, without %q", messages, diagnostics, words)
			}
		}
	}

	expectRefusal("nightly", "", "ERROR: Finding the chain's API failed", "There is no task chain nightly in eu-central-1")
	steps := strings.Replace(nightlySteps, "fallback  =", `"fall / back" =`, 1)
	l.configure(h.chain(steps))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	messages, diagnostics := server.invoke(t, "nightly", "")
	if diagnostics != "" || len(messages) != 2 || messages[0] != "Starting extract of the task chain nightly." ||
		!strings.HasPrefix(messages[1], "The run 20") ||
		!strings.Contains(messages[1], " has begun with the reload of extract. The chain's record of it: "+h.invokeURL()+"/runs/20") {
		t.Fatalf("the action says %q and %q", messages, diagnostics)
	}
	first := []string{sandbox.AppExtract, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppArchive}
	expectReloads(first...)
	if messages, diagnostics := server.invoke(t, "nightly", "fall / back"); diagnostics != "" || len(messages) != 2 {
		t.Errorf("the action says %q and %q", messages, diagnostics)
	}
	only := map[string]tftypes.Value{"only": tftypes.NewValue(tftypes.Bool, true)}
	if messages, diagnostics := server.invokeWith(t, "nightly", "transform", only); diagnostics != "" || len(messages) != 2 {
		t.Errorf("the action with only says %q and %q", messages, diagnostics)
	}
	first = append(first, sandbox.AppTransform) // and nothing after it
	expectReloads(append(slices.Clone(first), sandbox.AppFallback)...)

	expectRefusal("nightly", "extrct", "ERROR: Starting the chain failed", `the chain has no step "extrct"`,
		"Correct step, or apply the chain first")
	expectRefusal("", "", "ERROR", "string length must be at least 1")
	values := map[string]tftypes.Value{"day": tftypes.NewValue(tftypes.String, nil), "mode": tftypes.NewValue(tftypes.String, "full")}
	variables := map[string]tftypes.Value{"variables": tftypes.NewValue(tftypes.Map{ElementType: tftypes.String}, values)}
	if _, diagnostics := server.invokeWith(t, "nightly", "extract", variables); !strings.Contains(diagnostics, chain.NotText("day")) {
		t.Errorf("with null as the value of a variable the action says %q", diagnostics)
	}
	h.Tenant.RemoveApp(sandbox.AppExtract)
	h.Clock.Advance(time.Since(h.Clock.Now())) // the timers that look once more have moved it on, and the function goes by the real one
	expectRefusal("nightly", "", "ERROR: Starting the chain failed", "502", "The reload of extract was not started")
	if err := takeFromPlan(objectName)(t.Context(), h); err != nil {
		t.Fatal(err)
	}
	expectRefusal("nightly", "", "ERROR: Starting the chain failed",
		"API Gateway refuses the call. Let the chain's source_ip_ranges admit the machine")

	l.configure(h.chain(strings.Replace(steps, `after = { transform = "success" }, weight`, "weight", 1), "check_apps = false"))
	if err := l.apply(); err != nil {
		t.Fatal(err)
	}
	expectRefusal("nightly", "", "ERROR: Starting the chain failed",
		"The chain begins at 2 steps: dashboard and extract. Set step to the one to start.")
	expectReloads(append(slices.Clone(first), sandbox.AppFallback)...)
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
