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

	smithytime "github.com/aws/smithy-go/time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/dynamodb"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/workspace"
)

// latency is the additional time of every service in the life of a chain, compared with the sandbox.
const latency = 20 * time.Millisecond

// workspace makes a folder with a number of chains and a number of steps in each, ready for a plan against the sandbox.
func (b *bench) workspace(ctx context.Context, chains, steps int, s *sandbox.Sandbox) (*workspace.Workspace, error) {
	dir, err := os.MkdirTemp(b.Dir, "workspace")
	if err != nil {
		return nil, err
	}
	environment := append(s.Environment(), fmt.Sprintf("TF_VAR_chains=%d", chains), fmt.Sprintf("TF_VAR_steps=%d", steps),
		"TF_VAR_architecture="+function.HostArchitecture(), fmt.Sprintf("TF_VAR_apps=[%q, %q, %q, %q, %q]", sandbox.AppExtract,
			sandbox.AppTransform, sandbox.AppDashboard, sandbox.AppFallback, sandbox.AppArchive))
	w, err := workspace.New(dir, b.terraform, b.binary, filepath.Join(b.Root, "internal", "bench", "provider", "chains"), environment)
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
	for _, plan := range []struct {
		what          string
		chains, steps int
	}{{tenChains, 10, 5}, {manyChains, 100, 5}, {longChain, 1, 1000}} {
		w, err := b.workspace(ctx, plan.chains, plan.steps, s)
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

// acts are what terraform does with a chain, and its arguments for it.
var acts = []struct {
	name string
	args []string
}{{"apply", []string{"apply", "-input=false", "-no-color", "plan"}}, {"refresh", []string{"plan", "-input=false"}}}

// life deploys a chain in a sandbox of its own, and reads it.
func (b *bench) life(ctx context.Context) (err error) {
	s, err := sandbox.Start(ctx, sandbox.Config{
		Apps: sandbox.NightlyApps(0), Cloud: cloud.Config{DynamoDB: dynamodb.Config{TransitionTime: -1}},
	})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, s.Close()) }() //nolint:contextcheck // closing outlives an interrupt
	w, err := b.workspace(ctx, 1, 5, s)
	if err == nil {
		err = run(ctx, w, "plan", "-input=false", "-no-color", "-out=plan")
	}
	if err != nil {
		return err
	}
	s.Cloud.Faults().Add(cloud.Fault{Kind: cloud.FaultDelay, Delay: latency})
	s.Tenant.SetFault(func(*http.Request, int) *tenant.Fault {
		return &tenant.Fault{Delay: func(ctx context.Context) error { return smithytime.SleepWithContext(ctx, latency) }}
	})
	for _, a := range acts {
		began := time.Now()
		if err := run(ctx, w, a.args...); err != nil {
			return err
		}
		calls, took, inTurn := callsSince(s, began)
		b.add(a.name+rowTook, took)
		b.table.Add(a.name+rowCalls, "calls", column, float64(calls))
		b.add(a.name+rowInTurn, inTurn)
	}
	return nil
}

// callsSince counts the provider's calls since a time. It returns the time from when the first one began to when the last one ended, and
// the sum of their times.
func callsSince(s *sandbox.Sandbox, since time.Time) (calls int, took, inTurn time.Duration) {
	var first, last time.Duration // since then
	count := func(began, ended time.Time) {
		if after := began.Sub(since); after >= 0 {
			if calls++; calls == 1 {
				first = after
			}
			first, last, inTurn = min(first, after), max(last, ended.Sub(since)), inTurn+ended.Sub(began)
		}
	}
	for _, c := range s.Cloud.Calls() {
		if c.Role == "" { // calls with a role come from the function
			count(c.Began, c.Ended)
		}
	}
	for _, c := range s.Tenant.Calls() {
		count(c.Began, c.Ended)
	}
	return calls, last - first, inTurn
}
