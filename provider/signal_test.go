// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/events"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
)

// dbtAndExtract is dbt, which an event of the bus reports, and an extract → dashboard; archive if dbt fails.
func dbtAndExtract(bus string) string {
	return fmt.Sprintf(`
    dbt = { signal = {
      event_pattern = jsonencode({ source = ["dbt.cloud"], detail = { job = ["nightly"], status = [{ "anything-but" = "Running" }] } })
      event_bus     = %q
      outcome       = "$.detail.status"
    } }
    extract   = { app = %q }
    dashboard = { app = %q, after = { dbt = "success", extract = "success" } }
    archive   = { app = %q, after = { dbt = "failure" } }
`, bus, sandbox.AppExtract, sandbox.AppDashboard, sandbox.AppArchive)
}

// signalWorld is a chain that events report to.
type signalWorld struct {
	*harness
	*life
	t *testing.T
}

func newSignalWorld(t *testing.T, steps string) *signalWorld {
	t.Helper()
	w := &signalWorld{newHarness(t, nil), newLife(t, faultAnswer, 1000), t}
	w.Cloud.Events().AddBus("ingest")
	w.steps(steps)
	return w
}

// steps gives the chain these steps.
func (w *signalWorld) steps(steps string) {
	w.t.Helper()
	w.configure(w.chain(steps, "reconciliation = { enabled = false }"))
	if err := errors.Join(w.apply(), w.expectNoChange()); err != nil {
		w.t.Fatal(err)
	}
}

// job puts an event on a bus: a job of dbt has ended so.
func (w *signalWorld) job(bus, name, status string) {
	w.t.Helper()
	entry := types.PutEventsRequestEntry{
		EventBusName: aws.String(bus), Source: aws.String("dbt.cloud"), DetailType: aws.String("Job Completed"),
		Detail: aws.String(fmt.Sprintf(`{"job": %q, "status": %q}`, name, status)),
	}
	out, err := eventbridge.NewFromConfig(w.AWS()).PutEvents(w.t.Context(),
		&eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{entry}})
	if err != nil || out.FailedEntryCount > 0 {
		w.t.Fatalf("%v, %+v", err, out)
	}
	if err := w.Settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}

// expectMade checks how many reloads there were so far: of the dashboard, and of the archive.
func (w *signalWorld) expectMade(after string, dashboard, archive int) {
	w.t.Helper()
	made := map[string]int{}
	for _, reload := range w.Tenant.Reloads() {
		made[reload.AppID]++
	}
	if made[sandbox.AppDashboard] != dashboard || made[sandbox.AppArchive] != archive {
		lines, err := w.LogLines(w.t.Context(), logGroup)
		w.t.Errorf("after %s there are %d and %d reloads, want %d and %d; the function's log (%v):\n%s", after, made[sandbox.AppDashboard],
			made[sandbox.AppArchive], dashboard, archive, err, strings.Join(lines, "\n"))
	}
}

// rules returns the ARNs of the rules that exist.
func (w *signalWorld) rules() []string { return w.Cloud.Events().Objects() }

// statements returns how many statements the function's policy has.
func (w *signalWorld) statements() int {
	w.t.Helper()
	out, err := lambda.NewFromConfig(w.AWS()).GetPolicy(w.t.Context(), &lambda.GetPolicyInput{FunctionName: aws.String(objectName)})
	if err != nil {
		w.t.Fatal(err)
	}
	return strings.Count(aws.ToString(out.Policy), `"Sid"`)
}

const rulesARN = "arn:aws:events:eu-central-1:123456789012:rule/"

// TestAccSignals covers the life of a rule: an event settles its step once, another bus moves the rule, and without a pattern none is left.
func TestAccSignals(t *testing.T) {
	t.Parallel()
	w := newSignalWorld(t, dbtAndExtract("default"))
	w.job("default", "nightly", "Success")
	w.expectMade("dbt", 0, 0)
	if _, err := w.Tenant.StartReload(sandbox.AppExtract); err != nil {
		t.Fatal(err)
	}
	if err := w.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.expectMade("dbt and the extract", 1, 0)
	w.job("default", "another", "Success")
	w.job("default", "nightly", "Running")
	w.job("ingest", "nightly", "Success")
	w.expectMade("events that do not match", 1, 0)
	w.Cloud.Events().Redeliver(3)
	w.job("default", "nightly", "Error")
	w.Cloud.Events().Redeliver(1)
	w.expectMade("a failure that is delivered three times", 1, 1)

	w.steps(dbtAndExtract("ingest"))
	if got, want := w.rules(), []string{rulesARN + "ingest/" + ruleOfDBT}; !slices.Equal(got, want) || w.statements() != 2 {
		t.Errorf("on another bus the rules are %q with %d statements, want %q", got, w.statements(), want)
	}
	w.job("default", "nightly", "Success")
	w.expectMade("an event on the bus of before", 1, 1)
	w.job("ingest", "nightly", "Success")
	w.expectMade("an event on the bus", 2, 1)

	w.steps(strings.Replace(dbtAndExtract("ingest"), `event_bus `, `# event_bus `, 1))
	if got, want := w.rules(), []string{rulesARN + ruleOfDBT}; !slices.Equal(got, want) {
		t.Errorf("on the default bus the rules are %q, want %q", got, want)
	}
	w.steps(nightlySteps)
	if got := w.rules(); len(got) > 0 || w.statements() != 1 {
		t.Errorf("without a signal the rules are %q with %d statements", got, w.statements())
	}
	w.steps(dbtAndExtract("default"))
	if err := errors.Join(w.destroy(), w.nothingLeft()); err != nil {
		t.Error(err)
	}
}

