// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
)

// pair plays the same events on the decision and on the reference model.
type pair struct {
	shape     run.Shape
	alone     map[string]run.Shape // of a run of one step alone
	rules     rules
	state     *run.State
	model     *reference.Model
	clock     time.Time
	serial    int                  // of runs and reloads
	requested map[string]time.Time // when "run/step" was requested, which is when its reload starts
	played    []move
	events    []delivery
	off       map[string]bool // the steps that are disabled from the beginning
	carried   []string
	limits    limits
	stands    map[string]map[string]reference.Standing // the model's, after the last event
	// the changes are not compared: as many as there are in the last layer take most of the time
	unwritten bool
}

const theCycle = "the cycle"

func newPair(shape run.Shape, steps []string) *pair {
	m, alone := reference.New(nil), map[string]run.Shape{}
	for _, step := range steps {
		alone[step] = run.Shape{step: shape[step]}
		s := reference.Step{Name: step, WaitFor: string(shape[step].For)}
		for _, up := range slices.Sorted(maps.Keys(shape[step].After)) {
			s.After = append(s.After, reference.Link{From: up, On: string(shape[step].After[up])})
		}
		m.Steps = append(m.Steps, s)
	}
	return &pair{
		shape: shape, alone: alone, rules: rules{disabled: m.Disabled, refuses: m.Refuses}, model: m, clock: at("18:00"),
		requested: map[string]time.Time{}, state: &run.State{Begin: at("18:00"), End: at("18:00").Add(24 * time.Hour)},
	}
}

func (p *pair) clone() *pair {
	c := *p
	c.state, c.model, c.requested, c.played = p.state.Clone(), p.model.Clone(), maps.Clone(p.requested), slices.Clone(p.played)
	c.rules.disabled, c.rules.refuses = c.model.Disabled, c.model.Refuses
	return &c
}

// limits are those of a pair.
type limits struct {
	running int
	perHour map[string]int
	overlap map[string]run.Overlap // by schedule
}

func (p *pair) limit(l limits) {
	p.limits, p.rules.running, p.rules.perHour, p.rules.overlap = l, l.running, l.perHour, l.overlap
	p.model.Limits = reference.Limits{AtATime: l.running, PerHour: l.perHour, Overlap: map[string]string{}, Busy: map[string]bool{}}
	for schedule, overlap := range l.overlap {
		p.model.Limits.Overlap[schedule] = string(overlap)
	}
}

// delivery is an event as the decision takes it, and as the model does.
type delivery struct {
	event run.Event
	model func() []reference.Request
}

// move is an event for both.
type move struct {
	kind    string
	run     string
	steps   []string
	outcome chain.Outcome
	began   time.Duration // of a reload by hand: how long ago it began
	again   bool          // it comes twice
	old     int           // the number of an event that comes once more, of the kind "old"
	later   time.Duration // how long after the event before
	name    string        // of the schedule that begins a run
}

func (m move) String() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s %s %s", m.kind, m.run, strings.Join(m.steps, "+"), m.outcome))
}

var outcomes = map[chain.Outcome]string{success: reference.Succeeded, failure: reference.Failed, canceled: reference.Canceled}

