// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// picture is the chain's picture of a run.
func (w *world) picture(run string) *draw.Picture {
	w.t.Helper()
	p, err := w.engine(w.execution()).Picture(w.t.Context(), run, "https://acme.eu.qlikcloud.com")
	if err != nil {
		w.t.Fatal(err)
	}
	return p
}

func node(p *draw.Picture, id string) draw.Node {
	i := slices.IndexFunc(p.Nodes, func(n draw.Node) bool { return n.ID == id })
	if i < 0 {
		return draw.Node{}
	}
	return p.Nodes[i]
}

// statuses are those of these nodes, in their order.
func statuses(p *draw.Picture, ids ...string) []draw.Status {
	var all []draw.Status
	for _, id := range ids {
		all = append(all, node(p, id).Status)
	}
	return all
}

func way(p *draw.Picture, from, to string) draw.Edge {
	i := slices.IndexFunc(p.Edges, func(e draw.Edge) bool { return e.From == from && e.To == to })
	if i < 0 {
		return draw.Edge{}
	}
	return p.Edges[i]
}

var twoExtractsNodes = []string{"step:sales", "step:hr", "join:transform", "step:transform", "step:report"}

// whole compares the statuses of the nodes of twoExtracts in a picture.
func whole(t *testing.T, when string, p *draw.Picture, want ...draw.Status) {
	t.Helper()
	if got := statuses(p, twoExtractsNodes...); !slices.Equal(got, want) {
		t.Errorf("%s: %q, want %q", when, got, want)
	}
}

func TestPictureFollowsANight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	if p := w.picture(engine.PictureLatest); len(p.Runs) > 0 || node(p, "step:sales").URL != "https://acme.eu.qlikcloud.com/sense/app/"+
		node(p, "step:sales").Target.ID {
		t.Errorf("before the first run: %+v", p)
	}

	w.somebodyElse("sales", "SUCCEEDED")
	p := w.picture(engine.PictureLatest)
	whole(t, "after sales", p, "succeeded", "idle", "joining", "joining", "pending")
	join := node(p, "join:transform")
	if join.Arrived != 1 || join.Of != 2 || !slices.Equal(join.Missing, []string{"hr"}) ||
		!join.Until.Equal(time.Date(2026, 11, 24, 17, 0, 0, 0, time.UTC)) {
		t.Errorf("the join is %+v", join)
	}
	if says := node(p, "step:transform").Reason; !strings.HasPrefix(says, "waits for hr: it has no result since 18:00") {
		t.Errorf("transform %s", says)
	}
	if e := way(p, "step:sales", "join:transform"); e.Way != draw.WayWaits {
		t.Errorf("the edge is %+v", e)
	}

	w.clock.Advance(time.Second)
	w.somebodyElse("hr", "SUCCEEDED")
	p = w.picture(engine.PictureLatest)
	whole(t, "after hr", p, "succeeded", "succeeded", "succeeded", "running", "pending")
	if join := node(p, "join:transform"); join.Arrived != 2 || len(join.Missing) > 0 ||
		way(p, "join:transform", "step:transform").Way != draw.WayTaken {
		t.Errorf("the join is %+v", join)
	}

	w.ends("transform", "FAILED")
	p = w.picture(engine.PictureLatest)
	whole(t, "after transform", p, "succeeded", "succeeded", "succeeded", "failed", "blocked")
	if e := way(p, "step:transform", "step:report"); e.Way != draw.WayNotTaken || e.Reason != "is blocked: transform failed" ||
		node(p, "step:report").Reason != e.Reason {
		t.Errorf("the edge is %+v, the step %+v", e, node(p, "step:report"))
	}

	// Each of the two runs shows the whole night, since they met.
	for _, number := range []int{1, 2} {
		met := w.picture(w.record(number).ID)
		whole(t, "of one run", met, "succeeded", "succeeded", "succeeded", "failed", "blocked")
		if len(met.Runs) != 2 || met.Runs[0].ID != w.record(2).ID || met.Runs[0].Status != "failed" {
			t.Errorf("of the run %d it shows %+v", number, met.Runs)
		}
	}

	// The next night waits again, and says so above the last one's figures.
	w.clock.Advance(24 * time.Hour)
	w.somebodyElse("sales", "SUCCEEDED")
	p = w.picture(engine.PictureLatest)
	whole(t, "the next night", p, "succeeded", "succeeded", "joining", "joining", "pending")
	if node(p, "step:sales").Earlier || !node(p, "step:hr").Earlier || node(p, "step:transform").Earlier {
		t.Errorf("the next night: %+v", p.Nodes)
	}
}

// TestPictureOfAStepBegunByHand: the steps before it have nothing to do with it, and go on showing what they did last.
func TestPictureOfAStepBegunByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.clock.Advance(time.Second)
	w.somebodyElse("hr", "SUCCEEDED")
	w.ends("transform", "SUCCEEDED")
	w.ends("report", "SUCCEEDED")
	w.clock.Advance(time.Minute)
	w.somebodyElse("transform", "FAILED")
	p := w.picture(engine.PictureLatest)
	if got := statuses(p, "step:sales", "step:hr", "step:transform", "step:report"); !slices.Equal(got,
		[]draw.Status{"succeeded", "succeeded", "failed", "blocked"}) {
		t.Errorf("the statuses are %q", got)
	}
	p = w.picture(w.record(3).ID)
	if got := statuses(p, "step:sales", "step:hr", "step:transform", "step:report"); !slices.Equal(got,
		[]draw.Status{"idle", "idle", "failed", "blocked"}) {
		t.Errorf("of the run alone, the statuses are %q", got)
	}
}

