// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// carryKey identifies a result that the table keeps beyond a cycle for carry_over: the latest result of a step with an outcome.
type carryKey struct {
	step    string
	outcome chain.Outcome
}

// carriedDoc is such a result. Without a Reload there is none, and Qlik Cloud was asked.
type carriedDoc struct {
	Run     string    `json:"run,omitempty"` // empty: it is older than the chain's deployment
	Reload  string    `json:"reload,omitempty"`
	Started time.Time `json:"started,omitzero"`
	Ended   time.Time `json:"ended,omitzero"`

	Earlier []carriedDoc `json:"earlier,omitempty"` // of earlier cycles, the latest first: a run of one of those may be repeated
}

// mostEarlier is how many results of earlier cycles the table keeps.
const mostEarlier = 30

// carriedOver yields the results that a step carries over: for each upstream the outcomes that its condition names, and their maximum age.
func (e *Engine) carriedOver(do func(step, upstream string, outcomes []chain.Outcome, age time.Duration)) {
	steps := e.Index.Definition().Steps
	for _, s := range steps {
		for upstream, age := range s.CarryOver {
			do(run.StepID(s), run.StepID(steps[upstream]), outcomesOf(s.After[upstream]), time.Duration(age))
		}
	}
}

func outcomesOf(condition chain.Condition) []chain.Outcome {
	switch condition {
	case chain.ConditionFailure:
		return []chain.Outcome{chain.OutcomeFailure}
	case chain.ConditionCompletion:
		return []chain.Outcome{chain.OutcomeSuccess, chain.OutcomeFailure, chain.OutcomeCanceled}
	default:
		return []chain.Outcome{chain.OutcomeSuccess}
	}
}

// loadCarried reads the results that steps carry over. It looks up results that the chain has never seen in Qlik's own record, once.
// unknown is true if Qlik Cloud has not answered: there may be more results.
func (w *work) loadCarried(ctx context.Context) (carried map[carryKey]stored[carriedDoc], unknown bool, err error) {
	wanted := map[carryKey]bool{}
	w.carriedOver(func(_, upstream string, outcomes []chain.Outcome, _ time.Duration) {
		for _, outcome := range outcomes {
			wanted[carryKey{upstream, outcome}] = true
		}
	})
	if len(wanted) == 0 {
		return nil, false, nil
	}
	items, err := w.Store.Query(ctx, Query{PK: carryPK})
	if err != nil {
		return nil, false, fmt.Errorf("reading what is carried over from the chain's table: %w", err)
	}
	carried = map[carryKey]stored[carriedDoc]{}
	for i := range items {
		step, outcome, _ := strings.Cut(items[i].SK, "#")
		one := stored[carriedDoc]{key: items[i].Key, version: items[i].Version}
		if err := decode(&items[i], &one.doc); err != nil {
			return nil, false, err
		}
		carried[carryKey{step, chain.Outcome(outcome)}] = one
	}
	for key := range wanted {
		if _, known := carried[key]; known {
			continue
		}
		carried[key] = stored[carriedDoc]{key: carriedKey(key)} // an unanswered request does not stop the chain
		if unknown || w.looks {
			unknown = true
			continue
		}
		one, queried, err := w.carriedBefore(ctx, key)
		if err != nil {
			return nil, false, err
		}
		if carried[key] = one; !queried {
			unknown = true
		}
	}
	return carried, unknown, nil
}

// carriedBefore looks up a result in Qlik's own record, and stores what it finds. asked is false if Qlik Cloud has not answered and may
// answer later.
func (w *work) carriedBefore(ctx context.Context, key carryKey) (one stored[carriedDoc], queried bool, err error) {
	one = stored[carriedDoc]{key: carriedKey(key)}
	step, _ := w.stepOf(key.step)
	reloads, err := w.Reloads.ListReloads(ctx, qlik.ReloadFilter{AppID: step.App, Statuses: statusesOf(key.outcome), Limit: 20})
	if err != nil {
		return one, refusedForGood(err), nil
	}
	for i := range reloads { // newest first
		end, final := endOf(key.step, &reloads[i])
		// A reload that has just ended is left to its event: it is a result of this cycle.
		if final && counts(step, false, reloads[i].Partial) == "" && !end.at.After(w.Now().Add(-grace)) {
			one.doc = carriedDoc{Reload: end.event, Started: end.began(), Ended: end.at}
			break
		}
	}
	err = write(ctx, w.Store, Write{Key: one.key, Doc: one.doc})
	if errors.Is(err, ErrConflict) { // a result has arrived in the meantime
		one, err = load[carriedDoc](ctx, w.Store, one.key)
		return one, true, err
	}
	one.version = 1
	return one, true, err
}

func statusesOf(outcome chain.Outcome) []qlik.Status {
	switch outcome {
	case chain.OutcomeSuccess:
		return []qlik.Status{qlik.StatusSucceeded}
	case chain.OutcomeFailure:
		return []qlik.Status{qlik.StatusFailed, qlik.StatusExceededLimit}
	default:
		return []qlik.Status{qlik.StatusCanceled}
	}
}

// carriedInto returns the results that began before a cycle and are young enough for it.
func (w *work) carriedInto(c *cycle) map[run.CarryKey]run.Result {
	carried := map[run.CarryKey]run.Result{}
	w.carriedOver(func(step, upstream string, outcomes []chain.Outcome, age time.Duration) {
		for _, outcome := range outcomes {
			doc := c.carried[carryKey{upstream, outcome}].doc.before(c.Begin)
			key := run.CarryKey{Step: step, Upstream: upstream}
			if doc.Reload == "" || w.Now().Sub(doc.Ended) > age || !doc.Started.After(carried[key].Started) {
				continue
			}
			carried[key] = run.Result{Step: upstream, Run: doc.Run, Reload: doc.Reload, Outcome: outcome, Started: doc.Started, Ended: doc.Ended}
		}
	})
	return carried
}

// carryWrite stores a result that may be carried over, unless a later one is stored. It never expires: a step may be reloaded once a year.
func (w *work) carryWrite(c *cycle, ref startRef, end endDoc) []Write {
	key := carryKey{ref.Step, end.Outcome}
	known, wanted := c.carried[key]
	if !wanted || !end.Started.After(known.doc.Started) {
		return nil
	}
	doc := carriedDoc{Run: ref.Run, Reload: end.Reload, Started: end.Started, Ended: end.Ended, Earlier: known.doc.Earlier}
	if before := known.doc; before.Reload != "" && before.Started.Before(c.Begin) {
		before.Earlier = nil
		doc.Earlier = append([]carriedDoc{before}, doc.Earlier...)
		doc.Earlier = doc.Earlier[:min(len(doc.Earlier), mostEarlier)]
	}
	return []Write{{Key: carriedKey(key), Doc: doc, Version: known.version}}
}

// before returns the latest result that began before a time, or the zero value.
func (d carriedDoc) before(t time.Time) carriedDoc {
	for _, one := range append([]carriedDoc{d}, d.Earlier...) {
		if one.Started.Before(t) || one.Run == "" { // no run of the cycle has a result from before the deployment
			return one
		}
	}
	return carriedDoc{}
}
