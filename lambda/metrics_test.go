// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestTheLineHasTheMetrics: each outcome counts in the metrics, in its own line.
func TestTheLineHasTheMetrics(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.now = time.Date(2026, 11, 23, 4, 12, 11, 0, time.UTC)
	body := eventBody(t, "reload-finished")
	line := f.deliver(t, body)
	expect(t, line, object{"ReloadsStarted": 2, "ReloadsFinished": 1, "StepsFailed": nil, "NotStarted": nil, "EventsIgnored": nil})
	if line["EventToStart"] == nil || line["_aws"] == nil {
		t.Errorf("the line is %v", line)
	}
	expect(t, f.deliver(t, body), object{"outcome": "repeated", "_aws": nil, "ReloadsFinished": nil})
	expect(t, f.deliver(t, strings.ReplaceAll(body, "000000000003", "000000000099")), object{"EventsIgnored": 1, "EventToStart": nil})
	expect(t, f.deliver(t, strings.ReplaceAll(ofReload(body, 2), `"SUCCEEDED"`, `"FAILED"`)),
		object{"StepsFailed": 1, "ReloadsFinished": nil, "level": "WARN"})
	unsigned := signed(body)
	unsigned.Signature = nil
	_, refused, err := f.invoke(t.Context(), t, "event", unsigned)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, refused, object{"DeliveriesRefused": 1})
	f.tenant.refuse = map[string]string{appB: `401 {"errors":[]}`, appD: `403 {"errors":[{"code":"RELOADS-003"}]}`}
	expect(t, f.deliver(t, ofReload(body, 3)), object{"CredentialsRejected": 1, "NotStarted": 1, "StepsFailed": 1, "ReloadsStarted": nil})
	var answered started
	if _, line := f.ask(t, request("POST", "", "/start/a"), &answered); line["ReloadsStarted"] != 1.0 {
		t.Errorf("the line of a request is %v", line)
	}
}

func TestWithoutMetrics(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.deployment.settings.metrics = false
	expect(t, f.deliver(t, eventBody(t, "reload-finished")), object{"outcome": "started", "_aws": nil, "ReloadsStarted": nil})
}

// topics takes what is published.
type topics struct {
	published map[string]aws.TopicMessage
	err       error
}

func (p *topics) Publish(_ context.Context, arn string, m aws.TopicMessage) error {
	if p.err != nil {
		return p.err
	}
	p.published[arn] = m
	return nil
}

func TestAFailureIsPublished(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	p := &topics{published: map[string]aws.TopicMessage{}}
	s := f.deployment.settings
	s.topics, s.invokeURL, s.logGroup = []string{"arn:aws:sns:eu-central-1:123456789012:oncall"}, "https://api.example.com/live",
		"/aws/lambda/x"
	f.deployment.notices = &notices{settings: s, publisher: p}
	const noRight = `403 {"errors":[{"code":"RELOADS-003","title":"no right to reload"}]}`
	f.tenant.refuse = map[string]string{appC: noRight, appD: noRight}
	body := strings.ReplaceAll(eventBody(t, "reload-finished"), `"SUCCEEDED"`, `"FAILED"`)
	line := f.deliver(t, body)
	m := p.published[s.topics[0]]
	if m.Subject != "Task chain nightly: a, c and d failed" || m.SMS != m.Subject || !strings.HasPrefix(m.Default, "{") ||
		!strings.Contains(m.Email, "https://api.example.com/live/page?run=20261123T041007600Z-3f68f449\n") ||
		!strings.Contains(m.Email, "- c could not be started: ") {
		t.Errorf("published was %+v", m)
	}
	expect(t, line, object{"StepsFailed": 3, "NotNotified": nil, "RunsFailed": 1, "RunDuration": nil, "level": "ERROR"})
	p.err = errors.New("AuthorizationError: no right to publish")
	line = f.deliver(t, ofReload(body, 2))
	expect(t, line, object{"level": "ERROR", "outcome": "error", "NotNotified": 1,
		"not_notified": []string{fmt.Sprintf("the notice %q of the run %s was not sent, and is not sent again: the topic %s did not take it: "+
			"AuthorizationError: no right to publish", "failed", line["run"], s.topics[0])}})
}

