// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// MaxParallel is how many steps are seen to at once.
const MaxParallel = 32

// parallel calls do for 0 to n-1, some at the same time, and returns whether all said safe, and the errors.
func parallel(n int, do func(i int) (safe bool, err error)) (bool, error) {
	return parallelBy(MaxParallel, n, do)
}

// parallelBy is parallel with so many at the same time at most.
func parallelBy(atOnce, n int, do func(i int) (safe bool, err error)) (bool, error) {
	safes, errs := make([]bool, n), make([]error, n)
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			safes[i], errs[i] = do(i)
		})
	}
	all.Wait()
	return !slices.Contains(safes, false), errors.Join(errs...)
}

// follow does what follows from the end of a reload that carried out these starts: a further attempt, or what comes after the step; and
// the starts that waited behind it. It returns false when another execution is at something that is due; then that one sees to it.
func (w *work) follow(ctx context.Context, end reloadEnd, starts []Start, waiters []startRef, r *report) (bool, error) {
	follows := make([]func() (bool, error), 0, 1+len(waiters))
	live := w.live(starts)
	arrival := arrivalOf(end, starts)
	if len(live) > 0 {
		arrival = arrivalOf(end, live)
	}
	r.result.Attempt = arrival.Attempt
	switch {
	case len(live) == 0:
		follows = append(follows, func() (bool, error) { return true, w.stopped(ctx, end, starts, r) })
	case end.tooOld != "":
		for _, l := range w.Index.Downstream(end.step) {
			edge := Edge{From: l.From, To: l.To, Event: arrival.Event, At: arrival.At}
			follows = append(follows, func() (bool, error) { return true, w.hold(ctx, arrival.Run, edge, end.tooOld, r) })
		}
	case w.Index.Again(end.step, arrival.Attempt, end.outcome, string(end.status)):
		follows = append(follows, func() (bool, error) { return w.retry(ctx, end, live[0], arrival, r) })
	default:
		for _, l := range w.Index.Downstream(end.step) {
			follows = append(follows, func() (bool, error) { return w.tell(ctx, l, arrival, r) })
		}
	}
	for _, waiter := range waiters {
		follows = append(follows, func() (bool, error) { return w.look(ctx, waiter, end.event, r) })
	}
	return parallel(len(follows), func(i int) (bool, error) { return follows[i]() })
}

// arrivalOf is how the steps that come after see the end of a reload, which may have carried out several starts at once.
func arrivalOf(end reloadEnd, starts []Start) chain.Arrival {
	a := chain.Arrival{
		Upstream: end.step, Event: end.event, At: end.at, Outcome: end.outcome, Duration: end.duration,
		// The first start stays the first: what follows must not be recorded elsewhere because another one has joined the reload.
		Run: starts[0].Run,
	}
	runs := map[string]chain.RunRef{}
	for _, s := range starts {
		a.Attempt, a.Depth = max(a.Attempt, s.Attempt), max(a.Depth, s.Depth)
		for _, r := range s.Runs {
			runs[r.ID] = r
		}
	}
	for _, id := range slices.Sorted(maps.Keys(runs)) {
		a.Runs = append(a.Runs, runs[id])
	}
	return a
}

// retry sees to the next attempt of a reload that has failed.
func (w *work) retry(ctx context.Context, end reloadEnd, first Start, a chain.Arrival, r *report) (bool, error) {
	step, _ := w.step(end.step)
	next := Start{
		Step: end.step, App: step.App, ID: first.ID, Attempt: a.Attempt + 1, Of: step.Retry.Attempts(),
		Run: first.Run, Runs: a.Runs, Depth: a.Depth, Causes: first.Causes,
		Phase: PhaseWaiting, CreatedAt: end.at, DueAt: w.past(end.at).Add(step.Retry.Wait(a.Attempt + 1)),
	}
	next.Reason = fmt.Sprintf("attempt %d of %d failed; the next one comes at %s", a.Attempt, next.Of, w.clock(next.DueAt, end.at))
	return w.create(ctx, next, nil, r)
}

