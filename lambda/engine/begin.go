// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Beginning is a request to the engine to begin a run.
type Beginning struct {
	Step      string    // empty: at every enabled step without upstream and without a schedule of its own
	At        time.Time // the time of the request, or the scheduled time
	Cycle     string    // the date or the id of its cycle; empty: the cycle of At
	StartedBy StartedBy
	By        string // who asked, if known
	Reason    string // in the caller's words
	ID        string // the same for every repetition of a request; at most 1,000 bytes
	Only      bool   // the run is of Step alone: nothing follows it

	Variables map[string]string // of every app's reload in the run, over the app's own; a schedule's are in the definition
}

// Begin begins a run, once for each ID. Its error and result are those of Handle. It refuses a step that is not in the chain, and a run of
// one step alone that names none or one that waits for a signal.
func (e *Engine) Begin(ctx context.Context, invocation string, b Beginning) (Result, error) {
	r := &report{result: Result{Step: b.Step}, since: b.At}
	origins := e.roots()
	if b.Step != "" {
		step, known := e.step(b.Step)
		if !known {
			return r.result.refuse(RefusalStep, fmt.Sprintf("the chain has no step %q", b.Step)), nil
		}
		if b.Only && step.Kind() == chain.KindSignal {
			return r.result.refuse(RefusalOnly, fmt.Sprintf("the step %q waits for a signal, and a run of it alone would take the signal for "+
				"which other steps wait", b.Step)), nil
		}
		r.result.AppID = step.App
		origins = []string{step.ID(b.Step)}
	}
	if b.Only && b.Step == "" {
		return r.result.refuse(RefusalOnly, "it names no step"), nil
	}
	if len(origins) == 0 {
		r.result.Outcome = OutcomeNothingDue
		r.result.Reason = "each step comes after others, waits for a signal, has a schedule of its own, or is disabled"
		return r.result, nil
	}
	if date, excepted := e.excepted(b); excepted {
		r.result.Outcome, r.result.Reason = OutcomeNothingDue, "the schedule starts nothing on "+date
		return r.result, nil
	}
	in := e.cycleAt(b.At)
	if b.Cycle != "" {
		named, err := e.namedCycle(b.Cycle)
		if err != nil {
			return r.result.refuse(RefusalCycle, err.Error()), nil
		}
		in = named
	}
	w := &work{Engine: e, owner: invocation}
	id := string(b.StartedBy) + "#" + b.ID
	doc := w.newRun(in, origins, runID(b.At, id), b.At, b.StartedBy)
	doc.By = b.By
	if b.Only {
		doc.Only, doc.Shape = true, w.shapeAlone(origins[0])
	}
	variables := b.Variables
	if b.StartedBy == StartedBySchedule {
		doc.Schedule = "chain"
		if b.Step != "" {
			doc.Schedule = "step:" + origins[0]
		}
		if schedule := e.scheduleOf(b.Step); schedule != nil {
			variables = schedule.Variables
		}
	} else if problems := e.Index.Definition().VariableProblems(variables); len(problems) > 0 {
		return r.result.refuse(RefusalVariables, problems[0]), nil
	}
	doc.setVariables(variables)
	var audit []Write
	if b.StartedBy == StartedByRequest {
		operation := chain.Operation{At: b.At, By: b.By, Reason: b.Reason}
		audit = w.audit(OperationRecord{Operation: operation, Kind: chain.OperationStart, Run: doc.ID, Step: b.Step}, id)
	}
	err := w.beginOnce(ctx, &happening{
		cycle: doc.Cycle, begun: &doc, beside: audit, known: w.begun(doc.ID, r),
		event: func(*cycle) run.Event { return run.Began{Run: w.runOf(doc)} },
	}, r)
	return r.conclude(err), err
}

// excepted reports whether a schedule begins nothing at its time because the date is one of its exceptions.
func (e *Engine) excepted(b Beginning) (date string, excepted bool) {
	if b.StartedBy != StartedBySchedule {
		return "", false
	}
	return e.Index.Definition().Excepts(e.scheduleOf(b.Step), b.At)
}

// scheduleOf returns the schedule of a step, or the chain's if step is empty. It returns nil if there is none.
func (e *Engine) scheduleOf(step string) *chain.Schedule {
	d := e.Index.Definition()
	if step == "" {
		return d.Schedule
	}
	return d.Steps[step].Schedule
}

// roots returns the ids of the steps at which a run of the whole chain begins, sorted.
func (e *Engine) roots() []string {
	var roots []string
	for _, name := range e.Index.Definition().ScheduledSteps() {
		step, _ := e.step(name)
		roots = append(roots, step.ID(name))
	}
	slices.Sort(roots)
	return roots
}

