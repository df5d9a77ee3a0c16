// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Repeat is a request to repeat an earlier run.
type Repeat struct {
	ID    string // the same for every repetition of the request
	Run   string
	Step  string // empty: all the failed steps of the run
	Again bool   // also what another run has repaired, or is repairing
	chain.Operation
}

// Rerun begins a new run in the cycle of an earlier one: at one of its steps, or at its failed steps that no other run has repaired. Its
// error and result are those of Handle. It refuses an unknown run or step, a step that is active in the earlier run, and what another run
// has repaired or is repairing.
func (e *Engine) Rerun(ctx context.Context, invocation string, of Repeat) (Result, error) {
	r := &report{result: Result{Step: of.Step, Run: of.Run}}
	w := &work{Engine: e, owner: invocation}
	err := w.rerun(ctx, "rerun#"+of.Run+"#"+of.Step+"#"+of.ID, of, r)
	return r.conclude(err), err
}

func (w *work) rerun(ctx context.Context, id string, of Repeat, r *report) error {
	before, c, err := w.earlier(ctx, of.Run, r)
	if err != nil || before == nil {
		return err
	}
	doc := w.repetition(c, before, "", runID(of.At, id), StartedByRerun, of.Operation)
	audit := w.repeats(OperationRecord{Operation: of.Operation, Kind: chain.OperationRerun, Run: of.Run, Step: of.Step}, id, doc.ID)
	h := &happening{
		cycle: doc.Cycle, begun: &doc, known: w.begun(doc.ID, r), event: func(*cycle) run.Event { return run.Began{Run: w.runOf(doc)} },
	}
	var all plan
	err = w.repeat(ctx, c, h, audit, func(c *cycle) (no prevented) {
		all, no = w.mayRerun(c, of)
		doc.Origins, doc.Origin = all.origins, w.listed(all.origins)
		return no
	}, r)
	r.result.Again = all.again
	r.result.NotStarted = append(r.result.NotStarted, all.leftOut...)
	return err
}

// earlier reads a run that is to be repeated, and its cycle. It refuses an unknown run.
func (w *work) earlier(ctx context.Context, id string, r *report) (*RunRecord, *cycle, error) {
	found, c, err := w.runAndCycle(ctx, id)
	if err == nil && found == nil {
		r.refuse(RefusalRun, fmt.Sprintf("the chain knows no run %q", id))
	}
	return found, c, err
}

// repeat begins a run that repeats an earlier one, once, with further writes. may returns what prevents it, based on the state at the time
// of writing. It is not called for a run that has already begun.
func (w *work) repeat(ctx context.Context, c *cycle, h *happening, besides []Write, may func(c *cycle) prevented, r *report) error {
	of := h.begun.RerunOf
	h.may = func(c *cycle) bool {
		if known, begun := c.runs[h.begun.ID]; begun {
			*h.begun = known.runDoc
			return true
		}
		if no := may(c); no.refusal != "" {
			r.refuse(no.refusal, no.reason)
			r.result.Run, r.result.Attempt = cmp.Or(no.by, of), 0
			return false
		}
		h.beside = append(slices.Clone(besides), w.oneMore(c, of))
		return true
	}
	if !h.may(c) {
		return nil
	}
	return w.beginOnce(ctx, h, r)
}

// oneMore writes the number of a run that repeats another one. If two begin at the same moment, the second finds the number taken, and sees
// the first.
func (w *work) oneMore(c *cycle, of string) Write {
	number := 1
	for _, r := range c.runs {
		if r.RerunOf == of {
			number++
		}
	}
	return Write{Key: repeatedKey(of, number), Doc: w.Now(), Expires: w.expires()}
}

// prevented is why a run is not repeated.
type prevented struct {
	refusal Refusal // empty: it may be
	reason  string
	by      string // the run that does the work instead, or has done it
}