// TestAccLostSignal: an event that may not invoke the function waits in the dead-letter queue, and a redrive handles it.
func TestAccLostSignal(t *testing.T) {
	t.Parallel()
	w := newSignalWorld(t, dbtAndExtract("ingest"))
	functions := lambda.NewFromConfig(w.AWS())
	sum := sha256.Sum256([]byte("ingest"))
	if _, err := functions.RemovePermission(t.Context(), &lambda.RemovePermissionInput{
		FunctionName: aws.String(objectName), StatementId: aws.String("qlik-task-chain-events-" + hex.EncodeToString(sum[:8])),
	}); err != nil {
		t.Fatal(err)
	}
	w.job("ingest", "nightly", "Error")
	w.expectMade("an event that was not delivered", 0, 0)
	if letters := w.Cloud.SQS().Messages(queueName); len(letters) != 1 || letters[0].Attributes["ERROR_CODE"] != "NO_PERMISSIONS" {
		t.Fatalf("the dead letters are %+v", letters)
	}
	var done struct{ Redriven int }
	if err := errors.Join(w.apply(), w.harness.must(t.Context(), "/redrive", "", &done), w.Settle(t.Context())); err != nil {
		t.Fatal(err)
	}
	w.expectMade("a redrive", 0, 1)
	if done.Redriven != 1 {
		t.Errorf("%d messages were redriven", done.Redriven)
	}
}

// TestAccNoSignals: a chain without a pattern makes no call of EventBridge in its life.
func TestAccNoSignals(t *testing.T) {
	t.Parallel()
	w := newSignalWorld(t, nightlySteps)
	w.steps(nightlySteps + "    dbt = { signal = {} }\n")
	if err := w.destroy(); err != nil {
		t.Fatal(err)
	}
	for _, call := range w.Cloud.Calls() {
		if call.Service == "events" {
			t.Errorf("it made the call %s", call.Operation)
		}
	}
}

// TestAccForeignRule: a rule with the chain's name that is not the chain's is left alone.
func TestAccForeignRule(t *testing.T) {
	t.Parallel()
	w := newSignalWorld(t, nightlySteps)
	client := eventbridge.NewFromConfig(w.AWS())
	if _, err := client.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: aws.String(ruleOfDBT), EventPattern: aws.String(`{"a":["b"]}`)}); err != nil {
		t.Fatal(err)
	}
	w.configure(w.chain(dbtAndExtract("default"), "reconciliation = { enabled = false }"))
	if err := w.apply(); err == nil || !strings.Contains(err.Error(), "does not belong to this chain") {
		t.Errorf("the apply says %v", err)
	}
	if out, err := client.DescribeRule(t.Context(), &eventbridge.DescribeRuleInput{Name: aws.String(ruleOfDBT)}); err != nil ||
		aws.ToString(out.EventPattern) != `{"a":["b"]}` {
		t.Errorf("the rule is %+v, %v", out, err)
	}
}

// TestAccExampleSignals applies the example: dbt's event and two extracts let a dashboard start, and a failure of dbt the banner. The other
// dashboard starts after the files, which come one after the other and count once.
func TestAccExampleSignals(t *testing.T) {
	t.Parallel()
	h := newHarness(t, nil)
	l := exampleLife(t, "signals", h.providerConfig())
	l.env = append(l.env, "TF_VAR_architecture="+function.HostArchitecture())
	if err := errors.Join(l.apply(), l.expectNoChange()); err != nil {
		t.Fatal(err)
	}
	put := func(status string) {
		t.Helper()
		if _, err := h.Cloud.Events().Emit("default", events.Event{
			Source: "acme.dbt", DetailType: "dbt job ended", Detail: fmt.Sprintf(`{"job": "nightly", "status": %q}`, status),
		}); err != nil {
			t.Fatal(err)
		}
		if err := h.Settle(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	reloaded := func(n int) (names []string) {
		for _, reload := range h.Tenant.Reloads()[n:] {
			names = append(names, reload.AppName)
		}
		slices.Sort(names)
		return names
	}
	put("error")
	if got, want := reloaded(0), []string{"Yesterday's figures"}; !slices.Equal(got, want) {
		t.Errorf("after a failure of dbt %q were reloaded, want %q", got, want)
	}
	put("success")
	for _, app := range []string{sandbox.AppExtract, sandbox.AppExtractHR} {
		if err := h.expectReloads(t.Context(), app, append([]string{app}, map[string][]string{
			sandbox.AppExtractHR: {sandbox.AppTransform},
		}[app]...)...); err != nil {
			t.Error(err)
		}
	}
	before := len(h.Tenant.Reloads())
	for _, file := range []string{"a", "b", "c"} {
		if _, err := h.Cloud.Events().Emit("default", events.Event{Source: "aws.s3", DetailType: "Object Created",
			Detail: fmt.Sprintf(`{"bucket": {"name": "acme-suppliers"}, "object": {"key": %q}}`, file)}); err != nil {
			t.Fatal(err)
		}
	}
	if err := h.Settle(t.Context()); err != nil {
		t.Fatal(err)
	}
	if early := reloaded(before); len(early) > 0 {
		t.Errorf("before the quiet time is over %q were reloaded", early)
	}
	if err := h.RunUntilQuiet(t.Context(), 13*time.Minute); err != nil {
		t.Fatal(err)
	}
	if got := reloaded(before); len(got) != 2 {
		t.Errorf("after three files %q were reloaded, want the suppliers and a dashboard", got)
	}
	if err := errors.Join(l.destroy(), h.nothingLeft()); err != nil {
		t.Error(err)
	}
}
