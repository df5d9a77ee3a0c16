// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Notices sends notices to the operators.
type Notices interface {
	// Send sends a notice, with its times in the zone.
	Send(ctx context.Context, n Notice, zone *time.Location) error
}

// Notice is a message to the operators.
type Notice struct {
	Kind NoticeKind `json:"kind"`
	At   time.Time  `json:"at"`

	Run     string  `json:"run,omitempty"`    // for all but NoticeLate
	Origin  string  `json:"origin,omitempty"` // of the run, in words
	Seconds float64 `json:"seconds,omitempty"`
	Counts  *Counts `json:"counts,omitempty"`

	Summary *Summary `json:"summary,omitempty"` // for NoticeSummary

	Failed []FailedStep `json:"failed,omitempty"` // at most maxUnfinished together with the next ones
	Steps  []Unfinished `json:"steps,omitempty"`  // blocked, expired or late
	More   int          `json:"more,omitempty"`   // number of further ones

	id   string         // the same for the same occasion
	zone *time.Location // of its times; nil for the chain's
}

// Unfinished is a step, or the chain, that is late.
type Unfinished struct {
	Step   string `json:"step,omitempty"` // empty: the reason concerns the whole chain
	Run    string `json:"run,omitempty"`  // the step's latest run
	Reason string `json:"reason"`         // the rest of a sentence about it
}

// maxUnfinished is the maximum number of them in a notice, so that it fits into a message of SNS (256 KB) and an item of the table (400
// KB). The longest names have 800 bytes, a reason may contain another one, and each appears in the message three times.
const maxUnfinished = 40

// lateNotice returns the notice of late steps. Causes come before steps that only wait for another step.
func lateNotice(at time.Time, unfinished []Unfinished) Notice {
	waits := func(u Unfinished) int {
		if strings.HasPrefix(u.Reason, "waits for ") && u.Reason != WaitsForSignal ||
			strings.HasPrefix(u.Reason, "has not started; it comes after ") || strings.HasPrefix(u.Reason, "is blocked") {
			return 1
		}
		return 0
	}
	all := slices.Clone(unfinished)
	slices.SortStableFunc(all, func(a, b Unfinished) int { return cmp.Compare(waits(a), waits(b)) })
	named := all[:min(len(all), maxUnfinished)]
	return Notice{Kind: NoticeLate, At: at, Steps: named, More: len(all) - len(named)}
}

// NoticeKind is the subject of a Notice.
type NoticeKind string

// The kinds of notices. All but the last two concern a run.
const (
	NoticeFailed    NoticeKind = "failed"    // something failed, and no attempt and no failure branch is left
	NoticeRecovered NoticeKind = "recovered" // what failed has a failure branch that succeeded
	NoticeSucceeded NoticeKind = "succeeded"
	NoticeParked    NoticeKind = "parked"  // a step became due more often than max_starts_per_hour
	NoticeOverran   NoticeKind = "overran" // a step or a run takes longer than max_duration
	NoticeLate      NoticeKind = "late"    // a deadline was missed
	NoticeSummary   NoticeKind = "summary" // what a day has brought
)

// notify sends a notice once: see sendOnce.
func (w *work) notify(ctx context.Context, n Notice, r *report) { w.notifyWith(ctx, &n, nil, r) }

// notifyWith is notify for a notice that the execution which sends it completes.
func (w *work) notifyWith(ctx context.Context, n *Notice, complete func(ctx context.Context), r *report) (done bool) {
	if w.Notices == nil {
		return true
	}
	return w.sendOnce(ctx, message{
		id: n.id, what: n.what(), content: n, complete: complete,
		send: func(ctx context.Context) error { return w.Notices.Send(ctx, *n, cmp.Or(n.zone, w.zone())) },
	}, r)
}

// what returns the notice in words.
func (n Notice) what() string {
	switch n.Kind {
	case NoticeLate:
		return "the notice that the chain is late"
	case NoticeSummary:
		return "the daily summary"
	default:
	}
	return fmt.Sprintf("the notice %q of the run %s", n.Kind, n.Run)
}

