// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// The tests are numbered as the table "What must be true" of the design of runs. All times are UTC; a cycle begins at 18:00.

// diary is a world and what the chain has asked Qlik Cloud for: "15:00 report".
type diary struct {
	*world
	read int // so many of the reloads were compared
}

func newDiary(t *testing.T, steps map[string]chain.Step) *diary {
	t.Helper()
	d := definition(steps)
	d.Timezone = "UTC"
	n := &diary{world: newWorld(t, 1, d)}
	n.clock.Advance(-time.Hour) // at 01:00
	return n
}

// next moves the clock to the next time of day, whatever timers there are on the way.
func (n *diary) next(clock string) {
	n.t.Helper()
	at, err := time.Parse("15:04", clock)
	if err != nil {
		n.t.Fatal(err)
	}
	now := n.clock.Now()
	to := time.Date(now.Year(), now.Month(), now.Day(), at.Hour(), at.Minute(), 0, 0, time.UTC)
	if !to.After(now) {
		to = to.AddDate(0, 0, 1)
	}
	for {
		due := n.nextDue()
		if due > to.Sub(n.clock.Now()) {
			break
		}
		n.nextTimer()
	}
	n.clock.Advance(to.Sub(n.clock.Now()))
}

// scheduled has a schedule come at a time of day: of a step, or of the chain.
func (n *diary) scheduled(clock, step string) {
	n.t.Helper()
	n.next(clock)
	n.schedule(step, 1)
	n.run(1)
}

// ended has a step's reload end at a time of day.
func (n *diary) ended(clock, step, status string) {
	n.t.Helper()
	n.next(clock)
	n.ends(step, status)
}

// byHand is another client's reload of a step, at a time of day.
func (n *diary) byHand(clock, step, status string) {
	n.t.Helper()
	n.next(clock)
	n.somebodyElse(step, status)
}

// asked compares what Qlik Cloud was asked for since the last time.
func (n *diary) asked(want ...string) {
	n.t.Helper()
	var got []string
	for _, r := range n.reloads[n.read:] {
		if r.Type == "external" {
			got = append(got, r.CreationTime.Format("15:04 ")+r.step)
		}
	}
	n.read = len(n.reloads)
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		n.t.Errorf("Qlik Cloud was asked for %q, want %q", got, want)
	}
}

// has compares how a step stands in the run with this number.
func (n *diary) has(number int, step, want string) {
	n.t.Helper()
	if got := n.stands(number, step); got != want {
		n.t.Errorf("%s in run %d is %q, want %q", step, number, got, want)
	}
}

func (n *diary) hasEnded(number int, want string) {
	n.t.Helper()
	if got := n.record(number).Status; string(got) != want {
		n.t.Errorf("the run %d is %q, want %q", number, got, want)
	}
}

// reportChain is extract → sales, hr → report.
func reportChain() map[string]chain.Step {
	return map[string]chain.Step{
		"extract": {}, "sales": {After: after("extract", "success")}, "hr": {After: after("extract", "success")},
		"report": {After: after("sales", "success", "hr", "success")},
	}
}

// goodNight plays a night of reportChain, from 02:00 on.
func (n *diary) goodNight() {
	n.t.Helper()
	n.scheduled("02:00", "extract")
	n.ended("02:10", "extract", "SUCCEEDED")
	n.ended("02:20", "sales", "SUCCEEDED")
	n.ended("02:30", "hr", "SUCCEEDED")
	n.ended("02:40", "report", "SUCCEEDED")
	n.asked("02:00 extract", "02:10 hr", "02:10 sales", "02:30 report")
}

func TestRow1ReloadByHandAfterTheNight(t *testing.T) {
	t.Parallel()
	n := newDiary(t, reportChain())
	n.goodNight()
	n.hasEnded(1, "succeeded")
	n.byHand("15:00", "hr", "SUCCEEDED")
	n.ended("15:10", "report", "SUCCEEDED")
	n.asked("15:00 report")
	n.goodNight()
}

