// SPDX-License-Identifier: MPL-2.0

package play

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

func (e Begin) at() time.Time  { return e.At }
func (e Reload) at() time.Time { return e.At }
func (e Rerun) at() time.Time  { return e.At }
func (e Cancel) at() time.Time { return e.At }
func (e Skip) at() time.Time   { return e.At }
func (e Mark) at() time.Time   { return e.At }
func (e Pause) at() time.Time  { return e.At }
func (e Resume) at() time.Time { return e.At }
func (e Change) at() time.Time { return e.At }

func (e Begin) happen(p *player) error {
	var origins []string
	for _, step := range e.Steps {
		id, err := p.id(step)
		if err != nil {
			return err
		}
		origins = append(origins, id)
	}
	r := p.newRun(e.At, origins...)
	r.Schedule = e.Schedule
	p.begin(p.cycleAt(e.At), r, run.Began{Run: r})
	return nil
}

func (e Reload) happen(p *player) error {
	step, err := p.id(e.Step)
	if err != nil {
		return err
	}
	reload := p.reload(step)
	reload.ByHand, reload.Attempt = true, 1
	p.ends(reload, func(result run.Result) { p.foreign(reload, result) })
	return nil
}

// foreign handles the end of a reload that the chain did not start: it is the further attempt that a step waits for, or it begins a run.
func (p *player) foreign(reload *Reloaded, result run.Result) {
	c := p.cycleAt(reload.Start)
	if result.Outcome == chain.OutcomeSuccess {
		for _, other := range slices.Backward(p.cycles) { // the newest waiting run
			if other.state.Awaits(reload.step) {
				c = other
				break
			}
		}
	}
	r := p.newRun(reload.Start, reload.step)
	r.ByHand, result.Run = true, r.ID
	event := run.Reloaded{Run: r, Result: result}
	if result.Outcome == chain.OutcomeSuccess && c.state.Awaits(reload.step) {
		p.decide(c, event)
	} else {
		p.begin(c, r, event)
	}
	for _, known := range c.state.Runs {
		f := known.Steps[reload.step]
		switch {
		case f == nil:
		case f.Result != nil && f.Result.Reload == reload.id:
			reload.Run, reload.Attempt = known.ID, f.Result.Attempt
		case f.Start != nil && f.Start.Last != nil && f.Start.Last.Reload == reload.id:
			reload.Run, reload.Attempt = known.ID, f.Start.Last.Attempt
		}
	}
}

func (e Rerun) happen(p *player) error {
	c, of, err := p.runOf(e.Run)
	if err != nil {
		return err
	}
	origins := c.state.Failed(p.rules, of.ID)
	if e.Step != "" {
		step, err := p.mayRepeat(c, of, e.Step)
		if err != nil {
			return err
		}
		origins = []string{step}
	}
	if len(origins) == 0 {
		return fmt.Errorf("no step of the run %q has failed by %s: name the step to rerun", e.Run, p.clock(e.At))
	}
	r := p.newRun(e.At, origins...)
	r.RerunOf = of.ID
	p.begin(c, r, run.Began{Run: r})
	return nil
}

// mayRepeat returns the id of a step of a run at which a repeating run may begin. It refuses an active step.
func (p *player) mayRepeat(c *cycle, of *run.Run, step string) (string, error) {
	id, err := p.id(step)
	if err != nil {
		return "", err
	}
	if c.state.Evaluate(p.rules)[of.ID][id].Status == run.StatusUnderWay {
		return "", fmt.Errorf("%s is under way in the run %q at %s: cancel the run, or choose a later time", step, of.ID, p.clock(p.now))
	}
	return id, nil
}

func (e Cancel) happen(p *player) error {
	c, r, err := p.runOf(e.Run)
	if err == nil {
		p.decide(c, run.Canceled{Run: r.ID})
	}
	return err
}

func (e Skip) happen(p *player) error {
	step, err := p.id(e.Step)
	if err != nil {
		return err
	}
	c := p.cycleAt(e.At)
	if c.state.Skips == nil {
		c.state.Skips = map[string]string{}
	}
	reason := "was skipped by an operator"
	if e.Reason != "" {
		reason += ": " + e.Reason
	}
	c.state.Skips[step] = reason
	p.decide(c, run.Looked{})
	return nil
}

func (e Mark) happen(p *player) error {
	c, of, err := p.runOf(e.Run)
	if err != nil {
		return err
	}
	step, err := p.mayRepeat(c, of, e.Step)
	if err != nil {
		return err
	}
	if stand, covered := c.state.Evaluate(p.rules)[of.ID][step]; !covered || stand.Status == run.StatusSucceeded {
		return fmt.Errorf("%s cannot be marked in the run %q at %s: the run does not cover it, or it has succeeded there", e.Step, e.Run,
			p.clock(e.At))
	}
	r := p.newRun(e.At, step)
	r.RerunOf = of.ID
	p.begin(c, r, run.Marked{Run: r, Result: run.Result{Step: step, Started: e.At, Ended: e.At}})
	return nil
}

func (Pause) happen(p *player) error { //nolint:unparam // as the other events
	p.paused = true
	for _, c := range p.cycles {
		p.decide(c, run.Paused{})
	}
	return nil
}

// happen releases the newest parked start of each step, over all cycles. The others go on in its run.
func (Resume) happen(p *player) error { //nolint:unparam // as the other events
	newest := map[string]*run.Run{} // by step
	for _, c := range slices.Backward(p.cycles) {
		for _, id := range slices.Sorted(maps.Keys(c.state.Runs)) {
			r := c.state.Runs[id]
			for _, step := range slices.Sorted(maps.Keys(r.Steps)) {
				f := r.Steps[step]
				if f.Start == nil || f.Start.Phase != run.PhaseParked || r.Canceled {
					continue
				}
				if other := newest[step]; other == nil || c.state.Runs[other.ID] != nil {
					newest[step] = r // of the runs of one cycle the decision chooses
				} else {
					p.decide(c, run.WentOn{Run: r.ID, Step: step, In: other.ID})
				}
			}
		}
	}
	p.paused = false
	for _, c := range p.cycles {
		p.decide(c, run.Resumed{})
	}
	return nil
}

func (e Change) happen(p *player) error {
	if err := p.define(e.Definition); err != nil {
		return err
	}
	for _, c := range p.cycles {
		p.decide(c, run.Looked{})
	}
	return nil
}
