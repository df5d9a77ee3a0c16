// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Decide handles an event: it changes the state and returns the effects to carry out. A repeated event changes nothing.
func Decide(s *State, rules Rules, now time.Time, event Event) []Effect {
	d := &decision{State: s, rules: rules, now: now}
	event.happen(d)
	for more := true; more; { // each runs only if those before it have nothing left to do
		more = d.advance() || d.letGo() || d.release()
	}
	d.end()
	return d.effects
}

// decision is one call of Decide.
type decision struct {
	*State
	rules   Rules
	now     time.Time
	first   string // the run of the event: it is handled first
	effects []Effect

	evaluation *evaluation // for advance; the standings have not changed since
}

func (d *decision) effect(kind EffectKind, run, step string, attempt int) {
	d.effects = append(d.effects, Effect{Kind: kind, Run: run, Step: step, Attempt: attempt})
}

func (e Began) happen(d *decision) { d.begin(e.Run) }

func (d *decision) begin(r Run) *Run {
	d.first = r.ID
	if known := d.Runs[r.ID]; known != nil {
		return known
	}
	if d.Runs == nil {
		d.Runs = map[string]*Run{}
	}
	r.Origins, r.Steps = slices.Sorted(slices.Values(r.Origins)), nil
	d.Runs[r.ID] = &r
	d.limitOverlap(&r)
	d.watchRun(&r)
	return &r
}

func (e Reloaded) happen(d *decision) {
	step := e.Result.Step
	for _, r := range d.Runs {
		if result := r.facts(step).Result; result != nil && result.Reload == e.Result.Reload {
			return
		}
	}
	if e.Result.Outcome == chain.OutcomeSuccess && d.Runs[e.Run.ID] == nil {
		if r := d.awaiting(step); r != nil {
			d.settle(r, e.Result)
			return
		}
	}
	r := d.begin(e.Run)
	f := r.change(step)
	if f.Start == nil {
		f.Start = &Start{Attempt: 1, DueAt: e.Result.Started, Phase: PhaseRequested}
	}
	if f.Start.Attempt == 1 && f.Start.Phase == PhaseRequested { // else its failure was taken into account already
		d.settle(r, e.Result)
	}
}

func (e Marked) happen(d *decision) {
	known := d.Runs[e.Run.ID] != nil
	r := d.begin(e.Run)
	if known {
		return
	}
	result := e.Result
	result.Run, result.Reload, result.Outcome, result.Attempt = r.ID, cmp.Or(result.Reload, r.ID), chain.OutcomeSuccess, 1
	f := r.change(result.Step)
	f.Start, f.Result = &Start{Attempt: 1, DueAt: result.Started, Phase: PhaseSettled}, &result
}

func (e Looked) happen(d *decision) { d.first = e.Run }

// awaiting returns the newest run in which a further attempt of a step waits for its time.
func (d *decision) awaiting(step string) *Run {
	var newest *Run
	for _, r := range d.sorted() {
		f := r.facts(step)
		if f.Start != nil && f.Result == nil && f.Start.Attempt > 1 && f.Start.Phase != PhaseRequested && !r.Canceled {
			newest = r
		}
	}
	return newest
}

func (e Ended) happen(d *decision) {
	r := d.Runs[e.Result.Run]
	if r == nil {
		return
	}
	if f := r.facts(e.Result.Step); f.Start == nil || f.Start.Attempt != e.Result.Attempt || f.Start.Phase != PhaseRequested {
		return
	}
	d.settle(r, e.Result)
}

// settle writes the end of an attempt: a further attempt follows, or it is the step's result.
func (d *decision) settle(r *Run, result Result) {
	d.first = r.ID
	f := r.change(result.Step)
	result.Run, result.Attempt = r.ID, f.Start.Attempt
	again, after := d.rules.Retry(result.Step, f.Start.Attempt, result)
	if kind, _ := d.off(d.rules, result.Step); again && kind == "" && result.Outcome == chain.OutcomeFailure && !r.Canceled {
		f.Start.Attempt++
		f.Start.Last = &result
		f.Start.DueAt, f.Start.Phase, f.Start.At, f.Start.Overran = result.Ended.Add(after), PhaseDelayed, time.Time{}, false
		d.wake(r, result.Step, f.Start)
		return
	}
	f.Start.Phase, f.Result = PhaseSettled, &result
}

func (d *decision) wake(r *Run, step string, s *Start) {
	d.effects = append(d.effects, Effect{Kind: EffectWake, Run: r.ID, Step: step, Attempt: s.Attempt, At: s.DueAt})
}

func (e Woke) happen(d *decision) {
	r := d.Runs[e.Run]
	if r == nil || r.Canceled {
		return
	}
	d.first = r.ID
	if f := r.facts(e.Step); f.Start != nil && f.Start.Attempt == e.Attempt && f.Start.Phase == PhaseDelayed && !f.Start.DueAt.After(d.now) {
		d.request(r, e.Step)
	}
}

// request queues or parks a due start. release requests a queued start at once or later.
func (d *decision) request(r *Run, step string) {
	start := r.change(step).Start
	switch {
	case d.takeBack(r, step):
	case d.Paused:
		start.Phase = PhaseParked
	case d.limitStarts(r, step):
	default:
		start.Phase = PhaseQueued
	}
}

// takeBack takes a start back that was not requested from Qlik Cloud, if the step may no longer start. It reports whether it does. If the
// start is a further attempt, the failed attempt was the last.
func (d *decision) takeBack(r *Run, step string) bool {
	kind, reason := d.off(d.rules, step)
	if kind == "" {
		return false
	}
	f := r.change(step)
	if last := f.Start.Last; last != nil {
		f.Start.Attempt, f.Start.Phase, f.Result = last.Attempt, PhaseSettled, last
	} else {
		r.pass(step, kind, reason)
	}
	return true
}

