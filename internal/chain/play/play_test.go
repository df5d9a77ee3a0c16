// SPDX-License-Identifier: MPL-2.0

package play_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// at is a time of Tuesday, 2 June 2026, or so many days later.
func at(clock string, days ...int) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err)
	}
	for _, n := range days {
		t = t.AddDate(0, 0, n)
	}
	return time.Date(2026, time.June, 2+t.Day()-1, t.Hour(), t.Minute(), 0, 0, time.UTC)
}

func after(app int, upstreams ...string) chain.Step {
	s := chain.Step{App: chaintest.AppID(app), Enabled: true}
	for _, u := range upstreams {
		if s.After == nil {
			s.After = map[string]chain.Condition{}
		}
		s.After[u] = chain.ConditionSuccess
	}
	return s
}

// report is a chain of two extracts and a report, changed by edits.
func report(edits ...func(d *chain.Definition)) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "x", Timezone: "UTC", Steps: map[string]chain.Step{
		"sales": after(1), "hr": after(2), "report": after(3, "sales", "hr"),
	}}
	for _, edit := range edits {
		edit(d)
	}
	return d
}

// with changes a step.
func with(name string, edit func(s *chain.Step)) func(d *chain.Definition) {
	return func(d *chain.Definition) {
		s := d.Steps[name]
		edit(&s)
		d.Steps[name] = s
	}
}

// lines are the reloads of a play: the day, the time, the step, its attempt, its run and how it ended.
func lines(p *play.Play) []string {
	var all []string
	for i := range p.Reloads {
		r := &p.Reloads[i]
		line := fmt.Sprintf("%s %s %d in %s %s", r.Start.Format("2 15:04"), r.Step, r.Attempt, r.Run, strings.ToLower(r.Status))
		if r.ByHand {
			line += " by hand"
		}
		all = append(all, line)
	}
	return all
}

func ends(p *play.Play) []string {
	var all []string
	for i := range p.Runs {
		r := &p.Runs[i]
		all = append(all, fmt.Sprintf("%s %s %s", r.ID, r.Summary.Status, r.Ended.Format("2 15:04")))
	}
	return all
}

type statuses = map[string][]string

// endings are reloads of ten minutes that end so, by step; the last one also stands for further ones, none for a success.
func endings(of statuses) func(step string, n int) play.Ending {
	return func(step string, n int) play.Ending {
		status := "SUCCEEDED"
		if all := of[step]; len(all) > 0 {
			status = all[min(n, len(all))-1]
		}
		return play.Ending{Status: status, Duration: 10 * time.Minute}
	}
}

