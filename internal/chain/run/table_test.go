// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

const success, failure, canceled = chain.OutcomeSuccess, chain.OutcomeFailure, chain.OutcomeCanceled

// rules are the rules of a test: all steps are enabled, guards are true, and nothing is delayed or retried, but for what is said here.
type rules struct {
	disabled, refuses map[string]bool
	broken            map[string]error // of guards that cannot be asked
	delay, retry      map[string]time.Duration
	attempts          map[string]int
	running           int
	nothing           map[string]bool // the steps that start nothing
	perHour           map[string]int
	overlap           map[string]run.Overlap
	longest           map[string]time.Duration
	then              run.OnExceeded
}

func (r rules) MaxRunning() int                     { return r.running }
func (r rules) StartsNothing(step string) bool      { return r.nothing[step] }
func (r rules) MaxStartsPerHour(step string) int    { return r.perHour[step] }
func (r rules) Overlap(schedule string) run.Overlap { return r.overlap[schedule] }
func (r rules) MaxDuration(step string) (time.Duration, run.OnExceeded) {
	return r.longest[step], r.then
}

func (r rules) Enabled(step string) bool { return !r.disabled[step] }
func (r rules) Guard(_ *run.State, _ *run.Run, step string, _ []run.Use) (bool, string, error) {
	return !r.refuses[step], "its guard is false", r.broken[step]
}
func (r rules) Delay(step string) time.Duration { return r.delay[step] }
func (r rules) Retry(step string, attempt int, _ run.Result) (bool, time.Duration) {
	return attempt < r.attempts[step], r.retry[step]
}

// shape reads "report: sales, hr; fallback: report=failure; join: all_started a, b".
func shape(text string) run.Shape {
	s := run.Shape{}
	for entry := range strings.SplitSeq(text, ";") {
		step, conditions, _ := strings.Cut(strings.TrimSpace(entry), ":")
		waits := run.Waits{After: map[string]chain.Condition{}, For: run.WaitForAll}
		if kind, rest, found := strings.Cut(strings.TrimSpace(conditions), " "); found && !strings.HasSuffix(kind, ",") {
			waits.For, conditions = run.WaitFor(kind), rest
		}
		for upstream := range strings.SplitSeq(conditions, ",") {
			name, condition, named := strings.Cut(strings.TrimSpace(upstream), "=")
			if name == "" {
				continue
			}
			if !named {
				condition = "success"
			}
			waits.After[name] = chain.Condition(condition)
			if _, known := s[name]; !known {
				s[name] = run.Waits{}
			}
		}
		s[step] = waits
	}
	return s
}

// night plays events on one chain, and writes down what is started.
type night struct {
	t       *testing.T
	shape   run.Shape
	rules   rules
	state   run.State
	log     []string // "15:00 report in R2"
	reloads int
}

