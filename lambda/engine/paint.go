// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// shown holds the status of the steps in the runs of a picture.
type shown struct {
	steps  map[string]shownStep
	newest string // the cycle of the newest run
}

// shownStep is a step's status in the newest of these runs that has it and does not leave it to another run.
type shownStep struct {
	StepRecord
	in    *RunView
	start *StartView // its latest attempt there; nil: none
	tried *StartView // the attempt before that; nil: none
}

// show collects the status of the steps in runs. The first run is the newest.
func show(runs []*RunView) shown {
	s := shown{steps: map[string]shownStep{}}
	if len(runs) > 0 {
		s.newest = runs[0].Cycle
	}
	for _, view := range runs {
		for _, record := range view.Steps {
			known, there := s.steps[record.Step]
			if there && known.Status != run.StatusContinued {
				continue
			}
			one := shownStep{StepRecord: record, in: view}
			for i := range view.Starts {
				if view.Starts[i].id == record.id {
					one.start, one.tried = &view.Starts[i], one.start
				}
			}
			s.steps[record.Step] = one
		}
	}
	return s
}

// paint adds the events of runs to the picture. The first run is the newest.
func paint(p *draw.Picture, runs []*RunView) {
	if len(runs) == 0 {
		return
	}
	for _, r := range runs {
		p.Runs = append(p.Runs, drawn(r))
	}
	p.At = runs[0].At
	s := show(runs)
	into := map[string][]*draw.Edge{} // the links into each step
	for i := range p.Edges {
		e := &p.Edges[i]
		from, to := stepOfNode(e.From), stepOfNode(e.To)
		if from != to {
			into[to] = append(into[to], e)
			s.paintEdge(e, from, to)
		}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Kind == draw.KindJoin {
			n.State = s.join(n.Step, into[n.Step])
		} else {
			n.State = s.step(n.Step)
		}
		if known, there := s.steps[n.Step]; there {
			n.Earlier = known.in.Cycle < s.newest
		}
	}
	for i := range p.Edges {
		if e := &p.Edges[i]; stepOfNode(e.From) == stepOfNode(e.To) {
			e.Way = joinedWay(s.join(stepOfNode(e.From), into[stepOfNode(e.From)]).Status)
		}
	}
}

// drawn returns a run in the picture's form.
func drawn(v *RunView) draw.Run {
	r := draw.Run{
		ID: v.ID, Date: v.Date, Origin: v.covers(), At: v.At, Status: string(v.Status), EndedAt: v.EndedAt, Seconds: v.Seconds,
		RerunOf: v.RerunOf, RepairedBy: v.RepairedBy,
	}
	if v.Counts != nil {
		r.Counts = draw.RunCounts(*v.Counts)
	}
	if v.Status == run.StatusWaiting {
		r.Until = v.CycleEnd
	}
	r.Summary = r.Words()
	return r
}

func stepOfNode(id string) string {
	_, step, _ := strings.Cut(id, ":")
	return step
}

func joinedWay(s draw.Status) draw.Way {
	switch s {
	case draw.StatusSucceeded:
		return draw.WayTaken
	case draw.StatusSkipped, draw.StatusBlocked, draw.StatusExpired:
		return draw.WayNotTaken
	default:
		return ""
	}
}

// paintEdge sets the state of a link. If its upstream settled in another run, the step's causes name it.
func (s shown) paintEdge(e *draw.Edge, from, to string) {
	upstream, step := s.steps[from], s.steps[to]
	if upstream.start != nil {
		e.At = upstream.start.EndedAt
	}
	switch {
	case step.start != nil && slices.ContainsFunc(step.start.Causes, func(c Cause) bool { return c.Upstream == from }):
		e.Way = draw.WayTaken
	case step.in == nil || step.start != nil || !settled(upstream.Status) || upstream.in.Cycle != step.in.Cycle:
	case step.Status == run.StatusSkipped || step.Status == run.StatusCanceled:
		e.Way, e.Reason = draw.WayNotTaken, step.Reason
	case step.Status == run.StatusPending || step.Status == run.StatusWaiting:
		e.Way, e.Reason = draw.WayWaits, step.Reason
	}
}

func settled(s run.Status) bool {
	switch s {
	case run.StatusSucceeded, run.StatusFailed, run.StatusCanceled, run.StatusSkipped:
		return true
	default:
		return false
	}
}

