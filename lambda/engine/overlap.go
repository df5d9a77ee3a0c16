// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// A run that is queued until its schedule's previous run has ended has an item beside the attempts that have not ended. If one run ends and
// another begins at the same moment, either the first finds the item, or the second finds that nothing is under way.

// queuedRun is a queued run.
type queuedRun struct {
	Cycle    string `json:"cycle"`
	Run      string `json:"run"`
	Schedule string `json:"schedule"`
}

// busy returns the schedules with a queued or active run of an earlier cycle, if that matters.
func (w *work) busy(ctx context.Context, cycle string) (map[string]bool, error) {
	if w.rules().Overlap("") == run.OverlapAllow {
		return nil, nil
	}
	if err := w.readActive(ctx); err != nil { // reads from before the last write of this execution are not enough
		return nil, err
	}
	busy := map[string]bool{}
	for _, one := range w.active.Load().queued {
		if one.Cycle < cycle {
			busy[one.Schedule] = true
		}
	}
	others := map[Key]bool{}
	for _, ref := range w.active.Load().open {
		if ref.Cycle < cycle {
			others[runInCycle(ref.Cycle, ref.Run)] = true
		}
	}
	for key := range others {
		other, err := load[runDoc](ctx, w.Store, key)
		if err != nil {
			return nil, err
		}
		if other.doc.Schedule != "" && other.doc.Status == "" && !other.doc.Canceled {
			busy[other.doc.Schedule] = true
		}
	}
	return busy, nil
}

// letQueuedGo checks the earliest queued run of each schedule, also in another cycle than the decided one: there may no longer be a reason
// to queue it.
func (w *work) letQueuedGo(ctx context.Context, h *happening, r *report) error {
	if h.queued || len(w.active.Load().queued) == 0 && w.rules().Overlap("") != run.OverlapQueue {
		return nil
	}
	for seen := map[string]bool{}; ; {
		if err := w.readActive(ctx); err != nil {
			return err
		}
		next := queuedRun{}
		for _, one := range w.active.Load().queued {
			if !seen[one.Schedule] && one.Cycle != h.cycle {
				next = one
				break
			}
			seen[one.Schedule] = true
		}
		if next.Run == "" {
			return nil
		}
		seen[next.Schedule] = true
		err := w.drives(ctx, &happening{cycle: next.Cycle, queued: true, event: func(*cycle) run.Event { return run.Looked{Run: next.Run} }}, r)
		if err != nil {
			return err
		}
	}
}

// seeToOthers handles, after the last look, equivalent starts that other executions have made in the meantime. If one of those executions
// breaks off, its repetition finds the event handled. It returns false if another execution is working on one of them. met reports whether
// there was another execution.
func (w *work) seeToOthers(ctx context.Context, h *happening, met bool, r *report) (bool, error) {
	if h.queued || !met && w.rules().Overlap("") != run.OverlapQueue { // then only writes other than the event's released starts
		return true, nil
	}
	return w.takeUp(ctx, w.leftIn(h), r)
}

// leftIn returns the cycle in which an execution that broke off may have left starts; empty: any.
func (w *work) leftIn(h *happening) string {
	if w.rules().Overlap("") == run.OverlapQueue || w.Index.Definition().MaxRunning > 0 {
		// It may have released a run, or a start, of another cycle.
		return ""
	}
	return h.cycle
}