// at is a time of the cycle of 18:00 on 1 June to 18:00 on 2 June.
func at(clock string) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	day := 2
	if t.Hour() >= 18 {
		day = 1
	}
	return time.Date(2026, 6, day, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

func newNight(t *testing.T, text string, r rules) *night {
	t.Helper()
	return &night{t: t, shape: shape(text), rules: r, state: run.State{Begin: at("18:00"), End: at("18:00").Add(24 * time.Hour)}}
}

func (n *night) take(clock string, event run.Event) {
	n.t.Helper()
	for _, effect := range run.Decide(&n.state, n.rules, at(clock), event) {
		if effect.Kind == run.EffectRequest {
			n.log = append(n.log, fmt.Sprintf("%s %s in %s", clock, effect.Step, effect.Run))
		}
	}
	// What has happened changes nothing when it happens again.
	before := fmt.Sprint(n.statuses())
	if effects := run.Decide(&n.state, n.rules, at(clock), event); len(effects) > 0 || fmt.Sprint(n.statuses()) != before {
		n.t.Fatalf("%s: %T again: %v, %v", clock, event, effects, n.statuses())
	}
}

// begin begins a run of the chain's schedule, of a step's own, or of a POST.
func (n *night) begin(clock, id string, origins ...string) {
	n.t.Helper()
	n.take(clock, run.Began{Run: run.Run{ID: id, At: at(clock), Origins: origins, Shape: n.shape}})
}

// ends ends a step of a run: its reload began a minute ago.
func (n *night) ends(clock, id, step string, outcome chain.Outcome) {
	n.t.Helper()
	n.reloads++
	n.take(clock, run.Ended{Result: run.Result{
		Step: step, Run: id, Reload: fmt.Sprintf("r%03d", n.reloads), Outcome: outcome, Attempt: n.state.Runs[id].Steps[step].Start.Attempt,
		Started: at(clock).Add(-time.Minute), Ended: at(clock),
	}})
}

// byHand is a reload by hand, of a minute.
func (n *night) byHand(clock, id, step string, outcome chain.Outcome) {
	n.t.Helper()
	n.reloads++
	n.take(clock, run.Reloaded{
		Run: run.Run{ID: id, At: at(clock).Add(-time.Minute), Origins: []string{step}, Shape: n.shape, ByHand: true},
		Result: run.Result{
			Step: step, Reload: fmt.Sprintf("r%03d", n.reloads), Outcome: outcome, Attempt: 1, Started: at(clock).Add(-time.Minute),
			Ended: at(clock),
		},
	})
}

func (n *night) statuses() map[string]map[string]run.Standing { return n.state.Evaluate(n.rules) }

// started compares what was started with what is right; it forgets what it compared.
func (n *night) started(want ...string) {
	n.t.Helper()
	slices.Sort(want)
	slices.Sort(n.log)
	if !slices.Equal(n.log, want) {
		n.t.Errorf("started %q, want %q", n.log, want)
	}
	n.log = nil
}

// stands compares how a step stands in a run: "waiting for sales", "skipped blocked", "continued in R2".
func (n *night) stands(id, step, want string) {
	n.t.Helper()
	s := n.statuses()[id][step]
	have := string(s.Status)
	switch s.Status {
	case run.StatusWaiting:
		have += " for " + strings.Join(s.Waits, ", ")
	case run.StatusSkipped:
		have += " " + string(s.Skip)
	case run.StatusContinued:
		have += " in " + s.Continued
	default:
	}
	if have != want {
		n.t.Errorf("%s in %s is %q, want %q", step, id, have, want)
	}
}

func (n *night) ended(id string, want run.Status) {
	n.t.Helper()
	if have := n.state.Runs[id].Ended; have != want {
		n.t.Errorf("the run %s has ended %q, want %q", id, have, want)
	}
}

const report = "sales: extract; hr: extract; report: sales, hr"

// theNight is a good night of the chain report.
func theNight(t *testing.T) *night {
	t.Helper()
	n := newNight(t, report, rules{})
	n.begin("02:00", "N", "extract")
	n.ends("02:10", "N", "extract", success)
	n.ends("02:20", "N", "sales", success)
	n.ends("02:30", "N", "hr", success)
	n.ends("02:40", "N", "report", success)
	n.started("02:00 extract in N", "02:10 hr in N", "02:10 sales in N", "02:30 report in N")
	n.ended("N", run.StatusSucceeded)
	return n
}

// The tests are numbered as the table "What must be true" of the design of runs.
func Test01ReloadByHandAfterTheNight(t *testing.T) {
	t.Parallel()
	n := theNight(t)
	n.byHand("15:00", "H", "hr", success)
	n.started("15:00 report in H")
}

func Test01bReloadByHandBeforeTheNight(t *testing.T) {
	t.Parallel()
	n := newNight(t, report, rules{})
	n.byHand("18:30", "H", "hr", success)
	n.stands("H", "report", "waiting for sales")
	n.begin("02:00", "N", "extract")
	n.ends("02:10", "N", "extract", success)
	n.ends("02:20", "N", "sales", success)
	n.stands("H", "report", "waiting for sales")
	n.ends("02:30", "N", "hr", success)
	n.started("02:00 extract in N", "02:10 hr in N", "02:10 sales in N", "02:30 report in N")
	n.stands("H", "report", "continued in N")
	n.ended("H", run.StatusSucceeded)
}

func Test02FailureAtNightRepairedByHand(t *testing.T) {
	t.Parallel()
	n := newNight(t, report, rules{})
	n.begin("02:00", "N", "extract")
	n.ends("02:10", "N", "extract", success)
	n.ends("02:20", "N", "hr", failure)
	n.stands("N", "report", "skipped blocked")
	n.ends("02:30", "N", "sales", success)
	n.ended("N", run.StatusFailed)
	n.started("02:00 extract in N", "02:10 hr in N", "02:10 sales in N")
	n.byHand("15:00", "H", "hr", success)
	n.started("15:00 report in H")
}

func Test03Rerun(t *testing.T) {
	t.Parallel()
	n := theNight(t)
	n.begin("07:00", "M", "extract")
	n.ends("07:10", "M", "extract", success)
	n.ends("07:20", "M", "sales", success)
	n.ends("07:30", "M", "hr", success)
	n.started("07:00 extract in M", "07:10 hr in M", "07:10 sales in M", "07:30 report in M")
}

func Test04TwoSchedules(t *testing.T) {
	t.Parallel()
	n := newNight(t, "transform: sales, hr", rules{})
	n.begin("02:00", "S", "sales")
	n.ends("02:10", "S", "sales", success)
	n.stands("S", "transform", "waiting for hr")
	n.begin("02:40", "H", "hr")
	n.ends("02:50", "H", "hr", failure)
	n.stands("H", "transform", "skipped blocked")
	n.stands("S", "transform", "continued in H")
	n.byHand("15:00", "R", "hr", success)
	n.started("02:00 sales in S", "02:40 hr in H", "15:00 transform in R")
}

func Test05CanceledThenByHand(t *testing.T) {
	t.Parallel()
	n := newNight(t, "transform: sales, hr", rules{})
	n.begin("02:00", "S", "sales")
	n.ends("02:10", "S", "sales", success)
	n.take("02:20", run.Canceled{Run: "S"})
	n.ended("S", run.StatusCanceled)
	n.byHand("09:00", "A", "hr", success)
	n.stands("A", "transform", "waiting for sales")
	n.byHand("09:10", "B", "sales", success)
	n.started("02:00 sales in S", "09:10 transform in B")
	n.stands("A", "transform", "continued in B")
}

func Test06TheChainsSchedule(t *testing.T) {
	t.Parallel()
	n := newNight(t, "transform: sales, hr", rules{})
	n.begin("02:00", "N", "sales", "hr")
	n.ends("02:10", "N", "hr", success)
	n.stands("N", "transform", "pending")
	n.ends("02:20", "N", "sales", success)
	n.started("02:00 hr in N", "02:00 sales in N", "02:20 transform in N")
}

func Test07BegunAgain(t *testing.T) {
	t.Parallel()
	n := newNight(t, report, rules{})
	n.begin("02:00", "N", "extract")
	n.begin("02:05", "M", "extract")
	n.ends("02:10", "N", "extract", success)
	n.ends("02:15", "M", "extract", success)
	n.ends("02:20", "N", "sales", success)
	n.ends("02:21", "M", "hr", success)
	n.stands("N", "report", "pending")
	n.ends("02:22", "M", "sales", success)
	n.ends("02:23", "N", "hr", success)
	n.started("02:00 extract in N", "02:05 extract in M", "02:10 hr in N", "02:10 sales in N", "02:15 hr in M", "02:15 sales in M",
		"02:22 report in M", "02:23 report in N")
}

func Test08ExclusiveBranches(t *testing.T) {
	t.Parallel()
	n := newNight(t, "a: x; b: x; join: all_started a, b", rules{refuses: map[string]bool{"b": true}})
	n.begin("02:00", "N", "x")
	n.ends("02:10", "N", "x", success)
	n.stands("N", "b", "skipped guard")
	n.stands("N", "join", "pending")
	n.ends("02:20", "N", "a", success)
	n.started("02:00 x in N", "02:10 a in N", "02:20 join in N")
}

func Test09ExclusiveBranchesUnderAll(t *testing.T) {
	t.Parallel()
	n := newNight(t, "a: x; b: x; join: a, b", rules{refuses: map[string]bool{"b": true}})
	n.begin("02:00", "N", "x")
	n.ends("02:10", "N", "x", success)
	n.stands("N", "join", "skipped not_needed")
	n.ends("02:20", "N", "a", success)
	n.ended("N", run.StatusSucceeded)
}

func Test11RefreshedFirst(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; c: b, a; d: b, c", rules{})
	n.byHand("09:00", "C", "c", success)
	n.stands("C", "d", "waiting for b")
	n.byHand("10:00", "B", "b", success)
	n.stands("B", "c", "waiting for a")
	n.stands("B", "d", "pending")
	n.stands("C", "d", "waiting for b")
	n.started()
}

func Test12RepairedBeforeTheOtherEnds(t *testing.T) {
	t.Parallel()
	n := newNight(t, "report: sales, hr", rules{})
	n.begin("02:00", "S", "sales")
	n.begin("02:00", "H", "hr")
	n.ends("02:20", "H", "hr", failure)
	n.byHand("03:00", "R", "hr", success)
	n.stands("R", "report", "waiting for sales")
	n.ends("04:00", "S", "sales", success)
	n.started("02:00 sales in S", "02:00 hr in H", "04:00 report in S")
	n.stands("R", "report", "continued in S")
	n.ended("R", run.StatusSucceeded)
}

func Test13DashStartsOnce(t *testing.T) {
	t.Parallel()
	n := newNight(t, "h_mart: hr; report: sales, hr; dash: report, h_mart", rules{})
	n.begin("02:00", "S", "sales")
	n.begin("02:00", "H", "hr")
	n.ends("02:10", "H", "hr", success)
	n.ends("02:20", "S", "sales", success)
	n.ends("02:30", "S", "report", success)
	n.ends("02:40", "H", "h_mart", success)
	n.started("02:00 sales in S", "02:00 hr in H", "02:10 h_mart in H", "02:20 report in S", "02:40 dash in H")
	n.ends("02:50", "H", "dash", success)
	n.ended("S", run.StatusSucceeded)
	n.ended("H", run.StatusSucceeded)
}

// reason compares why a step was passed over in a run.
func (n *night) reason(id, step, want string) {
	n.t.Helper()
	if f := n.state.Runs[id].Steps[step]; f == nil || f.Reason != want {
		n.t.Errorf("%s in %s was passed over: %v, want %q", step, id, f, want)
	}
}
