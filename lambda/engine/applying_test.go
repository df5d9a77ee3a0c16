// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// apply changes the steps of the chain's definition.
func (w *world) apply(edit func(steps map[string]chain.Step)) {
	d := *w.index.Definition()
	steps := map[string]chain.Step{}
	for name, s := range d.Steps {
		steps[name] = s
	}
	edit(steps)
	d.Steps = steps
	w.index = chain.NewIndex(&d)
}

func set(name string, edit func(s *chain.Step)) func(steps map[string]chain.Step) {
	return func(steps map[string]chain.Step) {
		s := steps[name]
		edit(&s)
		steps[name] = s
	}
}

func disable(name string) func(steps map[string]chain.Step) {
	return set(name, func(s *chain.Step) { s.Enabled = false })
}

// TestApplyWhileAStartWaits: a is reloaded; b waits for its delay, for a further attempt, behind another client's reload, or for the end of
// a pause, when the chain is changed. c comes after b.
func TestApplyWhileAStartWaits(t *testing.T) {
	t.Parallel()
	delayed := map[string]chain.Step{"a": {}, "b": {After: after("a", "success"), Delay: chain.Duration(time.Hour)},
		"c": {After: after("b", "success")}}
	retried := map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success"), Retry: &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Hour)}},
		"c": {After: after("b", "success")},
	}
	plain := map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}}
	fails := func(t *testing.T, w *world) { t.Helper(); w.ends("b", "FAILED") }
	tests := map[string]struct {
		steps  map[string]chain.Step
		before func(t *testing.T, w *world) // a ends
		then   func(t *testing.T, w *world) // after a has ended
		edit   func(steps map[string]chain.Step)
		later  func(t *testing.T, w *world)
		want   []string
		status string
		b, c   string
	}{
		"disabled during its delay": {steps: delayed, edit: disable("b"), want: []string{"a #1"}, status: "succeeded", b: "skipped disabled",
			c: "skipped not_needed"},
		"enabled again during its delay": {
			steps: delayed, edit: disable("b"), later: func(_ *testing.T, w *world) { w.apply(set("b", func(s *chain.Step) { s.Enabled = true })) },
			want: []string{"a #1", "b #1", "c #1"}, status: "succeeded", b: "succeeded", c: "succeeded",
		},
		"removed during its delay": {
			steps: delayed, edit: func(steps map[string]chain.Step) { delete(steps, "b"); c := steps["c"]; c.After = nil; steps["c"] = c },
			want: []string{"a #1"}, status: "succeeded", b: "skipped disabled", c: "skipped not_needed",
		},
		"its delay is longer now": {
			steps: delayed, edit: set("b", func(s *chain.Step) { s.Delay = chain.Duration(5 * time.Hour) }),
			want: []string{"a #1", "b #1", "c #1"}, status: "succeeded", b: "succeeded", c: "succeeded",
		},
		"its guard is false now": { // it was asked when it came due
			steps: delayed, edit: set("b", func(s *chain.Step) { s.When = never }),
			want: []string{"a #1", "b #1", "c #1"}, status: "succeeded", b: "succeeded", c: "succeeded",
		},
		"the guard after it is false now": {
			steps: delayed, edit: set("c", func(s *chain.Step) { s.When = never }),
			want: []string{"a #1", "b #1"}, status: "succeeded", b: "succeeded", c: "skipped guard",
		},
		"another step comes after it now": {
			steps: delayed, edit: func(steps map[string]chain.Step) {
				steps["d"] = chain.Step{App: "80c6f35f-c9d7-4488-bb5a-00000000000d", Enabled: true, After: after("b", "success")}
			},
			want: []string{"a #1", "b #1", "c #1"}, status: "succeeded", b: "succeeded", c: "succeeded",
		},
		"disabled before its further attempt": {
			steps: retried, then: fails, edit: disable("b"), want: []string{"a #1", "b #1"}, status: "failed", b: "failed", c: "skipped blocked",
		},
		"no further attempt is allowed now": { // it was promised
			steps: retried, then: fails, edit: set("b", func(s *chain.Step) { s.Retry = nil }),
			want: []string{"a #1", "b #1", "b #2", "c #1"}, status: "succeeded", b: "succeeded", c: "succeeded",
		},
		"disabled while it is paused": {
			steps: plain, before: func(t *testing.T, w *world) { t.Helper(); w.pause(t) }, edit: disable("b"),
			later: func(t *testing.T, w *world) { t.Helper(); w.resume(t) },
			want:  []string{"a #1"}, status: "succeeded", b: "skipped disabled", c: "skipped not_needed",
		},
		"disabled while its reload runs": { // it goes on
			steps: plain, edit: disable("b"), want: []string{"a #1", "b #1", "c #1"}, status: "succeeded", b: "succeeded", c: "succeeded",
		},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, definition(tt.steps))
			if tt.before != nil {
				tt.before(t, w)
			}
			w.somebodyElse("a", "SUCCEEDED")
			if tt.then != nil {
				tt.then(t, w)
			}
			w.apply(tt.edit)
			w.clock.Advance(time.Minute)
			if tt.later != nil {
				tt.later(t, w)
			}
			w.play(2, 2)
			if got := w.made(); !slices.Equal(got, tt.want) {
				t.Errorf("the reloads are %v, want %v", got, tt.want)
			}
			if got := w.record(1).Status; string(got) != tt.status {
				t.Errorf("the run is %s, want %s", got, tt.status)
			}
			if b, c := w.stands(1, "b"), w.stands(1, "c"); b != tt.b || c != tt.c {
				t.Errorf("b is %s, c is %s, want %s and %s", b, c, tt.b, tt.c)
			}
			if unfinished := w.unfinished(); len(unfinished) > 0 {
				t.Errorf("this has come to no end: %v", unfinished)
			}
		})
	}
}
