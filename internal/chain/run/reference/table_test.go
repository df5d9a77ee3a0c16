// SPDX-License-Identifier: MPL-2.0

package reference

import (
	"fmt"
	"sort"
	"strings"
	"testing"
)

// night plays events against a model and notes the starts that it requests.
type night struct {
	t       *testing.T
	m       *Model
	clock   int64
	started []string
}

func play(t *testing.T, steps ...Step) *night {
	return &night{t: t, m: New(steps)}
}

func step(name, waitFor string, after ...string) Step {
	s := Step{Name: name, WaitFor: waitFor}
	for _, a := range after {
		from, on, named := strings.Cut(a, ":")
		if !named {
			on = Success
		}
		s.After = append(s.After, Link{From: from, On: on})
	}
	return s
}

func (n *night) note(requests []Request) {
	for _, r := range requests {
		n.started = append(n.started, r.Run+"/"+r.Step)
	}
}

func (n *night) begin(run, cycle string, origins ...string) {
	n.clock++
	n.note(n.m.Begin(Run{ID: run, Cycle: cycle, Begins: n.clock, Origins: origins}))
}

func (n *night) end(run, step, outcome string) {
	n.clock++
	start := n.m.start(run, step)
	if start == nil {
		n.t.Fatalf("%s has not started in %s", step, run)
	}
	n.note(n.m.End(Result{Run: run, Step: step, Outcome: outcome, Reload: run + step, Start: n.clock, End: n.clock}))
}

func (n *night) good(run string, steps ...string) {
	for _, s := range steps {
		n.end(run, s, Succeeded)
	}
}

func (n *night) hand(run, cycle, step, outcome string) {
	n.clock++
	result := Result{Step: step, Outcome: outcome, Reload: run, Start: n.clock, End: n.clock}
	n.note(n.m.Foreign(Run{ID: run, Cycle: cycle, Begins: n.clock}, result))
}

func (n *night) over(cycle string) {
	n.clock++
	n.note(n.m.CycleEnd(cycle, n.clock))
}

// starts compares the starts since it was last asked, in any order.
func (n *night) starts(want string) {
	n.t.Helper()
	wanted := strings.Fields(want)
	sort.Strings(wanted)
	sort.Strings(n.started)
	if got := strings.Join(n.started, " "); got != strings.Join(wanted, " ") {
		n.t.Errorf("started %q, want %q", got, want)
	}
	n.started = nil
}

// is compares a standing, such as "waiting sales" or "skipped blocked".
func (n *night) is(run, step, want string) {
	n.t.Helper()
	s := n.m.Standings()[run][step]
	got := strings.TrimSpace(fmt.Sprintf("%s %s%s%s", s.Is, s.Kind, strings.Join(s.WaitsFor, " "), s.In))
	if got != want {
		n.t.Errorf("%s of %s is %q, want %q", step, run, got, want)
	}
}

func (n *night) ends(run, want string) {
	n.t.Helper()
	if got := n.m.Status(run, n.m.Standings()[run]); got != want {
		n.t.Errorf("%s is %q, want %q", run, got, want)
	}
}

func diamond() []Step {
	return []Step{step("extract", All), step("sales", All, "extract"), step("hr", All, "extract"), step("report", All, "sales", "hr")}
}

func TestRow1(t *testing.T) {
	n := play(t, diamond()...)
	n.begin("r1", "tue", "extract")
	n.good("r1", "extract", "sales", "hr", "report")
	n.starts("r1/extract r1/sales r1/hr r1/report")
	n.ends("r1", RunOK)
	n.hand("r2", "tue", "hr", Succeeded)
	n.starts("r2/report")
	n.good("r2", "report")
	n.ends("r2", RunOK)
	n.over("tue")
	n.begin("r3", "wed", "extract")
	n.good("r3", "extract", "sales", "hr", "report")
	n.starts("r3/extract r3/sales r3/hr r3/report")
	n.ends("r3", RunOK)
}

