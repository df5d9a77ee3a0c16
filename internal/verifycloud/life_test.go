// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package verifycloud

import (
	"context"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/terraform"
)

// newTestLife prepares a life in a sandbox of its own. before runs before each phase.
func newTestLife(t *testing.T, before func(phase string)) *life {
	t.Helper()
	root, err := filepath.Abs(filepath.Join("..", ".."))
	if err != nil {
		t.Fatal(err)
	}
	binary, err := terraform.Find(t.Context(), filepath.Join(root, ".cache"), time.Minute)
	if err != nil {
		t.Fatal(err)
	}
	p, err := startSandbox(t.Context(), root)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Errorf("closing the sandbox: %v", err)
		}
	})
	if err := p.identify(t.Context()); err != nil {
		t.Fatal(err)
	}
	o := Options{Root: root, Terraform: binary, Architecture: function.HostArchitecture(), WebhookLevel: "tenant", before: before}
	l, err := newLife(o, p, t.TempDir(), t.Logf)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := l.close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// outcomes are the outcomes of a life's phases.
func outcomes(l *life) map[string]result {
	all := map[string]result{}
	for _, r := range l.results {
		all[r.Phase] = r
	}
	return all
}

func expectNothing(t *testing.T, l *life) {
	t.Helper()
	left, err := l.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if err := stillThere(left); err != nil {
		t.Error(err)
	}
}

// TestPanic: a phase that panics has failed, what does not depend on it is played, and what was made is removed.
func TestPanic(t *testing.T) {
	t.Parallel()
	l := newTestLife(t, func(phase string) {
		if phase == "pause" {
			panic("as the test wants it")
		}
	})
	l.play(t.Context())
	got := outcomes(l)
	if r := got["pause"]; r.Outcome != failed || !strings.Contains(r.Why, "panic: as the test wants it") {
		t.Errorf("pause: %+v", r)
	}
	if r := got["resume"]; r.Outcome != leftOut || r.Why != "it needs the phase: pause" {
		t.Errorf("resume: %+v", r)
	}
	if r := got["destroy"]; r.Outcome != passed {
		t.Errorf("destroy: %+v", r)
	}
	if err := l.clean(t.Context()); err != nil {
		t.Error(err)
	}
	expectNothing(t, l)
}

// TestCleanWithoutTerraform: with a provider that destroys nothing, each kind of object that a chain can have is found and removed by the
// command itself.
func TestCleanWithoutTerraform(t *testing.T) {
	t.Parallel()
	var l *life
	ctx, cancel := context.WithCancel(t.Context())
	l = newTestLife(t, func(phase string) {
		if phase == "reach the chain's URL" {
			cancel()
		}
	})
	l.play(ctx)
	_, err := l.clients.cloudwatch.PutMetricAlarm(t.Context(), &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String(l.object() + "-errors"), Namespace: aws.String("AWS/Lambda"), MetricName: aws.String("Errors"),
		Statistic: types.StatisticSum,
		Period:    aws.Int32(60), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(0),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold,
	})
	if err != nil {
		t.Fatal(err)
	}
	found, err := l.find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	there := map[string]int{}
	for _, o := range found {
		there[o.kind]++
	}
	for _, kind := range append([]string{"alarm"}, kinds...) {
		if there[kind] == 0 {
			t.Errorf("no %s is found: %v", kind, there)
		}
	}
	if there["app"] != 3 || there["role"] != 2 {
		t.Errorf("not all are found: %v", there)
	}
	if left, err := l.removeAll(t.Context()); err != nil || len(left) > 0 {
		t.Errorf("left: %v, %v", left, err)
	}
	expectNothing(t, l)
}

// TestFindRefusesOtherChains: no mistake makes the command remove a chain that it has not made.
func TestFindRefusesOtherChains(t *testing.T) {
	t.Parallel()
	if _, err := new(clients).find(t.Context(), "nightly"); err == nil {
		t.Error("it looks for the chain nightly")
	}
}

// TestDriftIsShown: the phase fails when apply has nothing to repair, so that it cannot pass by itself.
func TestDriftIsShown(t *testing.T) {
	t.Parallel()
	l := newTestLife(t, nil)
	for _, play := range []func(context.Context) error{l.makeApps, l.create} {
		if err := play(t.Context()); err != nil {
			t.Fatal(err)
		}
	}
	// The function is changed already: the change by hand changes nothing.
	_, err := l.clients.lambda.UpdateFunctionConfiguration(t.Context(), &lambda.UpdateFunctionConfigurationInput{
		FunctionName: aws.String(l.object()), Timeout: aws.Int32(driftedTimeout),
	})
	if err != nil {
		t.Fatal(err)
	}
	updated := lambda.NewFunctionUpdatedV2Waiter(l.clients.lambda)
	if err := updated.Wait(t.Context(), &lambda.GetFunctionInput{FunctionName: aws.String(l.object())}, time.Minute); err != nil {
		t.Fatal(err)
	}
	if err := l.drift(t.Context()); err == nil || !strings.Contains(err.Error(), "the changes by hand did not take") {
		t.Errorf("the drift of two components passes for three: %v", err)
	}
	if err := l.clean(t.Context()); err != nil {
		t.Error(err)
	}
	expectNothing(t, l)
}
