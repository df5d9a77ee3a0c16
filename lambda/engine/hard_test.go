// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// TestNoAnswers: of a large fan-out, Qlik answers nothing. After a few requests no more are sent, and every start has its timer.
func TestNoAnswers(t *testing.T) {
	t.Parallel()
	silence := &qlik.Error{Method: "POST", Err: errors.New("no answer within 15s")}
	for name, err := range map[string]error{"the Reloads API": silence, "the token endpoint": fmt.Errorf("%w: %w", qlik.ErrToken, silence)} {
		for _, leaves := range []int{998, 40} {
			w := newWorld(t, 1, fanOut(leaves))
			w.refuse = func(string, int) error { return err }
			if result := w.somebodyElse("a root", "SUCCEEDED"); len(result.Failed) != leaves || w.requests > 100 || len(w.timers) != leaves {
				t.Errorf("%s: %d failed, %d requests, %d timers", name, len(result.Failed), w.requests, len(w.timers))
			}
			if leaves > 100 { // each later end of so many reads them all
				continue
			}
			w.refuse = nil
			w.play(1, 4)
			if got := w.made(); len(got) != leaves+1 {
				t.Errorf("%s: there are %d reloads, want %d", name, len(got), leaves+1)
			}
		}
	}
}

// TestManyStartsBehindOneReload: another client's reload is in the way of 15 starts of a step, each of a run of its own. They come one
// after the other.
func TestManyStartsBehindOneReload(t *testing.T) {
	t.Parallel()
	steps := map[string]chain.Step{"z": {WaitFor: chain.WaitForAny, After: map[string]chain.Condition{}}, "zz": {After: after("z", "success")}}
	for i := range 15 {
		key := fmt.Sprintf("a %03d", i)
		steps[key] = chain.Step{}
		steps["z"].After[key] = chain.ConditionSuccess
	}
	w := newWorld(t, 1, definition(steps))
	w.pendingActive = true
	w.begin("z")
	for i := range 15 {
		w.somebodyElse(fmt.Sprintf("a %03d", i), "SUCCEEDED")
	}
	if result := w.ends("z", "SUCCEEDED"); !slices.Contains(startedSteps(result), "zz") {
		t.Errorf("after z: %+v", result)
	}
	w.play(1, 1)
	z := slices.DeleteFunc(w.made(), func(s string) bool { return !strings.HasPrefix(s, "z ") })
	if unfinished := w.unfinished(); len(unfinished) > 0 || len(z) != 16 || w.largest > 100 {
		t.Errorf("there were %d reloads of z; unfinished %v; the largest write had %d items", len(z), unfinished, w.largest)
	}
}

// TestFoundReloadThatHasEnded: the answer to a request is lost, and so is the event of the reload's end. The next try finds it, ended.
func TestFoundReloadThatHasEnded(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}}))
	w.lose = true
	w.somebodyElse("a", "SUCCEEDED")
	w.lose = false
	w.end(w.active()[0], 0)
	if woken := w.nextTimer(); !slices.Equal(startedSteps(woken), []string{"b", "c"}) {
		t.Errorf("the next try: %+v", woken)
	}
	w.ends("c", "SUCCEEDED")
	if unfinished := w.unfinished(); len(unfinished) > 0 {
		t.Errorf("starts have come to no end: %v", unfinished)
	}
}

// TestNoToken: what the token endpoint answers says nothing of the reload, so it is tried again.
func TestNoToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.refuse = func(_ string, n int) error {
		if n < 3 {
			return fmt.Errorf("%w: %w", qlik.ErrToken, answer(400, "invalid_client"))
		}
		return nil
	}
	w.somebodyElse("a", "SUCCEEDED")
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"a #1", "b #1"}) {
		t.Errorf("the reloads are %v", got)
	}
}

// TestA429ThatIsNotPending: a code of Reloads that does not mean what it is taken for ends like any other failure.
func TestA429ThatIsNotPending(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.refuse = func(string, int) error { return answer(429, "RELOADS-011") }
	w.somebodyElse("a", "SUCCEEDED")
	w.play(1, 1)
	if last := w.record(1).Starts[1]; last.Phase != engine.PhaseRefused || !strings.HasPrefix(last.Reason, "given up after ") ||
		w.requests > 200 {
		t.Errorf("after %d requests the record has %+v", w.requests, last)
	}
}

// TestALaterReloadCounts: of two reloads of the same upstream the later one goes into the start, and all runs that waited say where it is.
func TestALaterReloadCounts(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	for _, step := range []string{"sales", "sales", "hr"} {
		w.somebodyElse(step, "SUCCEEDED")
		w.clock.Advance(time.Second)
	}
	if w.stands(1, "transform") != "continued in 3" || w.stands(2, "transform") != "continued in 3" {
		t.Errorf("transform is %s and %s", w.stands(1, "transform"), w.stands(2, "transform"))
	}
	if causes := w.record(3).Starts[1].Causes; len(causes) != 2 || causes[1].Reload != w.reloads[1].ID {
		t.Errorf("transform was started by %+v", causes)
	}
}

// TestHalvesOfTwoRounds: two runs of one origin have a different half each; they never mix.
func TestHalvesOfTwoRounds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"root": {}, "a": {After: after("root", "success")}, "b": {After: after("root", "success")},
		"both": {After: after("a", "success", "b", "success")},
	}))
	w.somebodyElse("root", "SUCCEEDED")
	w.ends("a", "SUCCEEDED")
	w.clock.Advance(time.Second)
	w.somebodyElse("root", "SUCCEEDED")
	w.ends("b", "FAILED") // of the first run: its reload came first
	w.ends("a", "FAILED")
	w.ends("b", "SUCCEEDED")
	w.play(1, 1)
	for number, cause := range map[int]string{1: "b", 2: "a"} {
		if w.stands(number, "both") != "skipped blocked" || !strings.Contains(w.reason(number, "both"), cause) ||
			w.record(number).Status != "failed" {
			t.Errorf("in run %d both is %s: %s", number, w.stands(number, "both"), w.reason(number, "both"))
		}
	}
}

// TestAWaitingStartIsNotWokenByAnotherReload: a start that waits for its turn at Qlik's rate limit is not asked for early.
func TestAWaitingStartIsNotWokenByAnotherReload(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.pendingActive = true
	w.begin("b")
	w.reloads[0].Status = qlik.StatusReloading
	w.somebodyElse("a", "SUCCEEDED")
	w.pendingActive = false
	w.refuse = func(string, int) error {
		e := answer(429, "HTTP-429")
		e.RetryAfter = time.Hour
		return e
	}
	w.nextTimer()
	w.refuse = nil
	if result := w.ends("b", "SUCCEEDED"); len(result.Started) > 0 {
		t.Errorf("after the running one: %+v", result)
	}
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"a #1", "b #1", "b #2"}) {
		t.Errorf("the reloads are %v", got)
	}
}
