// SPDX-License-Identifier: MPL-2.0

package play

import (
	"fmt"
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

// foreign takes the end of a reload that the chain did not start: the further attempt that a step waits for, or the begin of a run.
func (p *player) foreign(reload *Reloaded, result run.Result) {
	c := p.cycleAt(reload.Start)
	if result.Outcome == chain.OutcomeSuccess {
		for _, other := range slices.Backward(p.cycles) { // the newest run that waits
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
		step, err := p.id(e.Step)
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
	step, err := p.id(e.Step)
	if err != nil {
		return err
	}
	c, of, err := p.runOf(e.Run)
	if err != nil {
		return err
	}
	r := p.newRun(e.At, step)
	r.RerunOf = of.ID
	p.begin(c, r, run.Marked{Run: r, Result: run.Result{Step: step, Started: e.At, Ended: e.At}})
	return nil
}

func (Pause) happen(p *player) error {
	p.paused = true
	for _, c := range p.cycles {
		p.decide(c, run.Paused{})
	}
	return nil
}

func (Resume) happen(p *player) error {
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
