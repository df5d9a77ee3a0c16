// SPDX-License-Identifier: MPL-2.0

// Package engine starts the reloads that are due when Qlik Cloud's webhook sends an event, or when a timer of the chain fires. Every step
// of it can be repeated, can run in several executions at once, and may break off anywhere: a conditional write claims each start before
// the engine asks Qlik Cloud for it. The package does not depend on AWS or HTTP.
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

// Reloads requests reloads from Qlik Cloud. *qlik.Client implements it.
type Reloads interface {
	StartReload(ctx context.Context, r qlik.ReloadRequest) (*qlik.Reload, error)
	GetReload(ctx context.Context, id string) (*qlik.Reload, error)
	// ReloadLogTail returns the last bytes of a reload's script log, at most so many.
	ReloadLogTail(ctx context.Context, appID, reloadID string, most int) ([]byte, error)
	ListReloads(ctx context.Context, f qlik.ReloadFilter) ([]qlik.Reload, error)
	CancelReload(ctx context.Context, id string) error
}

// Timers calls the engine again later.
type Timers interface {
	// Set schedules a call of Wake with t, not before t.Due. Timers have a resolution of one minute. Set does not change an existing timer.
	Set(ctx context.Context, name string, t chain.Timer) error
}

// Engine runs one chain. It is safe for concurrent use.
type Engine struct {
	Index            *chain.Index
	DefinitionSHA256 string
	TenantID         string              // required tenant id of an event
	TenantURL        string              // for links to apps; empty: there are none
	SigningSecret    chain.SigningSecret // of the webhook
	Reloads          Reloads
	Automations      Automations
	DataTasks        DataTasks
	Webhooks         Webhooks
	Store            Store
	Timers           Timers
	Notices          Notices // nil: no notices
	Events           Events  // nil: no events
	Now              func() time.Time

	shapes  shapes
	current struct { // the rules of the definition
		once  sync.Once
		rules *run.Current
	}
}

// rules returns the rules of the current definition.
func (e *Engine) rules() *run.Current {
	e.current.once.Do(func() { e.current.rules = run.NewCurrent(e.Index) })
	return e.current.rules
}

// work is the state of one invocation.
type work struct {
	*Engine
	owner      string       // the invocation's request id: the same if Lambda repeats it
	looks      bool         // read-only: no requests to Qlik Cloud, and no writes
	limited    atomic.Bool  // Qlik's rate limiter has refused a request of this invocation
	failures   atomic.Int32 // requests of this invocation that failed in Qlik Cloud or got no answer
	latestSlot atomic.Int64 // last minute in which a put-off start of this invocation found room; Unix seconds

	releasing atomic.Bool // the slot of an ended start is being passed to the next one

	active   atomic.Pointer[active] // nil until they are read
	claims   atomic.Int64           // number of claims of this execution
	claimed  sync.Map               // time.Time by startRef: until when this execution has claimed starts
	decoded  sync.Map               // decoded by Key: the items of cycles
	errors   sync.Map               // *chain.JobError by startRef: why attempts have failed, as far as Qlik Cloud was asked
	askedWhy sync.Map               // by startRef: this execution has asked Qlik Cloud why the attempt has failed
	notified sync.Map               // func() bool by the id of a message: reports whether it was sent
}

// Handle checks a delivery of the webhook and acts on it. body is the exact body that was sent, signature the value of the header
// qlik.SignatureHeader, invocation the request id under which Lambda would repeat the delivery. It returns an error if the delivery must be
// repeated. In both cases the result says what happened so far. For an event of another app, it calls nothing.
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
	err := w.handleReloadEnd(ctx, *end, r)
	return r.conclude(err), err
}

// judge parses an event, and returns the end of a job that it reports. It returns nil if no job of the chain has ended. The result then
// says why.
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
	id, job, made := jobIn(event)
	step, known := e.Index.StepOf(id)
	if !known {
		result.Outcome = OutcomeNotInChain
		return nil, result
	}
	result.Step, result.ReloadID = step, job
	def, _ := e.step(step)
	reason := counts(def, event.SessionApp, event.Partial)
	if event.TestRun {
		reason = "it was a test run of the automation, which does not process everything"
	}
	if event.SessionApp {
		result.Outcome, result.Reason = OutcomeNothingDue, reason
		return nil, result
	}
	end := &reloadEnd{
		step: def.ID(step), event: job, at: event.Time, created: made, outcome: outcome, status: event.Status,
		duration: event.Duration, queued: queued(event.Created, event.Started), failure: jobError(event.ErrorCode, event.ErrorMessage),
		reload: job, ours: event.Trigger == "" || event.Trigger == triggerAPI,
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
	// The table identifies what was handled by the reload's id, until the item expires.
	if e.Forgets(end.at) {
		return nil, result.refuse(RefusalAge, "the event is of "+end.at.UTC().Format(time.RFC3339)+
			", longer ago than the chain remembers what it has handled: it may be a repetition")
	}
	return end, result
}

// jobIn returns the id of the step with the job that an event reports, the job's id, and when it was made. Any of them may be unknown.
func jobIn(event *qlik.Event) (step, job string, made time.Time) {
	switch {
	case event.AutomationID != "":
		return chain.AutomationStep(event.AutomationID), event.RunID, event.Created
	case event.TaskID != "":
		task := chain.Target{Kind: chain.KindDataTask, ID: event.TaskID, Project: event.ProjectID}
		return chain.DataTaskStep(event.ProjectID, event.TaskID), dataTaskRunID(task, event.Started), startOfRun(event.Started)
	default:
		return event.AppID, event.ReloadID, event.Created
	}
}

// counts returns why a reload of a step's app does not count as the step's, or an empty text if it does.
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

// maxEventID is the space in bytes that the table's keys leave for an event's id. Qlik's ids have 24 and 36.
const maxEventID = 200

// signed reports whether the signature was made with a secret that is accepted now.
func (e *Engine) signed(body []byte, signature string) bool {
	return slices.ContainsFunc(e.SigningSecret.Accepted(e.Now()), func(secret string) bool {
		return qlik.VerifySignature(secret, body, signature)
	})
}

// triggerAPI is Qlik's trigger of a reload that was requested through the Reloads API, as the engine does.
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

// Wake handles a timer. Its error and result are those of Handle.
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
	case chain.TimerPoll:
		err = w.wakePoll(ctx, t, r)
	case chain.TimerQuiet:
		err = w.wakeQuiet(ctx, t, r)
	case chain.TimerCycle:
		err = w.wakeCycle(ctx, t, r)
	case chain.TimerRelease:
		err = w.wakeRelease(ctx, t, r)
	case chain.TimerCancel:
		if err = w.readActive(ctx); err == nil {
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

// kept returns when the record that is written now expires.
func (e *Engine) kept() time.Time { return e.Now().Add(e.Index.Definition().History()) }

// expires returns when working data that is written now expires: never before the record, and after anything that may need it.
func (e *Engine) expires() time.Time { return e.Now().Add(e.memory()) }

func (e *Engine) memory() time.Duration { return max(e.Index.Definition().History(), shortestMemory) }

// Forgets reports whether the table may have forgotten that something of this time was handled.
func (e *Engine) Forgets(at time.Time) bool { return e.Now().Sub(at) > e.memory() }

// shortestMemory is longer than the longest cycle. It is also longer than the longest wait of a start plus the time of its tries.
const shortestMemory = run.Week + 3*24*time.Hour
