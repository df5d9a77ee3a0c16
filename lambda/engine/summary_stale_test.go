// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// failedNight is a night in which b, between a and c, has failed at 02:10.
func failedNight(t *testing.T, before func(w *world)) *world {
	t.Helper()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}})
	d.Timezone, d.SummaryAt = "UTC", "07:00"
	w := newWorld(t, 1, d)
	w.notices = &sentNotices{}
	w.clock.Advance(w.at(2, 0).Sub(w.clock.Now()))
	w.somebodyElse("a", "SUCCEEDED")
	before(w)
	w.clock.Advance(w.at(2, 10).Sub(w.clock.Now()))
	w.ends("b", "FAILED")
	w.clock.Advance(time.Hour)
	return w
}

// summary is the summary of the morning after.
func (w *world) summary(t *testing.T) engine.Notice {
	t.Helper()
	w.summarize(t, w.at(7, 0))
	return w.notices.notices[len(w.notices.notices)-1]
}

// TestWhatWasDoneBeforeTheFailureRepairsNothing: c has run alone before b failed, with the data of the day before.
func TestWhatWasDoneBeforeTheFailureRepairsNothing(t *testing.T) {
	t.Parallel()
	early := func(w *world) {
		w.clock.Advance(time.Minute)
		w.beginAlone(t, "c")
		w.ends("c", "SUCCEEDED")
	}
	w := failedNight(t, early)
	n := w.summary(t)
	if len(n.Failed) != 1 || n.Failed[0].Step != "b" || n.Failed[0].Blocked != 1 || len(n.Failed[0].Blocks) != 1 {
		t.Errorf("the failure of b is %+v", n.Failed)
	}

	w = failedNight(t, early)
	w.beginAlone(t, "b")
	w.ends("b", "SUCCEEDED")
	n = w.summary(t)
	left := ""
	for _, u := range n.Steps {
		if u.Step == "c" {
			left = u.Reason
		}
	}
	if n.Summary.Failed != 1 || n.Summary.Repaired != 0 || left != "is blocked: b failed; no run has repeated it" {
		t.Errorf("c is left %q: %+v, %+v", left, n.Summary, n.Steps)
	}
}

// TestRepairedUnderAnotherName: results belong to the app, not to the step's name.
func TestRepairedUnderAnotherName(t *testing.T) {
	t.Parallel()
	rename := func(w *world, names map[string]string) {
		d := *w.index.Definition()
		steps := d.Steps
		d.Steps = map[string]chain.Step{}
		for name, s := range steps {
			upstreams := map[string]chain.Condition{}
			for upstream, condition := range s.After {
				upstreams[names[upstream]] = condition
			}
			if s.After = upstreams; len(upstreams) == 0 {
				s.After = nil
			}
			d.Steps[names[name]] = s
		}
		w.index = chain.NewIndex(&d)
		for _, r := range w.reloads {
			r.step = names[r.step]
		}
	}
	w := failedNight(t, func(*world) {})
	rename(w, map[string]string{"a": "a", "b": "beta", "c": "c"})
	w.rerun(t, w.firstRunID(), "", "rerun")
	w.play(1, 1)
	if n := w.summary(t); n.Summary.Repaired != 1 || n.Summary.Failed != 0 || len(n.Failed) != 0 {
		t.Errorf("b is repaired as beta: %+v, %+v", n.Summary, n.Failed)
	}

	w = failedNight(t, func(*world) {})
	rename(w, map[string]string{"a": "b", "b": "a", "c": "c"})
	w.beginAlone(t, "b")
	w.ends("b", "SUCCEEDED")
	if n := w.summary(t); n.Summary.Repaired != 0 || n.Summary.Failed != 1 || len(n.Failed) != 1 {
		t.Errorf("another step with the name of b has succeeded: %+v, %+v", n.Summary, n.Failed)
	}
}
