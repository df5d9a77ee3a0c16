package engine

import (
	"cmp"
	"log/slog"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Outcome says in a word what came of a delivery.
type Outcome string

// The outcomes.
const (
	OutcomeNotInChain Outcome = "not_in_chain" // the app is none of the chain's
	OutcomeNothingDue Outcome = "nothing_due"  // Reason and Held say why
	OutcomeStarted    Outcome = "started"      // at least one reload
	OutcomeRefused    Outcome = "refused"      // Refusal says what was wrong
	OutcomeError      Outcome = "error"        // something was due and nothing was started
)

// Refusal says which check a delivery did not pass.
type Refusal string

// The checks.
const (
	RefusalSignature Refusal = "signature"
	RefusalTenant    Refusal = "tenant"
	RefusalBody      Refusal = "body"
	RefusalType      Refusal = "type"
)

// Result is what came of a delivery: all that its log line says. It holds neither payload nor variables nor secrets.
type Result struct {
	Outcome Outcome
	Refusal Refusal
	Reason  string

	// Of the event, as far as it could be read.
	EventID   string
	EventType string
	AppID     string
	ReloadID  string
	Status    qlik.Status // of the reload

	Step    string // whose app was reloaded
	Started []Started
	Failed  []Failed
	Held    []chain.Held

	Tried   bool // a request for a reload may have reached Qlik: handling the event again could start a reload twice
	pending bool // at least one due step had a pending reload
}

// Started is a reload that was started.
type Started struct {
	Step   string `json:"step"`
	App    string `json:"app"`
	Reload string `json:"reload"`
}

// Failed is a due step whose reload could not be started.
type Failed struct {
	Step  string `json:"step"`
	App   string `json:"app"`
	Error string `json:"error"`
}

func refused(refusal Refusal, reason string) Result {
	return Result{}.refuse(refusal, reason)
}

func (r Result) refuse(refusal Refusal, reason string) Result {
	r.Outcome, r.Refusal, r.Reason = OutcomeRefused, refusal, reason
	return r
}

// add takes in what came of the due steps.
func (r *Result) add(attempts []attempt) {
	for _, a := range attempts {
		r.Tried = r.Tried || a.tried
		name, app := a.due.Name, a.due.Step.ID
		switch {
		case a.err == nil:
			r.Started = append(r.Started, Started{Step: name, App: app, Reload: a.reload.ID})
		case isPending(a.err):
			r.pending = true
			r.Held = append(r.Held, chain.Held{Name: name, Reason: "already pending: " + a.err.Error()})
		default:
			r.Failed = append(r.Failed, Failed{Step: name, App: app, Error: a.err.Error()})
		}
	}
	slices.SortFunc(r.Held, func(a, b chain.Held) int { return cmp.Compare(a.Name, b.Name) })
	switch {
	case len(r.Started) > 0:
		r.Outcome = OutcomeStarted
	case len(r.Failed) > 0:
		r.Outcome, r.Reason = OutcomeError, "no reload that was due could be started"
	default:
		r.Outcome, r.Reason = OutcomeNothingDue, "every app that was due has a pending reload already"
	}
}

// Level is the level of the result's log line: ERROR when a due reload was not started, WARN for what should not happen
// in daily work, else INFO.
func (r Result) Level() slog.Level {
	switch {
	case len(r.Failed) > 0 || r.Outcome == OutcomeError:
		return slog.LevelError
	case r.Outcome == OutcomeRefused || r.pending:
		return slog.LevelWarn
	default:
		return slog.LevelInfo
	}
}

// Attrs are the result's fields in its log line. Empty ones are left out.
func (r Result) Attrs() []slog.Attr {
	attrs := []slog.Attr{slog.String("outcome", string(r.Outcome))}
	for _, field := range []struct{ key, value string }{
		{"refused", string(r.Refusal)}, {"reason", r.Reason}, {"event_id", r.EventID}, {"event_type", r.EventType},
		{"app", r.AppID}, {"step", r.Step}, {"reload", r.ReloadID}, {"reload_status", string(r.Status)},
	} {
		if field.value != "" {
			attrs = append(attrs, slog.String(field.key, field.value))
		}
	}
	if len(r.Started) > 0 {
		attrs = append(attrs, slog.Any("started", r.Started))
	}
	if len(r.Failed) > 0 {
		attrs = append(attrs, slog.Any("failed", r.Failed))
	}
	if len(r.Held) > 0 {
		type held struct {
			Step   string `json:"step"`
			Reason string `json:"reason"`
		}
		list := make([]held, len(r.Held))
		for i, h := range r.Held {
			list[i] = held{Step: h.Name, Reason: h.Reason}
		}
		attrs = append(attrs, slog.Any("held", list))
	}
	return attrs
}
