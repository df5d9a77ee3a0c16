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

// fanOut is a chain of one step with n steps after it.
func fanOut(n int) *chain.Definition {
	steps := map[string]chain.Step{"a root": {}}
	for i := range n {
		steps[fmt.Sprintf("leaf %03d", i)] = chain.Step{After: after("a root", "success")}
	}
	return definition(steps)
}

func answer(status int, code string) *qlik.Error {
	return &qlik.Error{Method: "POST", URL: "https://tenant/api/v1/reloads", Status: status, Code: code}
}

// TestOutage: Qlik answers 503 for two hours, while the chain is under way.
func TestOutage(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{
		"a": {}, "b": {}, "c": {After: after("a", "success")}, "d": {After: after("a", "success", "b", "success")},
		"e": {After: after("c", "success", "d", "success")}, "f": {After: after("e", "success")},
	})
	w := newWorld(t, 1, d)
	over := w.clock.Now().Add(2 * time.Hour)
	refusals := 0
	w.refuse = func(string, int) error {
		if w.clock.Now().Before(over) {
			refusals++
			return answer(503, "HTTP-503")
		}
		return nil
	}
	w.schedule("", 1)
	w.play(1, 4)
	due, started := len(w.predicted("a", "b")), len(w.made())
	fmt.Printf("outage: %d due, %d started, %d twice\n", due, started, started-len(slices.Compact(w.made())))
	if !slices.Equal(w.made(), w.predicted("a", "b")) {
		t.Errorf("the reloads differ from the model's:%s", difference(w.made(), w.predicted("a", "b")))
	}
	for _, r := range w.reloads {
		if r.CreationTime.Before(over) {
			t.Errorf("%s was started during the outage", r.step)
		}
		for upstream := range d.Steps[r.step].After {
			i := slices.IndexFunc(w.reloads, func(u *reload) bool { return u.step == upstream })
			if w.reloads[i].EndTime.After(r.CreationTime.Time) {
				t.Errorf("%s was started before %s had ended", r.step, upstream)
			}
		}
	}
	if w.cut > 0 {
		t.Errorf("%d invocations failed and would have come near the dead-letter queue", w.cut)
	}
	if refusals > 60 {
		t.Errorf("Qlik was asked %d times in vain within two hours", refusals)
	}
	if unfinished := w.unfinished(); len(unfinished) > 0 {
		t.Errorf("starts have come to no end: %v", unfinished)
	}
}

// TestRefusedCredentials: Qlik answers 401 throughout. The record holds what is due, each try says why, and after a day it is given up.
func TestRefusedCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.refuse = func(string, int) error { return answer(401, "") }
	result := w.somebodyElse("a", "SUCCEEDED")
	if result.Outcome != engine.OutcomeError || result.Level().String() != "ERROR" || len(result.Failed) != 1 ||
		!strings.Contains(result.Failed[0].Error, "401") || !strings.Contains(result.Failed[0].Error, "tried again at") {
		t.Errorf("after a: %+v at %s", result, result.Level())
	}
	if view := w.record(1); view.Starts[1].Phase != engine.PhaseWaiting || !strings.Contains(view.Starts[1].Reason, "401") {
		t.Errorf("the record has %+v", view.Starts)
	}
	for tries := 0; w.record(1).Starts[1].Phase == engine.PhaseWaiting; tries++ {
		if tries > 200 {
			t.Fatal("it is tried for ever")
		}
		if woken := w.nextTimer(); woken.Level().String() != "ERROR" || !strings.Contains(woken.Failed[0].Error, "401") {
			t.Fatalf("try %d: %+v", tries, woken)
		}
	}
	if last := w.record(1).Starts[1]; last.Phase != engine.PhaseRefused || !strings.HasPrefix(last.Reason, "given up after ") {
		t.Errorf("at the end the record has %+v", last)
	}
}