// TestRow1bYesterdaysHR: also the first fault of the old joins. hr was reloaded by hand yesterday evening; tonight report starts once, with
// tonight's hr.
func TestRow1bYesterdaysHR(t *testing.T) {
	t.Parallel()
	n := newDiary(t, reportChain())
	n.byHand("18:30", "hr", "SUCCEEDED")
	n.has(1, "report", "waiting for sales")
	n.goodNight()
	n.has(1, "report", "continued in 2")
	n.hasEnded(1, "succeeded")

	// If tonight's hr fails, report does not start with the older one.
	n.byHand("18:30", "hr", "SUCCEEDED")
	n.scheduled("02:00", "extract")
	n.ended("02:10", "extract", "SUCCEEDED")
	n.ended("02:20", "hr", "FAILED")
	n.ended("02:30", "sales", "SUCCEEDED")
	n.asked("02:00 extract", "02:10 hr", "02:10 sales")
	n.has(4, "report", "skipped blocked")
	n.hasEnded(4, "failed")
}

func TestRow2FailureRepairedByHand(t *testing.T) {
	t.Parallel()
	n := newDiary(t, reportChain())
	n.scheduled("02:00", "extract")
	n.ended("02:10", "extract", "SUCCEEDED")
	n.ended("02:20", "hr", "FAILED")
	n.has(1, "report", "skipped blocked") // at once
	n.ended("02:30", "sales", "SUCCEEDED")
	n.hasEnded(1, "failed")
	n.asked("02:00 extract", "02:10 hr", "02:10 sales")
	n.byHand("15:00", "hr", "SUCCEEDED")
	n.asked("15:00 report")
}

func TestRow3RerunOfTheOrigin(t *testing.T) {
	t.Parallel()
	n := newDiary(t, reportChain())
	n.goodNight()
	n.next("07:00")
	n.rerun(t, n.record(1).ID, "extract", "1")
	n.ended("07:10", "extract", "SUCCEEDED")
	n.ended("07:20", "sales", "SUCCEEDED")
	n.ended("07:30", "hr", "SUCCEEDED")
	n.ended("07:40", "report", "SUCCEEDED")
	n.asked("07:00 extract", "07:10 hr", "07:10 sales", "07:30 report")
	n.hasEnded(2, "succeeded")
}

// TestRow4TwoSchedules: one of two extracts fails and is repaired at 15:00; the next night the join waits for that night's extract.
func TestRow4TwoSchedules(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{"sales": {}, "hr": {}, "transform": {After: after("sales", "success", "hr", "success")}})
	n.scheduled("02:00", "sales")
	n.ended("02:10", "sales", "SUCCEEDED")
	n.scheduled("02:40", "hr")
	n.ended("02:50", "hr", "FAILED")
	n.has(2, "transform", "skipped blocked")
	n.has(1, "transform", "continued in 2")
	n.byHand("15:00", "hr", "SUCCEEDED")
	n.ended("15:10", "transform", "SUCCEEDED")
	n.asked("02:00 sales", "02:40 hr", "15:00 transform")
	n.scheduled("02:00", "sales")
	n.ended("02:10", "sales", "SUCCEEDED")
	n.has(4, "transform", "waiting for hr")
	n.scheduled("02:40", "hr")
	n.ended("02:50", "hr", "SUCCEEDED")
	n.asked("02:00 sales", "02:40 hr", "02:50 transform")
}

func TestRow5CanceledThenByHand(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{"sales": {}, "hr": {}, "transform": {After: after("sales", "success", "hr", "success")}})
	n.scheduled("02:00", "sales")
	n.ended("02:10", "sales", "SUCCEEDED")
	n.next("02:20")
	n.cancel(t, n.record(1).ID)
	n.hasEnded(1, "canceled")
	n.byHand("09:00", "hr", "SUCCEEDED")
	n.has(2, "transform", "waiting for sales")
	n.byHand("09:10", "sales", "SUCCEEDED")
	n.asked("02:00 sales", "09:10 transform")
	n.has(2, "transform", "continued in 3")
}

