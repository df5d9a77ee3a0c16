// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestNothingIsRepairedTwice checks what a second request to repeat a run does after something was done about the run: b and x have failed
// in it, after b come c and d, and x is apart.
func TestNothingIsRepairedTwice(t *testing.T) {
	t.Parallel()
	rerun := func(name string) func(*testing.T, *world, bool) engine.Result {
		return func(t *testing.T, w *world, again bool) engine.Result {
			t.Helper()
			return w.repeat(t, false, name, again)
		}
	}
	mark := func(t *testing.T, w *world, again bool) engine.Result {
		t.Helper()
		return w.repeat(t, true, "b", again)
	}
	alone := func(name string) func(*testing.T, *world, bool) engine.Result {
		return func(t *testing.T, w *world, _ bool) engine.Result { t.Helper(); return w.beginAlone(t, name) }
	}
	byHand := func(_ *testing.T, w *world, _ bool) engine.Result { w.begin("b"); return engine.Result{} }
	cancel := func(t *testing.T, w *world, _ bool) engine.Result {
		t.Helper()
		again := w.repeat(t, false, "", false)
		w.cancel(t, again.Run)
		return again
	}
	all, b := rerun(""), rerun("b")
	for name, test := range map[string]struct {
		first  []func(*testing.T, *world, bool) engine.Result // each is played to its end
		open   bool                                           // the last of them is not
		fails  string                                         // fails again
		second func(*testing.T, *world, bool) engine.Result
		starts string // what the second one starts; empty: it is refused
		says   string // why, or what it says besides
	}{
		"everything twice":                    {first: list(all), second: all, says: "was repaired by the run 2"},
		"everything, then a step":             {first: list(all), second: b, says: "b was repaired by the run 2"},
		"everything, then what was blocked":   {first: list(all), second: rerun("c"), says: "c was repaired by the run 2"},
		"everything, then what is good":       {first: list(all), second: rerun("a"), starts: "a"},
		"everything, then a mark":             {first: list(all), second: mark, says: "b was repaired by the run 2"},
		"a good step twice":                   {first: list(rerun("a")), second: rerun("a"), says: "a was repeated by the run 2"},
		"a part, then everything":             {first: list(b), second: all, starts: "x", says: "b was repaired by the run 2"},
		"a part, then the other one":          {first: list(b), second: rerun("x"), starts: "x"},
		"both parts":                          {first: list(b, rerun("x")), second: all, says: "b was repaired by the run 2"},
		"a mark":                              {first: list(mark), second: b, says: "b was repaired by the run 2"},
		"a reload by hand":                    {first: list(byHand), second: b, says: "b was repaired by the run 2"},
		"a reload by hand, then everything":   {first: list(byHand), second: all, starts: "x", says: "b was repaired by the run 2"},
		"it fails again":                      {first: list(b), fails: "b", second: b, starts: "b"},
		"what follows fails":                  {first: list(b), fails: "c", second: all, starts: "c x", says: "b was repaired by the run 2"},
		"what follows fails, the step itself": {first: list(b), fails: "c", second: b, starts: "b", says: "b was repaired by the run 2, but"},
		"alone": {
			first:  list(alone("b")),
			second: all, starts: "b x", says: "b was repaired by the run 2, but c is still blocked",
		},
		"alone, then a mark":    {first: list(alone("b")), second: mark, starts: "c"},
		"a canceled repetition": {first: list(cancel), second: all, starts: "b x"},
		"everything under way": {
			first: list(all), open: true,
			second: all, says: "b is under way in the run 2, which repeats this one",
		},
		"a part under way": {first: list(b), open: true, second: all, starts: "x", says: "b is under way in the run 2"},
		"what follows is under way": {
			first: list(b), open: true,
			second: rerun("c"), says: "c is under way in the run 2, which repeats this one",
		},
		"a part under way, then a mark": {first: list(b), open: true, second: mark, says: "b is under way in the run 2"},
		"alone, under way":              {first: list(alone("b")), open: true, second: b, says: "b is under way in the run 2"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, definition(map[string]chain.Step{
				"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}, "d": {After: after("c", "success")}, "x": {},
			}))
			w.ending = func(step string, n int) string {
				if (step == "b" || step == "x") && n == 1 || step == test.fails && w.clock.Now().Hour() == 3 {
					return "FAILED"
				}
				return "SUCCEEDED"
			}
			if _, err := w.engine(w.execution()).Begin(t.Context(), "1", engine.Beginning{At: w.clock.Now(),
				StartedBy: engine.StartedByRequest, ID: "1"}); err != nil {
				t.Fatal(err)
			}
			w.play(1, 1)
			w.clock.Advance(w.at(3, 0).Sub(w.clock.Now()))
			for i, do := range test.first {
				do(t, w, false)
				if i < len(test.first)-1 || !test.open {
					w.play(1, 1)
				}
				w.clock.Advance(time.Minute)
			}
			got := test.second(t, w, false)
			started := strings.Join(startedSteps(got), " ")
			says := got.Reason
			for _, n := range append(slices.Clone(got.NotStarted), got.Again...) {
				says += "; " + n.Step + " " + n.Reason
			}
			for number := len(w.runs()); number > 0; number-- {
				says = strings.ReplaceAll(says, w.record(number).ID, string(rune('0'+number)))
			}
			if started != test.starts || !strings.Contains(says, test.says) {
				t.Fatalf("it starts %q, want %q; it says %q, want %q", started, test.starts, says, test.says)
			}
			if got.Refusal != engine.RefusalRepaired {
				if test.starts == "" && got.Refusal != engine.RefusalUnderWay {
					t.Errorf("it is refused as %q", got.Refusal)
				}
				return
			}
			if got.Run == w.firstRun() {
				t.Error("the refusal does not name the other run")
			}
			w.clock.Advance(time.Second)
			if insisted := test.second(t, w, true); insisted.Refusal != "" || insisted.Run == got.Run {
				t.Errorf("the operator insists: %+v", insisted)
			}
		})
	}
}

