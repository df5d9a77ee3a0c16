// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Summary counts the runs of a day: those that ended in it, and those that are not over.
type Summary struct {
	Since     time.Time `json:"since"` // the day before
	Succeeded int       `json:"succeeded"`
	Recovered int       `json:"recovered"`
	Failed    int       `json:"failed"`   // those that are not repaired
	Repaired  int       `json:"repaired"` // failed runs; later runs have done what failed and what it blocked
	Canceled  int       `json:"canceled"`
	UnderWay  int       `json:"under_way"`
}

// summaryRuns is how many runs a summary reads.
const summaryRuns = 100

// A step is slow if it took so much longer than it typically does.
const (
	slowFactor  = 1.5
	slowSeconds = 60
)

// Summarize sends the summary of the day before a time, once. Its error is that of Handle. It ignores a summary that the chain no longer
// wants.
func (e *Engine) Summarize(ctx context.Context, invocation string, check chain.SummaryCheck) (Result, error) {
	r := &report{}
	if e.Index.Definition().SummaryAt == "" {
		r.result.Outcome, r.result.Reason = OutcomeNothingDue, "the chain no longer wants a summary"
		return r.result, nil
	}
	n, err := (&work{Engine: e, looks: true}).summary(ctx, check.Time)
	if err == nil {
		r.result.Outcome = OutcomeSummarized
		(&work{Engine: e, owner: invocation}).notify(ctx, n, r)
	}
	return r.conclude(err), err
}

// summary returns the notice of a day.
func (w *work) summary(ctx context.Context, at time.Time) (Notice, error) {
	since := at.In(w.zone()).AddDate(0, 0, -1)
	n := Notice{Kind: NoticeSummary, At: at, Summary: &Summary{Since: since}, id: "summary#" + at.UTC().Format(time.RFC3339)}
	history, err := w.History(ctx, summaryRuns)
	if err != nil {
		return n, err
	}
	late, err := w.missed(ctx, since, at)
	if err != nil {
		return n, err
	}
	d := &day{work: w, at: at, typical: map[string]Typical{}, known: decisionsOf(history.Runs, at), reported: map[cycleStep]bool{}}
	for _, t := range history.Typical {
		d.typical[t.Step] = t
	}
	for i := range history.Runs {
		r := &history.Runs[i]
		if n.Summary.counts(&r.RunRecord, at, d.known.repaired(r)) {
			d.add(r)
		}
	}
	n.Failed = d.failed[:min(len(d.failed), maxUnfinished/2)]
	rest := slices.Concat(late, d.left, d.fixed, d.slow)
	named := min(len(rest), maxUnfinished-len(n.Failed))
	n.Steps, n.More = rest[:named], len(d.failed)-len(n.Failed)+len(rest)-named
	n.shorten()
	return n, nil
}

// day collects what a summary says of the steps of its runs.
type day struct {
	*work
	known    decisions
	at       time.Time
	typical  map[string]Typical
	reported map[cycleStep]bool // the failures that are collected: of a step that fails again in a cycle, the last one

	failed            []FailedStep // and not repaired
	left, fixed, slow []Unfinished
}

// add adds the steps of a run. The caller passes newer runs first.
func (d *day) add(r *RunSteps) {
	for i := range r.Steps {
		s := &r.Steps[i]
		usual, key := d.typical[s.Step], cycleStep{r.Cycle, s.id}
		switch {
		case r.Status == run.StatusFailed && s.Status == run.StatusFailed && !d.reported[key]:
			d.reported[key] = true
			if by, good := d.known.later(r, s); good {
				d.fixed = append(d.fixed, Unfinished{Step: s.Step, Run: by.run.ID, Reason: "failed first, and " + d.repair(by)})
				continue
			}
			f := FailedStep{Step: s.Step, App: s.App, Run: r.ID, Blocked: s.Blocked}
			f.Blocks = slices.DeleteFunc(slices.Clone(s.Blocks), func(step string) bool { return d.known.doneLater(r, step) })
			f.Blocked -= len(s.Blocks) - len(f.Blocks)
			d.failed = append(d.failed, f)
		case r.Status == run.StatusFailed && s.Skip == run.SkipBlocked && d.known.leaves(r, s):
			d.left = append(d.left, Unfinished{Step: s.Step, Run: r.ID, Reason: s.Reason + "; no run has repeated it"})
		case s.Status == run.StatusSucceeded && usual.Of > 1 && s.Seconds > usual.Seconds*slowFactor && s.Seconds > usual.Seconds+slowSeconds:
			reason := fmt.Sprintf("took %s, typically %s", took(s.Seconds), took(usual.Seconds))
			d.slow = append(d.slow, Unfinished{Step: s.Step, Run: r.ID, Reason: reason})
		}
	}
}

// repair describes what has repaired a step, as the rest of a sentence about it.
func (d *day) repair(by stepInRun) string {
	when := d.clock(by.step.EndedAt, d.at)
	switch by.run.StartedBy {
	case StartedByRerun:
		return "was repaired at " + when + " by a rerun"
	case StartedByMark:
		return "was marked as succeeded at " + when
	default:
		return "succeeded at " + when + " in a later run"
	}
}

// counts adds a run to the summary, and reports whether it belongs to it. repaired says whether later runs have repaired it.
func (s *Summary) counts(r *RunRecord, at time.Time, repaired bool) bool {
	if r.EndedAt.IsZero() {
		s.UnderWay++
		return true
	}
	if r.EndedAt.Before(s.Since) || !r.EndedAt.Before(at) {
		return false
	}
	switch r.Status {
	case run.StatusSucceeded:
		if !r.goesOn() {
			s.Succeeded++
		}
	case run.StatusRecovered:
		s.Recovered++
	case run.StatusFailed:
		if repaired {
			s.Repaired++
		} else {
			s.Failed++
		}
	case run.StatusCanceled:
		s.Canceled++
	default: // a run that its schedule left out
	}
	return true
}

// missed returns the steps that are not done although a deadline of this time has expected them.
func (w *work) missed(ctx context.Context, since, until time.Time) ([]Unfinished, error) {
	var all []Unfinished
	for _, d := range w.Index.Definition().Deadlines() {
		expression, err := cron.Parse(d.Cron())
		if err != nil {
			continue // a valid definition has no such deadline
		}
		last := time.Time{}
		for next, ok := expression.Next(since, d.Zone()); ok && !next.After(until); next, ok = expression.Next(next, d.Zone()) {
			last = next
		}
		if last.IsZero() {
			continue
		}
		missing, signals, err := w.missingBy(ctx, d, last)
		if err != nil {
			return nil, err
		}
		for _, step := range missing {
			reason := "is not done, and was expected by " + d.Key()
			if slices.Contains(signals, step) {
				reason += "; it " + WaitsForSignal
			}
			all = append(all, Unfinished{Step: step, Reason: reason})
		}
	}
	return all, nil
}

func took(seconds float64) string {
	return chain.FormatDuration(time.Duration(seconds * float64(time.Second)).Round(time.Second))
}
