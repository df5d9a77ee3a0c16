// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"
)

// A reload's statuses, as in the Reloads API.
const (
	statusQueued        = "QUEUED"
	statusReloading     = "RELOADING"
	statusCanceling     = "CANCELING"
	statusSucceeded     = "SUCCEEDED"
	statusFailed        = "FAILED"
	statusCanceled      = "CANCELED"
	statusExceededLimit = "EXCEEDED_LIMIT"
)

// Reload is a reload's record.
type Reload struct {
	ID           string
	AppID        string
	AppName      string
	UserID       string
	Type         string // hub or external
	Status       string // QUEUED, RELOADING, CANCELING, SUCCEEDED, FAILED, CANCELED or EXCEEDED_LIMIT
	Partial      bool
	Weight       int
	Variables    map[string]string
	ResourceID   string
	ResourceType string
	ErrorCode    string
	ErrorMessage string
	Created      time.Time
	Started      time.Time // when it left the queue
	Ended        time.Time
}

type reload struct {
	Reload
	app    *app
	due    time.Time // when it leaves the queue or ends
	cancel func()    // ends it early
}

func (r *reload) final() bool {
	switch r.Status {
	case statusQueued, statusReloading, statusCanceling:
		return false
	default:
		return true
	}
}

// StartReload reloads an app as a user does in the hub. The user is not APIKey's.
func (t *Tenant) StartReload(appID string) (Reload, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.findApp(appID)
	if a == nil {
		return Reload{}, fmt.Errorf("the tenant has no app with the id %q", appID)
	}
	r, err := t.start(a, Reload{UserID: t.hub.id, Type: "hub", Weight: 1})
	if err != nil {
		return Reload{}, fmt.Errorf("reloading the app %s from the hub: %w", a.Name, err)
	}
	return r.Reload, nil
}

// Reloads returns all reloads so far, oldest first.
func (t *Tenant) Reloads() []Reload {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]Reload, 0, len(t.reloads))
	for _, r := range t.reloads {
		all = append(all, r.Reload)
	}
	return all
}

var errClosed = errors.New("the tenant is closed")

// start queues a reload, unless the app has a pending one. The error code of that refusal is not documented; RELOADS-010 is our choice. The
// caller holds mu.
func (t *Tenant) start(a *app, record Reload) (*reload, error) {
	if slices.ContainsFunc(t.reloads, func(r *reload) bool { return r.AppID == a.ID && t.pending(r) }) {
		return nil, &apiError{status: 429, code: "RELOADS-010", title: "Reload pending", detail: "a reload of the app is pending already"}
	}
	record.ID, record.AppID, record.AppName = newObjectID(), a.ID, a.Name
	record.Status, record.Created = statusQueued, t.now()
	ctx, cancel := context.WithCancel(t.ctx)
	r := &reload{Reload: record, app: a, due: record.Created.Add(t.config.QueueDuration), cancel: cancel}
	outcome := a.nextOutcome()
	if !t.background(func() { t.run(ctx, r, outcome) }) {
		cancel()
		return nil, errClosed
	}
	t.reloads = append(t.reloads, r)
	t.announceReload(r)
	return r, nil
}

func (t *Tenant) pending(r *reload) bool {
	switch t.config.Pending {
	case PendingActive:
		return !r.final()
	case PendingNone:
	}
	return false
}

// run takes a reload from the queue to its end. The reload's times are the planned ones, even if the clock has moved past them.
func (t *Tenant) run(ctx context.Context, r *reload, outcome string) {
	defer r.cancel()
	if !t.config.Clock.Wait(ctx, t.begins(r)) {
		t.finish(r, statusCanceled, t.now())
		return
	}
	ends := t.begin(r)
	if !t.config.Clock.Wait(ctx, ends) {
		outcome, ends = statusCanceled, t.now()
	}
	t.finish(r, outcome, ends)
}

func (t *Tenant) begins(r *reload) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return r.due
}

// begin takes a reload out of the queue, unless it has just been canceled, and returns its planned end.
func (t *Tenant) begin(r *reload) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	if r.Status == statusQueued {
		r.Status, r.Started = statusReloading, r.due
		r.due = r.Started.Add(r.app.Duration)
		t.announceReload(r)
	}
	return r.due
}

// finish ends a reload and sends its events.
func (t *Tenant) finish(r *reload, outcome string, ended time.Time) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ctx.Err() != nil {
		return // the tenant is closing: no event is sent
	}
	if r.Status == statusCanceling {
		outcome = statusCanceled
	}
	r.Status, r.Ended = outcome, ended
	switch outcome {
	case statusFailed:
		r.ErrorCode, r.ErrorMessage = "EngineScriptError", "the load script ended with an error, as configured"
	case statusExceededLimit:
		r.ErrorCode, r.ErrorMessage = "EngineLimitExceeded", "the reload exceeded a limit, as configured"
	case statusSucceeded:
		r.app.lastGood = r.Ended
	}
	r.app.lastStatus, r.app.lastEnd = outcome, r.Ended
	t.announceReload(r)
	t.emit(r)
}

// announceReload sends the reload's current state to the watchers. The caller holds mu.
func (t *Tenant) announceReload(r *reload) {
	record := r.Reload
	t.announce(Change{Reload: &record})
}
