// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// kinds are the notices as kind and origin, sorted.
func (n *sentNotices) kinds() []string {
	n.mu.Lock()
	defer n.mu.Unlock()
	var all []string
	for _, notice := range n.notices {
		all = append(all, strings.TrimSpace(string(notice.Kind)+" "+notice.Origin))
	}
	slices.Sort(all)
	return all
}

// withFailures is a → b → c, and fallback when b fails; b has two attempts.
func withFailures() *chain.Definition {
	return definition(map[string]chain.Step{
		"a": {}, "b": {After: after("a", "success"), Retry: &chain.Retry{MaxAttempts: 2}}, "c": {After: after("b", "success")},
		"fallback": {After: after("b", "failure")},
	})
}

func failingB(step string, _ int) string {
	if step == "b" {
		return "FAILED"
	}
	return "SUCCEEDED"
}

// TestAFailedRunIsToldOnce, with what has failed and what is blocked.
func TestAFailedRunIsToldOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.notices, w.ending = &sentNotices{}, failingB
	w.begin("a")
	w.play(3, 3)
	if got, want := w.notices.kinds(), []string{"failed a"}; !slices.Equal(got, want) {
		t.Fatalf("the notices were %v, want %v", got, want)
	}
	n := w.notices.notices[0]
	if len(n.Failed) != 1 || len(n.Steps) != 1 || n.Steps[0].Step != "c" || n.Run != w.record(1).ID || n.Counts == nil ||
		n.Counts.Failed != 1 || n.Counts.Steps != 4 {
		t.Fatalf("the notice is %+v", n)
	}
	if f := n.Failed[0]; f.Step != "b" || f.Attempt != 2 || f.Of != 2 || f.Status != qlik.StatusFailed || f.Reload == "" ||
		f.App != w.index.Definition().Steps["b"].App {
		t.Errorf("the notice says of b %+v", f)
	}
}

// TestAFailureIsToldBeforeTheRunEnds: a run that waits for another one after a failure may do so until the cycle's end.
func TestAFailureIsToldBeforeTheRunEnds(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"other": {}, "root": {}, "bad": {After: after("root", "success")}, "both": {After: after("root", "success", "other", "success")},
	}))
	w.notices = &sentNotices{}
	w.somebodyElse("root", "SUCCEEDED")
	w.ends("bad", "FAILED")
	if got := w.notices.kinds(); !slices.Equal(got, []string{"failed root"}) || w.record(1).Status != "waiting" {
		t.Errorf("the notices were %v, and the run is %s", got, w.record(1).Status)
	}
	w.play(1, 1)
	if got := w.notices.kinds(); !slices.Equal(got, []string{"failed root"}) || w.record(1).Status != "failed" {
		t.Errorf("in the end the notices were %v, and the run is %s", got, w.record(1).Status)
	}
}

// TestEachFailureIsReportedUnderCrashes: an execution that is cut off is repeated, and a notice is sent, again only where it was cut
// off after sending it; all else happens as without notices.
func TestEachFailureIsReportedUnderCrashes(t *testing.T) {
	if testing.Short() {
		t.Skip("it takes its time: make test runs it by itself")
	}
	t.Parallel()
	twice := 0
	for seed := range uint64(120) {
		w := newWorld(t, seed, withFailures())
		w.notices, w.crashes, w.ending = &sentNotices{}, 0.05, failingB
		if seed%3 == 0 {
			w.refuse = func(string, int) error { return answer(403, "RELOADS-003") }
		}
		w.begin("a")
		w.play(2, 3)
		got := w.notices.kinds()
		if len(got) == 0 {
			t.Errorf("seed %d: no notice was sent", seed)
		}
		twice += max(0, len(got)-1) // rarely a second execution is cut off there, too
		if got := w.made(); seed%3 != 0 && !slices.Equal(got, w.predicted("a")) {
			t.Errorf("seed %d: the reloads differ from the model's:%s", seed, difference(got, w.predicted("a")))
		}
	}
	if twice > 12 {
		t.Errorf("of 120 failures %d were reported twice, although a call is cut off in one of twenty only", twice)
	}
}

func TestAStartThatIsRefusedIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.notices = &sentNotices{}
	w.refuse = func(string, int) error { return answer(403, "RELOADS-003") }
	result := w.somebodyElse("a", "SUCCEEDED")
	if got, want := w.notices.kinds(), []string{"failed a"}; !slices.Equal(got, want) || w.notices.notices[0].Failed[0].Reason == "" {
		t.Errorf("the notices were %v, want %v", got, want)
	}
	if len(result.FailedSteps) != 2 || result.GivenUp != 2 || result.Rejected != 0 || result.Finished != 1 {
		t.Errorf("Handle() = %+v", result)
	}
}

// TestANoticeThatCannotBeSent stops nothing, and is in the log.
func TestANoticeThatCannotBeSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, withFailures())
	w.notices = &sentNotices{err: errors.New("AuthorizationError: no right to publish")}
	result := w.somebodyElse("a", "FAILED")
	if len(result.NotNotified) != 1 || result.Level().String() != "ERROR" || len(result.FailedSteps) != 1 {
		t.Errorf("Handle() = %+v", result)
	}
	if again := w.somebodyElse("a", "FAILED"); len(again.NotNotified) != 1 || len(w.notices.notices) != 2 {
		t.Errorf("the next failure came to %+v", again)
	}
}

// TestRejectedCredentials: a 401 is of the credentials, a 403 of the app.
func TestRejectedCredentials(t *testing.T) {
	t.Parallel()
	token := &qlik.Error{Method: "POST", Status: 400, Err: qlik.ErrToken}
	for name, tt := range map[string]struct {
		err  error
		want int
	}{
		"401": {answer(401, ""), 1}, "403": {answer(403, "RELOADS-003"), 0}, "429": {answer(429, "HTTP-429"), 0}, "500": {answer(500, ""), 0},
		"token": {token, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, 1, withFailures())
			w.refuse = func(string, int) error { return tt.err }
			if result := w.somebodyElse("a", "SUCCEEDED"); result.Rejected != tt.want {
				t.Errorf("Handle() = %+v, want %d rejections", result, tt.want)
			}
		})
	}
}

func TestLatency(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, fanOut(3))
	w.making = func(*reload) { w.clock.Advance(time.Second) }
	result := w.somebodyElse("a root", "SUCCEEDED")
	if len(result.Latencies) != 3 || slices.Max(result.Latencies) < 3*time.Second || slices.Min(result.Latencies) < time.Second {
		t.Errorf("the latencies are %v", result.Latencies)
	}
}
