// SPDX-License-Identifier: MPL-2.0

// Package execution runs the code of Lambda functions in execution environments. Each is one process that uses the Lambda Runtime API over
// loopback.
package execution

import (
	"context"
	"log/slog"
	"maps"
	"slices"
	"sync"
	"time"
)

// Credentials are the temporary credentials of a function's role.
type Credentials struct {
	AccessKeyID     string
	SecretAccessKey string
	SessionToken    string
	RoleID          string // the role's unique id
}

// Config configures a Runner.
type Config struct {
	Region   string
	Endpoint string // the functions' AWS_ENDPOINT_URL
	// HostBootstrap is a bootstrap built for this host from the functions' source. It runs in place of a bootstrap that this host cannot
	// execute. If empty, such a function fails.
	HostBootstrap string
	// Credentials issues the credentials of a role for one execution environment.
	Credentials func(ctx context.Context, roleARN, session string) (Credentials, error)
	// Log stores one line of a function's log. It is called sequentially for the lines of a stream.
	Log    func(ctx context.Context, line LogLine)
	Now    func() time.Time
	Logger *slog.Logger
}

// LogLine is one event for a function's log group.
type LogLine struct {
	RoleARN string // the role that writes it
	Group   string
	Stream  string
	Time    time.Time
	Message string
}

// Version is a version of a function's code and configuration, from which execution environments start.
type Version struct {
	Name         string
	ARN          string
	RoleARN      string
	Grantee      string // id of the role that may decrypt the variables
	Handler      string
	Runtime      string // provided.al2023
	Architecture string // x86_64 or arm64
	MemoryMB     int
	Timeout      time.Duration
	Variables    map[string]string
	LogGroup     string
	LogJSON      bool
	TaskRoot     string // the folder with the unpacked zip
}

// Runner owns every process that it starts.
type Runner struct {
	config Config
	ctx    context.Context //nolint:containedctx // the lifetime of the processes, which outlives every call
	cancel context.CancelFunc

	mu           sync.Mutex
	environments map[*environment]struct{}
}

// NewRunner returns a Runner. Call Close when done.
func NewRunner(config Config) *Runner {
	ctx, cancel := context.WithCancel(context.Background())
	return &Runner{config: config, ctx: ctx, cancel: cancel, environments: map[*environment]struct{}{}}
}

// Close kills every process and returns when all have ended. Invocations end with context.Canceled.
func (r *Runner) Close() {
	r.cancel()
	r.mu.Lock()
	environments := slices.Collect(maps.Keys(r.environments))
	r.mu.Unlock()
	for _, e := range environments {
		e.stop()
	}
}

// Kill ends the processes of a function with SIGKILL. It returns their number when all have ended.
func (r *Runner) Kill(function string) int {
	r.mu.Lock()
	var doomed []*environment
	for e := range r.environments {
		if e.version.Name == function {
			doomed = append(doomed, e)
		}
	}
	r.mu.Unlock()
	doomed = slices.DeleteFunc(doomed, func(e *environment) bool { return !e.crash() })
	for _, e := range doomed {
		<-e.exited
	}
	return len(doomed)
}

// newEnvironment creates an environment, which Close stops.
func (r *Runner) newEnvironment(version *Version) (*environment, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if err := r.ctx.Err(); err != nil {
		return nil, err
	}
	e := &environment{runner: r, version: version, log: r.newLog(version), exited: make(chan struct{})}
	r.environments[e] = struct{}{}
	return e, nil
}

func (r *Runner) forget(e *environment) {
	r.mu.Lock()
	defer r.mu.Unlock()
	delete(r.environments, e)
}

// Pool runs the invocations of one Version, each in its own environment. Environments are reused.
type Pool struct {
	runner  *Runner
	version Version

	mu      sync.Mutex
	idle    []*environment
	retired bool
}

// NewPool returns a pool that starts environments on demand.
func (r *Runner) NewPool(version Version) *Pool {
	return &Pool{runner: r, version: version}
}

// Retire stops idle environments now, and busy ones after their invocation.
func (p *Pool) Retire() {
	p.mu.Lock()
	idle := p.idle
	p.idle, p.retired = nil, true
	p.mu.Unlock()
	for _, e := range idle {
		e.stop()
	}
}

// Invoke runs one invocation and returns when its environment has finished it. The caller cannot cancel it. Only the function's timeout
// ends it, or Runner.Close, with the error context.Canceled.
func (p *Pool) Invoke(invocation Invocation) (Result, error) {
	e := p.take()
	if e == nil {
		var err error
		if e, err = p.runner.newEnvironment(&p.version); err != nil {
			return Result{}, err
		}
		e.start()
	}
	result, err := e.invoke(invocation)
	if err != nil || !e.alive() || !p.putBack(e) {
		e.stop()
	}
	return result, err
}

// take returns the idle environment used last, or nil.
func (p *Pool) take() *environment {
	p.mu.Lock()
	defer p.mu.Unlock()
	for len(p.idle) > 0 {
		last := len(p.idle) - 1
		e := p.idle[last]
		p.idle = p.idle[:last]
		if e.alive() {
			return e
		}
		e.stop()
	}
	return nil
}

func (p *Pool) putBack(e *environment) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.retired || p.runner.ctx.Err() != nil {
		return false
	}
	p.idle = append(p.idle, e)
	return true
}