// tell lets a step know that one of its upstreams has ended. It returns false when another execution is at the start that follows.
func (w *work) tell(ctx context.Context, l chain.Link, a chain.Arrival, r *report) (bool, error) {
	edge := Edge{From: l.From, To: l.To, Event: a.Event, At: a.At}
	if reason := w.Index.Refuse(l, a.Outcome); reason != "" {
		return true, w.hold(ctx, a.Run, edge, reason, r)
	}
	step, _ := w.step(l.To)
	fire := chain.NewFire(l.To, []chain.Arrival{a})
	if step.WaitsForAll() {
		joined, err := w.join(ctx, l.To, step, edge, a, r)
		if err != nil || joined == nil {
			return err == nil, err
		}
		fire = *joined
	}
	reason, err := w.Index.Forbid(l.To, fire)
	if err != nil {
		r.fail(l.To, step.App, err)
		reason = err.Error()
	}
	if reason != "" {
		r.hold(edge.To, reason)
		return true, w.writeEdges(ctx, w.settled(fire, edge, EdgeHeld, reason))
	}
	return w.due(ctx, l.To, step, fire, edge, r)
}

// join takes an arrival in for a step that waits for all of its upstreams, and returns the fire when that makes the step due.
func (w *work) join(ctx context.Context, name string, step chain.Step, edge Edge, a chain.Arrival, r *report) (*chain.Fire, error) {
	var joined chain.JoinResult
	_, err := change(ctx, w.Store, joinKey(name), w.expires(), func(j *chain.Join) bool {
		joined = j.Arrive(name, step.Upstreams(), step.JoinWindow(), a)
		return joined.Changed
	})
	if err != nil {
		return nil, err
	}
	for _, passed := range joined.Passed {
		if err := w.pass(ctx, name, passed); err != nil {
			return nil, err
		}
	}
	switch {
	case joined.Fire != nil:
		return joined.Fire, nil
	case joined.UsedBy != "":
		return nil, nil // whoever brought the last arrival sees to the start, and to this edge
	}
	edge.State, edge.Until = EdgeWaits, joined.Until
	edge.Reason = joined.Says(len(step.After)) + ", until " + w.clock(joined.Until, a.At)
	r.hold(name, edge.Reason)
	if err := w.writeEdge(ctx, a.Run, edge); err != nil {
		return nil, err
	}
	return nil, w.setTimer(ctx, timerName("window", chain.NewFire(name, []chain.Arrival{a}).ID), chain.Timer{
		Kind: chain.TimerExpire, Step: name, Run: a.Run, Event: a.Event, Due: joined.Until,
	})
}

// due creates the start that a fire makes due and sees to it.
func (w *work) due(ctx context.Context, name string, step chain.Step, fire chain.Fire, edge Edge, r *report) (bool, error) {
	last := fire.Last()
	start := Start{
		Step: name, App: step.App, ID: fire.ID, Attempt: 1, Of: step.Retry.Attempts(), Run: fire.Run(), Runs: fire.Runs(), Depth: fire.Depth(),
		Phase: PhaseWaiting, CreatedAt: last.At, DueAt: w.past(last.At).Add(step.Delay),
	}
	for _, c := range fire.Causes {
		start.Causes = append(start.Causes, Cause{Upstream: c.Upstream, Event: c.Event, Outcome: c.Outcome})
	}
	edge.Start = fire.ID
	reason := ""
	if step.Delay > 0 {
		start.Reason = fmt.Sprintf("starts %s later, at %s", chain.FormatDuration(step.Delay), w.clock(start.DueAt, last.At))
		reason = start.Reason
	}
	edges := w.settled(fire, edge, EdgeTaken, reason)
	if len(edges) > withStart {
		if err := w.writeEdges(ctx, edges); err != nil {
			return false, err
		}
		edges = nil
	}
	return w.create(ctx, start, edges, r)
}

// withStart is how many edges are written together with the start that follows from them: a transaction has at most 100 items, and costs
// twice as much for each as a write of its own.
const withStart = 10

