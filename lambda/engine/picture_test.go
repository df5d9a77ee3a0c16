// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"errors"
	"slices"
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

func TestPictureFollowsANight(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	if p := w.picture(engine.PictureLatest); len(p.Runs) > 0 || node(p, "step:sales").URL != "https://acme.eu.qlikcloud.com/sense/app/"+node(p, "step:sales").AppID {
		t.Errorf("before the first run: %+v", p)
	}

	w.somebodyElse("sales", "SUCCEEDED")
	p := w.picture(engine.PictureLatest)
	if got := statuses(p, twoExtractsNodes...); !slices.Equal(got, []draw.Status{"succeeded", "idle", "joining", "joining", "idle"}) {
		t.Errorf("after sales: %q", got)
	}
	join := node(p, "join:transform")
	if join.Arrived != 1 || join.Of != 2 || !slices.Equal(join.Missing, []string{"hr"}) || !join.Until.Equal(time.Date(2026, 11, 24, 8, 0, 1, 0, time.UTC)) {
		t.Errorf("the join is %+v", join)
	}
	if says := node(p, "step:transform").Says; says != "waits for hr, 1 of 2, until 09:00" {
		t.Errorf("transform %s", says)
	}
	if e := way(p, "step:sales", "join:transform"); e.Way != draw.WayWaits {
		t.Errorf("the edge is %+v", e)
	}

	w.somebodyElse("hr", "SUCCEEDED")
	p = w.picture(engine.PictureLatest)
	if got := statuses(p, twoExtractsNodes...); !slices.Equal(got, []draw.Status{"succeeded", "succeeded", "succeeded", "running", "idle"}) {
		t.Errorf("after hr: %q", got)
	}
	if join := node(p, "join:transform"); join.Arrived != 2 || len(join.Missing) > 0 || way(p, "join:transform", "step:transform").Way != draw.WayTaken {
		t.Errorf("the join is %+v", join)
	}

	w.ends("transform", "FAILED")
	p = w.picture(engine.PictureLatest)
	if got := statuses(p, twoExtractsNodes...); !slices.Equal(got, []draw.Status{"succeeded", "succeeded", "succeeded", "failed", "skipped"}) {
		t.Errorf("after transform: %q", got)
	}
	if e := way(p, "step:transform", "step:report"); e.Way != draw.WayNotTaken || e.Says != "starts after transform = success; it ended with failure" || node(p, "step:report").Says != e.Says {
		t.Errorf("the edge is %+v, the step %+v", e, node(p, "step:report"))
	}

	// Each of the two runs shows the whole night, since they met.
	for _, number := range []int{1, 2} {
		whole := w.picture(w.record(number).ID)
		if got := statuses(whole, twoExtractsNodes...); !slices.Equal(got, []draw.Status{"succeeded", "succeeded", "succeeded", "failed", "skipped"}) || len(whole.Runs) != 2 {
			t.Errorf("of the run %d: %q of %q", number, got, whole.Runs)
		}
	}

	// The next night waits again, and says so above the last one's figures.
	w.clock.Advance(24 * time.Hour)
	w.somebodyElse("sales", "SUCCEEDED")
	p = w.picture(engine.PictureLatest)
	if got := statuses(p, twoExtractsNodes...); !slices.Equal(got, []draw.Status{"succeeded", "succeeded", "joining", "joining", "skipped"}) {
		t.Errorf("the next night: %q", got)
	}
	if n := node(p, "step:transform"); n.StartedAt.IsZero() || !n.Earlier || node(p, "step:sales").Earlier || !node(p, "step:hr").Earlier {
		t.Errorf("the next night, transform is %+v", n)
	}
}

// TestPictureOfAStepBegunByHand: the join before the step has nothing to do with it, and goes on showing what it did last.
func TestPictureOfAStepBegunByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.somebodyElse("hr", "SUCCEEDED")
	w.ends("transform", "SUCCEEDED")
	w.ends("report", "SUCCEEDED")
	w.clock.Advance(time.Minute)
	w.somebodyElse("transform", "FAILED")
	p := w.picture(engine.PictureLatest)
	if got := statuses(p, twoExtractsNodes...); !slices.Equal(got, []draw.Status{"succeeded", "succeeded", "succeeded", "failed", "skipped"}) {
		t.Errorf("the statuses are %q", got)
	}
	if n := node(p, "join:transform"); n.Arrived != 2 {
		t.Errorf("the join is %+v", n)
	}
	p = w.picture(w.record(3).ID)
	if got := statuses(p, twoExtractsNodes...); !slices.Equal(got, []draw.Status{"idle", "idle", "idle", "failed", "skipped"}) {
		t.Errorf("of the run alone, the statuses are %q", got)
	}
}