func TestPlay(t *testing.T) {
	t.Parallel()
	night := play.Begin{At: at("02:00"), Steps: []string{"sales", "hr"}}
	retried := with("hr", func(s *chain.Step) { s.Retry = &chain.Retry{MaxAttempts: 2, Interval: chain.Duration(time.Hour)} })
	for name, test := range map[string]struct {
		definition *chain.Definition
		events     []play.Event
		ends       statuses
		until      time.Time
		reloads    []string
		runs       []string
		says       map[string]string // by run and step
		reports    string
	}{
		"a further attempt": {
			report(retried), []play.Event{night}, statuses{"hr": {"FAILED", "SUCCEEDED"}}, time.Time{},
			[]string{"2 02:00 hr 1 in 1 failed", "2 02:00 sales 1 in 1 succeeded", "2 03:10 hr 2 in 1 succeeded",
				"2 03:20 report 1 in 1 succeeded"},
			[]string{"1 succeeded 2 03:30"}, map[string]string{"1 hr": "succeeded in attempt 2"}, "",
		},
		"a reload by hand is the further attempt": {
			report(retried), []play.Event{night, play.Reload{At: at("02:20"), Step: "hr"}}, statuses{"hr": {"FAILED", "SUCCEEDED"}},
			time.Time{},
			[]string{"2 02:00 hr 1 in 1 failed", "2 02:00 sales 1 in 1 succeeded", "2 02:20 hr 2 in 1 succeeded by hand",
				"2 02:30 report 1 in 1 succeeded"},
			[]string{"1 succeeded 2 02:40"}, nil, "",
		},
		"also of a run of the cycle before": {
			report(retried), []play.Event{play.Begin{At: at("17:40"), Steps: []string{"sales", "hr"}}, play.Reload{At: at("18:20"),
				Step: "hr"}},
			statuses{"hr": {"FAILED", "SUCCEEDED"}}, time.Time{},
			[]string{"2 17:40 hr 1 in 1 failed", "2 17:40 sales 1 in 1 succeeded", "2 18:20 hr 2 in 1 succeeded by hand",
				"2 18:30 report 1 in 1 succeeded"},
			[]string{"1 succeeded 2 18:40"}, nil, "",
		},
		"a pause": {
			report(), []play.Event{play.Pause{At: at("01:00")}, night, play.Resume{At: at("05:00")}}, nil, time.Time{},
			[]string{"2 05:00 hr 1 in 1 succeeded", "2 05:00 sales 1 in 1 succeeded", "2 05:10 report 1 in 1 succeeded"},
			[]string{"1 succeeded 2 05:20"}, nil, "",
		},
		"a pause over two cycles": {
			report(), []play.Event{
				play.Pause{At: at("01:00")}, night, play.Begin{At: at("02:00", 1), Steps: []string{"sales"}}, play.Resume{At: at("05:00", 1)},
			}, nil, time.Time{},
			[]string{"3 05:00 hr 1 in 1 succeeded", "3 05:00 sales 1 in 2 succeeded"}, []string{"1 failed 3 05:10", "2 failed 3 18:00"},
			map[string]string{
				"1 sales": "goes on in the run 2", "1 report": "expired: sales had no result by 18:00 on 2026-06-02",
				"2 report": "expired: hr had no result by 18:00",
			}, "",
		},
		"a run is canceled": {
			report(), []play.Event{night, play.Cancel{At: at("02:05"), Run: "1"}}, nil, time.Time{},
			[]string{"2 02:00 hr 1 in 1 canceled", "2 02:00 sales 1 in 1 canceled"}, []string{"1 canceled 2 02:05"}, nil, "",
		},
		"a step is skipped in one cycle": {
			report(with("report", func(s *chain.Step) { s.WaitFor = chain.WaitForAllStarted })),
			[]play.Event{play.Skip{At: at("01:00"), Step: "hr", Reason: "no data"}, night, play.Begin{At: at("02:00", 1),
				Steps: []string{"sales", "hr"}}}, nil, time.Time{},
			[]string{
				"2 02:00 sales 1 in 1 succeeded", "2 02:10 report 1 in 1 succeeded", "3 02:00 hr 1 in 2 succeeded",
				"3 02:00 sales 1 in 2 succeeded",
				"3 02:10 report 1 in 2 succeeded",
			},
			[]string{"1 succeeded 2 02:20", "2 succeeded 3 02:20"}, map[string]string{"1 hr": "was skipped by an operator: no data"}, "",
		},
		"a step is marked as succeeded": {
			report(), []play.Event{night, play.Mark{At: at("07:00"), Run: "1", Step: "hr"}}, statuses{"hr": {"FAILED"}}, time.Time{},
			[]string{"2 02:00 hr 1 in 1 failed", "2 02:00 sales 1 in 1 succeeded", "2 07:00 report 1 in 2 succeeded"},
			[]string{"1 failed 2 02:10", "2 succeeded 2 07:10"}, map[string]string{"1 report": "is blocked: hr failed"}, "",
		},
		"a rerun after the cycle": {
			report(), []play.Event{night, play.Rerun{At: at("07:00", 1), Run: "1"}}, statuses{"hr": {"FAILED", "SUCCEEDED"}}, time.Time{},
			[]string{"2 02:00 hr 1 in 1 failed", "2 02:00 sales 1 in 1 succeeded", "3 07:00 hr 1 in 2 succeeded",
				"3 07:10 report 1 in 2 succeeded"},
			[]string{"1 failed 2 02:10", "2 succeeded 3 07:20"}, nil, "",
		},
		"the definition changes while a step is under way": {
			report(), []play.Event{night, play.Change{At: at("02:05"), Definition: report(func(d *chain.Definition) {
				d.Steps["people"] = d.Steps["hr"] // renamed
				delete(d.Steps, "hr")
				r := d.Steps["report"]
				r.After, r.Delay = map[string]chain.Condition{"sales": chain.ConditionSuccess, "people": chain.ConditionSuccess},
					chain.Duration(5*time.Minute)
				d.Steps["report"] = r
			})}}, nil, time.Time{},
			[]string{"2 02:00 hr 1 in 1 succeeded", "2 02:00 sales 1 in 1 succeeded", "2 02:15 report 1 in 1 succeeded"},
			[]string{"1 succeeded 2 02:25"}, nil, "",
		},
		"a step is removed while its upstreams are under way": {
			report(), []play.Event{night, play.Change{At: at("02:05"), Definition: report(func(d *chain.Definition) {
				delete(d.Steps,
					"report")
			})}}, nil, time.Time{},
			[]string{"2 02:00 hr 1 in 1 succeeded", "2 02:00 sales 1 in 1 succeeded"}, []string{"1 succeeded 2 02:10"},
			map[string]string{"1 report": "was removed from the chain"}, "",
		},
		"max_running": {
			report(func(d *chain.Definition) { d.MaxRunning = 1 }), []play.Event{night}, nil, time.Time{},
			[]string{"2 02:00 sales 1 in 1 succeeded", "2 02:10 hr 1 in 1 succeeded", "2 02:20 report 1 in 1 succeeded"},
			[]string{"1 succeeded 2 02:30"}, nil, "",
		},
		"max_running over two cycles": {
			report(func(d *chain.Definition) { d.MaxRunning = 1 }),
			[]play.Event{play.Begin{At: at("17:55"), Steps: []string{"sales"}}, play.Begin{At: at("18:00"), Steps: []string{"hr"}}},
			nil, time.Time{},
			[]string{"2 17:55 sales 1 in 1 succeeded", "2 18:05 hr 1 in 2 succeeded"}, []string{"1 failed 2 18:05", "2 failed 3 18:00"},
			map[string]string{"1 report": "expired: hr had no result by 18:00", "2 report": "expired: sales had no result by 18:00"}, "",
		},
		"max_duration": {
			report(with("hr", func(s *chain.Step) {
				s.MaxDuration = &chain.MaxDuration{After: chain.Duration(5 * time.Minute), OnExceeded: chain.OnExceededCancel}
			})),
			[]play.Event{night}, nil, time.Time{}, []string{"2 02:00 hr 1 in 1 canceled", "2 02:00 sales 1 in 1 succeeded"},
			[]string{"1 failed 2 02:10"},
			map[string]string{"1 report": "is blocked: hr was canceled"}, "overran hr at 02:05",
		},
		"a schedule that waits for its previous run": {
			report(func(d *chain.Definition) { d.Overlap = chain.OverlapQueue }), []play.Event{
				play.Begin{At: at("02:00"), Steps: []string{"sales", "hr"}, Schedule: play.ChainSchedule},
				play.Begin{At: at("02:05"), Steps: []string{"sales", "hr"}, Schedule: play.ChainSchedule},
			}, nil, time.Time{},
			[]string{
				"2 02:00 hr 1 in 1 succeeded", "2 02:00 sales 1 in 1 succeeded", "2 02:10 report 1 in 1 succeeded",
				"2 02:20 hr 1 in 2 succeeded",
				"2 02:20 sales 1 in 2 succeeded", "2 02:30 report 1 in 2 succeeded",
			},
			[]string{"1 succeeded 2 02:20", "2 succeeded 2 02:40"}, nil, "",
		},
		"carried over": {
			report(with("report", func(s *chain.Step) { s.CarryOver = map[string]chain.Duration{"hr": chain.Duration(30 * time.Hour)} })),
			[]play.Event{night, play.Begin{At: at("02:00", 1), Steps: []string{"sales"}}, play.Begin{At: at("12:00", 2),
				Steps: []string{"sales"}}}, nil, time.Time{},
			[]string{
				"2 02:00 hr 1 in 1 succeeded", "2 02:00 sales 1 in 1 succeeded", "2 02:10 report 1 in 1 succeeded",
				"3 02:00 sales 1 in 2 succeeded",
				"3 02:10 report 1 in 2 succeeded", "4 12:00 sales 1 in 3 succeeded",
			},
			[]string{"1 succeeded 2 02:20", "2 succeeded 3 02:20", "3 failed 4 18:00"},
			map[string]string{"3 report": "expired: hr had no result by 18:00"}, "",
		},
		"it stops": {
			report(), []play.Event{night}, nil, at("02:05"), []string{"2 02:00 hr 1 in 1 ", "2 02:00 sales 1 in 1 "},
			[]string{"1 under_way 1 00:00"},
			map[string]string{"1 report": "waits for hr and sales in this run"}, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			p, err := play.Of(play.Script{Definition: test.definition, Events: test.events, Ending: endings(test.ends), Until: test.until})
			if err != nil {
				t.Fatal(err)
			}
			if have := lines(p); !slices.Equal(have, test.reloads) {
				t.Errorf("the reloads are\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(test.reloads, "\n"))
			}
			if have := ends(p); !slices.Equal(have, test.runs) {
				t.Errorf("the runs are %q, want %q", have, test.runs)
			}
			for _, r := range p.Runs {
				for step, stand := range r.Steps {
					if want, asked := test.says[r.ID+" "+step]; asked && stand.Reason != want {
						t.Errorf("%s in %s %s, want %s", step, r.ID, stand.Reason, want)
					}
				}
			}
			var reports []string
			for _, r := range p.Reports {
				reports = append(reports, fmt.Sprintf("%s %s at %s", r.Kind, r.Step, r.At.Format("15:04")))
			}
			if have := strings.Join(reports, ", "); have != test.reports {
				t.Errorf("the reports are %q, want %q", have, test.reports)
			}
		})
	}
}