// event is what the decision takes, and what the model takes.
func (p *pair) event(m move) (run.Event, func() []reference.Request) {
	model, now := p.model, p.clock
	unix := func(t time.Time) int64 { return t.UnixNano() }
	p.serial++
	reload := fmt.Sprintf("reload%03d", p.serial)
	switch m.kind {
	case "begin":
		return run.Began{
				Run: run.Run{ID: m.run, At: now, Origins: slices.Clone(m.steps), Shape: p.shape, Schedule: m.name},
			}, func() []reference.Request {
				return model.Begin(reference.Run{ID: m.run, Cycle: theCycle, Begins: unix(now), Origins: m.steps, Schedule: m.name})
			}
	case "only":
		step := m.steps[0]
		return run.Began{
				Run: run.Run{ID: m.run, At: now, Origins: slices.Clone(m.steps), Shape: p.alone[step]},
			}, func() []reference.Request {
				return model.Begin(reference.Run{ID: m.run, Cycle: theCycle, Begins: unix(now), Origins: m.steps, Only: true})
			}
	case "hand":
		start := now.Add(-m.began)
		return run.Reloaded{
				Run:    run.Run{ID: m.run, At: start, Origins: slices.Clone(m.steps), Shape: p.shape, ByHand: true},
				Result: run.Result{Step: m.steps[0], Reload: reload, Outcome: m.outcome, Attempt: 1, Started: start, Ended: now},
			}, func() []reference.Request {
				return model.Foreign(reference.Run{ID: m.run, Cycle: theCycle, Begins: unix(start)},
					reference.Result{Step: m.steps[0], Outcome: outcomes[m.outcome], Reload: reload, Start: unix(start), End: unix(now)})
			}
	case "end":
		start, outcome := p.requested[m.run+"/"+m.steps[0]], outcomes[m.outcome]
		return run.Ended{
				Result: run.Result{Step: m.steps[0], Run: m.run, Reload: reload, Outcome: m.outcome, Attempt: 1, Started: start, Ended: now},
			}, func() []reference.Request {
				return model.End(reference.Result{
					Run: m.run, Step: m.steps[0], Outcome: outcome, Reload: reload, Start: unix(start), End: unix(now),
				})
			}
	case "cancel":
		return run.Canceled{Run: m.run}, func() []reference.Request { return model.Cancel(m.run) }
	case "over":
		return run.CycleEnded{}, func() []reference.Request { return model.CycleEnd(theCycle, unix(p.state.End)) }
	case "mark":
		return run.Marked{
				Run:    run.Run{ID: m.run, At: now, Origins: slices.Clone(m.steps), Shape: p.shape, RerunOf: "r00"},
				Result: run.Result{Step: m.steps[0], Started: now, Ended: now},
			}, func() []reference.Request {
				return model.MarkSucceeded(reference.Run{ID: m.run, Cycle: theCycle, Begins: unix(now)},
					reference.Result{Step: m.steps[0], Reload: m.run, Start: unix(now), End: unix(now)})
			}
	case "disable", "enable":
		model.Disabled[m.steps[0]] = m.kind == "disable"
		return run.Looked{}, model.Look
	case "skip":
		model.Waived[m.steps[0]] = true
		p.state.Skips = maps.Clone(p.state.Skips)
		if p.state.Skips == nil {
			p.state.Skips = map[string]string{}
		}
		p.state.Skips[m.steps[0]] = "is skipped by an operator"
		return run.Looked{}, model.Look
	case "pause":
		return run.Paused{}, func() []reference.Request { model.Pause(); return nil }
	case "resume":
		step := strings.Join(m.steps, "")
		return run.Resumed{Step: step}, func() []reference.Request { return model.Resume(step) }
	case "elsewhere": // As many reloads of other cycles are under way as there are steps named.
		p.state.Running, model.Limits.Elsewhere = len(m.steps), len(m.steps)
		return run.Looked{}, model.Look
	case "busy", "free":
		p.state.Busy = map[string]bool{m.name: m.kind == "busy"}
		model.Limits.Busy = maps.Clone(p.state.Busy)
		return run.Looked{}, model.Look
	}
	panic(m.kind)
}

// take plays an event, and says how the two differ after it.
func (p *pair) take(m move) error {
	p.played = append(p.played, m)
	times := 1
	if m.again {
		times = 2
	}
	p.clock = p.clock.Add(time.Minute + m.later)
	if m.kind == "over" {
		p.clock = p.state.End
	}
	d := p.deliver(m)
	for i := range times {
		var before *run.State
		if !p.unwritten {
			before = p.state.Clone()
		}
		effects := run.Decide(p.state, p.rules, p.clock, d.event)
		if before != nil {
			if err := sameAfter(p.state, before); err != nil {
				return err
			}
		}
		p.model.Now, p.model.Reported = p.clock.UnixNano(), nil
		requests := d.model()
		if err := p.compare(effects, requests); err != nil {
			return err
		}
		if (i > 0 || m.kind == "old") && len(effects) > 0 {
			return fmt.Errorf("%v again has effects: %v", m, effects)
		}
	}
	return nil
}

// deliver returns the event of a move. Events that must change nothing when they come again are kept.
func (p *pair) deliver(m move) delivery {
	if m.kind == "old" {
		if m.old < len(p.events) {
			return p.events[m.old]
		}
		m = move{kind: "cancel", run: "none"}
	}
	event, model := p.event(m)
	d := delivery{event, model}
	if !slices.Contains([]string{"pause", "resume", "cancel", "disable", "enable", "skip", "elsewhere", "busy", "free"}, m.kind) {
		p.events = append(p.events, d)
	}
	return d
}