// notifyEnd sends the notice of how a run ended, if the chain's configuration asks for it. A run that fails leads to one notice, also if it
// goes on waiting. It returns false if another execution is sending the notice.
func (w *work) notifyEnd(ctx context.Context, c *cycle, ended *run.Run, status run.Status, r *report) bool {
	kind, wanted := map[run.Status]NoticeKind{
		run.StatusFailed: NoticeFailed, run.StatusRecovered: NoticeRecovered, run.StatusSucceeded: NoticeSucceeded,
	}[status]
	if !wanted || w.Notices == nil || !w.wants(kind) {
		return true
	}
	record := c.runs[ended.ID].RunRecord
	n := Notice{
		Kind: kind, At: w.Now(), Run: ended.ID, Origin: record.covers(), Seconds: w.Now().Sub(record.At).Seconds(),
		Counts: countsOf(c.state.Summarize(ended, w.rules())), id: string(kind) + "#" + ended.ID,
	}
	if kind == NoticeSucceeded && n.Counts.Continued > 0 { // the run in which it goes on is reported
		return true
	}
	failures := 0
	var refs []startRef // of the failures that the notice names
	for _, s := range w.stepRecords(c, ended) {
		switch {
		case s.Status == run.StatusFailed:
			if len(n.Failed) < maxUnfinished {
				failed, ref := w.failedIn(ctx, c, ended, s)
				n.Failed, refs = append(n.Failed, failed), append(refs, ref)
			}
			failures++
		case s.Skip == run.SkipBlocked || s.Skip == run.SkipExpired:
			n.Steps = append(n.Steps, Unfinished{Step: s.Step, Reason: s.Reason})
		}
	}
	named := min(len(n.Steps), maxUnfinished-len(n.Failed))
	n.More = failures - len(n.Failed) + len(n.Steps) - named
	n.Steps = n.Steps[:named]
	n.shorten()
	return w.notifyWith(ctx, &n, func(ctx context.Context) { w.explain(ctx, c, &n, refs, r) }, r)
}

// explain finds out why steps have failed as far as their notice does not say it: the execution that has handled such an end may still be
// asking Qlik Cloud for the reason, or has had no answer. refs are their attempts.
func (w *work) explain(ctx context.Context, c *cycle, n *Notice, refs []startRef, r *report) {
	var unknown []startRef
	for i, ref := range refs {
		if n.Failed[i].Error == nil {
			unknown = append(unknown, ref)
		}
	}
	w.lookUpErrors(ctx, c, unknown, r)
	for i, ref := range refs {
		if known, ok := w.errors.Load(ref); ok && n.Failed[i].Error == nil {
			n.Failed[i].Error = known.(*chain.JobError) //nolint:forcetypeassert // nothing else is stored
		}
	}
	n.shorten()
}

// What a notice shows of failures, so that it fits: see maxUnfinished. The run's record has the rest.
const (
	noticeMessage = 300  // bytes of each reason
	noticeFew     = 5    // failures that name what they block; the others count it, and have shorter reasons
	noticeLog     = 2000 // bytes of the first failure's log; the others have none
)

// shorten cuts what the notice says of failures.
func (n *Notice) shorten() {
	for i := range n.Failed {
		f := &n.Failed[i]
		most := noticeMessage
		if i >= noticeFew {
			f.Blocks, most = nil, noticeMessage/5
		}
		if f.Error == nil {
			continue
		}
		short := chain.JobError{Code: f.Error.Code, Message: cut(f.Error.Message, most)}
		if i >= noticeFew && short.Code != "" {
			short = chain.JobError{Code: cut(short.Code, most)}
		}
		if i == 0 {
			size := 0
			for _, line := range slices.Backward(f.Error.Log) {
				if size += len(line); size > noticeLog {
					break
				}
				short.Log = append(short.Log, line)
			}
			slices.Reverse(short.Log)
		}
		f.Error = &short
	}
}

// failedIn returns a step that has failed in a run, and its last attempt.
func (w *work) failedIn(ctx context.Context, c *cycle, in *run.Run, s StepRecord) (failed FailedStep, ref startRef) {
	step, _ := w.stepOf(s.id)
	failed = FailedStep{
		Step: s.Step, App: s.App, Run: in.ID, Link: targetURL(w.TenantURL, step.Target()), Blocked: s.Blocked, Blocks: s.Blocks,
	}
	if result := in.Steps[s.id].Result; result != nil {
		ref = startRef{Cycle: c.id, Run: in.ID, Step: s.id, Attempt: result.Attempt}
		end := c.ends[ref]
		failed.Error = w.errorOf(ctx, c, ref)
		failed.Attempt, failed.Of, failed.Status = result.Attempt, max(result.Attempt, step.Retry.Attempts()), end.Status
		if end.Status != "" {
			failed.Reload = end.Reload
		} else {
			failed.Reason = end.Reason
		}
	}
	return failed, ref
}

// wants reports whether the chain's configuration asks for notices of this kind.
func (w *work) wants(kind NoticeKind) bool {
	on := chain.NotifyOnFailure
	switch kind {
	case NoticeRecovered:
		on = chain.NotifyOnRecovered
	case NoticeSucceeded:
		on = chain.NotifyOnSuccess
	default:
	}
	return w.Index.Definition().Notifies(on)
}
