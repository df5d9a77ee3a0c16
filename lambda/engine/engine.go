// SPDX-License-Identifier: MPL-2.0

// Package engine starts the reloads that are due when Qlik Cloud's webhook sends an event, or a timer of the chain fires. Every step of it
// can be repeated, run in several executions at once, and be cut off anywhere: a conditional write claims each start before the engine asks
// Qlik Cloud for it. The package knows neither AWS nor HTTP.
package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Reloads asks Qlik Cloud for reloads. *qlik.Client does.
type Reloads interface {
	StartReload(ctx context.Context, r qlik.ReloadRequest) (*qlik.Reload, error)
	ListReloads(ctx context.Context, f qlik.ReloadFilter) ([]qlik.Reload, error)
	CancelReload(ctx context.Context, id string) error
}

// Timers calls the engine again later.
type Timers interface {
	// Set has Wake called with t not before t.Due, which it keeps to the minute. A timer with this name that exists already is left alone.
	Set(ctx context.Context, name string, t chain.Timer) error
}

// Engine carries one chain on. It is safe for concurrent use.
type Engine struct {
	Index            *chain.Index
	DefinitionSHA256 string
	TenantID         string              // what an event's tenant must be
	SigningSecret    chain.SigningSecret // of the webhook
	Reloads          Reloads
	Webhooks         Webhooks
	Store            Store
	Timers           Timers
	Notices          Notices // nil: no notice is sent
	Now              func() time.Time

	shapes  shapes
	current struct { // the rules of the definition
		once  sync.Once
		rules *run.Current
	}
}

// rules are what the definition says now.
func (e *Engine) rules() *run.Current {
	e.current.once.Do(func() { e.current.rules = run.NewCurrent(e.Index) })
	return e.current.rules
}

// work is what one invocation does.
type work struct {
	*Engine
	owner      string       // the invocation's request id: the same when Lambda repeats it
	looks      bool         // it only looks: it asks Qlik Cloud for nothing, and writes nothing
	limited    atomic.Bool  // Qlik's rate limiter has turned a request of this invocation away
	failures   atomic.Int32 // requests of this invocation that Qlik has failed, or not answered
	latestSlot atomic.Int64 // where the last put-off start of this invocation found room; Unix seconds

	releasing atomic.Bool // a slot that a start has given back goes to the next one in this moment

	orders  atomic.Pointer[orders] // nil until they are read
	claimed sync.Map               // time.Time by startRef: until when this execution has claimed starts
	decoded sync.Map               // decoded by Key: the items of cycles
	told    sync.Map               // func() bool by the id of a notice: whether it was sent
}

// Handle judges a delivery of the webhook and does what follows from it. body is the exact body that was sent, signature the value of
// the header qlik.SignatureHeader, invocation the request id under which Lambda would repeat the delivery. It returns an error when the
// delivery has to be repeated; the result says what came of it so far either way. An event that is not the chain's calls nothing.
func (e *Engine) Handle(ctx context.Context, invocation string, body []byte, signature string) (Result, error) {
	if signature == "" {
		return refused(RefusalSignature, "the delivery has no header "+qlik.SignatureHeader), nil
	}
	if !e.signed(body, signature) {
		return refused(RefusalSignature, "the signature was not made with the chain's signing secret over this body"), nil
	}
	end, result := e.judge(body)
	if end == nil {
		return result, nil
	}
	w := &work{Engine: e, owner: invocation}
	r := &report{result: result, since: end.at}
	err := w.ended(ctx, *end, r)
	return r.conclude(err), err
}