func TestRow1b(t *testing.T) {
	n := play(t, diamond()...)
	n.hand("r1", "wed", "hr", Succeeded)
	n.is("r1", "report", "waiting sales")
	n.ends("r1", OnlyWaits)
	n.begin("r2", "wed", "extract")
	n.is("r1", "report", "waiting sales")
	n.good("r2", "extract", "sales")
	n.is("r1", "report", "waiting sales")
	n.good("r2", "hr")
	n.starts("r2/extract r2/sales r2/hr r2/report")
	n.is("r1", "report", "continued r2")
	n.ends("r1", RunOK)
}

func TestRow2(t *testing.T) {
	n := play(t, diamond()...)
	n.begin("r1", "tue", "extract")
	n.good("r1", "extract")
	n.end("r1", "hr", Failed)
	n.is("r1", "report", "skipped blocked")
	n.good("r1", "sales")
	n.ends("r1", RunFailed)
	n.starts("r1/extract r1/sales r1/hr")
	n.hand("r2", "tue", "hr", Succeeded)
	n.starts("r2/report")
}

func TestRow3(t *testing.T) {
	n := play(t, diamond()...)
	n.begin("r1", "tue", "extract")
	n.good("r1", "extract", "sales", "hr", "report")
	n.begin("r2", "tue", "extract")
	n.good("r2", "extract", "sales", "hr", "report")
	n.starts("r1/extract r1/sales r1/hr r1/report r2/extract r2/sales r2/hr r2/report")
	n.ends("r2", RunOK)
}

func own() []Step {
	return []Step{step("sales", All), step("hr", All), step("transform", All, "sales", "hr")}
}

func TestRow4(t *testing.T) {
	n := play(t, own()...)
	n.begin("r1", "tue", "sales")
	n.good("r1", "sales")
	n.is("r1", "transform", "waiting hr")
	n.begin("r2", "tue", "hr")
	n.end("r2", "hr", Failed)
	n.is("r2", "transform", "skipped blocked")
	n.is("r1", "transform", "continued r2")
	n.hand("r3", "tue", "hr", Succeeded)
	n.starts("r1/sales r2/hr r3/transform")
	n.over("tue")
	n.begin("r4", "wed", "sales")
	n.good("r4", "sales")
	n.is("r4", "transform", "waiting hr")
	n.begin("r5", "wed", "hr")
	n.good("r5", "hr")
	n.starts("r4/sales r5/hr r5/transform")
	n.is("r4", "transform", "continued r5")
}

func TestRow5(t *testing.T) {
	n := play(t, own()...)
	n.begin("r1", "tue", "sales")
	n.note(n.m.Cancel("r1"))
	n.ends("r1", RunCanceled)
	n.hand("r2", "tue", "sales", Succeeded)
	n.is("r2", "transform", "waiting hr")
	n.hand("r3", "tue", "hr", Succeeded)
	n.starts("r1/sales r3/transform")
}

func TestRow6(t *testing.T) {
	n := play(t, own()...)
	n.begin("r1", "tue", "sales", "hr")
	n.good("r1", "sales")
	n.is("r1", "transform", "pending")
	n.good("r1", "hr")
	n.starts("r1/sales r1/hr r1/transform")
}

func TestRow7(t *testing.T) {
	n := play(t, diamond()...)
	n.begin("r1", "tue", "extract")
	n.good("r1", "extract")
	n.begin("r2", "tue", "extract")
	n.good("r2", "extract")
	n.good("r1", "sales", "hr")
	n.good("r2", "sales", "hr")
	n.good("r1", "report")
	n.good("r2", "report")
	n.starts("r1/extract r1/sales r1/hr r2/extract r2/sales r2/hr r1/report r2/report")
	n.ends("r1", RunOK)
	n.ends("r2", RunOK)
}