// TestARunThatEndsIsCounted: with how it ended, and how long it took.
func TestARunThatEndsIsCounted(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.now = time.Date(2026, 11, 23, 4, 12, 10, 0, time.UTC)
	body := eventBody(t, "reload-finished")
	expect(t, f.deliver(t, body), object{"RunsSucceeded": nil, "runs_ended": nil})
	f.now = f.now.Add(50 * time.Second)
	ended := func(app, status string) map[string]any {
		return f.deliver(t, strings.NewReplacer("80c6f35f-c9d7-4488-bb5a-000000000003", app, "6a849f7f18ec290e6ceb0001", "reload-of-"+app,
			`"SUCCEEDED"`, `"`+status+`"`).
			Replace(body))
	}
	expect(t, ended(appB, "SUCCEEDED"), object{"RunsSucceeded": nil, "runs_ended": nil})
	line := ended(appD, "SUCCEEDED")
	expect(t, line, object{"level": "INFO", "RunsSucceeded": 1, "RunDuration": 172400, "RunsFailed": nil})
	runs, _ := line["runs_ended"].([]any)
	if len(runs) != 1 {
		t.Fatalf("the line says %v", line)
	}
	of, _ := runs[0].(object)
	expect(t, of, object{"status": "succeeded", "seconds": 172.4, "cycle": "20261122T1800Z", "date": "2026-11-23",
		"counts": object{"steps": 4, "succeeded": 3, "failed": 0, "canceled": 0, "blocked": 0, "expired": 0, "skipped": 1, "continued": 0}})
	for status, name := range map[run.Status]chain.Metric{
		run.StatusRecovered: chain.MetricRunsRecovered, run.StatusFailed: chain.MetricRunsFailed, run.StatusCanceled: chain.MetricRunsCanceled,
		run.StatusSkipped: chain.MetricRunsSkipped,
	} {
		v := metricsOf(engine.Result{RunsEnded: []engine.RunRecord{{Status: status, Seconds: 7}}})
		members := map[string]any{}
		for _, attr := range v.Attrs(f.now) {
			members[attr.Key] = attr.Value.Any()
		}
		if _, took := members[string(chain.MetricRunDuration)]; members[string(name)] != 1.0 || took != (status == run.StatusRecovered) {
			t.Errorf("a run that is %s counts as %v", status, members)
		}
	}
}

func TestTopicsOf(t *testing.T) {
	t.Parallel()
	const sns, lambda = "arn:aws:sns:eu-central-1:123456789012:oncall", "arn:aws:lambda:eu-central-1:123456789012:function:f"
	env := environment()
	env[chain.EnvAlarmActions] = lambda + "," + sns
	s, err := read(env)
	if err != nil || len(s.topics) != 1 || s.topics[0] != sns || !s.metrics {
		t.Errorf("the settings are %+v, %v", s, err)
	}
	env[chain.EnvAlarmActions], env[chain.EnvMetrics] = "", chain.MetricsOff
	if s, err = read(env); err != nil || len(s.topics) != 0 || s.metrics {
		t.Errorf("the settings are %+v, %v", s, err)
	}
}

// TestADeadlineComes: the line says what is not done, and the metric counts it.
func TestADeadlineComes(t *testing.T) {
	t.Parallel()
	f := newFunction(t)
	f.parameters.values[f.deployment.settings.definitionParameter] = strings.NewReplacer(
		`"steps"`, `"timezone": "UTC", "steps"`, `000000000003"`, `000000000003", "expect_by": {"time": "06:00"}`).Replace(definition)
	check := chain.DeadlineCheck{Source: chain.DeadlineSource, Deadline: "06:00 UTC", Time: time.Date(2026, 11, 23, 6, 0, 0, 0, time.UTC)}
	_, line, err := f.invoke(t.Context(), t, "deadline", check)
	if err != nil {
		t.Fatal(err)
	}
	expect(t, line, object{"level": "WARN", "outcome": "late", "deadline": "06:00 UTC", "DeadlinesMissed": 1, "late": []object{
		{"step": "a", "reason": "has not started since 18:00 on 2026-11-22"},
	}})
	check.Deadline = "05:00 UTC"
	if _, line, err = f.invoke(t.Context(), t, "deadline", check); err != nil {
		t.Fatal(err)
	}
	expect(t, line, object{"level": "INFO", "outcome": "nothing_due", "_aws": nil})
	f.parameters.err = errors.New("ThrottlingException")
	f.now = f.now.Add(time.Hour)
	f.deployment.current = nil
	if _, line, err = f.invoke(t.Context(), t, "deadline", check); err == nil || line["outcome"] != "error" {
		t.Errorf("without a definition it came to %v, %v", line, err)
	}
}