// TestRepairedCredentials: as above, but in the morning new ones are applied.
func TestRepairedCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.refuse = func(_ string, n int) error {
		if n <= 5 {
			return answer(401, "")
		}
		return nil
	}
	w.somebodyElse("a", "SUCCEEDED")
	w.play(1, 1)
	if got := w.made(); !slices.Equal(got, []string{"a #1", "b #1"}) {
		t.Errorf("the reloads are %v", got)
	}
}

// TestRateLimit: 200 starts at once against Qlik's 50 requests a minute.
func TestRateLimit(t *testing.T) {
	t.Parallel()
	const starts, perMinute = 70, 20
	w := newWorld(t, 1, fanOut(starts))
	minute, used, refusals := time.Time{}, 0, 0
	w.refuse = func(string, int) error {
		if now := w.clock.Now().Truncate(time.Minute); !now.Equal(minute) {
			minute, used = now, 0
		}
		if used++; used > perMinute {
			refusals++
			e := answer(429, "HTTP-429")
			e.RetryAfter = minute.Add(time.Minute).Sub(w.clock.Now())
			return e
		}
		return nil
	}
	w.begin("a root")
	begun := w.clock.Now()
	w.play(2, 8)
	fmt.Printf("rate limit: %d starts, %d started, %d refused calls, done after %s\n", starts, len(w.made())-1, refusals,
		w.clock.Now().Sub(begun).Round(time.Minute))
	if got := w.made(); !slices.Equal(got, w.predicted("a root")) {
		t.Errorf("the reloads differ from the model's:%s", difference(got, w.predicted("a root")))
	}
	if refusals >= starts {
		t.Errorf("%d calls were refused for %d starts", refusals, starts)
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	lost := &qlik.Error{Method: "POST", Err: errors.New("connection reset")}
	tests := map[string]struct {
		err     error
		phase   engine.Phase
		level   string
		reloads []string // in the end, when the second request is taken
	}{
		"forbidden":   {answer(403, "RELOADS-003"), engine.PhaseRefused, "ERROR", []string{"a #1"}},
		"bad request": {answer(400, "RELOADS-001"), engine.PhaseRefused, "ERROR", []string{"a #1"}},
		"gone":        {answer(404, ""), engine.PhaseRefused, "ERROR", []string{"a #1"}},
		"too often":   {answer(403, "RELOADS-013"), engine.PhaseWaiting, "ERROR", []string{"a #1", "b #1"}},
		"500":         {answer(500, ""), engine.PhaseWaiting, "ERROR", []string{"a #1", "b #1"}},
		"no answer":   {lost, engine.PhaseWaiting, "ERROR", []string{"a #1", "b #1"}},
		"rate limit":  {answer(429, "HTTP-429"), engine.PhaseWaiting, "INFO", []string{"a #1", "b #1"}},
		"pending":     {answer(429, "RELOADS-007"), engine.PhaseWaiting, "INFO", []string{"a #1", "b #1"}},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
			w.refuse = func(_ string, n int) error {
				if n == 1 {
					return tt.err
				}
				return nil
			}
			result := w.somebodyElse("a", "SUCCEEDED")
			if result.Level().String() != tt.level {
				t.Errorf("Handle() = %+v at %s, want %s", result, result.Level(), tt.level)
			}
			if got := w.record(1).Starts[1]; got.Phase != tt.phase || got.Reason == "" {
				t.Errorf("the record has %+v, want %s", got, tt.phase)
			}
			w.play(1, 1)
			if got := w.made(); !slices.Equal(got, tt.reloads) {
				t.Errorf("the reloads are %v, want %v", got, tt.reloads)
			}
		})
	}
}

// TestOthersGoOn: that one step cannot be started does not keep the others from it.
func TestOthersGoOn(t *testing.T) {
	t.Parallel()
	d := fanOut(3)
	w := newWorld(t, 1, d)
	w.refuse = func(app string, _ int) error {
		if app == d.Steps["leaf 001"].App {
			return answer(403, "RELOADS-003")
		}
		return nil
	}
	result := w.somebodyElse("a root", "SUCCEEDED")
	if !slices.Equal(startedSteps(result), []string{"leaf 000", "leaf 002"}) || len(result.Failed) != 1 || result.Level().String() != "ERROR" {
		t.Errorf("Handle() = %+v", result)
	}
}

