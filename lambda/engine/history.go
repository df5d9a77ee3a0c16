// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// RunView shows a run: the status of each step that it covers, and its starts.
type RunView struct {
	RunRecord
	Timezone   string            `json:"timezone"`              // the chain's, for people
	CycleEnd   time.Time         `json:"cycle_end"`             // until when a step waits
	RepairedBy []string          `json:"repaired_by,omitempty"` // runs that repeat it
	Steps      []StepRecord      `json:"steps"`                 // by name
	Starts     []StartView       `json:"starts"`                // in the order in which they were started or are due
	Operations []OperationRecord `json:"operations"`            // what operators did with the run, in the order of time
}

// StepRecord shows the status of a step in a run.
type StepRecord struct {
	Step      string     `json:"step"`
	ID        string     `json:"id,omitempty"` // stays when the step is renamed, unless it waits for a signal; of a view
	App       string     `json:"app"`
	Status    run.Status `json:"status"`
	Skip      run.Skip   `json:"skip,omitempty"`      // reason of a skipped step
	Reason    string     `json:"reason,omitempty"`    // the rest of a sentence about the step
	WaitsFor  []string   `json:"waits_for,omitempty"` // of a waiting step
	Continued string     `json:"continued,omitempty"` // the run that goes on with the step

	Blocked int      `json:"blocked,omitempty"` // how many steps do not start because of how it ended
	Blocks  []string `json:"blocks,omitempty"`  // some of them
	Behind  bool     `json:"behind,omitempty"`  // of a blocked or expired step: another step of the run is the reason

	// The last attempt, as far as it is known.
	StartedAt time.Time `json:"started_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	Seconds   float64   `json:"seconds,omitempty"`        // how long it ran
	Queued    float64   `json:"queued_seconds,omitempty"` // how long Qlik Cloud had it in its queue before that

	id      string
	missing []string // of a pending or waiting step: the upstreams that it cannot start without, as the decision says
}

// StartView shows one attempt to reload a step's app.
type StartView struct {
	Step      string      `json:"step"`
	App       string      `json:"app"`
	Attempt   int         `json:"attempt"`
	Of        int         `json:"of"` // most attempts
	Phase     Phase       `json:"phase"`
	Reason    string      `json:"reason,omitempty"` // for the phase, in a sentence
	Causes    []Cause     `json:"causes,omitempty"` // none for a step at which the run begins
	DueAt     time.Time   `json:"due_at"`
	Reload    string      `json:"reload,omitempty"`
	StartedAt time.Time   `json:"started_at,omitzero"`
	EndedAt   time.Time   `json:"ended_at,omitzero"`
	Seconds   float64     `json:"seconds,omitempty"` // duration of the reload
	Status    qlik.Status `json:"status,omitempty"`

	Queued float64         `json:"queued_seconds,omitempty"` // how long Qlik Cloud had it in its queue
	Error  *chain.JobError `json:"error,omitempty"`          // why it failed
	Link   string          `json:"link,omitempty"`           // where to look in the tenant; empty unless its address is documented

	id     string // of the step
	parked bool   // it waits until the chain is resumed
}

// Runs returns runs, newest first: at most limit, or all if limit is 0. If before is not empty, it returns only runs that are older than
// that run. more reports whether there are older ones.
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

// Run returns a run, or nil if there is none with this id.
func (e *Engine) Run(ctx context.Context, id string) (*RunView, error) {
	w := &work{Engine: e, looks: true}
	record, c, err := w.runAndCycle(ctx, id)
	if err != nil || record == nil {
		return nil, err
	}
	return w.view(ctx, c, id)
}

// view returns the view of a run of a cycle.
func (w *work) view(ctx context.Context, c *cycle, id string) (*RunView, error) {
	items, err := w.Store.Query(ctx, Query{PK: runPK(id)})
	if err != nil {
		return nil, fmt.Errorf("reading the run %s from the chain's table: %w", id, err)
	}
	view := &RunView{
		RunRecord: c.runs[id].RunRecord, Timezone: w.Timezone(), CycleEnd: c.End, Starts: []StartView{}, Operations: []OperationRecord{},
	}
	var standings standingsDoc
	waiting, resumed, why := map[string]string{}, map[string]bool{}, map[string]*chain.JobError{}
	for i := range items {
		item := &items[i]
		switch {
		case strings.HasPrefix(item.SK, startPrefix):
			var s Start
			if err := decode(item, &s); err != nil {
				return nil, err
			}
			view.Starts = append(view.Starts, w.startView(c, &s))
			w.phase(c.state.Runs[id].Steps[s.Step], &s)
			if reason := s.waits(); reason != "" {
				waiting[s.Step] = reason
			}
			if w.waitsForResume(&s) {
				resumed[s.Step] = true
			}
		case strings.HasPrefix(item.SK, errorPrefix):
			why[strings.TrimPrefix(item.SK, errorPrefix)] = &chain.JobError{}
			if err := decode(item, why[strings.TrimPrefix(item.SK, errorPrefix)]); err != nil {
				return nil, err
			}
		case strings.HasPrefix(item.SK, operationPrefix):
			var o OperationRecord
			if err := decode(item, &o); err != nil {
				return nil, err
			}
			view.Operations = append(view.Operations, o)
		case strings.HasPrefix(item.SK, rerunPrefix):
			view.RepairedBy = append(view.RepairedBy, strings.TrimPrefix(item.SK, rerunPrefix))
		case strings.HasPrefix(item.SK, standingsPrefix): // adds to those of other items
			if err := decode(item, &standings); err != nil {
				return nil, err
			}
		}
	}
	for i := range view.Starts {
		s := &view.Starts[i]
		s.Error = cmp.Or(why[fmt.Sprintf("%s#%02d", s.id, s.Attempt)], s.Error)
	}
	if view.Status == "" || standings == nil { // not ended, or it has ended since its cycle was read: this shows it as it was then
		view.Steps = w.stepRecords(c, c.state.Runs[id])
		for i := range view.Steps {
			if reason, waits := waiting[view.Steps[i].id]; waits && view.Steps[i].Status == run.StatusUnderWay {
				view.Steps[i].Reason = reason
			}
			if resumed[view.Steps[i].id] && view.Steps[i].Status == run.StatusUnderWay {
				view.Steps[i].Reason += notBeforeResume
			}
		}
		sum := c.state.Summarize(c.state.Runs[id], w.rules())
		view.Status, view.Counts = sum.Status, countsOf(sum)
	} else {
		for step, s := range standings {
			s.id = step
			view.Steps = append(view.Steps, s)
		}
	}
	for i := range view.Steps {
		s := &view.Steps[i]
		s.ID = s.id
		if s.Status == run.StatusCanceled && slices.ContainsFunc(view.Starts, func(a StartView) bool { return a.id == s.id && a.Reload != "" }) {
			s.Reason = "was under way when the run was canceled"
		}
	}
	slices.SortFunc(view.Steps, func(a, b StepRecord) int { return cmp.Or(cmp.Compare(a.Step, b.Step), cmp.Compare(a.id, b.id)) })
	slices.SortFunc(view.Starts, func(a, b StartView) int {
		return cmp.Or(a.at().Compare(b.at()), cmp.Compare(a.Step, b.Step), cmp.Compare(a.Attempt, b.Attempt))
	})
	return view, nil
}

// phase adds to a step's facts what its start waits for. The decision does not need that.
func (w *work) phase(f *run.Facts, s *Start) {
	if f == nil || f.Start == nil || f.Result != nil || f.Start.Attempt != s.Attempt || s.Phase != PhaseWaiting {
		return
	}
	switch f.Start.DueAt = s.DueAt; {
	case s.Parked != 0:
		f.Start.Phase = run.PhaseParked
		f.Start.Reason, _ = strings.CutPrefix(s.Reason, parkedReason)
		if !strings.HasPrefix(s.Reason, parkedReason) {
			f.Start.Reason = ""
		}
	case s.Queued:
		f.Start.Phase = run.PhaseQueued
	case s.Tries == 0 && s.DueAt.After(w.Now()):
		f.Start.Phase = run.PhaseDelayed
	}
}

// stepRecords returns the status of a run's steps.
func (w *work) stepRecords(c *cycle, r *run.Run) []StepRecord {
	records := []StepRecord{}
	stands := c.state.EvaluateRun(w.rules(), r)
	explain, behind, missing := c.state.Explain(w.rules(), w.words()), c.state.Behind(w.rules(), r), c.state.Missing(w.rules(), r)
	blamed := map[string]bool{}
	for _, steps := range behind {
		for _, step := range steps {
			blamed[step] = true
		}
	}
	for _, id := range slices.Sorted(maps.Keys(stands)) {
		s := stands[id]
		record := StepRecord{
			Step: w.nameOf(id), App: id, Status: s.Status, Skip: s.Skip, Continued: s.Continued, Reason: explain(r, id), id: id,
		}
		if step, known := w.stepOf(id); known {
			record.App = step.App
		}
		for _, upstream := range missing[id] {
			record.missing = append(record.missing, w.nameOf(upstream))
		}
		if s.Status == run.StatusWaiting {
			record.WaitsFor = record.missing
		}
		record.Blocked, record.Blocks, record.Behind = len(behind[id]), w.some(behind[id]), stands[id].Skip != "" && blamed[id]
		if f := r.Steps[id]; f != nil && f.Result != nil {
			end := c.ends[startRef{Cycle: c.id, Run: r.ID, Step: id, Attempt: f.Result.Attempt}]
			record.StartedAt, record.EndedAt, record.Seconds, record.Queued = end.Started, end.Ended, end.Seconds, end.Queued
		}
		records = append(records, record)
	}
	return records
}

// How many names of blocked steps a record has, so that it stays small with the longest names.
const (
	maxBlocks     = 10
	maxBlocksSize = 1000 // bytes
)

// some returns the names of a few steps.
func (w *work) some(steps []string) []string {
	var names []string
	size := 0
	for _, step := range steps {
		name := w.nameOf(step)
		if size += len(name); len(names) == maxBlocks || size > maxBlocksSize {
			break
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// WaitsForSignal is the reason of a step that is under way until a signal comes from outside Qlik Cloud.
const WaitsForSignal = "waits for its signal"

// waits returns what a due attempt waits for, as the rest of a sentence about its step. It is empty if the facts give the reason, or if the
// attempt has a reload.
func (s *Start) waits() string {
	switch {
	case s.Phase == PhaseStarted && s.Target.Kind == chain.KindSignal && s.Canceled == nil:
		return WaitsForSignal
	case s.Phase == PhaseClaimed:
		return "is being started"
	case s.Phase == PhaseWaiting && s.Parked == 0 && !s.Queued && (s.Tries > 0 || s.Behind != ""):
		return "waits: " + s.Reason
	default:
		return ""
	}
}

// notBeforeResume ends the reason of an attempt that becomes due while the chain is paused.
const notBeforeResume = ", not before the paused chain is resumed"

// waitsForResume reports whether an attempt is not due yet, and will be parked then, unless the chain is resumed before.
func (w *work) waitsForResume(s *Start) bool {
	step, known := w.stepOf(s.Step)
	return w.paused() != nil && known && step.Enabled && // otherwise it is given up when it is due
		s.Phase == PhaseWaiting && s.Parked == 0 && !s.Queued && s.DueAt.After(w.Now()) &&
		!s.Unsure // otherwise Qlik Cloud is asked for its reload when it is due
}

// words returns the chain's words.
func (w *work) words() run.Words {
	return run.Words{
		Name: w.nameOf, Clock: func(t time.Time) string { return w.clock(t, w.Now()) },
		Removed: func(step string) bool { _, known := w.stepOf(step); return !known },
	}
}

// at returns when the attempt was started, or is due.
func (v *StartView) at() time.Time {
	if v.StartedAt.IsZero() {
		return v.DueAt
	}
	return v.StartedAt
}

func (w *work) startView(c *cycle, s *Start) StartView {
	v := StartView{
		Step: w.nameOf(s.Step), App: s.App, Attempt: s.Attempt, Of: s.Of, Phase: s.Phase, Reason: s.Reason, Causes: s.Causes, DueAt: s.DueAt,
		Reload: s.Reload, StartedAt: s.StartedAt, EndedAt: s.EndedAt, Link: targetURL(w.TenantURL, s.Target), id: s.Step,
		parked: s.Parked != 0 && s.Phase == PhaseWaiting,
	}
	if s.Phase == PhaseStarted && v.Reason == "" {
		v.Reason = s.waits()
	}
	if w.waitsForResume(s) {
		v.Reason = strings.TrimPrefix(v.Reason+notBeforeResume, ", ")
	}
	if end, ended := c.ends[s.ref()]; ended {
		if v.Reason == WaitsForSignal {
			v.Reason = ""
		}
		if v.Phase != PhaseRefused {
			v.Phase = PhaseEnded
		}
		v.EndedAt, v.Seconds, v.Queued, v.Status, v.Error = end.Ended, end.Seconds, end.Queued, end.Status, end.Error
		if end.Status != "" {
			v.Reload = cmp.Or(v.Reload, end.Reload)
		}
		v.Reason = cmp.Or(end.Reason, v.Reason)
		if why, canceled := strings.CutPrefix(v.Reason, beingCanceled); canceled {
			v.Reason = map[bool]string{true: "was canceled: ", false: "Qlik Cloud was asked to cancel it: "}[end.Status == qlik.StatusCanceled] + why
		}
	}
	return v
}
