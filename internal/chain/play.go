// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"cmp"
	"container/heap"
	"fmt"
	"slices"
	"strconv"
	"time"
)

// Beginning is a reload that somebody starts, which begins a run.
type Beginning struct {
	Step string
	At   time.Time
}

// Ending is how a reload goes.
type Ending struct {
	Status   string // of the Reloads API, a final one
	Duration time.Duration
}

// PlayedReload is a reload of a play.
type PlayedReload struct {
	Step    string
	Attempt int
	Run     string
	Start   time.Time
	End     time.Time
	Status  string
	Causes  []string // upstreams that made it due; none for a beginning
}

// PlayedHold is a step that did not start when an upstream's reload had ended.
type PlayedHold struct {
	From, To string
	At       time.Time
	Reason   string // the rest of a sentence about To
}

// Play is what a chain does without Qlik and AWS.
type Play struct {
	Reloads []PlayedReload // in the order in which they start
	Holds   []PlayedHold   // in the order in which they came about; an arrival that waits for others is none
	Waits   []PlayedHold   // arrivals whose join did not become complete within the window
}

// maxPlayed ends a play whose reloads get more at every step, as they may where a step starts each time that one of several others has ended.
const maxPlayed = 100_000

// Play plays the chain: somebody reloads the beginnings, and how says how the attempts of a step's reload go. Of what happens in the same
// moment, the order is that of the steps' keys. It returns an error when a guard cannot be asked, and for more than maxPlayed reloads.
func (x *Index) Play(beginnings []Beginning, how func(step string, attempt int) Ending) (*Play, error) {
	p := &player{index: x, how: how, joins: map[string]*Join{}}
	for _, b := range beginnings {
		run := RunRef{ID: b.At.UTC().Format("20060102T150405.000000000Z") + "-" + b.Step, Origin: b.Step}
		p.begin(playing{step: b.Step, attempt: 1, run: run.ID, runs: []RunRef{run}, depth: 1, start: b.At})
	}
	for p.queue.Len() > 0 {
		if p.sequence > maxPlayed {
			return nil, fmt.Errorf("the chain makes more than %d reloads of %d beginnings", maxPlayed, len(beginnings))
		}
		if err := p.end(heap.Pop(&p.queue).(playing)); err != nil { //nolint:forcetypeassert // nothing else is pushed
			return nil, err
		}
	}
	slices.SortStableFunc(p.play.Reloads, func(a, b PlayedReload) int { return a.Start.Compare(b.Start) })
	for _, waiting := range p.waiting {
		if a := p.joins[waiting.To].Find(waiting.event); a != nil && a.Used == "" {
			p.play.Waits = append(p.play.Waits, waiting.PlayedHold)
		}
	}
	return &p.play, nil
}

// player plays.
type player struct {
	index    *Index
	how      func(step string, attempt int) Ending
	joins    map[string]*Join // by step
	queue    endings
	sequence int // numbers the reloads: their ids
	waiting  []waitingHold
	play     Play
}

type waitingHold struct {
	PlayedHold
	event string
}

// playing is a reload that runs.
type playing struct {
	step       string
	attempt    int
	run        string
	runs       []RunRef
	depth      int
	start, end time.Time
	ending     Ending
	causes     []string
	number     int
}

func (p *player) begin(r playing) {
	p.sequence++
	r.number, r.ending = p.sequence, p.how(r.step, r.attempt)
	r.end = r.start.Add(r.ending.Duration)
	p.play.Reloads = append(p.play.Reloads, PlayedReload{
		Step: r.step, Attempt: r.attempt, Run: r.run, Start: r.start, End: r.end, Status: r.ending.Status, Causes: r.causes,
	})
	heap.Push(&p.queue, r)
}

func (p *player) end(r playing) error {
	outcome, _ := OutcomeOf(r.ending.Status)
	if p.index.Again(r.step, r.attempt, outcome, r.ending.Status) {
		next := r
		next.attempt++
		next.start = r.end.Add(p.index.definition.Steps[r.step].Retry.Wait(next.attempt))
		p.begin(next)
		return nil
	}
	arrival := Arrival{
		Upstream: r.step, Event: strconv.Itoa(r.number), At: r.end, Outcome: outcome, Duration: r.ending.Duration, Attempt: r.attempt,
		Run: r.run, Runs: r.runs, Depth: r.depth,
	}
	for _, l := range p.index.Downstream(r.step) {
		if err := p.tell(l, arrival); err != nil {
			return err
		}
	}
	return nil
}

func (p *player) tell(l Link, a Arrival) error {
	hold := PlayedHold{From: l.From, To: l.To, At: a.At}
	if hold.Reason = p.index.Refuse(l, a.Outcome); hold.Reason != "" {
		p.play.Holds = append(p.play.Holds, hold)
		return nil
	}
	step, fire := p.index.definition.Steps[l.To], NewFire(l.To, []Arrival{a})
	if step.WaitsForAll() {
		joined := p.join(l.To).Arrive(l.To, step.Upstreams(), step.JoinWindow(), a)
		if joined.Fire == nil {
			hold.Reason = joined.Says(len(step.After))
			p.waiting = append(p.waiting, waitingHold{hold, a.Event})
			return nil
		}
		fire = *joined.Fire
	}
	reason, err := p.index.Forbid(l.To, fire)
	if err != nil {
		return err
	}
	if hold.Reason = reason; reason != "" {
		p.play.Holds = append(p.play.Holds, hold)
		return nil
	}
	var causes []string
	for _, c := range fire.Causes {
		causes = append(causes, c.Upstream)
	}
	p.begin(playing{step: l.To, attempt: 1, run: fire.Run(), runs: fire.Runs(), depth: fire.Depth(), start: fire.Last().At.Add(step.Delay), causes: causes})
	return nil
}

func (p *player) join(step string) *Join {
	if p.joins[step] == nil {
		p.joins[step] = &Join{}
	}
	return p.joins[step]
}

// endings is a heap of the reloads that run, the first to end on top.
type endings []playing

func (e endings) Len() int { return len(e) }

func (e endings) Less(i, j int) bool {
	return cmp.Or(e[i].end.Compare(e[j].end), cmp.Compare(e[i].step, e[j].step), cmp.Compare(e[i].number, e[j].number)) < 0
}

func (e endings) Swap(i, j int) { e[i], e[j] = e[j], e[i] }

// Push implements heap.Interface.
func (e *endings) Push(r any) { *e = append(*e, r.(playing)) } //nolint:forcetypeassert // nothing else is pushed

// Pop implements heap.Interface.
func (e *endings) Pop() any {
	last := (*e)[len(*e)-1]
	*e = (*e)[:len(*e)-1]
	return last
}