// newRun returns a run that begins now, in a cycle.
func (w *work) newRun(of run.Cycle, origins []string, id string, at time.Time, by StartedBy) runDoc {
	hash, _ := w.currentShape()
	return runDoc{
		RunRecord: RunRecord{
			ID: id, Cycle: of.ID(), Date: of.Date.Format(time.DateOnly), Origin: w.listed(origins), StartedBy: by, At: at,
			DefinitionSHA256: w.DefinitionSHA256,
		},
		Origins: slices.Sorted(slices.Values(origins)), Shape: hash, CycleEnd: of.End,
	}
}

// listed formats names of steps: all if there are few, else the first ones and the number of the others.
func (e *Engine) listed(steps []string) string {
	names := make([]string, len(steps))
	for i, step := range steps {
		names[i] = e.nameOf(step)
	}
	slices.Sort(names)
	return chain.ListedFew(names, len(names))
}

// runOf converts a stored run to the decision's form.
func (w *work) runOf(doc runDoc) run.Run {
	return run.Run{
		ID: doc.ID, At: doc.At, Origins: slices.Clone(doc.Origins), Shape: w.knownShape(doc.Shape).Shape, ByHand: doc.ByHand,
		RerunOf: doc.RerunOf, Schedule: doc.Schedule,
	}
}

// beginOnce begins a run. If it has already begun, beginOnce finishes what is left.
func (w *work) beginOnce(ctx context.Context, h *happening, r *report) error {
	if err := w.lookLater(ctx, h); err != nil {
		return err
	}
	r.result.Run, r.result.Attempt = h.begun.ID, 1
	return w.drives(ctx, h, r)
}

// lookLater sets a timer that checks a run again after a minute. It is for runs that begin with a request: Lambda repeats an event that
// breaks off, but not a request.
func (w *work) lookLater(ctx context.Context, h *happening) error {
	doc := h.begun
	if doc.StartedBy == StartedBySchedule || doc.StartedBy == StartedByReload {
		return nil
	}
	of := startRef{Cycle: doc.Cycle, Run: doc.ID}
	if len(h.ends) > 0 {
		of = h.ends[0]
	}
	return w.recheck(ctx, of, "")
}

// recheck sets a timer that checks the runs of a cycle again after a minute. cause distinguishes several for the same run. If of names an
// attempt, its event is put, in case no execution has done so.
func (w *work) recheck(ctx context.Context, of startRef, cause string) error {
	name := timerName("look", of.Run)
	if cause != "" {
		name = timerName("look", of.Run, cause)
	}
	return w.setTimer(ctx, name, chain.Timer{
		Kind: chain.TimerLook, Cycle: of.Cycle, Run: of.Run, Step: of.Step, Attempt: of.Attempt, Due: w.Now().Add(recheckDelay),
	})
}

// wakeLook finishes what a request, or an execution that claimed a start, has left when it broke off. While another execution still works
// on it, the timer is set once more.
func (w *work) wakeLook(ctx context.Context, t chain.Timer, r *report) error {
	if err := w.readActive(ctx); err != nil {
		return err
	}
	h := &happening{cycle: t.Cycle, event: func(*cycle) run.Event { return run.Looked{} }}
	ref := startRef{Cycle: t.Cycle, Run: t.Run, Step: t.Step, Attempt: t.Attempt}
	if t.Step != "" {
		h.ends = []startRef{ref}
	}
	if err := w.drives(ctx, h, r); err != nil {
		return err
	}
	safe, err := w.takeUp(ctx, w.leftIn(h), r)
	if err != nil || safe {
		return err
	}
	return w.recheck(ctx, ref, w.Now().UTC().Format("20060102T150405"))
}

// begun reports whether a run has already begun.
func (w *work) begun(id string, r *report) func(c *cycle) bool {
	return func(c *cycle) bool {
		_, known := c.runs[id]
		if known {
			r.result.Run, r.result.Attempt, r.result.Outcome = id, 1, OutcomeRepeated
		}
		return known
	}
}

// drives calls drive, and again after a conflict with another execution.
func (w *work) drives(ctx context.Context, h *happening, r *report) error {
	for conflicts := range maxConflicts {
		_, err := w.drive(ctx, h, r)
		if !errors.Is(err, ErrConflict) {
			return err
		}
		if err := errors.Join(Backoff(ctx, conflicts), w.readActive(ctx)); err != nil {
			return err
		}
	}
	return fmt.Errorf("cannot record what has happened in the cycle %s: gave up after %d write conflicts", h.cycle, maxConflicts)
}

// hashed shortens a key that consists of names.
func hashed(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// runID derives a run's id from its cause, so that repeating is harmless. Runs are listed in the order of their ids. The ids contain
// milliseconds, so that of two runs in one second the later one is the newer.
func runID(at time.Time, cause string) string {
	return strings.Replace(at.UTC().Format("20060102T150405.000Z-"), ".", "", 1) + hashed(cause)[:8]
}
