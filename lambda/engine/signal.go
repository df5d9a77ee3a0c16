// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// Report is what something outside Qlik Cloud says about a step that waits for a signal.
type Report struct {
	Step      string
	ID        string            // the same for every repetition of the report
	Outcome   chain.Outcome     // how it ended
	At        time.Time         // when the report came
	By        string            // who sent it
	Reason    string            // in the sender's words
	Variables map[string]string // of every app's reload in the run that it begins, over the app's own
	Request   bool              // a request sent it: the operations have it, and Lambda does not repeat it
}

// Signal handles a report once for each ID: it settles the oldest start of the step that waits for one, or else begins a run at the step.
// If the step has a quiet time, the report is kept until then. Its error and result are those of Handle. It refuses a step that is not in
// the chain or waits for no signal, a report that the table may have forgotten, and variables for which there is no run to begin.
func (e *Engine) Signal(ctx context.Context, invocation string, s Report) (Result, error) {
	r := &report{result: Result{Step: s.Step}, since: s.At}
	step, known := e.step(s.Step)
	switch {
	case !known:
		return r.result.refuse(RefusalStep, fmt.Sprintf("the chain has no step %q", s.Step)), nil
	case step.Kind() != chain.KindSignal:
		return r.result.refuse(RefusalSignal, fmt.Sprintf("the step %q waits for no signal, %s", s.Step, e.signalSteps())), nil
	case e.Forgets(s.At):
		return r.result.refuse(RefusalAge, "the signal is of "+s.At.UTC().Format(time.RFC3339)+
			", longer ago than the chain remembers what it has handled: it may be a repetition"), nil
	}
	quiet := time.Duration(step.Signal.QuietFor)
	if problem := e.variableProblem(s.Variables, quiet); problem != "" {
		return r.result.refuse(RefusalVariables, problem), nil
	}
	end := reloadEnd{
		step: step.ID(s.Step), event: step.ID(s.Step) + "@" + hashed(s.ID)[:32], at: s.At, created: s.At, outcome: s.Outcome,
		status: statusesOf(s.Outcome)[0], ours: true, requested: s.Request, how: "was reported by " + s.By,
		variables: s.Variables,
	}
	if s.Reason != "" {
		end.how += ": " + s.Reason
	}
	end.reload = end.event
	w := &work{Engine: e, owner: invocation}
	if s.Request {
		end.audit = func(run string) []Write {
			operation := chain.Operation{At: s.At, By: s.By, Reason: s.Reason}
			return w.audit(OperationRecord{Operation: operation, Kind: chain.OperationSignal, Run: run, Step: s.Step}, end.event)
		}
	}
	var err error
	if quiet > 0 {
		err = w.awaitQuiet(ctx, end, quiet, r)
	} else {
		err = w.handleReloadEnd(ctx, end, r)
	}
	if errors.Is(err, errJoins) {
		return r.result.refuse(RefusalVariables, "A run waits for this signal, and its apps have that run's variables. Send the signal "+
			"without variables, or cancel the run."), nil
	}
	return r.conclude(err), err
}

// errJoins is the error of a signal with variables that does not begin a run.
var errJoins = errors.New("a signal with variables joins a run")

// variableProblem returns what is wrong with the variables of a signal, in a sentence; empty: nothing.
func (e *Engine) variableProblem(variables map[string]string, quiet time.Duration) string {
	if len(variables) == 0 {
		return ""
	}
	if quiet > 0 {
		return "The step has quiet_for: several signals count as one, and their variables may differ. Send the signal without variables."
	}
	problems := e.Index.Definition().VariableProblems(variables)
	return strings.Join(problems[:min(len(problems), 1)], "")
}

// signalSteps lists the steps that wait for signals, as the rest of a sentence about another step.
func (e *Engine) signalSteps() string {
	var names []string
	for name, step := range e.Index.Definition().Steps {
		if step.Kind() == chain.KindSignal {
			names = append(names, name)
		}
	}
	if len(names) == 0 {
		return "and no other one of the chain does"
	}
	slices.Sort(names)
	return "unlike " + chain.ListedFew(names, len(names))
}

// cancelSignal ends a start that waits for a signal: there is nothing to cancel in Qlik Cloud.
func (w *work) cancelSignal(ctx context.Context, s *Start, operation chain.Operation, r *report) error {
	return w.endSignal(ctx, s, "canceled", "waits no longer: "+w.canceledBy(s.Run, operation), r)
}

// endSignal ends a start that waits for a signal without one. cause distinguishes it from other ends.
func (w *work) endSignal(ctx context.Context, s *Start, cause, how string, r *report) error {
	end := reloadEnd{
		step: s.Step, event: fmt.Sprintf("%s-%s-%02d", cause, s.Run, s.Attempt), at: w.Now(), created: s.StartedAt,
		outcome: chain.OutcomeCanceled, status: qlik.StatusCanceled, how: how,
	}
	r.cancel(s, end.how)
	if err := w.recheckEvent(ctx, s.ref(), end.event); err != nil {
		return err
	}
	return w.drives(ctx, w.ownEnd(end, s.ref()), r)
}