func TestPictureOfAWaitInVain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.nextTimer()
	p := w.picture(engine.PictureLatest)
	whole(t, "after the cycle", p, "succeeded", "idle", "expired", "expired", "expired")
	if n := node(p, "join:transform"); n.Arrived != 1 || n.Reason != "expired: hr had no result by 18:00" {
		t.Errorf("the join is %+v", n)
	}
}

// TestPictureOfAJoinWithAFailure: in whatever order they end, the step is blocked by the one that failed.
func TestPictureOfAJoinWithAFailure(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"sales", "hr"}, {"hr", "sales"}} {
		w := newWorld(t, 1, twoExtracts())
		for _, step := range order {
			w.somebodyElse(step, map[string]string{"sales": "SUCCEEDED", "hr": "FAILED"}[step])
			w.clock.Advance(time.Second)
		}
		p := w.picture(engine.PictureLatest)
		if n := node(p, "step:transform"); n.Status != draw.StatusBlocked || !strings.Contains(n.Reason, "hr failed") {
			t.Errorf("after %v transform is %+v", order, n)
		}
		if e := way(p, "step:hr", "join:transform"); e.Way != draw.WayNotTaken {
			t.Errorf("after %v the edge is %+v", order, e)
		}
	}
}

func TestPictureOfAGuardBehindAJoin(t *testing.T) {
	t.Parallel()
	d := twoExtracts()
	s := d.Steps["transform"]
	s.When = "origin == 'report'"
	d.Steps["transform"] = s
	w := newWorld(t, 1, d)
	w.somebodyElse("sales", "SUCCEEDED")
	w.clock.Advance(time.Second)
	w.somebodyElse("hr", "SUCCEEDED")
	p := w.picture(engine.PictureLatest)
	whole(t, "after both", p, "succeeded", "succeeded", "skipped", "skipped", "skipped")
	if n := node(p, "join:transform"); n.Arrived != 2 || len(n.Missing) > 0 || n.Reason == "" {
		t.Errorf("the join is %+v", n)
	}
	if e := way(p, "join:transform", "step:transform"); e.Way != draw.WayNotTaken {
		t.Errorf("the edge behind the join is %+v", e)
	}
}

func TestPictureOfARetry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {Retry: &chain.Retry{MaxAttempts: 3, Interval: chain.Duration(5 * time.Minute)}}, "b": {After: after("a", "success")},
		"c": {After: after("a", "failure")},
	}))
	w.somebodyElse("a", "FAILED")
	n := node(w.picture(engine.PictureLatest), "step:a")
	if n.Status != draw.StatusWaiting || n.Attempt != 2 || n.Of != 3 || n.Reason == "" || n.DueAt.IsZero() {
		t.Errorf("while it waits, a is %+v", n)
	}
	w.nextTimer()
	w.ends("a", "SUCCEEDED")
	p := w.picture(engine.PictureLatest)
	if got := statuses(p, "step:a", "step:b", "step:c"); !slices.Equal(got, []draw.Status{"succeeded", "running", "skipped"}) {
		t.Errorf("after the second attempt: %q", got)
	}
}

func TestPictureOfARunOrOfNone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "CANCELED")
	if p := w.picture(engine.PictureNone); len(p.Runs) > 0 || node(p, "step:sales").Status != draw.StatusIdle {
		t.Errorf("of no run: %+v", p)
	}
	if n := node(w.picture(w.record(1).ID), "step:sales"); n.Status != draw.StatusCanceled || n.Reload == "" {
		t.Errorf("sales is %+v", n)
	}
	if _, err := w.engine(w.execution()).Picture(t.Context(), "20260101T000000000Z-00000000", ""); !errors.Is(err, engine.ErrNoRun) {
		t.Errorf("Picture() of a run that there is not = %v", err)
	}
}

// TestPictureOfAStepAlone checks that what follows a step shows its last run after the step ran alone, however often.
func TestPictureOfAStepAlone(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("transform", "SUCCEEDED")
	w.ends("report", "FAILED")
	for range 9 { // more than the runs that a picture shows
		w.clock.Advance(time.Minute)
		w.beginAlone(t, "transform")
		w.ends("transform", "SUCCEEDED")
	}
	p := w.picture(engine.PictureLatest)
	if got := statuses(p, "step:transform", "step:report"); !slices.Equal(got, []draw.Status{"succeeded", "failed"}) || len(p.Runs) != 2 {
		t.Errorf("the statuses are %q in %d runs", got, len(p.Runs))
	}
}

func TestPictureShowsTheLatestRunOfEachOrigin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	for _, step := range []string{"report", "hr", "report", "report"} {
		w.somebodyElse(step, "SUCCEEDED")
		w.clock.Advance(time.Minute)
	}
	if p := w.picture(engine.PictureLatest); len(p.Runs) != 2 || p.Runs[0].ID != w.record(4).ID || p.Runs[1].ID != w.record(2).ID {
		t.Errorf("it shows %+v", p.Runs)
	}
	steps := w.index.Definition().Steps
	delete(steps, "report")
	if p := w.picture(engine.PictureLatest); len(p.Nodes) != 4 {
		t.Errorf("a step that was removed is still drawn: %+v", p.Nodes)
	}
}