func TestRow6TheChainsSchedule(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{"sales": {}, "hr": {}, "transform": {After: after("sales", "success", "hr", "success")}})
	n.scheduled("02:00", "")
	n.ended("02:10", "hr", "SUCCEEDED")
	n.has(1, "transform", "pending")
	n.ended("02:20", "sales", "SUCCEEDED")
	n.ended("02:30", "transform", "SUCCEEDED")
	n.asked("02:00 hr", "02:00 sales", "02:20 transform")
	n.hasEnded(1, "succeeded")
	if runs := n.runs(); len(runs) != 1 {
		t.Errorf("there are the runs %v", runs)
	}
}

func TestRow7BegunAgainBeforeItHasEnded(t *testing.T) {
	t.Parallel()
	n := newDiary(t, reportChain())
	n.scheduled("02:00", "extract")
	n.scheduled("02:05", "extract")
	n.ended("02:10", "extract", "SUCCEEDED")
	n.ended("02:15", "extract", "SUCCEEDED")
	n.ended("02:20", "sales", "SUCCEEDED") // of the first run, as those that end next
	n.ended("02:21", "hr", "SUCCEEDED")
	n.ended("02:22", "sales", "SUCCEEDED")
	n.ended("02:23", "hr", "SUCCEEDED")
	n.ended("02:30", "report", "SUCCEEDED")
	n.ended("02:31", "report", "SUCCEEDED")
	n.asked("02:00 extract", "02:05 extract", "02:10 hr", "02:10 sales", "02:15 hr", "02:15 sales", "02:21 report", "02:23 report")
	n.hasEnded(1, "succeeded")
	n.hasEnded(2, "succeeded")
}

// exclusive is x, then a or b, as a guard decides, then join.
func exclusive(waitFor chain.WaitFor) map[string]chain.Step {
	return map[string]chain.Step{
		"x": {}, "a": {After: after("x", "success"), When: "weekday == 2"}, "b": {After: after("x", "success"), When: "weekday != 2"},
		"join": {After: after("a", "success", "b", "success"), WaitFor: waitFor},
	}
}

func TestRow8ExclusiveBranches(t *testing.T) {
	t.Parallel()
	n := newDiary(t, exclusive("all_started"))
	n.scheduled("02:00", "") // on a Tuesday
	n.ended("02:10", "x", "SUCCEEDED")
	n.has(1, "b", "skipped guard")
	n.has(1, "join", "pending")
	n.ended("02:20", "a", "SUCCEEDED")
	n.ended("02:30", "join", "SUCCEEDED")
	n.asked("02:00 x", "02:10 a", "02:20 join")
	n.hasEnded(1, "succeeded")
}

func TestRow9ExclusiveBranchesUnderAll(t *testing.T) {
	t.Parallel()
	n := newDiary(t, exclusive("all"))
	n.scheduled("02:00", "")
	n.ended("02:10", "x", "SUCCEEDED")
	n.has(1, "join", "skipped not_needed") // at once
	n.ended("02:20", "a", "SUCCEEDED")
	n.hasEnded(1, "succeeded")
	n.asked("02:00 x", "02:10 a")
	if len(n.timers) > 0 {
		t.Errorf("something waits: %v", n.timers)
	}
}