// TestMaxStartsPerHour: what starts too often is parked and reported, and goes on when the chain is resumed.
func TestMaxStartsPerHour(t *testing.T) {
	t.Parallel()
	d := report(with("hr", func(s *chain.Step) { s.MaxStartsPerHour = 2 }))
	var events []play.Event
	for _, clock := range []string{"02:00", "02:15", "02:30"} {
		events = append(events, play.Begin{At: at(clock), Steps: []string{"hr"}})
	}
	p, err := play.Of(play.Script{Definition: d, Events: append(events, play.Resume{At: at("02:45")}), Ending: endings(nil)})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Reports) != 1 || p.Reports[0].Kind != run.EffectParked || p.Reports[0].Run != "3" || !p.Reports[0].At.Equal(at("02:30")) {
		t.Errorf("the reports are %v", p.Reports)
	}
	if have, want := lines(p)[2], "2 02:45 hr 1 in 3 succeeded"; have != want {
		t.Errorf("the third start is %q, want %q", have, want)
	}
}

func TestPlayRefuses(t *testing.T) {
	t.Parallel()
	night := play.Begin{At: at("02:00"), Steps: []string{"sales", "hr"}}
	for want, event := range map[string]play.Event{
		`there is no step "x" in the chain`:                                  play.Reload{At: at("03:00"), Step: "x"},
		`there is no run "2" at 03:00: 1 runs have begun`:                    play.Cancel{At: at("03:00"), Run: "2"},
		`no step of the run "1" has failed by 03:00: name the step to rerun`: play.Rerun{At: at("03:00"), Run: "1"},
		`there is no run "0" at 03:00: 1 runs have begun`:                    play.Mark{At: at("03:00"), Run: "0", Step: "hr"},
		`there is no step "y" in the chain`:                                  play.Begin{At: at("03:00"), Steps: []string{"hr", "y"}},
		`there is no step "z" in the chain`:                                  play.Skip{At: at("03:00"), Step: "z"},
		`time zone`: play.Change{At: at("03:00"),
			Definition: report(func(d *chain.Definition) { d.Timezone = "Nowhere" })},
		`hr is under way in the run "1" at 02:00`:         play.Rerun{At: at("02:00"), Run: "1", Step: "hr"},
		`report cannot be marked in the run "1" at 03:00`: play.Mark{At: at("03:00"), Run: "1", Step: "report"},
	} {
		_, err := play.Of(play.Script{Definition: report(), Events: []play.Event{night, event}})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: %v, want %s", event, err, want)
		}
	}
}

