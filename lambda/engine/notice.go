// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Notices tells people what they have asked to be told.
type Notices interface {
	// Send sends a notice, with its times in a zone.
	Send(ctx context.Context, n Notice, zone *time.Location) error
}

// Notice is something to tell people.
type Notice struct {
	Kind NoticeKind `json:"kind"`
	At   time.Time  `json:"at"`

	// Of a step that has failed for good.
	Step    string      `json:"step,omitempty"`
	App     string      `json:"app,omitempty"`
	Run     string      `json:"run,omitempty"`
	Attempt int         `json:"attempt,omitempty"`
	Of      int         `json:"of,omitempty"` // most attempts
	Reload  string      `json:"reload,omitempty"`
	Status  qlik.Status `json:"status,omitempty"` // that the reload ended with
	Reason  string      `json:"reason,omitempty"` // why it could not be started
	Next    []string    `json:"next,omitempty"`   // the steps that start after its failure

	// Of NoticeLate.
	Unfinished []Unfinished `json:"unfinished,omitempty"`

	id   string         // the same for the same occasion
	zone *time.Location // of its times; nil for the chain's
}

// Unfinished is what is not done by the time that it had to be.
type Unfinished struct {
	Step   string `json:"step,omitempty"` // empty: the reason is of the whole chain
	Run    string `json:"run,omitempty"`  // the latest that the step was in
	Reason string `json:"reason"`         // the rest of a sentence about it
}

// NoticeKind says what a Notice is about.
type NoticeKind string

// The kinds of notices.
const (
	NoticeFailed     NoticeKind = "failed"      // a step's reload has failed, and no attempt is left
	NoticeNotStarted NoticeKind = "not_started" // a step was due, and its reload cannot be started
	NoticeLate       NoticeKind = "late"        // something is not done by the time that it had to be
)

// sendWithin is how long sending a notice may take: it is not what the execution is there for.
const sendWithin = 5 * time.Second

// notify tells people of something once, however many executions come to it. That it could not be sent stops nothing. An execution that is cut
// off in between has told nobody, which the alarms are there for.
func (w *work) notify(ctx context.Context, n Notice, r *report) {
	if w.Notices == nil {
		return
	}
	err := write(ctx, w.Store, Write{Key: noticeKey(n.id), Doc: n, Expires: w.kept()})
	if errors.Is(err, ErrConflict) {
		return
	}
	if err == nil {
		inTime, cancel := context.WithTimeout(ctx, sendWithin)
		defer cancel()
		err = w.Notices.Send(inTime, n, cmp.Or(n.zone, w.zone()))
	}
	if err != nil {
		r.notNotified(fmt.Errorf("telling that %s: %w", n.what(), err))
	}
}

// what is the notice in a few words.
func (n Notice) what() string {
	switch n.Kind {
	case NoticeFailed:
		return fmt.Sprintf("%s has failed in the run %s", n.Step, n.Run)
	case NoticeNotStarted:
		return fmt.Sprintf("%s cannot be started in the run %s", n.Step, n.Run)
	case NoticeLate:
		return "the chain is late"
	default:
		return string(n.Kind)
	}
}

// failedFor is the step that has failed for good with the end of a reload that carried out these starts, or nil.
func (w *work) failedFor(end reloadEnd, starts []Start) *FailedStep {
	a := arrivalOf(end, starts)
	if end.outcome != chain.OutcomeFailure || w.Index.Again(end.step, a.Attempt, end.outcome, string(end.status)) {
		return nil
	}
	step, _ := w.step(end.step)
	return &FailedStep{
		Step: end.step, App: step.ID, Run: a.Run, Attempt: a.Attempt, Of: max(a.Attempt, step.Retry.Attempts()), Reload: end.reload, Status: end.status,
	}
}

// failure is the notice of a step that has failed for good; cause tells one such occasion from another.
func (w *work) failure(f FailedStep, cause string) Notice {
	n := Notice{
		Kind: NoticeFailed, At: w.Now(), Step: f.Step, App: f.App, Run: f.Run, Attempt: f.Attempt, Of: f.Of, Reload: f.Reload, Status: f.Status, Reason: f.Reason,
	}
	if f.Reason != "" {
		n.Kind = NoticeNotStarted
	} else {
		for _, l := range w.Index.Downstream(f.Step) {
			if w.Index.Refuse(l, chain.OutcomeFailure) == "" {
				n.Next = append(n.Next, l.To)
			}
		}
	}
	n.id = string(n.Kind) + "#" + cause
	return n
}

// lose gives a start up and tells people.
func (w *work) lose(ctx context.Context, start stored[Start], reason string, r *report) error {
	s := start.doc
	done, err := w.giveUp(ctx, start, reason, r)
	if err != nil || !done {
		return err
	}
	f := FailedStep{Step: s.Step, App: s.App, Run: s.Run, Attempt: s.Attempt, Of: s.Of, Reason: reason}
	r.lose(f)
	w.notify(ctx, w.failure(f, fmt.Sprintf("%s#%s#%02d", s.Step, s.ID, s.Attempt)), r)
	return nil
}
