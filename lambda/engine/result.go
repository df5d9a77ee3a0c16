// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Outcome is the result of a delivery or a timer in one word.
type Outcome string

// The outcomes.
const (
	OutcomeNotInChain    Outcome = "not_in_chain"   // the app is not in the chain
	OutcomeRepeated      Outcome = "repeated"       // this end of a reload was handled before
	OutcomeNothingDue    Outcome = "nothing_due"    // Reason and NotStarted give the reason
	OutcomePutOff        Outcome = "put_off"        // something is due and starts later, NotStarted contains the time
	OutcomeStarted       Outcome = "started"        // at least one reload
	OutcomeRefused       Outcome = "refused"        // Refusal contains the failed check
	OutcomeError         Outcome = "error"          // something was due and nothing was started
	OutcomeRecovered     Outcome = "recovered"      // for a sweep: ends of reloads that no event had reported
	OutcomeNothingMissed Outcome = "nothing_missed" // for a sweep
	OutcomeCanceled      Outcome = "canceled"       // a run; Canceled lists what happened to its starts
	OutcomeSummarized    Outcome = "summarized"     // the daily summary was sent, or could not be sent: see NotNotified
	OutcomeInTime        Outcome = "in_time"        // everything expected by now is done
	OutcomeLate          Outcome = "late"           // something expected is not done, Late lists it
)

// Refusal is the check that a delivery, or another request, failed.
type Refusal string

// The checks.
const (
	RefusalSignature Refusal = "signature"
	RefusalTenant    Refusal = "tenant"
	RefusalBody      Refusal = "body"
	RefusalType      Refusal = "type"
	RefusalAge       Refusal = "age"
	RefusalKey       Refusal = "api_key"
	RefusalStep      Refusal = "step"
	RefusalSignal    Refusal = "signal" // the step waits for none
	RefusalRun       Refusal = "run"
	RefusalUnderWay  Refusal = "under_way" // it already exists
	RefusalOver      Refusal = "over"      // it no longer exists
	RefusalRepaired  Refusal = "repaired"  // another run has done it, or is doing it
	RefusalCycle     Refusal = "cycle"
	RefusalVariables Refusal = "variables"
	RefusalOnly      Refusal = "only" // the step cannot run alone
)

// Result is the result of a delivery or a timer: everything in its log line. It holds neither payload nor variables nor secrets.
type Result struct {
	Outcome Outcome
	Refusal Refusal
	Reason  string
	Timer   chain.TimerKind // empty for a delivery

	Deadline string // the deadline that has come

	// Of the event, if readable.
	EventID   string
	EventType string
	AppID     string
	ReloadID  string
	Status    qlik.Status // of the reload

	Step       string // the reloaded app's step, or the timer's step
	Run        string // the reload's run
	Cycle      string // for a skip
	Date       string // of that cycle
	Attempt    int
	Started    []Started // by step, like the next two
	Failed     []Failed
	NotStarted []NotStarted
	Again      []NotStarted // for a rerun: the steps at which it begins although they have succeeded since, and why

	// For a sweep.
	Recovered []Recovered
	Webhook   string // its problem, in a sentence

	Canceled []Canceled // for a canceled run, by step too

	RunsEnded   []RunRecord  // runs that ended with this event
	FailedSteps []FailedStep // permanently
	Finished    int          // number of the chain's reloads that ended with success
	Rejected    int          // requests for which Qlik Cloud did not accept the credentials
	NotNotified []string     // why notices were not sent
	Unexplained []string     // why Qlik Cloud could not be asked for the reasons of failures
	Late        []Unfinished // what is not done by its deadline
	GivenUp     int          // number of entries in Failed that are not tried again

	Latencies []time.Duration // from the event's time until Qlik accepted a start that it led to

	Already bool // an operator's operation has found that it was done before, and has changed nothing

	expired bool
}

// Started is a reload that was started.
type Started struct {
	Step    string `json:"step"`
	App     string `json:"app"`
	Run     string `json:"run"`
	Attempt int    `json:"attempt"`
	Reload  string `json:"reload"`
	How     string `json:"how,omitempty"` // set if another execution's request made it
}

// Failed is a due step that could not be started, at least not now.
type Failed struct {
	Step  string `json:"step"`
	App   string `json:"app"`
	Error string `json:"error"`
}