func (p *pair) compare(effects []run.Effect, requests []reference.Request) error {
	var have, want, parked []string
	for _, e := range effects {
		if e.Kind == run.EffectParked {
			parked = append(parked, e.Run+"/"+e.Step)
		}
		if e.Kind == run.EffectRequest {
			have = append(have, e.Run+"/"+e.Step)
			p.requested[e.Run+"/"+e.Step] = p.clock.Add(time.Duration(len(have)))
		}
	}
	for _, r := range requests {
		want = append(want, r.Run+"/"+r.Step)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		return fmt.Errorf("the decision requests %q, the model %q", have, want)
	}
	reported := slices.Sorted(slices.Values(p.model.Reported))
	if slices.Sort(parked); !slices.Equal(parked, reported) {
		return fmt.Errorf("the decision reports %q as parked, the model %q", parked, reported)
	}
	stands, model := p.state.Evaluate(p.rules), p.model.Standings()
	p.stands = model
	for _, id := range slices.Sorted(maps.Keys(model)) {
		for _, s := range p.model.Steps {
			have, want := "not covered", "not covered"
			if is, covered := stands[id][s.Name]; covered {
				have = p.says(id, s.Name, is)
			}
			if is, covered := model[id][s.Name]; covered {
				want = modelSays(is)
			}
			if have != want {
				return fmt.Errorf("%s of %s: the decision says %q, the model %q", s.Name, id, have, want)
			}
		}
		have, want := string(p.state.Runs[id].Ended), p.model.Status(id, model[id])
		if open := want == reference.Running || want == reference.OnlyWaits; open {
			want = ""
		}
		if have != want {
			return fmt.Errorf("the run %s ends: the decision says %q, the model %q", id, have, want)
		}
	}
	return nil
}

func (p *pair) says(id, step string, s run.Standing) string {
	switch s.Status {
	case run.StatusWaiting:
		return "waiting for " + strings.Join(s.Waits, ", ")
	case run.StatusSkipped:
		return saysSkipped(string(s.Skip), s.Open)
	case run.StatusContinued:
		return "continued in " + s.Continued
	case run.StatusUnderWay, run.StatusDue:
		if f := p.state.Runs[id].Steps[step]; f != nil && f.Start != nil {
			switch f.Start.Phase {
			case run.PhaseParked:
				return reference.Parked
			case run.PhaseQueued:
				return reference.Queued
			default:
			}
			return reference.UnderWay
		}
	default:
	}
	return string(s.Status)
}

func saysSkipped(kind string, open bool) string {
	if open {
		return "skipped " + kind + ", open"
	}
	return "skipped " + kind
}

func modelSays(s reference.Standing) string {
	switch s.Is {
	case reference.Waiting:
		slices.Sort(s.WaitsFor)
		return "waiting for " + strings.Join(s.WaitsFor, ", ")
	case reference.Skipped:
		return saysSkipped(s.Kind, s.Open)
	case reference.Continued:
		return "continued in " + s.In
	}
	return s.Is
}

// numbered numbers the runs that matter, in the order in which they began.
func (p *pair) numbered() (runs []reference.Run, number map[string]byte) {
	runs, number = slices.Clone(p.model.Runs), map[string]byte{}
	slices.SortStableFunc(runs, func(a, b reference.Run) int { return cmp.Compare(a.Begins, b.Begins) })
	for _, r := range runs {
		if p.matters(r) {
			number[r.ID] = byte('0' + len(number))
		}
	}
	return runs, number
}

// key names the state without its times: what is known of each run in the order in which they began, and which reload of a step started
// before which. Runs that no other can see have no part in it.
func (p *pair) key() []byte {
	m, b := p.model, []byte{}
	runs, number := p.numbered()
	flag := func(set bool) byte {
		if set {
			return '+'
		}
		return '-'
	}
	end, over := m.Over[theCycle]
	b = append(b, flag(over), flag(m.Paused))
	for _, r := range runs {
		if number[r.ID] == 0 {
			continue
		}
		b = append(b, '\n', flag(r.ByHand), flag(r.Only), flag(over && r.Begins >= end), flag(slices.Contains(m.Stopped, r.ID)))
		for _, s := range m.Steps {
			b = append(b, ';')
			if is, covered := p.stands[r.ID][s.Name]; covered {
				b = append(append(b, is.Is...), is.Kind...)
				b = append(b, flag(is.Open), flag(slices.Contains(r.Origins, s.Name)), number[is.In])
			}
		}
	}
	for _, s := range m.Steps {
		type started struct {
			run byte
			at  int64
		}
		var order []started
		byHand := func(r reference.Run) bool { return r.ByHand && r.Origins[0] == s.Name }
		var starts []string
		for _, f := range m.Starts {
			if f.Step != s.Name || number[f.Run] == 0 {
				continue
			}
			uses := []byte{'|', number[f.Run]}
			for _, u := range f.Uses {
				uses = append(uses, number[u.Run], flag(u.Reload != ""))
			}
			starts = append(starts, string(uses))
			order = append(order, started{number[f.Run], p.requested[f.Run+"/"+f.Step].UnixNano()})
		}
		slices.Sort(starts)
		b = append(b, strings.Join(starts, "")...)
		for _, r := range runs {
			if byHand(r) && number[r.ID] != 0 {
				order = append(order, started{number[r.ID], r.Begins}) // with its reload
			}
		}
		slices.SortFunc(order, func(a, b started) int { return cmp.Compare(a.at, b.at) })
		for _, o := range order {
			b = append(b, ',', o.run)
		}
	}
	return b
}
