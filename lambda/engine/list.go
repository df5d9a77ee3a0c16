// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// RunFilter selects the runs of a list.
type RunFilter struct {
	Before string     // the list contains only runs older than this one; empty: it begins at the newest
	Limit  int        // most runs
	Status run.Status // their status; empty: any
	Cycle  string     // the date or the id of their cycle; empty: any
}

// How many runs one list reads. A filter may leave few of many.
const (
	maxLookedAt = 1000
	lookedAt    = 200 // in one query
)

// ListRuns returns runs with their status, newest first. next is the run to continue the list before; it is empty if there are no older
// ones. A filter may leave fewer than the limit although there are older runs.
func (e *Engine) ListRuns(ctx context.Context, f RunFilter) (runs []RunRecord, next string, err error) {
	w := &work{Engine: e, looks: true}
	next = f.Before
	size := f.Limit
	if f.Status != "" || f.Cycle != "" {
		size = max(size, lookedAt)
	}
	runs = []RunRecord{}
	for seen := 0; seen < maxLookedAt; seen += size {
		page, more, err := e.Runs(ctx, next, size)
		if err != nil {
			return nil, "", err
		}
		if err := w.statusOf(ctx, page); err != nil {
			return nil, "", err
		}
		for i := range page {
			if f.wants(&page[i]) {
				runs = append(runs, page[i])
			}
			if next = page[i].ID; len(runs) == f.Limit {
				if !more && i == len(page)-1 {
					next = ""
				}
				return runs, next, nil
			}
		}
		if !more {
			return runs, "", nil
		}
	}
	return runs, next, nil
}

func (f *RunFilter) wants(r *RunRecord) bool {
	return (f.Status == "" || r.Status == f.Status) && (f.Cycle == "" || r.Cycle == f.Cycle || r.Date == f.Cycle)
}

// statusOf adds the current status to the records of runs that have not ended, and the end of those that have ended since they were listed.
// It reads each of their cycles once.
func (w *work) statusOf(ctx context.Context, runs []RunRecord) error {
	var ids []string
	of := map[string]*cycle{}
	for i := range runs {
		if _, known := of[runs[i].Cycle]; runs[i].Status == "" && !known {
			ids, of[runs[i].Cycle] = append(ids, runs[i].Cycle), nil
		}
	}
	if len(ids) == 0 {
		return nil
	}
	if err := w.beside(ctx, func() error { return nil }); err != nil { // once for all cycles
		return err
	}
	cycles := make([]*cycle, len(ids))
	_, err := parallel(len(ids), func(i int) (_ bool, err error) {
		cycles[i], err = w.load(ctx, ids[i])
		return true, err
	})
	if err != nil {
		return err
	}
	for i, id := range ids {
		of[id] = cycles[i]
	}
	for i := range runs {
		c := of[runs[i].Cycle]
		if runs[i].Status != "" || c == nil || c.state.Runs[runs[i].ID] == nil {
			continue
		}
		if now := c.runs[runs[i].ID].RunRecord; now.Status != "" {
			runs[i] = now
			continue
		}
		sum := c.state.Summarize(c.state.Runs[runs[i].ID], w.rules())
		runs[i].Status, runs[i].Counts = sum.Status, countsOf(sum)
	}
	return nil
}
