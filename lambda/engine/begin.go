// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Beginning is a run that the engine is asked to begin.
type Beginning struct {
	Step      string
	At        time.Time // when it was asked for
	StartedBy StartedBy
	By        string // who asked, as far as it is known
	Reason    string // in the words of who asked
	ID        string // the same for the same beginning, however often it is asked for; at most 1,000 bytes
}

// Begin starts the reload of a step with which a run begins, once for each ID. Its error and result are those of Handle. A step that the
// chain does not have is refused.
func (e *Engine) Begin(ctx context.Context, invocation string, b Beginning) (Result, error) {
	r := &report{result: Result{Step: b.Step}, since: b.At}
	step, known := e.step(b.Step)
	if !known {
		return r.result.refuse(RefusalStep, fmt.Sprintf("the chain has no step %q", b.Step)), nil
	}
	r.result.AppID = step.App
	w := &work{Engine: e, owner: invocation}
	err := w.begin(ctx, b, r)
	return r.conclude(err), err
}

func (w *work) begin(ctx context.Context, b Beginning, r *report) error {
	id := string(b.StartedBy) + "#" + b.ID
	first := w.origin(runID(b.At, id), b.Step, id)
	first.Phase, first.CreatedAt, first.DueAt = PhaseWaiting, b.At, w.past(b.At)
	ref := first.ref()
	writes := append(w.record(RunRecord{ID: ref.Run, Origin: b.Step, StartedBy: b.StartedBy, By: b.By, At: b.At}),
		Write{Key: beginningKey(id), Doc: ref, Expires: w.expires()},
		Write{Key: ref.key(), Doc: first, Expires: w.expires()},
		Write{Key: ref.openKey(), Doc: ref, Expires: w.expires()})
	if b.StartedBy == StartedByRequest {
		asked := Operation{Order: chain.Order{At: b.At, By: b.By, Reason: b.Reason}, Operation: chain.OperationStart, Run: ref.Run, Step: b.Step}
		writes = append(writes, w.audit(asked, id)...)
	}
	var err error
	if failed := w.beside(ctx, func() error { err = write(ctx, w.Store, writes...); return nil }); failed != nil {
		return failed
	}
	if err == nil {
		r.result.Run, r.result.Attempt = first.Run, first.Attempt
		_, err = w.proceed(ctx, stored[Start]{key: ref.key(), version: 1, doc: *first}, false, r)
		return err
	}
	if !errors.Is(err, ErrConflict) {
		return err
	}
	begun, err := load[startRef](ctx, w.Store, beginningKey(id))
	if err != nil {
		return err
	}
	return w.repeat(ctx, begun.doc, r)
}

// repeat sees to a start that was asked for before.
func (w *work) repeat(ctx context.Context, begun startRef, r *report) error {
	r.result.Run, r.result.Attempt, r.result.Outcome = begun.Run, begun.Attempt, OutcomeRepeated
	_, err := w.look(ctx, begun, "", r)
	return err
}

// hashed keeps a key short that is made of names.
func hashed(id string) string {
	sum := sha256.Sum256([]byte(id))
	return hex.EncodeToString(sum[:])
}

// runID derives from what begins a run, so that repeating is harmless. Runs are listed in the order of their ids.
func runID(at time.Time, cause string) string {
	return at.UTC().Format("20060102T150405Z") + "-" + hashed(cause)[:8]
}

// origin is the start with which a run begins; cause is its event, or stands for one.
func (w *work) origin(run, name, cause string) *Start {
	step, _ := w.step(name)
	return &Start{
		Step: name, App: step.App, ID: chain.NewFire(name, []chain.Arrival{{Event: cause}}).ID, Attempt: 1, Of: step.Retry.Attempts(),
		Run: run, Runs: []chain.RunRef{{ID: run, Origin: name}}, Depth: 1,
	}
}

// record writes a new run.
func (w *work) record(run RunRecord) []Write {
	run.DefinitionSHA256 = w.DefinitionSHA256
	return []Write{
		{Key: runKey(run.ID), Doc: run, Expires: w.kept()},
		{Key: listKey(run.ID), Doc: run, Expires: w.kept()},
	}
}