func list[T any](all ...T) []T { return all }

// repeat asks for a rerun or a mark of the first run.
func (w *world) repeat(t *testing.T, mark bool, step string, again bool) engine.Result {
	t.Helper()
	e, id := w.engine(w.execution()), w.clock.Now().String()
	do := e.Rerun
	if mark {
		do = e.Mark
	}
	r, err := do(t.Context(), id, engine.Repeat{ID: id, Run: w.firstRun(), Step: step, Again: again, Operation: w.order()})
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// TestAFailureOfTheSameSecond: events have whole seconds. A run fails in the second in which another one repairs an earlier failure of the
// step, and its own start is dated earlier, because a reload by hand began it. It is repeated.
func TestAFailureOfTheSameSecond(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.somebodyElse("b", "FAILED")
	w.clock.Advance(time.Minute)
	failed := w.somebodyElse("a", "SUCCEEDED").Run
	w.clock.Advance(500 * time.Millisecond)
	if r, err := w.engine(w.execution()).Rerun(t.Context(), "x", engine.Repeat{
		ID: "1", Run: w.record(1).ID, Step: "b", Again: true, Operation: w.order(),
	}); err != nil || len(r.Started) != 1 {
		t.Fatalf("%+v: %v", r, err)
	}
	ended := w.active()
	slices.Reverse(ended) // the rerun first
	for _, r := range ended {
		w.ending = func(string, int) string { return map[bool]string{true: "SUCCEEDED", false: "FAILED"}[r == ended[0]] }
		w.end(r, 0)
		r.EndTime = ended[0].EndTime
		w.queue = append(w.queue, w.eventOf(r, 0))
		w.run(1)
	}
	r, err := w.engine(w.execution()).Rerun(t.Context(), "y", engine.Repeat{ID: "2", Run: failed, Step: "b", Operation: w.order()})
	if err != nil || len(r.Started) != 1 {
		t.Errorf("the failed run is not repeated: %+v: %v", r, err)
	}
}
