// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// attention returns what an operator must look at: the webhook's trouble, and what the runs of a picture did not do.
func attention(p *draw.Picture, s shown) []draw.Attention {
	all := []draw.Attention{}
	for _, notice := range p.Notices {
		all = append(all, draw.Attention{Kind: draw.AttentionWebhook, Reason: notice})
	}
	for _, name := range slices.Sorted(maps.Keys(s.steps)) {
		kind, matters := s.matters(p, name)
		if !matters {
			continue
		}
		known := s.steps[name]
		one := draw.Attention{
			Kind: kind, Step: name, Run: known.in.ID, Reason: known.Reason, At: known.EndedAt, Blocked: known.Blocked, Blocks: known.Blocks,
		}
		if start := known.start; start != nil {
			one.Error, one.Link, one.At = start.Error, start.Link, cmp.Or(one.At, start.EndedAt)
			if kind == draw.AttentionFailed && start.Reason != "" {
				one.Reason = start.Reason
			}
		}
		all = append(all, one)
	}
	return all
}

// matters reports whether a step needs attention, and why. What the runs were meant to do, a skip or a failure branch, does not.
func (s shown) matters(p *draw.Picture, name string) (kind draw.AttentionKind, matters bool) {
	known := s.steps[name]
	switch {
	case known.Status == run.StatusFailed:
		return draw.AttentionFailed, known.Blocked > 0 || !s.madeUp(p, name)
	case known.Status == run.StatusCanceled:
		return draw.AttentionCanceled, known.in.Status != run.StatusCanceled
	case known.Status == run.StatusSkipped && known.Skip == run.SkipExpired:
		return draw.AttentionExpired, !known.Behind && known.in.Status != run.StatusSucceeded && known.in.Status != run.StatusRecovered
	case known.start != nil && known.start.parked && known.Status == run.StatusUnderWay:
		return draw.AttentionParked, true
	default:
		return "", false
	}
}

// madeUp reports whether a failure branch of a step has succeeded in the same run.
func (s shown) madeUp(p *draw.Picture, name string) bool {
	return slices.ContainsFunc(p.Edges, func(e draw.Edge) bool {
		branch, there := s.steps[stepOfNode(e.To)]
		return stepOfNode(e.From) == name && e.Condition == chain.ConditionFailure && there && branch.in == s.steps[name].in &&
			branch.Status == run.StatusSucceeded
	})
}

// lastGood returns the latest of the listed runs that succeeded or recovered. A run that goes on in another one does not count: the
// other one says how the night was.
func lastGood(listed []RunRecord) *draw.Run {
	var last *RunRecord
	for i := range listed {
		r := &listed[i]
		if !r.Only && (r.Status == run.StatusSucceeded || r.Status == run.StatusRecovered) && !r.goesOn() &&
			(last == nil || r.At.After(last.At)) {
			last = r
		}
	}
	if last == nil {
		return nil
	}
	good := drawn(&RunView{RunRecord: *last})
	return &good
}

// nextStarts returns the schedules of the chain, and of the steps that it may start.
func (e *Engine) nextStarts() []draw.Schedule {
	d := e.Index.Definition()
	all := []draw.Schedule{}
	add := func(step string, s *chain.Schedule) {
		if s == nil {
			return
		}
		one := draw.Schedule{Step: step, Text: d.DescribeSchedule(s)}
		expression, err := cron.Parse(s.Cron)
		if zone, unknown := time.LoadLocation(d.ScheduleTimezone(s)); s.Cron != "" && err == nil && unknown == nil {
			next, ok := expression.Next(e.Now(), zone)
			for _, excepted := d.Excepts(s, next); ok && excepted; _, excepted = d.Excepts(s, next) {
				next, ok = expression.Next(next, zone)
			}
			if ok {
				one.Next = next
			}
		}
		all = append(all, one)
	}
	add("", d.Schedule)
	for _, name := range slices.Sorted(maps.Keys(d.Steps)) {
		if step := d.Steps[name]; step.Enabled {
			add(name, step.Schedule)
		}
	}
	return all
}

// addDeadlines adds the chain's deadlines to a picture, and what was missed of the last ones.
func (e *Engine) addDeadlines(ctx context.Context, p *draw.Picture) error {
	w := &work{Engine: e, looks: true}
	now := e.Now()
	for _, d := range e.Index.Definition().Deadlines() {
		expression, err := cron.Parse(d.Cron())
		if err != nil {
			continue // a valid definition has no such deadline
		}
		last := time.Time{}
		next, ok := expression.Next(now.Add(-run.Week), d.Zone())
		for ; ok && !next.After(now); next, ok = expression.Next(next, d.Zone()) {
			last = next
		}
		if !ok {
			continue
		}
		missing, _, err := w.missingBy(ctx, d, next)
		if err != nil {
			return err
		}
		p.Deadlines = append(p.Deadlines, draw.Deadline{
			By: d.Key(), At: next, Steps: d.Steps, Missing: missing,
		})
		if last.IsZero() || e.cycleAt(e.lastScheduled(last)).ID() != e.cycleAt(now).ID() {
			continue // it was about an earlier cycle
		}
		missing, signals, err := w.missingBy(ctx, d, last)
		if err != nil {
			return err
		}
		if len(missing) > 0 {
			p.Attention = append(p.Attention, draw.Attention{
				Kind: draw.AttentionLate, At: last, Blocks: missing[:min(len(missing), maxBlocks)], Blocked: len(missing),
				Reason: "Not done by " + d.Key() + ": " + chain.ListedFew(missing, len(missing)) + "." + waitForSignals(signals),
			})
		}
	}
	slices.SortStableFunc(p.Deadlines, func(a, b draw.Deadline) int { return a.At.Compare(b.At) })
	return nil
}

// missingBy returns the names of the steps that are not done although a deadline expects them by a time, and of those that wait for their
// signals.
func (w *work) missingBy(ctx context.Context, d chain.Deadline, by time.Time) (missing, signals []string, err error) {
	c, err := w.load(ctx, w.cycleAt(w.lastScheduled(by)).ID())
	if err != nil {
		return nil, nil, err
	}
	late, err := w.unfinished(ctx, c, d, by)
	missing = []string{}
	for _, u := range late {
		missing = append(missing, u.Step)
		if u.Reason == WaitsForSignal {
			signals = append(signals, u.Step)
		}
	}
	return missing, signals, err
}

// waitForSignals is a sentence about the steps that wait for their signals; empty: none does.
func waitForSignals(steps []string) string {
	switch len(steps) {
	case 0:
		return ""
	case 1:
		return " " + steps[0] + " " + WaitsForSignal + "."
	default:
		return " " + chain.ListedFew(steps, len(steps)) + " wait for their signals."
	}
}
