// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

// Package main_test plays the command as its user does: the real binary, over the loopback AWS and the loopback tenant.
package main_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/bundle"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// binary is the command, which TestMain builds.
var binary string

// constraints are the requests of all tests.
var constraints constraint.Sum

func TestMain(m *testing.M) {
	os.Exit(run(m))
}

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "qlik-chain")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	binary = filepath.Join(dir, "qlik-chain")
	build := exec.CommandContext(context.Background(), "go", "build", "-ldflags", "-X main.version=1.2.3", "-o", binary, ".")
	if out, err := build.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("%v: %s", err, out))
	}
	code := m.Run()
	fmt.Println(constraints.String())
	return code
}

// world is a sandbox with chains.
type world struct {
	*sandbox.Sandbox
	t *testing.T
}

// newWorld starts a sandbox. outcomes are how the reloads of apps end; the last one is that of all further ones.
func newWorld(t *testing.T, outcomes map[string][]string) *world {
	t.Helper()
	t.Parallel()
	config := sandbox.Config{Apps: sandbox.NightlyApps(20 * time.Millisecond)}
	for i := range config.Apps {
		config.Apps[i].Outcomes = outcomes[config.Apps[i].ID]
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
	return &world{box, t}
}

// nightly is the chain of most tests.
func nightly() *chain.Definition {
	return define("nightly", map[string]chain.Step{
		"extract":   {App: sandbox.AppExtract},
		"transform": {App: sandbox.AppTransform, After: map[string]chain.Condition{"extract": chain.ConditionSuccess}},
		"dashboard": {App: sandbox.AppDashboard, After: map[string]chain.Condition{"transform": chain.ConditionSuccess}},
		"fallback":  {App: sandbox.AppFallback, After: map[string]chain.Condition{"transform": chain.ConditionFailure}},
	})
}

// orders is a chain that waits for a signal.
func orders() *chain.Definition {
	return define("orders", map[string]chain.Step{
		"erp":  {Signal: &chain.Signal{}},
		"load": {App: sandbox.AppArchive, After: map[string]chain.Condition{"erp": chain.ConditionSuccess}},
	})
}

func define(name string, steps map[string]chain.Step) *chain.Definition {
	for key, step := range steps {
		step.Enabled = true
		steps[key] = step
	}
	return &chain.Definition{Version: chain.Version, Name: name, Timezone: "UTC", Steps: steps}
}

// deploy deploys a chain. change may be nil.
func (w *world) deploy(d *chain.Definition, change func(*stack.Spec)) {
	w.t.Helper()
	credentials := qlik.Credentials{APIKey: w.Tenant.APIKey()}
	client, err := qlik.NewClient(qlik.Config{TenantURL: w.Tenant.URL(), Credentials: credentials, UserAgent: "test"})
	if err != nil {
		w.t.Fatal(err)
	}
	architecture := map[string]string{"amd64": "x86_64", "arm64": "arm64"}[runtime.GOARCH]
	code, err := bundle.Load(architecture)
	if err != nil {
		w.t.Fatal(err)
	}
	endpoints, err := stack.FunctionEndpoints(w.t.Context(), w.Cloud.Region(), aws.FIPSEndpointStateUnset, aws.DualStackEndpointStateUnset)
	if err != nil {
		w.t.Fatal(err)
	}
	s := w.stack(d.Name, client, endpoints)
	if _, err := s.Find(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	spec := &stack.Spec{
		Settings: stack.Settings{
			Definition: d, CredentialsFingerprint: credentials.Fingerprint(), EventType: qlik.EventReloadFinished,
			WebhookLevel: qlik.LevelTenant, Architecture: architecture, CodeSHA256: code.SHA256, MemorySize: 256,
			LogRetentionInDays: 30, RolePath: "/",
		},
		TenantURL: w.Tenant.URL(), Credentials: credentials, CodeZip: code.Zip,
		Reconciliation: stack.Reconciliation{Interval: 15 * time.Minute, MaxAge: 6 * time.Hour},
	}
	if change != nil {
		change(spec)
	}
	if _, err := s.Create(w.t.Context(), spec); err != nil {
		w.t.Fatal(err)
	}
}

// stack is a chain's stack as the provider sees it.
func (w *world) stack(name string, client *qlik.Client, endpoints map[string]string) *stack.Stack {
	clients := stack.NewClients(w.AWS(), func(_ string, found *string) *string { return found }, stack.NewPacer(1000))
	clients.Qlik = client
	return stack.New(clients, stack.Place{
		Partition: "aws", DNSSuffix: "amazonaws.com", Region: w.Cloud.Region(), Account: w.Cloud.Account(), TenantID: w.Tenant.ID(),
		Endpoints: endpoints, Identity: "arn:aws:iam::123456789012:user/terraform",
	}, name, stack.Known{})
}

// result is how the command ended.
type result struct {
	out, err string
	code     int
}

// environment is the environment of the command: the sandbox, and nothing of the machine's.
func (w *world) environment(more ...string) []string {
	return slices.Concat([]string{"TZ=UTC", "HOME=" + w.t.TempDir(), "PATH=" + os.Getenv("PATH")}, w.Environment(), more)
}

// play runs the command with a command line, in words.
func (w *world) play(args ...string) result { return w.playIn(w.environment(), "", args...) }

// playIn runs the command in an environment and with an input.
func (w *world) playIn(environment []string, in string, args ...string) result {
	w.t.Helper()
	return w.end(w.begin(environment, in, args...))
}

// process is a running command.
type process struct {
	*exec.Cmd
	out, err bytes.Buffer
}

func (w *world) begin(environment []string, in string, args ...string) *process {
	w.t.Helper()
	p := &process{Cmd: exec.CommandContext(w.t.Context(), binary, args...)}
	p.Env, p.Stdin, p.Stdout, p.Stderr = environment, strings.NewReader(in), &p.out, &p.err
	if err := p.Start(); err != nil {
		w.t.Fatal(err)
	}
	return p
}

func (w *world) end(p *process) result {
	w.t.Helper()
	err := p.Wait()
	if exit := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exit) {
		w.t.Fatal(err)
	}
	return result{p.out.String(), p.err.String(), p.ProcessState.ExitCode()}
}

// must plays a command that has to succeed, and returns its output.
func (w *world) must(args ...string) string {
	w.t.Helper()
	r := w.play(args...)
	if r.code != 0 {
		w.t.Fatalf("qlik-chain %s exits with %d: %s%s", strings.Join(args, " "), r.code, r.out, r.err)
	}
	return r.out
}

// settle waits until nothing goes on.
func (w *world) settle() {
	w.t.Helper()
	if err := w.Settle(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
}
