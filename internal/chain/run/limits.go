// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"fmt"
	"slices"
	"time"
)

// Limits are the rules that delay, queue or cancel starts and runs.
type Limits interface {
	// MaxRunning returns the maximum number of concurrent reloads of the chain in Qlik Cloud; 0: any number.
	MaxRunning() int
	// StartsNothing reports whether a step starts nothing in Qlik Cloud: it waits for a signal. MaxRunning does not apply to it.
	StartsNothing(step string) bool
	// MaxStartsPerHour returns how often a step may start within an hour; 0: any number. Further attempts do not count.
	MaxStartsPerHour(step string) int
	// Overlap returns what happens to a run of a schedule that begins while its previous run is active.
	Overlap(schedule string) Overlap
	// MaxDuration returns how long a reload of a step may take, from its request on, or with an empty step how long a run may take; 0: any
	// time.
	MaxDuration(step string) (most time.Duration, then OnExceeded)
}

// Overlap is the rule for a run of a schedule that begins while its previous run is active.
type Overlap string

// The ways to overlap.
const (
	OverlapAllow Overlap = "allow" // both are active
	OverlapQueue Overlap = "queue" // the run starts nothing before the previous one has ended
	OverlapSkip  Overlap = "skip"  // the run ends at once
)

// OnExceeded is the reaction to a reload, or a run, that takes longer than its max_duration.
type OnExceeded string

// The reactions. The chain reports the case with either.
const (
	OnExceededAlarm  OnExceeded = "alarm"
	OnExceededCancel OnExceeded = "cancel"
)

// startsWindow is the time that MaxStartsPerHour counts in.
const startsWindow = time.Hour

// overlaps reports whether the previous run of a run's schedule is active. A run that only waits is not.
func (s *State) overlaps(r *Run) bool {
	if r.Schedule == "" {
		return false
	}
	if s.Busy[r.Schedule] {
		return true
	}
	for _, o := range s.Runs {
		if o.Schedule == r.Schedule && o.Ended == "" && !o.Canceled && compareRuns(o, r) < 0 && (o.Queued || o.underWay()) {
			return true
		}
	}
	return false
}

// underWay reports whether a step of the run was started and has no result.
func (r *Run) underWay() bool {
	for _, f := range r.Steps {
		if f.Start != nil && f.Result == nil {
			return true
		}
	}
	return false
}

// limitOverlap queues or ends a run that has just begun if its schedule's previous run is active.
func (d *decision) limitOverlap(r *Run) {
	if !d.overlaps(r) {
		return
	}
	switch d.rules.Overlap(r.Schedule) {
	case OverlapSkip:
		r.Ended = StatusSkipped
		d.effects = append(d.effects, Effect{Kind: EffectRunEnded, Run: r.ID, Status: r.Ended})
	case OverlapQueue:
		r.Queued = true
	case OverlapAllow:
	}
}

// letGo releases the first queued run that need not wait any longer, and reports whether there is one.
func (d *decision) letGo() bool {
	for _, r := range d.sorted() {
		if r.Queued && r.Ended == "" && !r.Canceled && (d.rules.Overlap(r.Schedule) != OverlapQueue || !d.overlaps(r)) {
			r.Queued, r.From = false, d.now
			d.watchRun(r)
			return true
		}
	}
	return false
}

// watchRun requests an Overran for the time at which a run reaches its limit.
func (d *decision) watchRun(r *Run) {
	if most, _ := d.rules.MaxDuration(""); most > 0 && r.Ended == "" && !r.Queued {
		d.effects = append(d.effects, Effect{Kind: EffectWatch, Run: r.ID, At: r.from().Add(most)})
	}
}

// from returns when a run's duration begins to count.
func (r *Run) from() time.Time {
	if r.From.IsZero() {
		return r.At
	}
	return r.From
}

