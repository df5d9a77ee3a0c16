// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// RunView shows a run: what was started in it, and what became of each link that an upstream's end has put to the question.
type RunView struct {
	RunRecord
	Starts     []StartView `json:"starts"`     // in the order in which they were started or are to be
	Edges      []Edge      `json:"edges"`      // in the order of the upstreams' ends
	Operations []Operation `json:"operations"` // what people did with the run, in the order of time
}

// StartView shows one attempt to reload a step's app.
type StartView struct {
	Step      string      `json:"step"`
	App       string      `json:"app"`
	Attempt   int         `json:"attempt"`
	Of        int         `json:"of"` // most attempts
	Phase     Phase       `json:"phase"`
	Reason    string      `json:"reason,omitempty"` // for the phase, in a sentence
	Causes    []Cause     `json:"causes,omitempty"` // none for the reload that began the run
	Met       []string    `json:"met,omitempty"`    // other runs that went on in this one here
	DueAt     time.Time   `json:"due_at"`
	Reload    string      `json:"reload,omitempty"`
	StartedAt time.Time   `json:"started_at,omitzero"`
	EndedAt   time.Time   `json:"ended_at,omitzero"`
	Seconds   float64     `json:"seconds,omitempty"` // that the reload took
	Status    qlik.Status `json:"status,omitempty"`

	Asked *chain.Order `json:"asked,omitempty"` // for it by hand, in a run that there was already

	depth int
	runs  []chain.RunRef
}

// Runs returns runs, the newest first: at most limit, 0 for all, and those before the run before when that is not empty. more says that there are
// older ones.
func (e *Engine) Runs(ctx context.Context, before string, limit int) (runs []RunRecord, more bool, err error) {
	query := Query{PK: runsPK, From: before, Newest: true}
	if limit > 0 {
		query.AtMost = limit + 1
	}
	items, err := e.Store.Query(ctx, query)
	if err != nil {
		return nil, false, fmt.Errorf("listing the runs in the chain's table: %w", err)
	}
	if more = limit > 0 && len(items) > limit; more {
		items = items[:limit]
	}
	runs = make([]RunRecord, len(items))
	for i := range items {
		if err := decode(&items[i], &runs[i]); err != nil {
			return nil, false, err
		}
	}
	return runs, more, nil
}

// Run returns a run, or nil when there is none with this id.
func (e *Engine) Run(ctx context.Context, id string) (*RunView, error) {
	items, err := e.Store.Query(ctx, Query{PK: runPK(id)})
	if err != nil {
		return nil, fmt.Errorf("reading the run %s from the chain's table: %w", id, err)
	}
	view, found := &RunView{Starts: []StartView{}, Edges: []Edge{}, Operations: []Operation{}}, false
	for i := range items {
		item := &items[i]
		switch {
		case strings.HasPrefix(item.SK, startPrefix):
			var s Start
			if err := decode(item, &s); err != nil {
				return nil, err
			}
			view.Starts = append(view.Starts, s.view())
		case strings.HasPrefix(item.SK, edgePrefix):
			var edge Edge
			if err := decode(item, &edge); err != nil {
				return nil, err
			}
			view.Edges = append(view.Edges, edge)
		case strings.HasPrefix(item.SK, operationPrefix):
			var o Operation
			if err := decode(item, &o); err != nil {
				return nil, err
			}
			view.Operations = append(view.Operations, o)
		case item.Key == runKey(id):
			found = true
			if err := decode(item, &view.RunRecord); err != nil {
				return nil, err
			}
		}
	}
	if !found {
		return nil, nil
	}
	slices.SortFunc(view.Starts, func(a, b StartView) int {
		return cmp.Or(a.at().Compare(b.at()), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Attempt, b.Attempt))
	})
	slices.SortFunc(view.Edges, func(a, b Edge) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.From, b.From), cmp.Compare(a.To, b.To))
	})
	return view, nil
}

// at is when it was started, or is to be.
func (v *StartView) at() time.Time {
	if v.StartedAt.IsZero() {
		return v.DueAt
	}
	return v.StartedAt
}

func (s *Start) view() StartView {
	v := StartView{
		Step: s.Step, App: s.App, Attempt: s.Attempt, Of: s.Of, Phase: s.Phase, Reason: s.Reason, Causes: s.Causes, DueAt: s.DueAt,
		Reload: s.Reload, StartedAt: s.StartedAt, EndedAt: s.EndedAt, Seconds: s.Seconds, Status: s.Status, Asked: s.Asked,
		depth: s.Depth, runs: s.Runs,
	}
	for _, r := range s.Runs {
		if r.ID != s.Run {
			v.Met = append(v.Met, r.ID)
		}
	}
	return v
}
