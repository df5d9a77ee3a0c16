// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// nightWith plays the night of a generated chain with one root. fails is the step that fails in every attempt; empty: none.
func nightWith(t *testing.T, seed uint64, fails string) *world {
	t.Helper()
	w, _ := randomWorld(t, seed, 14, 1)
	w.ending = func(step string, _ int) string {
		if step == fails {
			return "FAILED"
		}
		return "SUCCEEDED"
	}
	w.begin(chaintest.Roots(w.index.Definition())[0])
	w.play(1, 1)
	return w
}

// TestAttentionOfNights: a healthy night needs none. After one failure, what it blocks is as many steps as the reference model blocks.
func TestAttentionOfNights(t *testing.T) {
	t.Parallel()
	random, blocked, listed := rand.New(rand.NewPCG(1, 2)), 0, 0
	for seed := range uint64(30) {
		w := nightWith(t, seed, "")
		if p := w.picture(engine.PictureLatest); len(p.Attention) > 0 || p.LastGood == nil || p.LastGood.ID != w.record(1).ID {
			t.Errorf("seed %d: a healthy night has %+v, the last good run %+v", seed, p.Attention, p.LastGood)
		}
		ran := w.made()
		fails, _, _ := strings.Cut(ran[random.IntN(len(ran))], " ")
		w = nightWith(t, seed, fails)
		stands := w.modelOfAll(w.store.Items(), len(w.journal.entries)).Standings()[w.record(1).ID]
		want := 0
		for _, s := range stands {
			if s.Is == reference.Skipped && s.Kind == reference.Blocked {
				want++
			}
		}
		p := w.picture(engine.PictureLatest)
		got := 0
		for _, a := range p.Attention {
			if a.Kind != draw.AttentionFailed || a.Step != fails || len(a.Blocks) != min(a.Blocked, 10) {
				t.Errorf("seed %d: %s failed, and this needs attention: %+v", seed, fails, a)
			}
			got += a.Blocked
		}
		bad := w.record(1).Status == "failed"
		if got != want || len(p.Attention) > 0 != bad || (p.LastGood == nil) != bad {
			t.Errorf("seed %d: %s blocks %d steps, in the model %d; the attention is %+v", seed, fails, got, want, p.Attention)
		}
		blocked += got
		listed += len(p.Attention)
	}
	if blocked < 30 || listed < 15 {
		t.Errorf("30 failures block %d steps, and %d are listed: too few to say anything", blocked, listed)
	}
}

// TestAttentionForWhatWaits: a wait that expires, a parked start and the webhook's trouble.
func TestAttentionForWhatWaits(t *testing.T) {
	t.Parallel()
	d := twoExtracts()
	d.Schedule = &chain.Schedule{Cron: "0 2 * * ? *"}
	w := newWorld(t, 1, d)
	kinds := func() (all []string) {
		for _, a := range w.picture(engine.PictureLatest).Attention {
			all = append(all, string(a.Kind)+" "+a.Step)
		}
		return all
	}
	w.pause(t)
	w.schedule("sales", 1)
	w.run(1)
	if got := kinds(); !slices.Equal(got, []string{"parked sales"}) {
		t.Errorf("during a pause: %q", got)
	}
	w.resume(t)
	w.ends("sales", "SUCCEEDED")
	if got := kinds(); len(got) > 0 {
		t.Errorf("while transform waits for hr: %q", got)
	}
	w.play(1, 1) // the cycle's end
	if got := kinds(); !slices.Equal(got, []string{"expired transform"}) {
		t.Errorf("after the cycle: %q", got)
	}
	p := w.picture(engine.PictureLatest)
	if a := p.Attention[0]; a.Blocked != 1 || !slices.Equal(a.Blocks, []string{"report"}) ||
		a.Reason != "expired: hr had no result by 18:00" {
		t.Errorf("the expired wait is %+v", a)
	}
	if len(p.Schedules) != 1 || !p.Schedules[0].Next.After(w.clock.Now()) || p.Schedules[0].Step != "" {
		t.Errorf("the schedules are %+v", p.Schedules)
	}
}

// TestAJoinCountsWhatTheDecisionKnows: the picture of one run counts what other runs have brought to its join, also if both began at the
// same time.
func TestAJoinCountsWhatTheDecisionKnows(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {}, "b": {}, "c": {}, "d": {}, "all": {After: after("a", "success", "b", "success", "c", "success", "d", "success")},
	}))
	w.begin("a")
	w.begin("b")
	for _, r := range w.active() {
		r.EndTime.Time = w.clock.Now()
		w.end(r, 1)
		w.clock.Advance(-time.Second)
		w.run(1)
	}
	for _, of := range []string{w.record(1).ID, w.record(2).ID, engine.PictureLatest} {
		p := w.picture(of)
		join, step := node(p, "join:all"), node(p, "step:all")
		if join.Arrived != 2 || !slices.Equal(join.Missing, []string{"c", "d"}) ||
			!strings.HasPrefix(step.Reason, "waits for c and d: they have no result") {
			t.Errorf("the picture of %q has %d of %d, waiting for %v; the step %s", of, join.Arrived, join.Of, join.Missing, step.Reason)
		}
	}
}