func TestRow8And9(t *testing.T) {
	for waitFor, want := range map[string]string{AllStarted: "under way", All: "skipped not_needed"} {
		n := play(t, step("root", All), step("a", All, "root"), step("b", All, "root"), step("join", waitFor, "a", "b"))
		n.m.Refuses["b"] = true
		n.begin("r1", "tue", "root")
		n.good("r1", "root")
		n.is("r1", "b", "skipped guard")
		if waitFor == All {
			n.is("r1", "join", want)
		}
		n.good("r1", "a")
		n.is("r1", "join", want)
	}
}

func TestRow10(t *testing.T) {
	n := play(t, diamond()...)
	n.begin("r1", "tue", "extract")
	n.good("r1", "extract")
	n.over("tue")
	n.good("r1", "sales", "hr", "report")
	n.ends("r1", RunOK)
}

func TestRow11(t *testing.T) {
	n := play(t, step("a", All), step("b", All, "a"), step("c", All, "b", "a"), step("d", All, "b", "c"))
	n.hand("r1", "tue", "c", Succeeded)
	n.is("r1", "d", "waiting b")
	n.hand("r2", "tue", "b", Succeeded)
	n.is("r2", "c", "waiting a")
	n.is("r2", "d", "pending")
	n.is("r1", "d", "waiting b")
	n.starts("")
	n.over("tue")
	n.is("r2", "c", "skipped expired")
	n.is("r2", "d", "skipped expired")
	n.is("r1", "d", "skipped expired")
	n.ends("r1", RunOK)
}

func TestRow12(t *testing.T) {
	n := play(t, own()...)
	n.begin("r1", "tue", "sales")
	n.begin("r2", "tue", "hr")
	n.end("r2", "hr", Failed)
	n.hand("r3", "tue", "hr", Succeeded)
	n.is("r3", "transform", "waiting sales")
	n.good("r1", "sales")
	n.starts("r1/sales r2/hr r1/transform")
	n.is("r3", "transform", "continued r1")
}

func TestRow13(t *testing.T) {
	for _, order := range []string{"hr sales", "sales hr"} {
		n := play(t, step("sales", All), step("hr", All), step("h_mart", All, "hr"), step("report", All, "sales", "hr"),
			step("dash", All, "report", "h_mart"))
		for _, root := range strings.Fields(order) {
			n.begin("r-"+root, "tue", root)
		}
		for _, root := range strings.Fields(order) {
			n.good("r-"+root, root)
		}
		for i := 0; i < 9; i++ { // Whatever is under way ends well.
			for _, s := range append([]Start(nil), n.m.Starts...) {
				if n.m.result(s.Run, s.Step) == nil {
					n.good(s.Run, s.Step)
				}
			}
		}
		count := map[string]int{}
		for _, s := range n.m.Starts {
			count[s.Step]++
		}
		for s, c := range count {
			if c != 1 {
				t.Errorf("%s starts %d times", s, c)
			}
		}
		n.ends("r-hr", RunOK)
		n.ends("r-sales", RunOK)
	}
}

func TestPause(t *testing.T) {
	n := play(t, step("a", All), step("b", All, "a"))
	n.begin("r1", "tue", "a")
	n.begin("r2", "tue", "a")
	n.m.Pause()
	n.good("r1", "a")
	n.good("r2", "a")
	n.is("r1", "b", "parked")
	n.starts("r1/a r2/a")
	n.note(n.m.Resume(""))
	n.starts("r2/b")
	n.is("r1", "b", "continued r2")
	n.ends("r1", RunOK)
}

func TestFailureBranchAndOpenKind(t *testing.T) {
	n := play(t, step("a", All), step("b", All, "a:failure"), step("c", All),
		step("d", All, "a", "c:failure"), step("e", AllStarted, "d", "c"))
	n.begin("r1", "tue", "a", "c")
	n.end("r1", "a", Failed)
	n.is("r1", "d", "skipped blocked")
	n.is("r1", "e", "pending")
	n.good("r1", "c")
	n.is("r1", "d", "skipped not_needed")
	n.is("r1", "e", "under way")
	n.good("r1", "b", "e")
	n.ends("r1", RunFixed)
}
