// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// latency is the additional time of every service in the life of a chain, compared with the sandbox.
const latency = 20 * time.Millisecond

// apps are the apps of the sandbox's tenant.
var apps = []string{sandbox.AppExtract, sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppFallback, sandbox.AppArchive}

// configuration returns a configuration with a number of chains and a number of steps in each. Each step but the first comes after another
// one.
func configuration(chains, steps int) string {
	var b strings.Builder
	fmt.Fprintf(&b, `terraform {
  required_providers {
    qlik = { source = "qlik-task-chain/qlik" }
  }
}

resource "qlik_task_chain" "bench" {
  for_each     = toset([for n in range(%d) : format("bench-%%03d", n)])
  name         = each.key
  architecture = %q
  steps = {
`, chains, function.HostArchitecture())
	for i := range steps {
		app := fmt.Sprintf("7b0a3a52-3a0c-4e0e-9d3f-%012x", i)
		if i < len(apps) {
			app = apps[i]
		}
		fmt.Fprintf(&b, "    app_%04d = { app = %q", i, app)
		if i > 0 {
			fmt.Fprintf(&b, ", after = { app_%04d = \"success\" }", (i-1)/3)
		}
		b.WriteString(" }\n")
	}
	b.WriteString("  }\n}\n")
	return b.String()
}

// workspace makes a folder with a configuration, ready for a plan against the sandbox.
func (b *bench) workspace(ctx context.Context, configuration string, s *sandbox.Sandbox) (*workspace.Workspace, error) {
	dir, err := os.MkdirTemp(b.Dir, "workspace")
	if err != nil {
		return nil, err
	}
	example := filepath.Join(dir, "example")
	err = errors.Join(os.Mkdir(example, 0o750), os.WriteFile(filepath.Join(example, "main.tf"), []byte(configuration), 0o600))
	if err != nil {
		return nil, err
	}
	w, err := workspace.New(dir, b.terraform, b.binary, example, s.Environment())
	if err != nil {
		return nil, err
	}
	return w, run(ctx, w, "init", "-input=false", "-no-color")
}

// run runs terraform. If terraform fails, the error contains its output.
func run(ctx context.Context, w *workspace.Workspace, args ...string) error {
	var printed strings.Builder
	if err := w.Terraform(ctx, &printed, args...); err != nil {
		return fmt.Errorf("%w:\n%s", err, &printed)
	}
	return nil
}

// plans plans configurations of several sizes.
func (b *bench) plans(ctx context.Context) (err error) {
	s, err := sandbox.Start(ctx, sandbox.Config{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }() //nolint:contextcheck // closing outlives an interrupt
	for _, plan := range []struct{ what, configuration string }{
		{tenChains, configuration(10, 5)}, {manyChains, configuration(100, 5)}, {longChain, configuration(1, 1000)},
	} {
		w, err := b.workspace(ctx, plan.configuration, s)
		if err != nil {
			return err
		}
		began := time.Now()
		if err := run(ctx, w, "plan", "-input=false", "-no-color"); err != nil {
			return err
		}
		b.add(rowPlan+plan.what, time.Since(began))
	}
	return nil
}

// act is a command of terraform.
type act struct {
	name   string
	args   []string
	atMost float64 // relative to the time of its calls one after another
}

var acts = []act{{"apply", []string{"apply", "-input=false", "-no-color", "plan"}, 0.5}, {"refresh", []string{"plan", "-input=false"}, 0.2}}

// life deploys a chain in a sandbox of its own, and reads it.
func (b *bench) life(ctx context.Context) (err error) {
	s, err := sandbox.Start(ctx, sandbox.Config{
		Apps: sandbox.NightlyApps(0), Cloud: cloud.Config{DynamoDB: dynamodb.Config{TransitionTime: -1}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }() //nolint:contextcheck // closing outlives an interrupt
	w, err := b.workspace(ctx, configuration(1, 5), s)
	if err == nil {
		err = run(ctx, w, "plan", "-input=false", "-no-color", "-out=plan")
	}
	if err != nil {
		return err
	}
	s.Cloud.Faults().Add(cloud.Fault{Kind: cloud.FaultDelay, Delay: latency})
	s.Tenant.SetFault(func(*http.Request, int) *tenant.Fault { return &tenant.Fault{Delay: wait} })
	for _, a := range acts {
		began := time.Now()
		if err := run(ctx, w, a.args...); err != nil {
			return err
		}
		calls, took, inTurn := callsSince(s, began)
		b.add(a.name+rowTook, took)
		b.table.Add(a.name+rowCalls, "", column, float64(calls))
		b.add(a.name+rowInTurn, inTurn)
	}
	return nil
}

func wait(ctx context.Context) error {
	select {
	case <-time.After(latency):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// callsSince counts the provider's calls since a time. It returns the time from when the first one began to when the last one ended, and
// the sum of their times.
func callsSince(s *sandbox.Sandbox, since time.Time) (calls int, took, inTurn time.Duration) {
	var first, last time.Time
	count := func(began, ended time.Time) {
		if began.Before(since) {
			return
		}
		if calls++; calls == 1 || began.Before(first) {
			first = began
		}
		if ended.After(last) {
			last = ended
		}
		inTurn += ended.Sub(began)
	}
	for _, c := range s.Cloud.Calls() {
		if c.Role == "" { // calls with a role come from the function
			count(c.Began, c.Ended)
		}
	}
	for _, c := range s.Tenant.Calls() {
		count(c.Began, c.Ended)
	}
	return calls, last.Sub(first), inTurn
}
