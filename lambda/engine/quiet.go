// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// quietDoc is the signals of a step that count as one as soon as no further one has come for the step's quiet time. As long as they are
// under openQuietKey, further ones join them. Under overQuietKey they are reported, until everything that follows is safe.
type quietDoc struct {
	ID      string        `json:"id,omitempty"` // of the report that they make; empty: none are kept
	Step    string        `json:"step"`         // its id in runs
	Opened  time.Time     `json:"opened,omitzero"`
	Ends    time.Time     `json:"ends,omitzero"` // when they are reported, unless a further one comes
	Signals int           `json:"signals,omitempty"`
	Outcome chain.Outcome `json:"outcome,omitempty"` // the worst one
	How     string        `json:"how,omitempty"`     // that one came
}

// longestQuiet is how long after the first signal the kept ones are reported even if more come. It is as long as a step waits for a signal.
const longestQuiet = longestSilence

// openQuietKey and overQuietKey are the keys of kept signals. The prefixes keep a step and the id of its signals apart.
func openQuietKey(step string) Key { return Key{quietPK, openQuietPrefix + step} }
func overQuietKey(id string) Key   { return Key{quietPK, "OVER#" + id} }

const (
	quietPK         = "QUIET"
	openQuietPrefix = "OPEN#"
)

// severity orders outcomes: of several signals that count as one, the worst outcome stands, in whatever order they come. A start on
// incomplete data would go unnoticed, a failure does not.
func severity(o chain.Outcome) int {
	return slices.Index([]chain.Outcome{chain.OutcomeSuccess, chain.OutcomeCanceled, chain.OutcomeFailure}, o)
}

// join adds a signal, which comes now.
func (d *quietDoc) join(end reloadEnd, quiet time.Duration, now time.Time) {
	if d.ID == "" {
		*d = quietDoc{ID: end.event + "-quiet", Step: end.step, Opened: now}
	}
	if d.Signals == 0 || severity(end.outcome) > severity(d.Outcome) {
		d.Outcome, d.How = end.outcome, end.how
	}
	d.Signals++
	if ends := now.Add(quiet); ends.After(d.Ends) {
		d.Ends = ends
	}
	if last := d.Opened.Add(longestQuiet); d.Ends.After(last) {
		d.Ends = last
	}
	d.Ends = d.Ends.Add(time.Second - 1).Truncate(time.Second) // as timers do: signals within a second need one timer
}

// end returns the report that the kept signals make. It comes when their quiet time ends.
func (d *quietDoc) end() reloadEnd {
	how := d.How
	if d.Signals > 1 {
		how = fmt.Sprintf("%s, one of %d signals that count as one", how, d.Signals)
	}
	return reloadEnd{
		step: d.Step, event: d.ID, reload: d.ID, at: d.Ends, created: d.Ends, outcome: d.Outcome, status: statusesOf(d.Outcome)[0], ours: true,
		how: how,
	}
}

// awaitQuiet keeps a signal until its step's quiet time is over. It counts once: its own item says that it is kept, and is written together
// with the kept signals.
func (w *work) awaitQuiet(ctx context.Context, end reloadEnd, quiet time.Duration, r *report) error {
	for conflicts := range maxConflicts {
		known, err := load[reloadDoc](ctx, w.Store, reloadKey(end.event))
		if err != nil {
			return err
		}
		switch {
		case known.doc.Handled:
			return w.quietBefore(ctx, known.doc, r)
		case known.version > 0: // it came when the step had no quiet time, and its execution broke off
			return w.handleReloadEnd(ctx, end, r)
		}
		open, err := load[quietDoc](ctx, w.Store, openQuietKey(end.step))
		if err != nil {
			return err
		}
		first := open.doc.ID == ""
		open.doc.join(end, quiet, w.Now())
		if first { // the timer first: whatever happens now, it comes, and sets the next one
			if err := w.setQuietTimer(ctx, &open.doc); err != nil {
				return err
			}
		}
		known.doc = reloadDoc{Step: end.step, Joined: open.doc.ID, Handled: true}
		writes := []Write{open.write(w.expires()), known.write(w.expires())}
		if end.audit != nil {
			writes = append(writes, end.audit("")...)
		}
		err = write(ctx, w.Store, writes...)
		if err == nil {
			r.later(w.nameOf(end.step), fmt.Sprintf("is reported at %s if no further signal comes for %s", w.clock(open.doc.Ends, w.Now()),
				chain.FormatDuration(quiet)))
			return nil
		}
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if err := Backoff(ctx, conflicts); err != nil {
			return err
		}
	}
	return fmt.Errorf("cannot hold the signal %s: gave up after %d write conflicts", end.event, maxConflicts)
}