// FailedStep is a step that has failed for good: no attempt is left, or its reload cannot be started.
type FailedStep struct {
	Step    string      `json:"step"`
	App     string      `json:"app"`
	Run     string      `json:"run"`
	Attempt int         `json:"attempt"`
	Of      int         `json:"of"` // most attempts
	Reload  string      `json:"reload,omitempty"`
	Status  qlik.Status `json:"status,omitempty"` // with which the reload ended
	Reason  string      `json:"reason,omitempty"` // why it could not be started
	Ended   string      `json:"ended,omitempty"`  // how a signal's failure became known, or that no end did; for a notice

	Error   *chain.JobError `json:"error,omitempty"`   // why its job failed; in the log without the script's log
	Link    string          `json:"link,omitempty"`    // where to look in the tenant; for a notice
	Blocked int             `json:"blocked,omitempty"` // how many steps do not start because of it; for a notice
	Blocks  []string        `json:"blocks,omitempty"`  // some of them
}

// NotStarted is a step that does not start, or not yet.
type NotStarted struct {
	Step   string `json:"step"`
	Reason string `json:"reason"` // the rest of a sentence about the step
}

func refused(refusal Refusal, reason string) Result {
	return Result{}.refuse(refusal, reason)
}

func (r Result) refuse(refusal Refusal, reason string) Result {
	r.Outcome, r.Refusal, r.Reason = OutcomeRefused, refusal, reason
	return r
}

// report collects a result while several steps are handled at the same time.
type report struct {
	mu     sync.Mutex
	result Result
	putOff bool      // a start waits for its time
	left   bool      // another execution handles something that is due
	since  time.Time // time of the handled event; zero if it is unknown, or long ago on purpose

	troubles []error // for a sweep: what it could not find out
}

func (r *report) start(s Started, now time.Time) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Started = append(r.result.Started, s)
	if !r.since.IsZero() && s.How == "" {
		r.result.Latencies = append(r.result.Latencies, max(0, now.Sub(r.since)))
	}
}

func (r *report) fail(step, app string, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Failed = append(r.result.Failed, Failed{Step: step, App: app, Error: err.Error()})
}

// lose records a step that has failed for good. If reason is set, its reload was not started.
func (r *report) lose(f FailedStep) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.FailedSteps = append(r.result.FailedSteps, f)
}

// giveUp is fail for a start that is not tried again.
func (r *report) giveUp(step, app string, err error) {
	r.fail(step, app, err)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.GivenUp++
}

func (r *report) runEnded(record RunRecord) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.RunsEnded = append(r.result.RunsEnded, record)
}

func (r *report) finish() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Finished++
}

func (r *report) reject() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Rejected++
}

func (r *report) notNotified(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.NotNotified = append(r.result.NotNotified, err.Error())
}

func (r *report) notExplained(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Unexplained = append(r.result.Unexplained, err.Error())
}

func (r *report) notStarted(step, reason string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.NotStarted = append(r.result.NotStarted, NotStarted{Step: step, Reason: reason})
}

func (r *report) cancel(s *Start, how string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Canceled = append(r.result.Canceled, Canceled{Step: s.Name, Attempt: s.Attempt, Reload: s.Reload, How: how})
}

func (r *report) refuse(refusal Refusal, reason string) {
	r.result = r.result.refuse(refusal, reason)
}

// take adds the content of another report.
func (r *report) take(other *report) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.result.Started = append(r.result.Started, other.result.Started...)
	r.result.Failed = append(r.result.Failed, other.result.Failed...)
	r.result.NotStarted = append(r.result.NotStarted, other.result.NotStarted...)
	r.result.Canceled = append(r.result.Canceled, other.result.Canceled...)
	r.result.FailedSteps = append(r.result.FailedSteps, other.result.FailedSteps...)
	r.result.NotNotified = append(r.result.NotNotified, other.result.NotNotified...)
	r.result.Unexplained = append(r.result.Unexplained, other.result.Unexplained...)
	r.result.Latencies = append(r.result.Latencies, other.result.Latencies...)
	r.result.RunsEnded = append(r.result.RunsEnded, other.result.RunsEnded...)
	r.result.Finished += other.result.Finished
	r.result.Rejected += other.result.Rejected
	r.result.GivenUp += other.result.GivenUp
	r.putOff = r.putOff || other.putOff
}

