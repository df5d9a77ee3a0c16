// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"maps"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// monthly is sales, budget → report, where report carries the budget over, and other → mart beside them.
func monthly() *chain.Definition {
	return definition(map[string]chain.Step{
		"sales": {}, "budget": {}, "other": {}, "mart": {After: after("other", "success")},
		"report": {After: after("sales", "success", "budget", "success"),
			CarryOver: map[string]chain.Duration{"budget": chain.Duration(35 * 24 * time.Hour)}},
	})
}

// TestCarryOverOfAnAppThatCannotBeListed: the credentials may not see the app, or it is gone. The chain goes on with everything else.
func TestCarryOverOfAnAppThatCannotBeListed(t *testing.T) {
	t.Parallel()
	for _, status := range []int{403, 404} {
		w := newWorld(t, 1, monthly())
		budget := w.index.Definition().Steps["budget"].App
		w.listing = func(app string) error {
			if app == budget {
				return answer(status, "")
			}
			return nil
		}
		w.begin("other")
		w.begin("sales")
		for _, r := range w.active() {
			w.end(r, 1)
		}
		for range 4 {
			w.run(1)
		}
		if w.count("mart") != 1 || w.stands(2, "report") == "not covered" {
			t.Errorf("%d: the reloads are %v; %d executions failed", status, w.made(), w.cut)
			continue
		}
		w.listing = nil // the right is given
		w.begin("budget")
		w.ends("budget", "SUCCEEDED")
		if w.count("report") != 1 {
			t.Errorf("%d: after budget the reloads are %v", status, w.made())
		}
	}
}

// TestCarryOverWhileQlikDoesNotAnswer: what needs no carried result goes on; what does waits, and starts when Qlik Cloud answers.
func TestCarryOverWhileQlikDoesNotAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, monthly())
	w.begin("budget")
	w.drop(t, "budget") // before the chain was deployed
	w.clock.Advance(7 * 24 * time.Hour)
	w.listing = func(string) error { return answer(503, "") }
	w.somebodyElse("other", "SUCCEEDED")
	w.ends("mart", "SUCCEEDED")
	w.somebodyElse("sales", "SUCCEEDED")
	if got := w.count("report"); got != 0 {
		t.Fatalf("report was started %d times", got)
	}
	w.listing = nil
	for range 3 {
		if w.nextDue() < 10*time.Minute {
			w.nextTimer()
		}
	}
	if w.count("report") != 1 {
		t.Errorf("10 minutes after Qlik Cloud answers again report is %q: %s", w.stands(2, "report"), w.reason(2, "report"))
	}
}

// TestCarryOverFirstAskedAtTheSameMoment: two executions ask Qlik Cloud for what was before the chain was deployed. While the first one
// waits for the answer the other one writes a new result. That stays.
func TestCarryOverFirstAskedAtTheSameMoment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, monthly())
	w.begin("budget")
	w.begin("sales")
	budget := w.index.Definition().Steps["budget"].App
	var asked atomic.Bool
	w.listed = func(app string) {
		if app == budget && !asked.Swap(true) {
			w.ends("budget", "SUCCEEDED")
		}
	}
	w.ends("sales", "FAILED")
	w.clock.Advance(24 * time.Hour)
	w.somebodyElse("sales", "SUCCEEDED")
	if w.count("report") != 1 {
		t.Errorf("the day after, report is %q: %s", w.stands(3, "report"), w.reason(3, "report"))
	}
}

// TestRerunOfAnEarlierNightWithWhatItCarriedOver: budget comes in the morning of the next cycle; then the night before is rerun.
func TestRerunOfAnEarlierNightWithWhatItCarriedOver(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, monthly())
	w.somebodyElse("budget", "SUCCEEDED")
	w.clock.Advance(24 * time.Hour)
	w.somebodyElse("sales", "SUCCEEDED")
	w.ends("report", "FAILED")
	w.clock.Advance(24 * time.Hour)
	w.somebodyElse("budget", "SUCCEEDED")
	w.clock.Advance(time.Hour)
	w.rerun(t, w.record(2).ID, "sales", "1")
	w.ends("sales", "SUCCEEDED")
	w.play(1, 1)
	if got := w.made(); !slices.Contains(got, "report #2") {
		t.Errorf("the reloads are %v; report is %q in the rerun: %s", got, w.stands(4, "report"), w.reason(4, "report"))
	}
}

// TestCarryOverOfTheDayOfTheFirstDeployment: budget was reloaded in the morning, and the chain is deployed at noon.
func TestCarryOverOfTheDayOfTheFirstDeployment(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, monthly())
	w.begin("budget")
	w.drop(t, "budget")
	w.clock.Advance(4 * time.Hour)
	w.somebodyElse("sales", "SUCCEEDED")
	if w.count("report") != 1 {
		t.Errorf("report is %q: %s", w.stands(1, "report"), w.reason(1, "report"))
	}
}

// TestCarryOverOfAnEndThatIsBeingTold: what has ended in this moment is left to its event, so that report does not start once with each.
func TestCarryOverOfAnEndThatIsBeingTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, monthly())
	w.begin("budget")
	budget := w.drop(t, "budget")
	w.somebodyElse("sales", "SUCCEEDED")
	if _, err := w.handle(string(w.eventOf(budget, 1).body)); err != nil {
		t.Fatal(err)
	}
	if w.count("report") != 1 {
		t.Errorf("report was started %d times", w.count("report"))
	}
}

// TestALookAsksNothing: while Qlik Cloud does not answer, a user who looks at runs does not wait for it, and changes nothing in the table.
func TestALookAsksNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, monthly())
	asked := 0
	w.listing = func(string) error { asked++; return answer(503, "") }
	w.somebodyElse("sales", "SUCCEEDED")
	if asked == 0 {
		t.Fatal("the last reload of budget was not asked for")
	}
	before, items := asked, w.store.Items()
	e := w.engine(w.execution())
	if view, err := e.Run(t.Context(), w.record(1).ID); err != nil || view.Status != "waiting" {
		t.Errorf("Run() = %+v, %v", view, err)
	}
	if _, _, err := e.ListRuns(t.Context(), engine.RunFilter{Limit: 5}); err != nil {
		t.Error(err)
	}
	if _, err := e.Picture(t.Context(), engine.PictureLatest, ""); err != nil {
		t.Error(err)
	}
	if asked != before || !maps.Equal(w.store.Items(), items) {
		t.Errorf("looks have asked Qlik Cloud %d times, or changed the table", asked-before)
	}
}