func TestPictureOfAJoinInVain(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("sales", "SUCCEEDED")
	w.nextTimer()
	n := node(w.picture(engine.PictureLatest), "join:transform")
	if n.Status != draw.StatusSkipped || n.Says != "waited for hr until 09:00, when the window of 6h had passed" || n.Arrived != 1 {
		t.Errorf("the join is %+v", n)
	}
	w.somebodyElse("hr", "FAILED")
	n = node(w.picture(engine.PictureLatest), "join:transform")
	if n.Status != draw.StatusSkipped || n.Says != "starts after hr = success; it ended with failure" {
		t.Errorf("after the failure the join is %+v", n)
	}
}

// TestPictureOfAJoinWithAFailure: in whatever order they end, the one that has arrived waits, and the failed one is missing.
func TestPictureOfAJoinWithAFailure(t *testing.T) {
	t.Parallel()
	for _, order := range [][]string{{"sales", "hr"}, {"hr", "sales"}} {
		w := newWorld(t, 1, twoExtracts())
		for _, step := range order {
			w.somebodyElse(step, map[string]string{"sales": "SUCCEEDED", "hr": "FAILED"}[step])
		}
		p := w.picture(engine.PictureLatest)
		n := node(p, "join:transform")
		if n.Status != draw.StatusJoining || n.Arrived != 1 || !slices.Equal(n.Missing, []string{"hr"}) || node(p, "step:transform").Status != draw.StatusJoining {
			t.Errorf("after %v the join is %+v", order, n)
		}
		if e := way(p, "step:hr", "join:transform"); e.Way != draw.WayNotTaken || e.Says != "starts after hr = success; it ended with failure" {
			t.Errorf("after %v the edge is %+v", order, e)
		}
	}
	w := newWorld(t, 1, twoExtracts())
	w.somebodyElse("hr", "FAILED")
	if n := node(w.picture(engine.PictureLatest), "join:transform"); n.Status != draw.StatusSkipped || n.Arrived != 0 || n.Of != 2 {
		t.Errorf("after the failure alone the join is %+v", n)
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
	w.somebodyElse("hr", "SUCCEEDED")
	p := w.picture(engine.PictureLatest)
	if n := node(p, "join:transform"); n.Status != draw.StatusSkipped || n.Arrived != 2 || len(n.Missing) > 0 || n.Says == "" {
		t.Errorf("the join is %+v", n)
	}
	if e := way(p, "join:transform", "step:transform"); e.Way != draw.WayNotTaken {
		t.Errorf("the edge behind the join is %+v", e)
	}
}

func TestPictureOfARetry(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, definition(map[string]chain.Step{
		"a": {Retry: &chain.Retry{MaxAttempts: 3, Interval: 5 * time.Minute}}, "b": {After: after("a", "success")}, "c": {After: after("a", "failure")},
	}))
	w.somebodyElse("a", "FAILED")
	n := node(w.picture(engine.PictureLatest), "step:a")
	if n.Status != draw.StatusWaiting || n.Attempt != 2 || n.Of != 3 || n.Says == "" || n.DueAt.IsZero() {
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
	if _, err := w.engine(w.execution()).Picture(t.Context(), "20260101T000000Z-00000000", ""); !errors.Is(err, engine.ErrNoRun) {
		t.Errorf("Picture() of a run that there is not = %v", err)
	}
}

func TestPictureShowsTheLatestRunOfEachOrigin(t *testing.T) {
	t.Parallel()
	w := newWorld(t, 1, twoExtracts())
	for _, step := range []string{"report", "hr", "report", "report"} {
		w.somebodyElse(step, "SUCCEEDED")
		w.clock.Advance(time.Minute)
	}
	if p := w.picture(engine.PictureLatest); !slices.Equal(p.Runs, []string{w.record(4).ID, w.record(2).ID}) {
		t.Errorf("it shows %q", p.Runs)
	}
	steps := w.index.Definition().Steps
	delete(steps, "report")
	if p := w.picture(engine.PictureLatest); len(p.Nodes) != 4 {
		t.Errorf("a step that was removed is still drawn: %+v", p.Nodes)
	}
}