// TestDeadlinesAndHistory: what is missing by a deadline, whether it was missed, and how long the steps usually take.
func TestDeadlinesAndHistory(t *testing.T) {
	t.Parallel()
	d := definition(map[string]chain.Step{"a": {}, "b": {After: after("a", "success")}})
	d.ExpectBy, d.Timezone = &chain.ExpectBy{Time: "06:00"}, "UTC"
	w := newWorld(t, 1, d)
	for night, minutes := range []int{10, 30, 20} {
		w.clock.Advance(w.at(2, 0).AddDate(0, 0, night).Sub(w.clock.Now()))
		w.begin("a")
		w.clock.Advance(time.Duration(minutes)*time.Minute - time.Second)
		w.end(w.active()[0], 1)
		w.run(1)
		p := w.picture(engine.PictureLatest)
		if len(p.Deadlines) != 1 || p.Deadlines[0].By != "06:00 UTC" || !p.Deadlines[0].At.After(w.clock.Now()) ||
			!slices.Equal(p.Deadlines[0].Missing, []string{"b"}) || len(p.Attention) > 0 || !p.Deadlines[0].Begins.IsZero() {
			t.Errorf("before the deadline: %+v, %+v", p.Deadlines, p.Attention)
		}
		w.clock.Advance(5 * time.Hour)
		if p := w.picture(engine.PictureLatest); len(p.Attention) != 1 || p.Attention[0].Kind != draw.AttentionLate ||
			p.Attention[0].Reason != "Not done by 06:00 UTC: b." || len(p.Deadlines[0].Missing) > 0 ||
			!p.Deadlines[0].Begins.Equal(w.at(18, 0).AddDate(0, 0, night)) { // the next deadline is about a cycle that has not begun
			t.Errorf("after the deadline: %+v, %+v", p.Attention, p.Deadlines)
		}
		w.play(1, 1)
	}
	h, err := w.engine(w.execution()).History(t.Context(), 2)
	if err != nil || len(h.Runs) != 2 || len(h.Runs[0].Steps) != 2 || h.Runs[0].Steps[0].Seconds != 1200 ||
		!h.Runs[0].At.After(h.Runs[1].At) {
		t.Fatalf("the history is %+v (%v)", h, err)
	}
	if a := h.Typical[0]; a.Step != "a" || a.Of != 3 || a.Seconds != 1200 {
		t.Errorf("a typically takes %+v", a)
	}
}

// TestTheLastGoodRunDidItAll: of a night in two runs, the one that succeeded as far as it went is no good run if the rest of it failed.
func TestTheLastGoodRunDidItAll(t *testing.T) {
	t.Parallel()
	n := newDiary(t, map[string]chain.Step{"sales": {}, "hr": {}, "transform": {After: after("sales", "success", "hr", "success")}})
	d := *n.index.Definition()
	d.NotifyOn, d.SummaryAt = []chain.NotifyOn{"failure", "success"}, "07:00"
	n.index, n.notices = chain.NewIndex(&d), &sentNotices{}
	n.scheduled("02:00", "sales")
	n.scheduled("02:05", "hr")
	n.ended("02:10", "sales", "SUCCEEDED")
	n.ended("02:20", "hr", "SUCCEEDED")
	n.ended("02:30", "transform", "FAILED")
	n.next("03:00")
	p := n.picture(engine.PictureLatest)
	if continued := n.record(1).Counts.Continued + n.record(2).Counts.Continued; continued == 0 {
		t.Fatalf("no run goes on in another: %+v %+v", n.record(1).Counts, n.record(2).Counts)
	}
	if p.LastGood != nil || len(p.Attention) != 1 {
		t.Errorf("the last good run is %+v, and this needs attention: %+v", p.LastGood, p.Attention)
	}
	for _, sent := range n.notices.notices {
		if sent.Kind != engine.NoticeFailed {
			t.Errorf("a night that failed is reported as %s: %+v", sent.Kind, sent)
		}
	}
	n.summarize(t, n.at(7, 0))
	if s := n.notices.notices[len(n.notices.notices)-1].Summary; s == nil || s.Succeeded != 0 || s.Failed != 1 {
		t.Errorf("the summary of a night that failed is %+v", s)
	}
}