// limitStarts parks a start of a step that was started often enough within the hour, and reports whether it does.
func (d *decision) limitStarts(r *Run, step string) bool {
	most := d.rules.MaxStartsPerHour(step)
	start := r.change(step).Start
	if most == 0 || start.Attempt > 1 {
		return false
	}
	starts := 0
	for _, o := range d.Runs {
		if s := o.facts(step).Start; s != nil && (s.Phase == PhaseQueued || s.At.After(d.now.Add(-startsWindow))) {
			starts++
		}
	}
	if starts < most {
		return false
	}
	times := "once"
	if starts > 1 {
		times = fmt.Sprintf("%d times", starts)
	}
	start.Phase, start.Reason = PhaseParked, fmt.Sprintf("it started %s within an hour (max_starts_per_hour)", times)
	d.effect(EffectParked, r.ID, step, start.Attempt)
	return true
}

// queued is a start that waits for max_running.
type queued struct {
	run  *Run
	step string
	*Start
}

// release requests queued starts in the order in which they became due, until the limit is reached. It reports whether there is more to
// decide: a queued start of a step that may no longer start is taken back.
func (d *decision) release() (more bool) {
	if d.Paused {
		return false
	}
	running, queue := d.Running, []queued{}
	for _, r := range d.Runs {
		for step, f := range r.Steps {
			switch {
			case f.Start == nil || f.Result != nil:
			case f.Start.Phase == PhaseRequested && !d.rules.StartsNothing(step):
				running++
			case f.Start.Phase == PhaseQueued && !r.Canceled:
				queue = append(queue, queued{r, step, f.Start})
			}
		}
	}
	slices.SortFunc(queue, func(a, b queued) int {
		return cmp.Or(a.DueAt.Compare(b.DueAt), compareRuns(a.run, b.run), cmp.Compare(a.step, b.step))
	})
	for _, q := range queue {
		most, nothing := d.rules.MaxRunning(), d.rules.StartsNothing(q.step)
		switch {
		case d.takeBack(q.run, q.step):
			more = true
		case most == 0 || running < most || nothing:
			if !nothing {
				running++
			}
			q.Phase, q.At = PhaseRequested, d.now
			d.effect(EffectRequest, q.run.ID, q.step, q.Attempt)
			if longest, _ := d.rules.MaxDuration(q.step); longest > 0 {
				d.effects = append(d.effects, Effect{Kind: EffectWatch, Run: q.run.ID, Step: q.step, Attempt: q.Attempt, At: d.now.Add(longest)})
			}
		}
	}
	return more
}

// Overran triggers a check whether an attempt, or with an empty step a run, has taken longer than it may.
type Overran struct {
	Run, Step string
	Attempt   int
}

func (e Overran) happen(d *decision) {
	r := d.Runs[e.Run]
	if r == nil || r.Canceled || r.Ended != "" {
		return
	}
	most, then := d.rules.MaxDuration(e.Step)
	if most == 0 {
		return
	}
	if e.Step == "" {
		d.overranRun(r, most, then)
		return
	}
	s := r.facts(e.Step).Start
	switch {
	case s == nil || s.Phase != PhaseRequested || s.Attempt != e.Attempt || s.Overran:
	case s.At.Add(most).After(d.now): // max_duration was raised
		d.effects = append(d.effects, Effect{Kind: EffectWatch, Run: r.ID, Step: e.Step, Attempt: s.Attempt, At: s.At.Add(most)})
	default:
		s.Overran = true
		d.effect(EffectOverran, r.ID, e.Step, s.Attempt)
		if then == OnExceededCancel {
			d.effect(EffectCancel, r.ID, e.Step, s.Attempt)
		}
	}
}

// overranRun reports a run that takes too long, and cancels it if the rule requires that. The time in which a run only waits does not
// count.
func (d *decision) overranRun(r *Run, most time.Duration, then OnExceeded) {
	switch {
	case r.Overran || !r.underWay():
	case r.from().Add(most).After(d.now):
		d.watchRun(r)
	default:
		r.Overran = true
		d.effect(EffectOverran, r.ID, "", 0)
		if then == OnExceededCancel {
			Canceled{Run: r.ID}.happen(d)
		}
	}
}
