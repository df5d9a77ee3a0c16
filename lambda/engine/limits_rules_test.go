// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
)

// TestMaxRunning: of random chains there are never more reloads under way than max_running allows, with duplicates, races and executions
// that are cut off; and none is lost or comes twice.
func TestMaxRunning(t *testing.T) {
	t.Parallel()
	property(t, "max_running", func(t *testing.T, seed uint64) (*world, []string) {
		t.Helper()
		w, r := randomWorld(t, seed, 30, 4)
		most := 1 + r.IntN(4)
		w.index.Definition().MaxRunning = most
		w.crashes = 0.02 * float64(r.IntN(2))
		w.making = func(*reload) {
			w.mu.Lock()
			defer w.mu.Unlock()
			if under := len(w.active()); under > most {
				t.Errorf("-seed %d: %d reloads are under way, and max_running is %d", seed, under, most)
			}
		}
		w.schedule("", 2)
		w.play(2, 4)
		if slots := w.slots(); len(slots) > 0 {
			t.Errorf("-seed %d: these slots are taken: %v", seed, slots)
		}
		return w, w.predicted(chaintest.Roots(w.index.Definition())...)
	})
}

func (w *world) slots() []string {
	var slots []string
	for key, doc := range w.store.Items() {
		if key.PK == chain.NowPK && strings.HasPrefix(key.SK, "SLOT#") {
			slots = append(slots, key.SK+" "+doc)
		}
	}
	return slots
}

// TestTwoChainsThatStartEachOther: another chain starts this one's app whenever it has ended. Past 20 starts in an hour the step is parked
// and reported, and goes on when an operator resumes the chain.
func TestTwoChainsThatStartEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}}))
	w.notices = &sentNotices{}
	for range 25 {
		w.somebodyElse("a", "SUCCEEDED")
		for len(w.active()) > 0 {
			w.ends("b", "SUCCEEDED")
		}
		w.clock.Advance(time.Second)
	}
	if got := w.count("b"); got != chain.DefaultMaxStartsPerHour || w.parked() != 5 {
		t.Errorf("b was started %d times, and %d starts are parked", got, w.parked())
	}
	if got := w.notices.kinds(); len(got) == 0 || !strings.HasPrefix(got[0], "parked") {
		t.Errorf("the notices were %v", got)
	}
	w.clock.Advance(2 * time.Hour)
	w.resume(t)
	w.play(1, 1)
	// Of the parked starts the newest goes; the others are continued there.
	if got := w.count("b"); got != chain.DefaultMaxStartsPerHour+1 || w.parked() != 0 || len(w.unfinished()) > 0 {
		t.Errorf("after that b was started %d times, %d are parked; unfinished %v", got, w.parked(), w.unfinished())
	}
}

// TestOverlap: a schedule comes while its previous run is under way.
func TestOverlap(t *testing.T) {
	t.Parallel()
	for overlap, want := range map[chain.Overlap][]string{
		chain.OverlapAllow: {"02:00 a", "02:10 a", "02:20 b", "02:30 b"},
		chain.OverlapQueue: {"02:00 a", "02:20 b", "02:40 a", "02:50 b"},
		chain.OverlapSkip:  {"02:00 a", "02:20 b"},
	} {
		n := newDiary(t, map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}})
		n.index.Definition().Overlap = overlap
		n.scheduled("02:00", "")
		n.scheduled("02:10", "")
		n.ended("02:20", "a", "SUCCEEDED")
		if overlap == chain.OverlapAllow {
			n.ended("02:30", "a", "SUCCEEDED")
		}
		n.ended("02:40", "b", "SUCCEEDED")
		for len(n.active()) > 0 {
			n.ended("02:50", n.active()[0].step, "SUCCEEDED")
			if len(n.active()) > 0 {
				n.ended("02:55", n.active()[0].step, "SUCCEEDED")
			}
		}
		n.asked(want...)
		if unfinished := n.unfinished(); len(unfinished) > 0 || len(n.runs()) != 2 {
			t.Errorf("%s: there are the runs %v; unfinished %v", overlap, n.runs(), unfinished)
		}
		if second := n.record(2).Status; overlap == chain.OverlapSkip && second != "skipped" {
			t.Errorf("%s: the second run is %s", overlap, second)
		}
	}
}

// TestMaxDuration: a reload takes longer than it may. One notice is sent, and it is canceled if that is the rule.
func TestMaxDuration(t *testing.T) {
	t.Parallel()
	for _, then := range []chain.OnExceeded{chain.OnExceededAlarm, chain.OnExceededCancel} {
		n := newDiary(t, map[string]chain.Step{"a": {MaxDuration: &chain.MaxDuration{After: chain.Duration(30 * time.Minute), OnExceeded: then}},
			"b": {After: after("a", "success")}})
		n.notices = &sentNotices{}
		n.scheduled("02:00", "")
		n.next("02:29")
		if len(n.notices.notices) > 0 {
			t.Errorf("%s: the notices were %v too early", then, n.notices.kinds())
		}
		n.next("02:40")
		kinds := n.notices.kinds()
		if canceled := n.reloads[0].canceled; len(kinds) != 1 || !strings.HasPrefix(kinds[0], "overran") ||
			canceled != (then == chain.OnExceededCancel) {
			t.Errorf("%s: the notices were %v, canceled: %t", then, kinds, canceled)
		}
		n.ended("02:50", "a", "SUCCEEDED")
		n.play(1, 1)
		want := []string{"a #1", "b #1"}
		if then == chain.OnExceededCancel {
			want = want[:1]
		}
		if got := n.made(); !slices.Equal(got, want) || len(n.unfinished()) > 0 {
			t.Errorf("%s: the reloads are %v, want %v; unfinished %v", then, got, want, n.unfinished())
		}
	}
}