// step returns the state of a step.
func (s shown) step(name string) draw.State {
	known, there := s.steps[name]
	if !there {
		return draw.State{Status: draw.StatusIdle}
	}
	state := draw.State{Status: draw.StatusIdle}
	if known.start != nil {
		state = stateOf(known.start)
	}
	if under := state.Status == draw.StatusWaiting || state.Status == draw.StatusRunning; under && known.tried != nil {
		state.Error = known.tried.Error // why there is a further attempt
	}
	state.Run, state.Blocked, state.Blocks = known.in.ID, known.Blocked, known.Blocks
	switch known.Status {
	case run.StatusSucceeded: // also after an operator's mark
		state.Status = draw.StatusSucceeded
	case run.StatusSkipped:
		state.Status, state.Reason = skipped(known.Skip), known.Reason
	case run.StatusCanceled:
		state.Status = draw.StatusCanceled
	case run.StatusFailed: // also for a lost reload
		if state.Status != draw.StatusRefused {
			state.Status = draw.StatusFailed
		}
	case run.StatusPending:
		state.Status, state.Reason = draw.StatusPending, known.Reason
	case run.StatusWaiting:
		state.Status, state.Reason, state.Until = draw.StatusJoining, known.Reason, known.in.CycleEnd
	case run.StatusContinued:
		state.Reason = known.Reason
	case run.StatusDue, run.StatusUnderWay, run.StatusRecovered, run.StatusQueued: // as its start is, or of runs alone
	}
	return state
}

// skipped returns the displayed status of a step that was skipped for a reason of this kind.
func skipped(kind run.Skip) draw.Status {
	switch kind {
	case run.SkipBlocked:
		return draw.StatusBlocked
	case run.SkipExpired:
		return draw.StatusExpired
	default:
		return draw.StatusSkipped
	}
}

// stateOf returns the state of an attempt.
func stateOf(s *StartView) draw.State {
	state := draw.State{
		Attempt: s.Attempt, Of: s.Of, Reload: s.Reload, DueAt: s.DueAt, StartedAt: s.StartedAt, EndedAt: s.EndedAt, Seconds: s.Seconds,
		Reason: s.Reason, Queued: s.Queued, Error: s.Error, Link: s.Link,
	}
	// For a reload that the chain did not start, its start follows from its end and its duration.
	if state.StartedAt.IsZero() && !s.EndedAt.IsZero() && s.Seconds > 0 {
		state.StartedAt = s.EndedAt.Add(-time.Duration(s.Seconds * float64(time.Second)))
	}
	switch s.Phase {
	case PhaseStarted:
		state.Status = draw.StatusRunning
	case PhaseRefused:
		state.Status = draw.StatusRefused
	case PhaseCanceled:
		state.Status = draw.StatusCanceled
	case PhaseEnded:
		state.Status = reloadStatus(s.Status)
		if s.Status == qlik.StatusExceededLimit && state.Reason == "" {
			state.Reason = "exceeded a limit"
		}
	default:
		state.Status = draw.StatusWaiting
	}
	return state
}

// reloadStatus returns how a reload has ended. The record does not say it if the end was reported before the reload was known to be this
// start's.
func reloadStatus(status qlik.Status) draw.Status {
	outcome, _ := chain.OutcomeOf(string(status))
	switch outcome {
	case chain.OutcomeSuccess:
		return draw.StatusSucceeded
	case chain.OutcomeFailure:
		return draw.StatusFailed
	case chain.OutcomeCanceled:
		return draw.StatusCanceled
	default:
		return draw.StatusIdle
	}
}

// join returns how many of a step's upstreams have settled, and what it waits for.
func (s shown) join(name string, into []*draw.Edge) draw.State {
	state := draw.State{Status: draw.StatusIdle, Of: len(into)}
	step, there := s.steps[name]
	if !there {
		return state
	}
	state.Run = step.in.ID
	for _, e := range into {
		from := stepOfNode(e.From)
		waits := step.Status == run.StatusPending || step.Status == run.StatusWaiting // then the decision says for what
		if waits && !slices.Contains(step.missing, from) {
			state.Arrived++
		} else if upstream := s.steps[from]; !waits && settled(upstream.Status) && upstream.in.Cycle == step.in.Cycle {
			state.Arrived++
		} else {
			state.Missing = append(state.Missing, from)
		}
	}
	slices.Sort(state.Missing)
	switch {
	case step.start != nil:
		state.Status, state.Arrived, state.Missing = draw.StatusSucceeded, len(into), nil
	case step.Status == run.StatusSkipped:
		state.Status, state.Reason = skipped(step.Skip), step.Reason
	case step.Status == run.StatusWaiting:
		state.Status, state.Until = draw.StatusJoining, step.in.CycleEnd
	case step.Status == run.StatusPending:
		state.Status = draw.StatusPending
	}
	return state
}