// TestAnswerLost: Qlik makes the reload, but its answer does not arrive. The next try finds it.
func TestAnswerLost(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.lose = true
	w.somebodyElse("a", "SUCCEEDED")
	w.lose = false
	if woken := w.nextTimer(); len(woken.Started) != 1 || !strings.Contains(woken.Started[0].How, "got no answer") {
		t.Errorf("the next try: %+v", woken)
	}
	if got := w.made(); !slices.Equal(got, []string{"a #1", "b #1"}) {
		t.Errorf("the reloads are %v", got)
	}
}

// TestEndBeforeTheAnswer: a reload ends before the answer to its request is there, so nothing says yet which start it carries out.
func TestEndBeforeTheAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}}))
	w.making = func(r *reload) {
		if r.step == "b" {
			if result := w.ends("b", "SUCCEEDED"); result.Run != w.record(1).ID || !slices.Equal(startedSteps(result), []string{"c"}) {
				t.Errorf("the end of b: %+v", result)
			}
		}
	}
	if result := w.somebodyElse("a", "SUCCEEDED"); !slices.Equal(startedSteps(result), []string{"b"}) {
		t.Errorf("after a: %+v", result)
	}
	if runs, _, err := w.engine(w.execution()).Runs(t.Context(), "", 0); err != nil || len(runs) != 1 {
		t.Errorf("there are %d runs, %v", len(runs), err)
	}
	if got := w.made(); !slices.Equal(got, []string{"a #1", "b #1", "c #1"}) {
		t.Errorf("the reloads are %v", got)
	}
}

// TestForeignReloadIsFollowed: a reload of the step's app that is there already does not do for a start, be it queued or running: it may
// not read what is new, and nothing says with which variables. Another one comes after it.
func TestForeignReloadIsFollowed(t *testing.T) {
	t.Parallel()
	for _, status := range []qlik.Status{qlik.StatusQueued, qlik.StatusReloading} {
		w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}, "c": {After: after("b", "success")}}))
		w.pendingActive = true
		w.begin("b")
		w.reloads[0].Status = status
		w.clock.Advance(time.Second)
		result := w.somebodyElse("a", "SUCCEEDED")
		if result.Outcome != engine.OutcomePutOff || !strings.Contains(reasonFor(result, "b"), "which was there already, has ended") {
			t.Errorf("%s: after a: %+v", status, result)
		}
		if result = w.ends("b", "SUCCEEDED"); !slices.Equal(startedSteps(result), []string{"b", "c"}) {
			t.Errorf("%s: after the one that was there: %+v", status, result)
		}
		w.ends("c", "SUCCEEDED")
		w.ends("b", "SUCCEEDED")
		w.ends("c", "SUCCEEDED")
		if got := w.made(); !slices.Equal(got, []string{"a #1", "b #1", "b #2", "c #1", "c #2"}) {
			t.Errorf("%s: the reloads are %v", status, got)
		}
		// That it was in the way has cost no attempt.
		if b := w.record(2).Starts[1]; b.Step != "b" || b.Attempt != 1 || len(w.unfinished()) > 0 {
			t.Errorf("%s: the record has %+v; unfinished %v", status, b, w.unfinished())
		}
	}
}

// TestRunningReloadWhoseEndIsNotTold: as above, but its event is lost; the timer comes instead.
func TestRunningReloadWhoseEndIsNotTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.pendingActive = true
	w.begin("b")
	w.reloads[0].Status = qlik.StatusReloading
	w.somebodyElse("a", "SUCCEEDED")
	w.nextTimer()
	w.reloads[0].Status = qlik.StatusSucceeded
	if woken := w.nextTimer(); !slices.Equal(startedSteps(woken), []string{"b"}) {
		t.Errorf("the timer: %+v", woken)
	}
}