// TestSchedules: runs begin when the schedules of the chain and its steps say.
func TestSchedules(t *testing.T) {
	t.Parallel()
	d := report(func(d *chain.Definition) { d.Timezone = "Europe/Zurich" },
		func(d *chain.Definition) {
			d.Schedule = &chain.Schedule{Cron: "0 2 * * ? *", Except: []string{"2026-06-03"}}
		},
		with("hr", func(s *chain.Step) { s.Schedule = &chain.Schedule{Rate: chain.Duration(12 * time.Hour)} }))
	events, err := play.Schedules(d, at("00:00"), at("00:00", 3))
	if err != nil {
		t.Fatal(err)
	}
	var have []string
	for _, e := range events {
		begin, ok := e.(play.Begin)
		if !ok {
			t.Fatalf("an event is %T", e)
		}
		have = append(have, fmt.Sprintf("%s %v by %s", begin.At.UTC().Format("2 15:04"), begin.Steps, begin.Schedule))
	}
	hr := "[hr] by step:" + chaintest.AppID(2)
	want := []string{
		"2 00:00 [sales] by chain", "4 00:00 [sales] by chain", "2 00:00 " + hr, "2 12:00 " + hr, "3 00:00 " + hr, "3 12:00 " + hr,
		"4 00:00 " + hr, "4 12:00 " + hr,
	}
	if !slices.Equal(have, want) {
		t.Errorf("the schedules are\n%s\nwant\n%s", strings.Join(have, "\n"), strings.Join(want, "\n"))
	}
}