// later is notStarted for a start that is due.
func (r *report) later(step, reason string) {
	r.notStarted(step, reason)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.putOff = true
}

func (r *report) recovered(one Recovered) { r.result.Recovered = append(r.result.Recovered, one) }

func (r *report) trouble(err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.troubles = append(r.troubles, err)
}

// conclude returns the overall result, err included.
func (r *report) conclude(err error) Result {
	result := r.result
	slices.SortFunc(result.Started, func(a, b Started) int { return cmp.Compare(a.Step, b.Step) })
	slices.SortFunc(result.Failed, func(a, b Failed) int { return cmp.Compare(a.Step, b.Step) })
	slices.SortFunc(result.FailedSteps, func(a, b FailedStep) int { return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Run, b.Run)) })
	slices.SortFunc(result.NotStarted, func(a, b NotStarted) int {
		return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Reason, b.Reason))
	})
	slices.SortFunc(result.Canceled, func(a, b Canceled) int { return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.Attempt, b.Attempt)) })
	switch {
	case err != nil:
		result.Outcome, result.Reason = OutcomeError, err.Error()
	case result.Outcome == OutcomeRefused, result.Outcome == OutcomeCanceled:
	case len(result.Started) > 0:
		result.Outcome = OutcomeStarted
	case len(result.Failed) > 0:
		result.Outcome, result.Reason = OutcomeError, "no reload that was due could be started"
	case result.Outcome != "":
	case r.putOff:
		result.Outcome = OutcomePutOff
	default:
		result.Outcome = OutcomeNothingDue
		if result.Reason == "" && len(result.NotStarted) == 0 {
			result.Reason = "no step comes after this one"
		}
	}
	return result
}

// Level returns the level of the result's log line: ERROR if a due reload was not started or a notice could not be sent, WARN for what
// should not happen in daily work, else INFO.
func (r Result) Level() slog.Level {
	switch {
	case len(r.Failed)+len(r.NotNotified) > 0 || r.Outcome == OutcomeError || r.Webhook != "":
		return slog.LevelError
	case r.Outcome == OutcomeRefused || r.expired || len(r.Unexplained)+len(r.FailedSteps)+len(r.Late)+len(r.Recovered) > 0,
		slices.ContainsFunc(r.RunsEnded, func(ended RunRecord) bool { return ended.Status == run.StatusFailed }):
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// Attrs returns the result's fields in its log line. It omits empty ones.
func (r Result) Attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("outcome", string(r.Outcome))}
	for _, field := range []struct{ key, value string }{
		{"refused", string(r.Refusal)}, {"reason", r.Reason}, {"timer", string(r.Timer)}, {"deadline", r.Deadline},
		{"event_id", r.EventID}, {"event_type", r.EventType},
		{"run", r.Run}, {"step", r.Step}, {"app", r.AppID}, {"reload", r.ReloadID}, {"reload_status", string(r.Status)},
	} {
		if field.value != "" {
			attrs = append(attrs, slog.String(field.key, field.value))
		}
	}
	if r.Attempt > 0 {
		attrs = append(attrs, slog.Int("attempt", r.Attempt))
	}
	if r.Webhook != "" {
		attrs = append(attrs, slog.String("webhook", r.Webhook))
	}
	for _, list := range []struct {
		key    string
		length int
		value  any
	}{
		{"started", len(r.Started), r.Started}, {"failed", len(r.Failed), r.Failed}, {"not_started", len(r.NotStarted), r.NotStarted},
		{"recovered", len(r.Recovered), r.Recovered}, {"canceled", len(r.Canceled), r.Canceled},
		{"failed_steps", len(r.FailedSteps), r.FailedSteps}, {"runs_ended", len(r.RunsEnded), r.RunsEnded}, {"late", len(r.Late), r.Late},
		{"not_notified", len(r.NotNotified), r.NotNotified}, {"not_explained", len(r.Unexplained), r.Unexplained},
	} {
		if list.length > 0 {
			attrs = append(attrs, slog.Any(list.key, list.value))
		}
	}
	return attrs
}
