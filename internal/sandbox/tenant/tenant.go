// SPDX-License-Identifier: MPL-2.0

// Package tenant is a Qlik Cloud tenant on loopback, for the demo and the tests. It follows Qlik Cloud's public documentation. It has
// webhooks and automations at both of their base paths, data integration, items, spaces, apps, scheduled tasks, users and OAuth tokens. Its
// reloads and runs take time and end as configured. It delivers signed webhooks to listeners on loopback. Comments name our choice where
// the documentation is silent.
package tenant

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

// Config configures a tenant. The zero value is a tenant with today's behavior.
type Config struct {
	WithoutCoreWebhooks     bool // /api/core/webhooks answers 404, as before November 2026
	WithoutWorkflows        bool // /api/workflows/automations answers 404, as before October 2026
	WithoutAutomationsV1    bool // /api/v1/automations answers 404, as Qlik may do from 2027-11-30
	WithoutPrivileges       bool // apps do not contain the caller's privileges
	AutomationRuns          int  // how many runs of automations the tenant allows at the same time; 0 for any number
	AutomationLimitConflict bool // a run over a limit is refused with 409, not with 429: the documentation names neither

	// EventTypes are further types that webhooks deliver: the ends of automations' and data tasks' runs. Qlik documents the events, but not
	// that webhooks deliver them. So there are none by default.
	EventTypes []string

	Envelope       Envelope      // the form of webhook events; CloudEvents by default
	Pending        Pending       // when a second reload of an app is refused
	QueueDuration  time.Duration // how long a reload, or another run, waits before it runs; 5 ms by default
	ReloadDuration time.Duration // how long a reload, or another run, takes unless its app says otherwise; 20 ms by default
	TokenLifetime  time.Duration // of OAuth access tokens; 6 h by default
	WebhookDelay   time.Duration // how long deliveries ignore a change of their webhook, by Clock; 0 by default
	RateLimits     RateLimits    // none by default; DocumentedRateLimits are Qlik's

	// Clock is the time of reloads, events, rate limits and time stamps. If nil, it is a clock that follows the real time. Access tokens
	// expire by the real time, which their users use.
	Clock *clock.Clock
	// Outside intercepts the requests that deployed functions send; nil for none.
	Outside outside.Hook
	// UserFault returns the fault for every other request, or nil. It takes precedence over SetFault's function and runs concurrently. If
	// UserFault itself is nil, there are no such faults.
	UserFault func(call outside.Call) *Fault
}

// Pending defines which reloads of an app count as pending: the tenant then refuses another one with 429. The documentation does not define
// "pending".
type Pending int

// The readings of "pending".
const (
	PendingActive Pending = iota // QUEUED, RELOADING or CANCELING
	PendingNone                  // nothing is refused
)

// Tenant is a running tenant.
type Tenant struct {
	config   Config
	id       string
	url      string
	server   *http.Server
	delivery *http.Client

	ctx   context.Context // ends when the tenant closes, and its background work with it
	stop  context.CancelFunc
	tasks sync.WaitGroup // requests, reloads, deliveries, watchers, the server

	mu       sync.Mutex
	closed   bool
	changed  chan struct{} // closed and replaced at every change
	changes  []Change
	calls    []Call
	perCall  map[string]int // operation → times called
	fault    FaultFunc
	users    []*user
	keys     map[string]*user // API key → user
	clients  map[string]oauthClient
	tokens   map[string]accessToken
	usage    map[usageKey]*usage
	spaces   []*Space
	apps     []*app
	reloads  []*reload
	webhooks []*webhook

	automations    []*automation
	automationRuns []*automationRun
	dataProjects   []*DataProject
	dataTasks      []*dataTask
	dataTaskRuns   []*dataTaskRun
	scheduledTasks []*scheduledTask
	lives          []*life // of automations' and data tasks' runs

	deliveries []*delivery
	underWay   int // deliveries not yet answered
	mail       mail

	owner    *user
	hub      *user
	apiKey   string
	clientID string
}

// Start runs a tenant on a free port of 127.0.0.1 until Close, or until ctx ends.
func Start(ctx context.Context, config Config) (*Tenant, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("starting the Qlik tenant: %w", err)
	}
	if config.QueueDuration == 0 {
		config.QueueDuration = 5 * time.Millisecond
	}
	if config.ReloadDuration == 0 {
		config.ReloadDuration = 20 * time.Millisecond
	}
	if config.Clock == nil {
		config.Clock = new(clock.Clock)
	}
	if config.TokenLifetime == 0 {
		config.TokenLifetime = 6 * time.Hour
	}
	t := &Tenant{
		config:   config,
		id:       randomHex(16),
		url:      "http://" + listener.Addr().String(),
		delivery: newDeliveryClient(),
		changed:  make(chan struct{}),
		perCall:  map[string]int{},
		keys:     map[string]*user{},
		clients:  map[string]oauthClient{},
		tokens:   map[string]accessToken{},
		usage:    map[usageKey]*usage{},
	}
	t.ctx, t.stop = context.WithCancel(ctx)
	t.populate()
	t.server = &http.Server{
		Handler:           t.routes(),
		ReadHeaderTimeout: 10 * time.Second,
		BaseContext:       func(net.Listener) context.Context { return t.ctx },
	}
	t.tasks.Go(func() {
		<-t.ctx.Done()
		_ = t.server.Close() // the listener's error does not matter at the end
	})
	t.tasks.Go(func() {
		if err := t.server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
			t.stop()
		}
	})
	return t, nil
}

// populate creates the tenant's initial users and OAuth client.
func (t *Tenant) populate() {
	t.owner = t.addUser("Platform Engineer", roleTenantAdmin)
	t.hub = t.addUser("Hub User")
	t.apiKey = t.addKey(t.owner)
	bot := t.addUser("terraform-bot", roleTenantAdmin)
	t.clientID = randomHex(16)
	t.clients[t.clientID] = oauthClient{secret: randomHex(32), user: bot}
}

// Close stops the tenant and waits for its background work to end.
func (t *Tenant) Close() {
	t.mu.Lock()
	t.closed = true
	t.mu.Unlock()
	t.stop()
	t.tasks.Wait()
	t.delivery.CloseIdleConnections()
}

// background runs f in a goroutine, unless the tenant is closed. The caller holds mu.
func (t *Tenant) background(f func()) bool {
	if !t.closed {
		t.tasks.Go(f)
	}
	return !t.closed
}

func (t *Tenant) now() time.Time { return t.config.Clock.Now() }

// URL returns the tenant's address, http://127.0.0.1:PORT.
func (t *Tenant) URL() string { return t.url }

// ID returns the tenant's id: 32 characters.
func (t *Tenant) ID() string { return t.id }