// instead refuses what another run has done, or is doing.
func (p *repair) instead(step string, by elsewhere) prevented {
	return prevented{RefusalRepaired, p.nameOf(step) + " " + by.reason(), by.run}
}

// mayRerun returns how a run is repeated, or what prevents it.
func (w *work) mayRerun(c *cycle, of Repeat) (all plan, no prevented) {
	stands := c.state.Evaluate(w.rules())
	if of.Step != "" {
		return w.mayRerunStep(c, stands, of)
	}
	failed := c.state.Failed(w.rules(), of.Run)
	if len(failed) == 0 {
		return all, prevented{refusal: RefusalOver, reason: "no step of the run has failed that the chain may start"}
	}
	p := w.repairOf(c, stands, of.Run)
	if all.origins = failed; !of.Again {
		all = p.planAll(failed)
	}
	for _, origin := range all.origins {
		if in := repeatedBy(c, stands, of.Run, origin); in != "" {
			return plan{}, underWayIn(w.nameOf(origin), in)
		}
	}
	switch {
	case len(all.origins) > 0:
		return all, no
	case all.by.underWay && c.runs[all.by.run].RerunOf == of.Run:
		return plan{}, underWayIn(w.nameOf(all.step), all.by.run)
	default:
		return plan{}, p.instead(all.step, all.by)
	}
}

// underWayIn refuses a second repetition of a step at the same time.
func underWayIn(name, in string) prevented {
	return prevented{RefusalUnderWay, name + " is under way in the run " + in + ", which repeats this one", in}
}

// mayRerunStep returns how a step of a run is repeated, or what prevents it.
func (w *work) mayRerunStep(c *cycle, stands map[string]map[string]run.Standing, of Repeat) (all plan, no prevented) {
	step, known := w.step(of.Step)
	id := step.ID(of.Step)
	in := repeatedBy(c, stands, of.Run, id)
	switch {
	case !known:
		return all, prevented{refusal: RefusalStep, reason: fmt.Sprintf("the chain has no step %q", of.Step)}
	case !step.Enabled:
		return all, prevented{refusal: RefusalUnderWay, reason: "the step is disabled in the chain's definition"}
	case stands[of.Run][id].Status == run.StatusUnderWay:
		return all, prevented{refusal: RefusalUnderWay, reason: of.Step + " is under way in this run"}
	case in != "":
		return all, underWayIn(of.Step, in)
	}
	all.origins = []string{id}
	if of.Again {
		return all, no
	}
	p := w.repairOf(c, stands, of.Run)
	by, whole := p.repeated(id)
	switch {
	case whole:
		return plan{}, p.instead(id, by)
	case by.run != "":
		all.again = []NotStarted{{of.Step, by.reason() + ", but what comes after it has not"}}
	}
	return all, no
}

// repeatedBy returns a run that repeats another one and has not settled a step yet; empty: there is none.
func repeatedBy(c *cycle, stands map[string]map[string]run.Standing, of, step string) string {
	for _, id := range slices.Sorted(maps.Keys(stands)) {
		switch stands[id][step].Status {
		case run.StatusUnderWay, run.StatusDue, run.StatusPending, run.StatusWaiting:
			if c.runs[id].RerunOf == of {
				return id
			}
		default:
		}
	}
	return ""
}

// runAndCycle reads a run and its cycle. It returns nil if there is no run with this id.
func (w *work) runAndCycle(ctx context.Context, id string) (*RunRecord, *cycle, error) {
	var found stored[RunRecord]
	err := w.beside(ctx, func() (err error) { found, err = load[RunRecord](ctx, w.Store, listKey(id)); return err })
	if err != nil || found.version == 0 {
		return nil, nil, err
	}
	c, err := w.load(ctx, found.doc.Cycle)
	if err != nil {
		return nil, nil, err
	}
	if _, known := c.runs[id]; !known { // its facts have expired
		return nil, nil, nil
	}
	return &found.doc, c, nil
}