// judge reads an event, and returns the end of a reload that it reports. Without an end that concerns the chain it returns nil, and the
// result says why.
func (e *Engine) judge(body []byte) (*reloadEnd, Result) {
	event, err := qlik.ParseEvent(body)
	if err != nil {
		return nil, unreadable(err)
	}
	result := Result{EventID: event.ID, EventType: event.Type, AppID: event.AppID, ReloadID: event.ReloadID, Status: event.Status}
	if event.TenantID != "" && event.TenantID != e.TenantID {
		return nil, result.refuse(RefusalTenant, "the event is of the tenant "+event.TenantID+", the chain of "+e.TenantID)
	}
	outcome, final := chain.OutcomeOf(string(event.Status))
	if !final {
		return nil, result.refuse(RefusalBody, "the reload has not ended")
	}
	step, known := e.Index.StepOf(event.AppID)
	if !known {
		result.Outcome = OutcomeNotInChain
		return nil, result
	}
	result.Step = step
	def, _ := e.step(step)
	reason := counts(def, event.SessionApp, event.Partial)
	if event.SessionApp {
		result.Outcome, result.Reason = OutcomeNothingDue, reason
		return nil, result
	}
	end := &reloadEnd{
		step: run.StepID(def), event: event.ReloadID, at: event.Time, created: event.Created, outcome: outcome, status: event.Status,
		duration: event.Duration, reload: event.ReloadID, ours: event.Trigger == "" || event.Trigger == triggerAPI,
		ignored: reason,
	}
	if end.event == "" {
		end.event = eventPrefix + event.ID
	}
	if end.event == eventPrefix {
		return nil, result.refuse(RefusalBody, "the event has neither the reload's id nor one of its own")
	}
	if len(end.event) > maxEventID {
		return nil, result.refuse(RefusalBody, fmt.Sprintf("the id of the reload has %d bytes, more than %d", len(end.event), maxEventID))
	}
	switch {
	case !end.at.IsZero():
	case !end.created.IsZero():
		end.at = end.created.Add(end.duration)
	default:
		end.at = e.Now()
	}
	// What was handled is known by the reload's id, as long as the table remembers it.
	if e.Forgets(end.at) {
		return nil, result.refuse(RefusalAge, "the event is of "+end.at.UTC().Format(time.RFC3339)+
			", longer ago than the chain remembers what it has handled: it may be a repetition")
	}
	return end, result
}

// counts says why a reload of a step's app is none of the step; empty: it is one.
func counts(s chain.Step, session, partial bool) string {
	switch {
	case session:
		return "a session app was reloaded, not the app itself"
	case partial && !s.Partial:
		return "the reload was partial, and the step has no partial = true"
	default:
		return ""
	}
}

// maxEventID is what the table's keys have room for, in bytes, beside what stands before it. Qlik's ids have 24 and 36.
const maxEventID = 200

// signed reports whether the signature was made with a secret that is accepted now.
func (e *Engine) signed(body []byte, signature string) bool {
	return slices.ContainsFunc(e.SigningSecret.Accepted(e.Now()), func(secret string) bool {
		return qlik.VerifySignature(secret, body, signature)
	})
}

// triggerAPI is what Qlik says of a reload that was asked for through the Reloads API, as the engine does.
const triggerAPI = "external"

// unreadable is the result for a body that ParseEvent refused.
func unreadable(err error) Result {
	var wrong *qlik.EventError
	if !errors.As(err, &wrong) {
		return refused(RefusalBody, err.Error())
	}
	result := Result{EventID: wrong.ID, EventType: wrong.Type}
	if errors.Is(err, qlik.ErrUnknownType) {
		return result.refuse(RefusalType, wrong.Err.Error())
	}
	return result.refuse(RefusalBody, wrong.Err.Error())
}

// Wake does what a timer was set for. Its error and result are those of Handle.
func (e *Engine) Wake(ctx context.Context, invocation string, t chain.Timer) (Result, error) {
	r := &report{result: Result{Timer: t.Kind, Run: t.Run}}
	if t.Step != "" {
		r.result.Step = e.nameOf(t.Step)
	}
	w := &work{Engine: e, owner: invocation}
	var err error
	switch t.Kind {
	case chain.TimerStart:
		err = w.wakeStart(ctx, t, r)
	case chain.TimerLook:
		err = w.wakeLook(ctx, t, r)
	case chain.TimerOverran:
		err = w.wakeOverran(ctx, t, r)
	case chain.TimerCycle:
		err = w.wakeCycle(ctx, t, r)
	case chain.TimerRelease:
		err = w.wakeRelease(ctx, r)
	case chain.TimerCancel:
		if err = w.readOrders(ctx); err == nil {
			err = w.wakeCancel(ctx, t, r)
		}
	default:
		return r.result.refuse(RefusalBody, fmt.Sprintf("there is no kind of timer %q", t.Kind)), nil
	}
	return r.conclude(err), err
}

// step returns the definition's step.
func (e *Engine) step(name string) (chain.Step, bool) {
	s, ok := e.Index.Definition().Steps[name]
	return s, ok
}

// kept is when the record that is written now is forgotten.
func (e *Engine) kept() time.Time { return e.Now().Add(e.Index.Definition().History()) }

// expires is when what is written now and still needed is forgotten: never before the record, and after anything that may ask for it.
func (e *Engine) expires() time.Time { return e.Now().Add(e.memory()) }

func (e *Engine) memory() time.Duration { return max(e.Index.Definition().History(), shortestMemory) }

// Forgets reports whether the table may no longer remember that something of this time was handled.
func (e *Engine) Forgets(at time.Time) bool { return e.Now().Sub(at) > e.memory() }

// shortestMemory is longer than the longest cycle, and than the longest wait of a start with the time for which it is tried.
const shortestMemory = run.Week + 3*24*time.Hour