// TestRow10ARunOverACyclesEnd belongs to the cycle in which it began, with the joins in it.
func TestRow10ARunOverACyclesEnd(t *testing.T) {
	t.Parallel()
	n := newDiary(t, reportChain())
	n.scheduled("17:50", "extract")
	n.ended("17:55", "extract", "SUCCEEDED")
	n.ended("17:58", "sales", "SUCCEEDED")
	n.next("18:00")
	n.ended("18:10", "hr", "SUCCEEDED")
	n.ended("18:20", "report", "SUCCEEDED")
	n.asked("17:50 extract", "17:55 hr", "17:55 sales", "18:10 report")
	n.hasEnded(1, "succeeded")
	if date := n.record(1).Date; date != "2026-11-24" {
		t.Errorf("it is of %s", date)
	}
	n.byHand("18:30", "hr", "SUCCEEDED") // of the next cycle
	n.has(2, "report", "waiting for sales")
	n.asked()
}

func TestRow11RefreshedFirst(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success", "a", "success")},
		"d": {After: after("b", "success", "c", "success")},
	})
	n.byHand("09:00", "c", "SUCCEEDED")
	n.has(1, "d", "waiting for b")
	n.byHand("10:00", "b", "SUCCEEDED")
	n.has(2, "c", "waiting for a")
	n.has(2, "d", "pending")
	n.has(1, "d", "waiting for b")
	n.asked()
}

func TestRow12RepairedBeforeTheOtherEnds(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{"sales": {}, "hr": {}, "report": {After: after("sales", "success", "hr", "success")}})
	n.scheduled("02:00", "sales")
	n.scheduled("02:01", "hr")
	n.ended("02:20", "hr", "FAILED")
	n.byHand("03:00", "hr", "SUCCEEDED")
	n.has(3, "report", "waiting for sales")
	n.ended("04:00", "sales", "SUCCEEDED")
	n.asked("02:00 sales", "02:01 hr", "04:00 report")
	n.has(3, "report", "continued in 1")
	n.hasEnded(3, "succeeded")
}

func TestRow13DashStartsOnce(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{
		"sales": {}, "hr": {}, "h_mart": {After: after("hr", "success")}, "report": {After: after("sales", "success", "hr", "success")},
		"dash": {After: after("report", "success", "h_mart", "success")},
	})
	n.scheduled("02:00", "sales")
	n.scheduled("02:01", "hr")
	n.ended("02:10", "hr", "SUCCEEDED")
	n.ended("02:20", "sales", "SUCCEEDED")
	n.ended("02:30", "report", "SUCCEEDED")
	n.ended("02:40", "h_mart", "SUCCEEDED")
	n.ended("02:50", "dash", "SUCCEEDED")
	n.asked("02:00 sales", "02:01 hr", "02:10 h_mart", "02:20 report", "02:40 dash")
	n.hasEnded(1, "succeeded")
	n.hasEnded(2, "succeeded")
}

// TestRow14RerunOfMonthEnd: on the 3rd, a rerun in the cycle of the 1st.
func TestRow14RerunOfMonthEnd(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{"a": {}, "month_end": {After: after("a", "success"), When: "day == 1"}})
	n.clock.Advance(7 * 24 * time.Hour) // to 1 December
	n.scheduled("02:00", "a")
	n.ended("02:10", "a", "SUCCEEDED")
	n.ended("02:20", "month_end", "FAILED")
	n.clock.Advance(2 * 24 * time.Hour)
	n.next("09:00")
	if r := n.rerun(t, n.record(1).ID, "a", "1"); r.Outcome != engine.OutcomeStarted {
		t.Fatalf("the rerun: %+v", r)
	}
	n.ended("09:10", "a", "SUCCEEDED")
	n.asked("02:00 a", "02:10 month_end", "09:00 a", "09:10 month_end")
	if r := n.record(2); r.Date != "2026-12-01" {
		t.Errorf("the rerun is of %s", r.Date)
	}
	n.ended("09:20", "month_end", "FAILED")
	n.next("09:30")
	if r := n.rerun(t, n.record(2).ID, "", "2"); !slices.Equal(startedSteps(r), []string{"month_end"}) {
		t.Errorf("the rerun of what failed: %+v", r)
	}
}