func (CycleEnded) happen(d *decision) { d.Over = true }

func (e Canceled) happen(d *decision) {
	r := d.Runs[e.Run]
	if r == nil || r.Canceled || r.Ended != "" {
		return
	}
	r.Canceled = true
	for _, step := range slices.Sorted(maps.Keys(r.Steps)) {
		if f := r.facts(step); f.Start != nil && f.Result == nil && f.Start.Phase == PhaseRequested {
			d.effect(EffectCancel, r.ID, step, f.Start.Attempt)
		}
	}
}

func (Paused) happen(d *decision) { d.Paused = true }

// happen releases the newest parked start of each step, even if the step has started often. The others are continued in its run.
func (e Resumed) happen(d *decision) {
	if e.Step == "" {
		d.Paused = false
	}
	if d.Paused {
		return
	}
	parked := map[string][]*Run{} // by step, in the order in which they began
	for _, r := range d.sorted() {
		for step, f := range r.Steps {
			if f.Start != nil && f.Start.Phase == PhaseParked && !r.Canceled && (e.Step == "" || e.Step == step) {
				parked[step] = append(parked[step], r)
			}
		}
	}
	for _, step := range slices.Sorted(maps.Keys(parked)) {
		runs := parked[step]
		newest := runs[len(runs)-1]
		for _, older := range runs[:len(runs)-1] {
			older.change(step).Start, older.change(step).Continued = nil, newest.ID
		}
		if !d.takeBack(newest, step) {
			start := newest.change(step).Start
			start.Phase, start.Reason = PhaseQueued, ""
		}
	}
}

// advance starts what is due in one run, the event's run first, and reports whether anything changed.
func (d *decision) advance() bool {
	d.evaluation = newEvaluation(d.State, d.rules)
	runs := slices.Clone(d.evaluation.order)
	if first := slices.IndexFunc(runs, func(v *view) bool { return v.ID == d.first }); first > 0 {
		v := runs[first]
		copy(runs[1:first+1], runs[:first])
		runs[0] = v
	}
	for _, v := range runs {
		if v.Ended == "" && d.advanceRun(v) {
			return true
		}
	}
	return false
}

// advanceRun starts what is due in a run, and reports whether anything changed.
func (d *decision) advanceRun(v *view) (changed bool) {
	for _, n := range v.steps {
		switch s := d.evaluation.standing(v, n); {
		case s.Status == StatusDue:
			d.due(v, n, *s)
			changed = true
		case s.expires:
			d.expire(v.Run, v.names[n], s.Waits)
			changed = true
		}
	}
	return changed
}

// expire writes that a step expires: the upstreams that it waits for did not settle before the cycle's end.
func (d *decision) expire(r *Run, step string, missing []string) {
	if kind, reason := d.off(d.rules, step); kind != "" {
		r.pass(step, kind, reason)
		return
	}
	r.pass(step, SkipExpired, "")
	r.change(step).Missing = missing
}

// due handles a step with a fulfilled condition.
func (d *decision) due(v *view, n int, s Standing) {
	r, step := v.Run, v.names[n]
	var uses []Use
	if s.goesOn == "" && s.passes == "" {
		uses = d.evaluation.uses(v, n)
		s.goesOn = d.startedWith(r, step, uses)
	}
	f := r.change(step)
	switch {
	case s.goesOn != "":
		f.Continued = s.goesOn
		return
	case s.passes != "":
		r.pass(step, s.passes, "")
		return
	}
	if kind, reason := d.off(d.rules, step); kind != "" {
		r.pass(step, kind, reason)
		return
	}
	f.Uses = uses
	d.knows = d.evaluation
	pass, reason, err := d.rules.Guard(d.State, r, step, uses)
	d.knows = nil
	switch {
	case err != nil:
		r.pass(step, SkipGuard, "is skipped: its guard failed: "+err.Error())
	case !pass:
		r.pass(step, SkipGuard, reason)
	default:
		d.start(r, step)
	}
	d.continueElsewhere(v, step)
}

// continueElsewhere marks the step continued in the other runs that waited with this run before it started the step or evaluated its guard.
func (d *decision) continueElsewhere(v *view, step string) {
	for _, o := range d.evaluation.order {
		n, covered := o.find(step)
		if o == v || !covered || !d.evaluation.waits(o, n) {
			continue
		}
		o.change(step).Continued = v.ID
	}
}

// startedWith returns another run of the cycle that has started the step with the same uses, or evaluated its guard. It also counts a start
// that a pause gave up for a newer run. It is empty if there is none.
func (d *decision) startedWith(r *Run, step string, uses []Use) string {
	if len(uses) == 0 { // an origin
		return ""
	}
	for _, o := range d.sorted() {
		if o != r && slices.Equal(o.facts(step).Uses, uses) {
			return o.ID
		}
	}
	return ""
}

func (d *decision) start(r *Run, step string) {
	start := &Start{Attempt: 1, DueAt: d.now.Add(d.rules.Delay(step)), Phase: PhaseDelayed}
	r.change(step).Start = start
	if start.DueAt.After(d.now) {
		d.wake(r, step, start)
		return
	}
	d.request(r, step)
}

// end records the ends of runs in which every step has settled.
func (d *decision) end() {
	for _, v := range d.evaluation.order {
		if v.Ended != "" {
			continue
		}
		if status, over := d.evaluation.ending(v); over {
			d.evaluation.keep(v)
			v.Ended = status
			d.effects = append(d.effects, Effect{Kind: EffectRunEnded, Run: v.ID, Status: status})
		}
	}
}
