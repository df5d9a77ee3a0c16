// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// HistoryRuns is how many runs History returns by default.
const HistoryRuns = 30

// typicalOf is how many successes of a step its typical duration comes from.
const typicalOf = 20

// History shows how the steps did in the last runs.
type History struct {
	Runs    []RunSteps `json:"runs"`    // the newest first
	Typical []Typical  `json:"typical"` // by step; steps that have not succeeded in these runs are missing
}

// RunSteps is a run with its steps.
type RunSteps struct {
	RunRecord
	Steps []StepRecord `json:"steps"` // by name
}

// Typical is how long a step usually takes: the medians of its last successes.
type Typical struct {
	Step    string  `json:"step"`
	Seconds float64 `json:"seconds"`        // how long it runs
	Queued  float64 `json:"queued_seconds"` // how long Qlik Cloud has it in its queue before that
	Of      int     `json:"of"`             // number of successes, at most 20
}

// History returns the last runs with their steps, at most limit. The typical durations come from HistoryRuns runs in any case.
func (e *Engine) History(ctx context.Context, limit int) (*History, error) {
	runs, _, err := e.ListRuns(ctx, RunFilter{Limit: max(limit, HistoryRuns)})
	if err != nil {
		return nil, err
	}
	all := make([]RunSteps, len(runs))
	_, err = parallel(len(runs), func(i int) (_ bool, err error) {
		all[i].RunRecord = runs[i]
		all[i].Steps, err = e.stepsOf(ctx, &runs[i])
		return true, err
	})
	if err != nil {
		return nil, err
	}
	return &History{Runs: all[:min(len(all), limit)], Typical: typical(all)}, nil
}

// stepsOf returns the steps of a run: as they were when it ended, or as they are now.
func (e *Engine) stepsOf(ctx context.Context, r *RunRecord) ([]StepRecord, error) {
	steps := []StepRecord{}
	if r.EndedAt.IsZero() {
		view, err := e.Run(ctx, r.ID)
		if view != nil {
			steps = view.Steps
		}
		return steps, err
	}
	items, err := e.Store.Query(ctx, Query{PK: runPK(r.ID), Prefix: standingsPrefix})
	if err != nil {
		return nil, fmt.Errorf("reading the run %s from the chain's table: %w", r.ID, err)
	}
	for i := range items {
		var part standingsDoc
		if err := decode(&items[i], &part); err != nil {
			return nil, err
		}
		for id, s := range part {
			s.id, s.ID = id, id
			steps = append(steps, s)
		}
	}
	slices.SortFunc(steps, func(a, b StepRecord) int { return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.id, b.id)) })
	return steps, nil
}

// typical returns the typical durations of the steps in runs, newest first.
func typical(runs []RunSteps) []Typical {
	ran, queued := map[string][]float64{}, map[string][]float64{}
	for _, r := range runs {
		for _, s := range r.Steps {
			if s.Status == run.StatusSucceeded && !s.EndedAt.IsZero() && len(ran[s.Step]) < typicalOf {
				ran[s.Step], queued[s.Step] = append(ran[s.Step], s.Seconds), append(queued[s.Step], s.Queued)
			}
		}
	}
	all := []Typical{}
	for _, step := range slices.Sorted(maps.Keys(ran)) {
		all = append(all, Typical{Step: step, Seconds: median(ran[step]), Queued: median(queued[step]), Of: len(ran[step])})
	}
	return all
}

// median returns the middle of values, or the mean of the two in the middle.
func median(values []float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	middle := len(sorted) / 2
	if len(sorted)%2 == 1 {
		return sorted[middle]
	}
	return (sorted[middle-1] + sorted[middle]) / 2
}