// settled is what became of the links that a fire has used up, in the runs that they are of.
func (w *work) settled(fire chain.Fire, edge Edge, state EdgeState, reason string) []Write {
	run := fire.Run()
	edges := make([]Write, len(fire.Causes))
	for i, c := range fire.Causes {
		e := Edge{From: c.Upstream, To: edge.To, Event: c.Event, At: c.At, State: state, Reason: reason, Start: edge.Start}
		if c.Run != run && state == EdgeTaken {
			e.Run = run
			e.Reason = "goes on in the run " + run + ", which it met there"
		}
		edges[i] = w.edgeWrite(c.Run, e)
	}
	return edges
}

// hold writes that a step does not start because of one link.
func (w *work) hold(ctx context.Context, run string, edge Edge, reason string, r *report) error {
	r.hold(edge.To, reason)
	edge.State, edge.Reason = EdgeHeld, reason
	return w.writeEdge(ctx, run, edge)
}

// edgeWrite writes an edge on the condition that it is not known to have come further already.
func (w *work) edgeWrite(run string, edge Edge) Write {
	return Write{Key: edgeKey(run, edge.To, edge.Event), Doc: edge, Rank: edge.State.rank(), Expires: w.kept()}
}

// writeEdge writes an edge unless it is known to have come further already.
func (w *work) writeEdge(ctx context.Context, run string, edge Edge) error {
	return w.writeEdges(ctx, []Write{w.edgeWrite(run, edge)})
}

// writeEdges writes those of the edges that are not known to have come further already.
func (w *work) writeEdges(ctx context.Context, edges []Write) error {
	_, err := parallel(len(edges), func(i int) (bool, error) {
		err := write(ctx, w.Store, edges[i])
		if errors.Is(err, ErrConflict) {
			err = nil
		}
		return true, err
	})
	return err
}

// pass records that an arrival was used up without going into the start, since a later reload of the same upstream did.
func (w *work) pass(ctx context.Context, to string, a chain.Arrival) error {
	return w.writeEdge(ctx, a.Run, Edge{
		From: a.Upstream, To: to, Event: a.Event, At: a.At, State: EdgeHeld, Reason: "started after a later reload of " + a.Upstream + " instead",
	})
}

// expire records that a join's window has ended before all had come.
func (w *work) expire(ctx context.Context, t chain.Timer, r *report) error {
	joined, err := load[chain.Join](ctx, w.Store, joinKey(t.Step))
	if err != nil {
		return err
	}
	step, known := w.step(t.Step)
	a := joined.doc.Find(t.Event)
	if a == nil || !known {
		r.result.Reason = "the arrival is not remembered any more"
		return nil
	}
	r.result.AppID = step.App
	if a.Used != "" {
		r.result.Reason = "the arrival waits no more"
		if !joined.doc.Caused(a) { // the record says so unless the execution that used it up was cut off
			return w.pass(ctx, t.Step, a.Arrival)
		}
		return nil
	}
	r.result.expired = true
	missing := joined.doc.Missing(step.Upstreams(), step.JoinWindow(), a.Arrival)
	edge := Edge{From: a.Upstream, To: t.Step, Event: a.Event, At: a.At, State: EdgeExpired,
		Reason: fmt.Sprintf("waited for %s until %s, when the window of %s had passed", chain.Listed(missing), w.clock(t.Due, a.At),
			chain.FormatDuration(step.JoinWindow()))}
	r.hold(t.Step, edge.Reason)
	return w.writeEdge(ctx, t.Run, edge)
}

// past is t, or now when Qlik's clock is ahead of ours: nothing has to wait for that.
func (e *Engine) past(t time.Time) time.Time {
	if now := e.Now(); t.After(now) {
		return now
	}
	return t
}

// zone is the chain's time zone.
func (e *Engine) zone() *time.Location {
	zone, err := e.Index.Definition().Location()
	if err != nil {
		return time.UTC
	}
	return zone
}

// clock is a time in the chain's zone as people say it, with the date when that is not the one of near.
func (e *Engine) clock(t, near time.Time) string {
	zone := e.zone()
	t, near = t.In(zone), near.In(zone)
	if t.Format(time.DateOnly) == near.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("15:04 on 2006-01-02")
}
