// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// CheckDeadline looks whether what has to be done by a time that has come is done, and tells people when it is not. Its error is that of Handle. A deadline that the
// chain does not have any more is none.
func (e *Engine) CheckDeadline(ctx context.Context, invocation string, c chain.DeadlineCheck) (Result, error) {
	r := &report{result: Result{Deadline: c.Deadline}}
	all := e.Index.Definition().Deadlines()
	i := slices.IndexFunc(all, func(d chain.Deadline) bool { return d.Key() == c.Deadline })
	if i < 0 {
		r.result.Outcome, r.result.Reason = OutcomeNothingDue, "the chain does not expect anything by this time any more"
		return r.result, nil
	}
	w := &work{Engine: e, owner: invocation}
	var night *night
	err := w.beside(ctx, func() (err error) {
		night, err = w.night(ctx, all[i].Since(c.Time), c.Time)
		return err
	})
	if err != nil {
		return r.conclude(err), err
	}
	r.result.Outcome = OutcomeInTime
	if r.result.Late = night.unfinished(all[i]); len(r.result.Late) > 0 {
		if order := w.paused(); order != nil {
			r.result.Late = append([]Unfinished{{Reason: "The chain is paused since " + w.clock(order.At, w.Now()) + " by " + order.By}}, r.result.Late...)
		}
		r.result.Outcome = OutcomeLate
		n := late(c.Time, r.result.Late)
		n.zone, n.id = all[i].Zone(), fmt.Sprintf("%s#%s#%s", NoticeLate, c.Deadline, c.Time.UTC().Format(time.RFC3339))
		w.notify(ctx, n, r)
	}
	return r.conclude(nil), nil
}

// night is what the runs that began in a while have come to.
type night struct {
	engine *Engine
	since  time.Time
	starts map[string]nightStart // the latest attempt of each step
	edges  map[string]nightEdge  // the latest that led to each step
}

type nightStart struct {
	StartView
	run string
}

type nightEdge struct {
	Edge
	run string
}

// night reads the runs that began after since and not after until.
func (w *work) night(ctx context.Context, since, until time.Time) (*night, error) {
	var runs []RunRecord
	for before := ""; ; {
		page, more, err := w.Runs(ctx, before, runsAtOnce)
		if err != nil {
			return nil, err
		}
		for _, run := range page {
			if run.At.After(since) && !run.At.After(until) {
				runs = append(runs, run)
			}
		}
		if !more || !page[len(page)-1].At.After(since) {
			break
		}
		before = page[len(page)-1].ID
	}
	views := make([]*RunView, len(runs))
	_, err := parallel(len(runs), func(i int) (bool, error) {
		var err error
		views[i], err = w.Run(ctx, runs[i].ID)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	n := &night{engine: w.Engine, since: since, starts: map[string]nightStart{}, edges: map[string]nightEdge{}}
	for _, view := range slices.Backward(views) { // the newest last, which decides of two at the same time
		if view != nil { // its record is not kept any more
			n.add(view)
		}
	}
	return n, nil
}

// runsAtOnce is how many runs are listed in one call.
const runsAtOnce = 100

func (n *night) add(view *RunView) {
	for _, s := range view.Starts {
		if known, there := n.starts[s.Step]; s.Phase != PhaseSuperseded && (!there || !s.at().Before(known.at())) {
			n.starts[s.Step] = nightStart{s, view.ID}
		}
	}
	for _, e := range view.Edges {
		if known, there := n.edges[e.To]; !there || !e.At.Before(known.At) {
			n.edges[e.To] = nightEdge{e, view.ID}
		}
	}
}

// unfinished is what is not done of what has to be, in the order of the chain.
func (n *night) unfinished(d chain.Deadline) []Unfinished {
	open := map[string]Unfinished{}
	if d.Chain {
		open = n.ofChain()
	}
	for _, step := range d.Steps {
		if u := n.ofStep(step); u != nil {
			open[step] = *u
		}
	}
	var all []Unfinished
	for _, step := range slices.Sorted(maps.Keys(open)) {
		all = append(all, open[step])
	}
	return all
}

// ofStep is why a step has not ended with success, or nil.
func (n *night) ofStep(step string) *Unfinished {
	if s, started := n.starts[step]; started {
		if reason := n.open(s.StartView); reason != "" {
			return &Unfinished{Step: step, Run: s.run, Reason: reason}
		}
		return nil
	}
	if e, asked := n.edges[step]; asked {
		return &Unfinished{Step: step, Run: e.run, Reason: edgeInWords(e.Edge)}
	}
	return &Unfinished{Step: step, Reason: "has not started since " + n.engine.clock(n.since, n.engine.Now())}
}

// ofChain is why the chain is not done, by step. Each step where it begins has to have ended with success, and so has each other one that was started. One that
// does not start, since a guard or the outcome of the step before it says so, is done with; one that waits for others is not, nor are those that come after a step
// which is not done.
func (n *night) ofChain() map[string]Unfinished {
	open := map[string]Unfinished{}
	definition := n.engine.Index.Definition()
	for key, step := range definition.Steps {
		_, started := n.starts[key]
		edge, asked := n.edges[key]
		waits := asked && (edge.State == EdgeWaits || edge.State == EdgeExpired)
		if !step.Enabled || !started && !waits && len(step.After) > 0 {
			continue
		}
		if u := n.ofStep(key); u != nil {
			open[key] = *u
		}
	}
	for _, key := range slices.Sorted(maps.Keys(open)) {
		n.after(key, open)
	}
	return open
}

// comesAfter begins the reason of a step that only waits for another one.
const comesAfter = "has not started; it comes after "

// after adds the steps that come after one that is not done, and have not started for that.
func (n *night) after(step string, open map[string]Unfinished) {
	for _, l := range n.engine.Index.Downstream(step) {
		_, known := open[l.To]
		_, started := n.starts[l.To]
		edge, asked := n.edges[l.To]
		elsewhere := asked && (edge.State != EdgeHeld || edge.From != step)
		if next, _ := n.engine.step(l.To); known || started || elsewhere || !next.Enabled || l.Condition == chain.ConditionFailure {
			continue
		}
		u := Unfinished{Step: l.To, Reason: comesAfter + step}
		if asked {
			u.Run, u.Reason = edge.run, "has not started; it "+edge.Reason
		}
		open[l.To] = u
		n.after(l.To, open)
	}
}

// open is why an attempt has not come to a good end, as the rest of a sentence about its step; empty when it has.
func (n *night) open(s StartView) string {
	clock := func(t time.Time) string { return n.engine.clock(t, n.engine.Now()) }
	switch {
	case s.Phase == PhaseEnded && s.Status == qlik.StatusSucceeded:
		return ""
	case s.Phase == PhaseEnded:
		return fmt.Sprintf("ended with %s at %s", s.Status, clock(s.EndedAt))
	case s.Phase == PhaseStarted:
		return "is running since " + clock(s.StartedAt)
	case s.Phase == PhaseRefused:
		return "could not be started: " + s.Reason
	case s.Phase == PhaseCanceled:
		return "was canceled: " + s.Reason
	case s.Phase == PhaseClaimed:
		return "is being started"
	case s.Reason != "":
		return "waits: " + s.Reason
	default:
		return "is to start at " + clock(s.DueAt)
	}
}

// edgeInWords is why a step has not started, as the rest of a sentence about it.
func edgeInWords(e Edge) string {
	switch e.State {
	case EdgeWaits, EdgeExpired, EdgeHeld:
		return e.Reason
	case EdgeTaken:
		return "was started in the run " + e.Run
	default:
		return string(e.State)
	}
}
