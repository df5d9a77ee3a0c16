// SPDX-License-Identifier: MPL-2.0

package play

import (
	"cmp"
	"container/heap"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Of plays a script. In the same moment, ends of reloads come before events, and steps are in the order of their keys. It returns an error
// for an impossible event, for example the rerun of a run that does not exist.
func Of(s Script) (*Play, error) {
	p := &player{
		script: s, names: map[string]string{}, counts: map[string]int{}, records: map[string]*Run{},
		stood: map[[2]string]Standing{},
	}
	if p.script.Ending == nil {
		p.script.Ending = func(string, int) Ending { return Ending{Status: "SUCCEEDED", Duration: time.Minute} }
	}
	if err := p.define(s.Definition); err != nil {
		return nil, err
	}
	for i, e := range s.Events {
		p.push(moment{at: e.at(), rank: rankEvent, key: fmt.Sprintf("%06d", i), happen: func() error { return e.happen(p) }})
	}
	for p.queue.Len() > 0 {
		m := heap.Pop(&p.queue).(moment) //nolint:forcetypeassert // nothing else is pushed
		if !s.Until.IsZero() && m.at.After(s.Until) {
			break
		}
		p.now = m.at
		if err := m.happen(); err != nil {
			return nil, err
		}
		p.lookElsewhere()
		p.follow()
	}
	return p.result(), nil
}

// player is the state of a play.
type player struct {
	script Script
	now    time.Time
	queue  moments
	pushed int

	definition *chain.Definition
	calendar   run.Calendar
	rules      *run.Current
	shape      run.Shape
	names      map[string]string // keys of steps by their ids in runs, including removed steps
	paused     bool

	cycles  []*cycle // by time
	last    *cycle   // the cycle of the last decision
	counts  map[string]int
	records map[string]*Run // by id
	order   []*Reloaded
	reports []Report
	changes []Changed
	stood   map[[2]string]Standing // by run and step, according to the changes
}

// cycle is a cycle with at least one event.
type cycle struct {
	run.Cycle
	state *run.State
}

func (p *player) define(d *chain.Definition) error {
	calendar, err := d.Calendar()
	if err != nil {
		return err
	}
	p.calendar = run.Calendar(calendar)
	p.definition, p.rules, p.shape = d, run.NewCurrent(chain.NewIndex(d)), run.ShapeOf(d)
	for name, step := range d.Steps {
		p.names[step.ID(name)] = name
	}
	return nil
}

// id returns a step's id in runs.
func (p *player) id(step string) (string, error) {
	s, known := p.definition.Steps[step]
	if !known {
		return "", fmt.Errorf("there is no step %q in the chain", step)
	}
	return s.ID(step), nil
}

// cycleAt returns the cycle that contains a time. On the first request, it adds the cycle's end to the future events.
func (p *player) cycleAt(at time.Time) *cycle {
	of := p.calendar.At(at)
	i, known := slices.BinarySearchFunc(p.cycles, of.Begin, func(c *cycle, begin time.Time) int { return c.Begin.Compare(begin) })
	if known {
		return p.cycles[i]
	}
	c := &cycle{Cycle: of, state: &run.State{Begin: of.Begin, End: of.End, Paused: p.paused}}
	p.cycles = slices.Insert(p.cycles, i, c)
	p.push(moment{at: of.End, rank: rankCycle, happen: func() error { p.decide(c, run.CycleEnded{}); return nil }})
	return c
}

// decide handles an event in a cycle, with its effects.
func (p *player) decide(c *cycle, event run.Event) {
	p.last = c
	c.state.Carried, c.state.Running, c.state.Busy = p.carried(c), p.running(c), p.busy(c)
	for _, effect := range run.Decide(c.state, p.rules, p.now, event) {
		r := c.state.Runs[effect.Run]
		switch effect.Kind {
		case run.EffectRequest:
			p.start(c, r, effect)
		case run.EffectWake:
			p.push(moment{at: effect.At, rank: rankTimer, key: p.names[effect.Step], happen: func() error {
				p.decide(c, run.Woke{Run: effect.Run, Step: effect.Step, Attempt: effect.Attempt})
				return nil
			}})
		case run.EffectWatch:
			p.push(moment{at: effect.At, rank: rankTimer, key: p.names[effect.Step], happen: func() error {
				p.decide(c, run.Overran{Run: effect.Run, Step: effect.Step, Attempt: effect.Attempt})
				return nil
			}})
		case run.EffectCancel:
			p.cancel(effect)
		case run.EffectParked, run.EffectOverran:
			p.reports = append(p.reports, Report{At: p.now, Kind: effect.Kind, Run: effect.Run, Step: p.names[effect.Step],
				Attempt: effect.Attempt})
		case run.EffectRunEnded:
			p.record(c, r).Ended = p.now
		}
	}
}

// lookElsewhere makes a decision in the other cycles with open runs too: an end may let something start there.
func (p *player) lookElsewhere() {
	for _, c := range p.cycles {
		if c != p.last && slices.ContainsFunc(slices.Collect(maps.Values(c.state.Runs)), func(r *run.Run) bool { return r.Ended == "" }) {
			last := p.last
			p.decide(c, run.Looked{})
			p.last = last
		}
	}
}

// running returns the number of active starts of other cycles.
func (p *player) running(c *cycle) (n int) {
	for _, reload := range p.order {
		if !reload.ByHand && reload.Status == "" && c.state.Runs[reload.Run] == nil && !p.rules.StartsNothing(reload.Step) {
			n++
		}
	}
	return n
}

// busy returns the schedules with an active run of an earlier cycle.
func (p *player) busy(c *cycle) map[string]bool {
	busy := map[string]bool{}
	for _, other := range p.cycles {
		if !other.Begin.Before(c.Begin) {
			break
		}
		for _, r := range other.state.Runs {
			if r.Schedule != "" && r.Ended == "" && !busy[r.Schedule] {
				busy[r.Schedule] = r.Queued || other.state.Summarize(r, p.rules).Status == run.StatusUnderWay
			}
		}
	}
	return busy
}

// start starts a reload that the chain requests from Qlik Cloud.
func (p *player) start(c *cycle, r *run.Run, effect run.Effect) {
	reload := p.reload(effect.Step)
	reload.Run, reload.Attempt = r.ID, effect.Attempt
	for _, use := range r.Steps[effect.Step].Uses {
		if use.Reload != "" {
			reload.Uses = append(reload.Uses, Use{Step: p.names[use.Step], Run: use.Run})
		}
	}
	slices.SortFunc(reload.Uses, func(a, b Use) int { return cmp.Compare(a.Step, b.Step) })
	p.ends(reload, func(result run.Result) { p.decide(c, run.Ended{Result: result}) })
}

// reload begins a reload of a step.
func (p *player) reload(step string) *Reloaded {
	p.counts[step]++
	reload := &Reloaded{Step: p.names[step], Start: p.now, id: fmt.Sprintf("r%06d", len(p.order)+1), step: step}
	p.order = append(p.order, reload)
	return reload
}

// ends makes a reload end as the script says, unless it is canceled before.
func (p *player) ends(reload *Reloaded, then func(run.Result)) {
	ending := p.script.Ending(reload.Step, p.counts[reload.step])
	p.push(moment{at: p.now.Add(ending.Duration), rank: rankEnd, key: reload.Step, happen: func() error {
		if reload.Status == "" {
			p.end(reload, ending.Status, then)
		}
		return nil
	}})
}

func (p *player) end(reload *Reloaded, status string, then func(run.Result)) {
	outcome, _ := chain.OutcomeOf(status)
	reload.End, reload.Status = p.now, status
	then(run.Result{
		Step: reload.step, Run: reload.Run, Reload: reload.id, Outcome: outcome, Status: status, Attempt: reload.Attempt,
		Started: reload.Start, Ended: reload.End,
	})
}

// cancel ends an active reload.
func (p *player) cancel(effect run.Effect) {
	for _, reload := range p.order {
		if reload.Run == effect.Run && reload.step == effect.Step && reload.Attempt == effect.Attempt && reload.Status == "" {
			c := p.last
			p.push(moment{at: p.now, rank: rankEnd, key: reload.Step, happen: func() error {
				if reload.Status == "" {
					p.end(reload, "CANCELED", func(result run.Result) { p.decide(c, run.Ended{Result: result}) })
				}
				return nil
			}})
		}
	}
}

// newRun returns a run that begins at steps, by their ids. Its number is final only when the run begins.
func (p *player) newRun(at time.Time, origins ...string) run.Run {
	return run.Run{ID: strconv.Itoa(len(p.records) + 1), At: at, Origins: origins, Shape: p.shape}
}

// begin begins a run in a cycle by an event.
func (p *player) begin(c *cycle, r run.Run, event run.Event) {
	p.records[r.ID] = &Run{ID: r.ID, Cycle: c.Cycle, At: r.At, ByHand: r.ByHand, Schedule: r.Schedule, RerunOf: r.RerunOf}
	for _, origin := range r.Origins {
		p.records[r.ID].Origins = append(p.records[r.ID].Origins, p.names[origin])
	}
	slices.Sort(p.records[r.ID].Origins)
	p.decide(c, event)
}

// runOf returns a run and its cycle.
func (p *player) runOf(id string) (*cycle, *run.Run, error) {
	for _, c := range p.cycles {
		if r := c.state.Runs[id]; r != nil {
			return c, r, nil
		}
	}
	return nil, nil, fmt.Errorf("there is no run %q at %s: %d runs have begun", id, p.clock(p.now), len(p.records))
}

// clock formats t as 15:04, with the date if t is on another day than now.
func (p *player) clock(t time.Time) string {
	t, near := t.In(p.calendar.Zone), p.now.In(p.calendar.Zone)
	if t.Format(time.DateOnly) == near.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("15:04 on 2006-01-02")
}

// record stores the current standings of a run's steps: a later change of the definition does not change them.
func (p *player) record(c *cycle, r *run.Run) *Run {
	record := p.records[r.ID]
	record.Summary = c.state.Summarize(r, p.rules)
	record.Steps = p.standings(c, r)
	return record
}

// standings returns the current standings of a run's steps, by their names.
func (p *player) standings(c *cycle, r *run.Run) map[string]Standing {
	standings := map[string]Standing{}
	explain := c.state.Explain(p.rules, run.Words{
		Name: func(step string) string { return p.names[step] }, Clock: p.clock,
		Removed: func(step string) bool { return p.rules.Name(step) == "" },
	})
	for step, s := range c.state.Evaluate(p.rules)[r.ID] {
		for i, upstream := range s.Waits {
			s.Waits[i] = p.names[upstream]
		}
		standings[p.names[step]] = Standing{Standing: s, Reason: explain(r, step)}
	}
	return standings
}

// follow records what has changed.
func (p *player) follow() {
	if !p.script.Follow {
		return
	}
	for _, c := range p.cycles {
		for _, id := range slices.Sorted(maps.Keys(c.state.Runs)) {
			standings := p.standings(c, c.state.Runs[id])
			for _, step := range slices.Sorted(maps.Keys(standings)) {
				at, now := [2]string{id, step}, standings[step]
				if before, known := p.stood[at]; !known || before.Status != now.Status || before.Reason != now.Reason {
					p.stood[at] = now
					p.changes = append(p.changes, Changed{At: p.now, Run: id, Step: step, Standing: now})
				}
			}
		}
	}
}

func (p *player) result() *Play {
	play := &Play{Reports: p.reports, Changes: p.changes}
	for _, c := range p.cycles {
		for _, r := range c.state.Runs {
			if p.records[r.ID].Ended.IsZero() {
				p.record(c, r)
			}
			play.Runs = append(play.Runs, *p.records[r.ID])
		}
	}
	slices.SortFunc(play.Runs, func(a, b Run) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(len(a.ID), len(b.ID)), cmp.Compare(a.ID, b.ID))
	})
	slices.SortStableFunc(p.order, func(a, b *Reloaded) int { return cmp.Or(a.Start.Compare(b.Start), cmp.Compare(a.Step, b.Step)) })
	for _, reload := range p.order {
		play.Reloads = append(play.Reloads, *reload)
	}
	return play
}