// TestRandomPlays: in random chains over three cycles every run ends, and each start has its results: at most once for the same ones.
func TestRandomPlays(t *testing.T) {
	t.Parallel()
	reloads := 0
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 5))
		d := chaintest.Random(r, 15, 4)
		events, err := play.Schedules(d, at("18:00", -1), at("18:00", 2))
		if err != nil {
			t.Fatal(err)
		}
		for day := range 3 {
			if steps := d.ScheduledSteps(); len(steps) > 0 {
				events = append(events, play.Begin{At: at("02:00", day), Steps: steps})
			}
		}
		for _, root := range chaintest.Roots(d) {
			events = append(events, play.Reload{At: at("15:00", r.IntN(3)), Step: root})
		}
		how := chaintest.Endings(seed, d)
		p, err := play.Of(play.Script{Definition: d, Events: events, Ending: func(step string, n int) play.Ending {
			return play.Ending{Status: how(step, n), Duration: 10 * time.Minute}
		}})
		if err != nil {
			t.Fatal(err)
		}
		for _, run := range p.Runs {
			if run.Ended.IsZero() {
				t.Errorf("seed %d: the run %s does not end: %s", seed, run.ID, run.Summary.Status)
			}
		}
		seen := map[string]bool{}
		for i := range p.Reloads {
			r := &p.Reloads[i]
			start := fmt.Sprint(r.Step, r.Run, r.Attempt)
			if seen[start] || r.Status == "" {
				t.Errorf("seed %d: %s in %s starts twice, or does not end", seed, r.Step, r.Run)
			}
			seen[start] = true
		}
		reloads += len(p.Reloads)
	}
	if reloads < 3000 {
		t.Errorf("there were only %d reloads", reloads)
	}
	t.Logf("%d reloads", reloads)
}
