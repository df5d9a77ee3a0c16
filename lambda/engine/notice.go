// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
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
	Unfinished []Unfinished `json:"unfinished,omitempty"` // at most maxUnfinished
	More       int          `json:"more,omitempty"`       // how many others are not done either

	id   string         // the same for the same occasion
	zone *time.Location // of its times; nil for the chain's
}

// Unfinished is what is not done by the time that it had to be.
type Unfinished struct {
	Step   string `json:"step,omitempty"` // empty: the reason is of the whole chain
	Run    string `json:"run,omitempty"`  // the latest that the step was in
	Reason string `json:"reason"`         // the rest of a sentence about it
}

// maxUnfinished is how many of them a notice names, so that it fits into a message of SNS (256 KB) and an item of the table (400 KB): the
// longest names have 800 bytes, a reason may hold another, and each stands in the message three times.
const maxUnfinished = 40

// late is the notice of what is not done: causes come before what only waits for another step.
func late(at time.Time, unfinished []Unfinished) Notice {
	waits := func(u Unfinished) int {
		if strings.HasPrefix(u.Reason, comesAfter) {
			return 1
		}
		return 0
	}
	all := slices.Clone(unfinished)
	slices.SortStableFunc(all, func(a, b Unfinished) int { return cmp.Compare(waits(a), waits(b)) })
	named := all[:min(len(all), maxUnfinished)]
	return Notice{Kind: NoticeLate, At: at, Unfinished: named, More: len(all) - len(named)}
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

// noticeDoc is a notice that is being sent, or was.
type noticeDoc struct {
	Notice
	Sent  bool      `json:"sent,omitempty"`
	Lease time.Time `json:"lease,omitzero"` // until when Owner alone sends it
	Owner string    `json:"owner,omitempty"`
}

// notify tells people of something once, however many executions come to it. It returns false when another one is telling them: should that be cut
// off, its repetition does. That a notice could not be sent stops nothing. An execution that is cut off between sending and noting that makes
// people hear it twice.
func (w *work) notify(ctx context.Context, n Notice, r *report) (done bool) {
	if w.Notices == nil {
		return true
	}
	notice, send, err := w.claimNotice(ctx, n)
	if err == nil && !send {
		return notice.doc.Sent
	}
	if err == nil {
		inTime, cancel := context.WithTimeout(ctx, sendWithin)
		defer cancel()
		err = w.Notices.Send(inTime, n, cmp.Or(n.zone, w.zone()))
	}
	if err == nil {
		notice.doc.Sent, notice.doc.Owner, notice.doc.Lease = true, "", time.Time{}
		if err = write(ctx, w.Store, notice.write(w.kept())); errors.Is(err, ErrConflict) {
			err = nil // somebody took it for cut off
		}
	}
	if err != nil {
		r.notNotified(fmt.Errorf("telling that %s: %w", n.what(), err))
	}
	return true
}

// claimNotice makes this execution the only one that sends a notice; send is false when another one has sent it, or is at it.
func (w *work) claimNotice(ctx context.Context, n Notice) (notice stored[noticeDoc], send bool, err error) {
	notice = stored[noticeDoc]{key: noticeKey(n.id)}
	for range maxConflicts {
		notice.doc.Notice, notice.doc.Owner, notice.doc.Lease = n, w.owner, w.Now().Add(2*sendWithin)
		err := write(ctx, w.Store, notice.write(w.kept()))
		if err == nil {
			notice.version++
			return notice, true, nil
		}
		if !errors.Is(err, ErrConflict) {
			return notice, false, err
		}
		if notice, err = load[noticeDoc](ctx, w.Store, notice.key); err != nil {
			return notice, false, err
		}
		// Its own claim is that of the execution that this one repeats.
		if notice.doc.Sent || notice.doc.Owner != w.owner && notice.doc.Lease.After(w.Now()) {
			return notice, false, nil
		}
	}
	return notice, false, fmt.Errorf("others were faster %d times", maxConflicts)
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
		Step: end.step, App: step.App, Run: a.Run, Attempt: a.Attempt, Of: max(a.Attempt, step.Retry.Attempts()), Reload: end.reload, Status: end.status,
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
	start.doc.Lost = true
	done, err := w.giveUp(ctx, start, reason, r)
	if err != nil || !done {
		return err
	}
	s := start.doc
	s.Reason = reason
	r.lose(s.lost())
	w.tellLost(ctx, &s, r)
	return nil
}

// tellLost tells people of a start that was given up, unless they know.
func (w *work) tellLost(ctx context.Context, s *Start, r *report) bool {
	return w.notify(ctx, w.failure(s.lost(), fmt.Sprintf("%s#%s#%02d", s.Step, s.ID, s.Attempt)), r)
}

// lost is a start that was given up, as a step that has failed.
func (s *Start) lost() FailedStep {
	return FailedStep{Step: s.Step, App: s.App, Run: s.Run, Attempt: s.Attempt, Of: s.Of, Reason: s.Reason}
}
