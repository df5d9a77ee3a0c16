// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// earlier is how long before the newest run something has happened that belongs to another night.
const earlier = chain.DefaultWindow

// happened is the latest that runs have recorded of the chain's steps and links.
type happened struct {
	starts map[string]*StartView // by step
	edges  map[link]*recordedEdge
	runs   map[string]string // by step: of its latest start
}

type link struct{ from, to string }

type recordedEdge struct {
	*Edge
	run string
}

// latest gathers what is latest in these runs. Each attempt replaces the one before it.
func latest(runs []*RunView) happened {
	h := happened{starts: map[string]*StartView{}, edges: map[link]*recordedEdge{}, runs: map[string]string{}}
	for _, run := range runs {
		for i := range run.Starts {
			s := &run.Starts[i]
			if known := h.starts[s.Step]; s.Phase != PhaseSuperseded && (known == nil || known.at().Before(s.at())) {
				h.starts[s.Step], h.runs[s.Step] = s, run.ID
			}
		}
		for i := range run.Edges {
			e := &run.Edges[i]
			l := link{e.From, e.To}
			if known := h.edges[l]; known == nil || known.At.Before(e.At) || known.At.Equal(e.At) && known.State.rank() < e.State.rank() {
				h.edges[l] = &recordedEdge{e, run.ID}
			}
		}
	}
	return h
}

// paint writes into the picture what has happened in runs, of which the first is the newest.
func paint(p *draw.Picture, runs []*RunView) {
	if len(runs) == 0 {
		return
	}
	for _, r := range runs {
		p.Runs = append(p.Runs, r.ID)
	}
	p.At = runs[0].At
	h := latest(runs)
	into := map[string][]link{} // the links into each step
	for i := range p.Edges {
		e := &p.Edges[i]
		from, to := stepOfNode(e.From), stepOfNode(e.To)
		if from != to {
			into[to] = append(into[to], link{from, to})
			h.paintEdge(e, link{from, to})
		}
	}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		if n.Kind == draw.KindJoin {
			n.State = h.join(n.Step, into[n.Step])
		} else {
			n.State = h.step(n.Step, into[n.Step])
		}
		if at := cmpLatest(n.EndedAt, n.StartedAt); !at.IsZero() && p.At.Sub(at) > earlier {
			n.Earlier = true
		}
	}
	for i := range p.Edges {
		if e := &p.Edges[i]; stepOfNode(e.From) == stepOfNode(e.To) {
			e.Way = joinedWay(h.join(stepOfNode(e.From), into[stepOfNode(e.From)]).Status)
		}
	}
}

func stepOfNode(id string) string {
	_, step, _ := strings.Cut(id, ":")
	return step
}

func cmpLatest(a, b time.Time) time.Time {
	if a.IsZero() || a.Before(b) {
		return b
	}
	return a
}

func joinedWay(s draw.Status) draw.Way {
	switch s {
	case draw.StatusSucceeded:
		return draw.WayTaken
	case draw.StatusSkipped:
		return draw.WayNotTaken
	default:
		return ""
	}
}

func (h *happened) paintEdge(e *draw.Edge, l link) {
	recorded := h.edges[l]
	if recorded == nil {
		return
	}
	e.At = recorded.At
	switch recorded.State {
	case EdgeTaken:
		e.Way = draw.WayTaken
	case EdgeWaits:
		e.Way, e.Says = draw.WayWaits, recorded.Reason
	case EdgeHeld, EdgeExpired:
		e.Way, e.Says = draw.WayNotTaken, recorded.Reason
	}
}

// step is how a step is doing: its latest start, unless an upstream's end after that has led to none.
func (h *happened) step(step string, into []link) draw.State {
	s := h.starts[step]
	state := draw.State{Status: draw.StatusIdle}
	if s != nil {
		state = stateOf(s)
		state.Run = h.runs[step]
	}
	if e := telling(into, h.since(step, into)); e != nil {
		state.Says, state.Run = e.Reason, e.run
		state.Status = draw.StatusSkipped
		if e.State == EdgeWaits {
			state.Status = draw.StatusJoining
		}
	}
	return state
}

// since are the latest ends of a step's upstreams that have not started it, if that was after its latest start, by link. Of those in one run, the
// start counts: other links into the step may well not have been taken.
func (h *happened) since(step string, into []link) map[link]*recordedEdge {
	found, s := map[link]*recordedEdge{}, h.starts[step]
	for _, l := range into {
		e := h.edges[l]
		if e == nil || e.State == EdgeTaken {
			continue
		}
		if s != nil && (!e.At.After(s.at()) || e.run == h.runs[step] || slices.Contains(s.Met, e.run)) {
			continue
		}
		found[l] = e
	}
	return found
}

// telling is the one of these ends that says how the step is doing: the latest, but an arrival that waits before one that does not count, since
// the step goes on waiting for another.
func telling(into []link, since map[link]*recordedEdge) *recordedEdge {
	var found *recordedEdge
	for _, l := range into {
		e := since[l]
		switch {
		case e == nil:
		case found == nil, e.State == EdgeWaits && found.State != EdgeWaits:
			found = e
		case (e.State == EdgeWaits) == (found.State == EdgeWaits) && found.At.Before(e.At):
			found = e
		}
	}
	return found
}

// stateOf is how an attempt is doing.
func stateOf(s *StartView) draw.State {
	state := draw.State{
		Attempt: s.Attempt, Of: s.Of, Reload: s.Reload, DueAt: s.DueAt, StartedAt: s.StartedAt, EndedAt: s.EndedAt, Seconds: s.Seconds, Says: s.Reason,
	}
	if state.StartedAt.IsZero() && !s.EndedAt.IsZero() && s.Seconds > 0 { // somebody else's reload: of its start only this is known
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
		state.Status = ended(s.Status)
		if s.Status == qlik.StatusExceededLimit && state.Says == "" {
			state.Says = "exceeded a limit"
		}
	default:
		state.Status = draw.StatusWaiting
	}
	return state
}

// ended is how a reload has ended. Of one whose end was told before it was known to be this start's, the record does not say.
func ended(status qlik.Status) draw.Status {
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

// join is how many of a step's upstreams have arrived, and what it waits for.
func (h *happened) join(step string, into []link) draw.State {
	state := draw.State{Status: draw.StatusIdle, Of: len(into)}
	since := h.since(step, into)
	e := telling(into, since)
	if e == nil {
		// All links were taken last; a later start may be somebody's reload of the step itself.
		if last := h.edges[into[0]]; !slices.ContainsFunc(into, func(l link) bool { return h.edges[l] == nil || h.edges[l].State != EdgeTaken }) {
			state.Status, state.Arrived, state.Run = draw.StatusSucceeded, len(into), last.run
		}
		return state
	}
	// What arrived has waited, waits, or was there when a guard forbade the start: then all the links say the same.
	guarded := e.State == EdgeHeld && !slices.ContainsFunc(into, func(l link) bool { return since[l] == nil || since[l].Reason != e.Reason })
	for _, l := range into {
		have := since[l]
		if have == nil || have.State != e.State || e.State == EdgeHeld && !guarded {
			state.Missing = append(state.Missing, l.from)
			continue
		}
		state.Arrived++
		if state.Until.IsZero() || have.Until.Before(state.Until) {
			state.Until, state.StartedAt = have.Until, have.At
		}
	}
	slices.Sort(state.Missing)
	state.Run, state.Says = e.run, e.Reason
	state.Status = draw.StatusSkipped
	if e.State == EdgeWaits {
		state.Status, state.Says = draw.StatusJoining, ""
	}
	return state
}
