// SPDX-License-Identifier: MPL-2.0

package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
)

// awaited is a run that has ended.
type awaited struct {
	raw  json.RawMessage // as the chain has answered
	view *runView
}

// follower awaits runs, and the runs that do the rest of their work: those in which their steps go on, and those that repeat a failed one.
type follower struct {
	app   *app
	api   *chainapi.Client
	w     *waiting
	until time.Time
	ended map[string]awaited // by id
}

func (a *app) follower(api *chainapi.Client, w *waiting) *follower {
	return &follower{a, api, w, time.Now().Add(w.timeout), map[string]awaited{}}
}

// follow waits until a run and the runs that do the rest of its work have ended. The first one is the run itself.
func (f *follower) follow(ctx context.Context, id string) ([]awaited, error) {
	ids, work := []string{id}, []awaited(nil)
	for i := 0; i < len(ids); i++ {
		one, err := f.await(ctx, ids[i])
		if err != nil {
			return nil, err
		}
		work = append(work, one)
		ids = f.add(ids, one.view)
		if i > 0 && i == len(ids)-1 { // while this one went on, another one may have been repeated
			if ids, err = f.lookAgain(ctx, ids, work); err != nil {
				return nil, err
			}
		}
	}
	return work, nil
}

// await waits until a run has ended, unless it is known to have.
func (f *follower) await(ctx context.Context, id string) (awaited, error) {
	if known, ok := f.ended[id]; ok {
		return known, nil
	}
	raw, view, err := f.app.awaitRun(ctx, f.api, f.w, f.until, id)
	if err == nil {
		f.ended[id] = awaited{raw, view}
	}
	return f.ended[id], err
}

// add adds the runs that do the rest of a run's work, and says so.
func (f *follower) add(ids []string, v *runView) []string {
	say := func(text, in string) {
		if !slices.Contains(ids, in) {
			fmt.Fprintln(f.app.err, printable(text))
			ids = append(ids, in)
		}
	}
	for _, in := range v.continuesIn() {
		say(fmt.Sprintf("The run %s goes on in the run %s.", v.Run, in), in)
	}
	if !succeeded(v.Status) {
		for _, by := range v.RepairedBy {
			say(fmt.Sprintf("The run %s ended %s. The run %s repeats it.", v.Run, v.Status, by), by)
		}
	}
	return ids
}

// lookAgain adds the runs that have begun to repeat one of the known runs in the meantime.
func (f *follower) lookAgain(ctx context.Context, ids []string, work []awaited) ([]string, error) {
	for i := range work {
		if _, bad := unrepaired(work, work[i].view); !bad {
			continue
		}
		raw, view, err := getRun(ctx, f.api, work[i].view.Run)
		if err != nil {
			return nil, err
		}
		work[i] = awaited{raw, view}
		f.ended[view.Run] = work[i]
		ids = f.add(ids, view)
	}
	return ids, nil
}

// outcomeOf returns the failure of a run's work; nil: it has succeeded. A run without success does no harm if each of its steps that lack
// success was repeated, since then the run that repeats them counts.
func outcomeOf(work []awaited) error {
	var last *runView
	var why []string
	for i := range work {
		steps, bad := unrepaired(work, work[i].view)
		if bad && (last == nil || work[i].view.fails(steps)) { // what is only blocked is so because of another one
			last, why = work[i].view, steps
		}
	}
	for i := range work {
		if steps := expiredIn(work, work[i].view); len(steps) > 0 && last == nil {
			return fail(ExitRunFailed, "the run %s ended %s, but %s expired in it", work[i].view.Run, work[i].view.Status, chain.Listed(steps))
		}
	}
	switch {
	case last == nil:
		return nil
	case len(last.RepairedBy) == 0 || len(why) == 0:
		return fail(ExitRunFailed, "the run %s ended %s", last.Run, last.Status)
	default:
		return fail(ExitRunFailed, "the run %s ended %s, and %s was not repeated", last.Run, last.Status, chain.Listed(why))
	}
}

// unrepaired reports whether a run has ended without success and is not repaired, and returns the steps that no later run has repeated.
func unrepaired(work []awaited, v *runView) (steps []string, bad bool) {
	if succeeded(v.Status) {
		return nil, false
	}
	lacking := 0
	for i := range v.Steps {
		s := &v.Steps[i]
		if !run.LacksSuccess(s.Status, s.Skip) {
			continue
		}
		lacking++
		if !slices.ContainsFunc(work, func(o awaited) bool { return o.view.decidesAfter(v, s) }) {
			steps = append(steps, s.Step)
		}
	}
	return steps, len(steps) > 0 || lacking == 0
}

// expiredIn returns the steps of other runs that were to go on in this one or to be repeated in it, and that have expired there, although
// it has succeeded: an expiry is no failure of a run that began with a reload by hand.
func expiredIn(work []awaited, v *runView) (steps []string) {
	if !succeeded(v.Status) {
		return nil
	}
	for i := range v.Steps {
		s := &v.Steps[i]
		if s.Skip == run.SkipExpired && slices.ContainsFunc(work, func(o awaited) bool { return o.view.leaves(s, work) }) {
			steps = append(steps, s.Step)
		}
	}
	return steps
}

// leaves reports whether a step of this run was to be done in another one, and none has done it.
func (v *runView) leaves(step *stepView, work []awaited) bool {
	own := v.same(step)
	if own == nil || own.Status != run.StatusContinued && (succeeded(v.Status) || !run.LacksSuccess(own.Status, own.Skip)) {
		return false
	}
	return !slices.ContainsFunc(work, func(o awaited) bool {
		return o.view.decidesAfter(v, own) && !run.LacksSuccess(o.view.same(own).Status, o.view.same(own).Skip)
	})
}

// same returns the step of this run that is one of another run, or nil if this run does not cover it. A step may be renamed between them.
func (v *runView) same(as *stepView) *stepView {
	if i := slices.IndexFunc(v.Steps, func(s stepView) bool { return cmp.Or(s.ID, s.Step) == cmp.Or(as.ID, as.Step) }); i >= 0 {
		return &v.Steps[i]
	}
	return nil
}

// fails reports whether one of these steps has failed in the run.
func (v *runView) fails(steps []string) bool {
	return slices.ContainsFunc(v.Steps, func(s stepView) bool { return s.Status == run.StatusFailed && slices.Contains(steps, s.Step) })
}

// decidesAfter reports whether the outcome of a step is in this run, and is later than in another one.
func (v *runView) decidesAfter(o *runView, there *stepView) bool {
	s := v.same(there)
	return v != o && s != nil && s.Status != run.StatusContinued && v.decision(s).After(o.decision(there))
}

// decision returns when a step was decided in the run.
func (v *runView) decision(s *stepView) run.Decision {
	d := run.Decision{Run: v.Run, Ended: s.EndedAt}
	for i := range v.Steps {
		d.Saw(v.Steps[i].Status, v.Steps[i].EndedAt)
	}
	return d
}