// quietBefore reports on a signal that came before: the run of the report to which it belongs, once there is one.
func (w *work) quietBefore(ctx context.Context, known reloadDoc, r *report) error {
	if r.result.Outcome = OutcomeRepeated; known.Joined != "" {
		of, err := load[reloadDoc](ctx, w.Store, reloadKey(known.Joined))
		if err != nil {
			return err
		}
		known = of.doc
	}
	if known.Start != nil {
		r.result.Run, r.result.Attempt = known.Start.Run, known.Start.Attempt
	}
	return nil
}

// setQuietTimer sets the timer for the end of the quiet time. The next one has another name.
func (w *work) setQuietTimer(ctx context.Context, d *quietDoc) error {
	return w.setTimer(ctx, timerName("quiet", d.ID, d.Ends.UTC().Format("20060102T150405.000")),
		chain.Timer{Kind: chain.TimerQuiet, Step: d.Step, Report: d.ID, Due: d.Ends})
}

// wakeQuiet reports kept signals if their quiet time is over, or else sets the next timer.
func (w *work) wakeQuiet(ctx context.Context, t chain.Timer, r *report) error {
	for conflicts := range maxConflicts {
		open, err := load[quietDoc](ctx, w.Store, openQuietKey(t.Step))
		if err != nil {
			return err
		}
		if open.doc.ID != t.Report {
			return w.reportQuiet(ctx, t.Report, r)
		}
		if t.Due.Before(open.doc.Ends) && open.doc.Ends.After(w.Now()) {
			r.later(w.nameOf(t.Step), "is reported at "+w.clock(open.doc.Ends, w.Now())+" if no further signal comes")
			return w.setQuietTimer(ctx, &open.doc)
		}
		over := Write{Key: overQuietKey(t.Report), Doc: open.doc, Expires: w.expires()}
		open.doc = quietDoc{Step: t.Step}
		err = write(ctx, w.Store, open.write(w.expires()), over)
		if err == nil {
			return w.reportQuiet(ctx, t.Report, r)
		}
		if !errors.Is(err, ErrConflict) { // otherwise a further signal has come, or another execution is reporting
			return err
		}
		if err := Backoff(ctx, conflicts); err != nil {
			return err
		}
	}
	return fmt.Errorf("cannot report the signals of %s: gave up after %d write conflicts", w.nameOf(t.Step), maxConflicts)
}

// reportQuiet reports signals that no further one joins. Repeating is harmless: the report has an id like any signal.
func (w *work) reportQuiet(ctx context.Context, id string, r *report) error {
	over, err := load[quietDoc](ctx, w.Store, overQuietKey(id))
	switch {
	case err != nil:
		return err
	case over.version == 0:
		r.result.Reason = "these signals were reported before"
		return nil
	}
	if step, known := w.stepOf(over.doc.Step); !known || step.Kind() != chain.KindSignal {
		r.refuse(RefusalSignal, "the step that the signals are for no longer waits for signals")
	} else if err := w.handleReloadEnd(ctx, over.doc.end(), r); err != nil || r.left {
		return err
	}
	return write(ctx, w.Store, Write{Key: over.key, Delete: true})
}

// tidyQuiet reports kept signals that no timer has reported in time.
func (w *work) tidyQuiet(ctx context.Context, r *report) error {
	items, err := w.Store.Query(ctx, Query{PK: quietPK})
	if err != nil {
		return fmt.Errorf("listing the kept signals in the chain's table: %w", err)
	}
	for i := range items {
		var kept quietDoc
		if err := decode(&items[i], &kept); err != nil {
			return err
		}
		if kept.ID == "" || strings.HasPrefix(items[i].SK, openQuietPrefix) && w.Now().Sub(kept.Ends) < overdue {
			continue
		}
		of := &report{}
		err := w.wakeQuiet(ctx, chain.Timer{Step: kept.Step, Report: kept.ID, Due: kept.Ends}, of)
		if r.take(of); err != nil {
			return err
		}
	}
	return nil
}

// waitsForSignals reports whether signals of the chain may be kept: also those of a step that had a quiet time when they came.
func (e *Engine) waitsForSignals() bool {
	for _, step := range e.Index.Definition().Steps {
		if step.Kind() == chain.KindSignal {
			return true
		}
	}
	return false
}
