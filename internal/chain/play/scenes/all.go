// SPDX-License-Identifier: MPL-2.0

package scenes

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
)

// All returns the scenes in the order of the guide.
func All() []Scene {
	var all []Scene
	for _, s := range []func() []Scene{oneRun, severalRuns, cycles} {
		all = append(all, s()...)
	}
	return all
}

type ends = map[string][]play.Ending

func scene(name, title string, lines []string, s Scene) Scene {
	s.Name, s.Title = name, title
	s.Steps, s.Order = chainOf(lines...)
	return s
}

func guarded(s Scene, when map[string]string) Scene {
	for name, guard := range when {
		step := s.Steps[name]
		step.When = guard
		s.Steps[name] = step
	}
	return s
}

var (
	nightly  = []string{"extract", "sales: extract", "hr: extract", "report: sales, hr"}
	branches = map[string]string{"weekdays": "weekday in 1..5", "weekend": "weekday in 6..7"}
)

// oneRun returns scenes of single runs.
func oneRun() []Scene {
	return []Scene{
		scene("the-chains-schedule", "The chain's schedule begins one run at both extracts; transform waits for both.",
			[]string{"sales", "hr", "transform: sales, hr"}, Scene{
				Events: []play.Event{play.Begin{At: at("02:00"), Steps: []string{"sales", "hr"}}}, Ends: ends{"sales": {lasts(20)}},
				Starts: []string{"02:00 hr in 1", "02:00 sales in 1", "02:20 transform in 1 with hr of 1, sales of 1"},
				Runs:   []string{"1 succeeded"},
			}),
		guarded(scene("one-branch", "Of two branches a guard takes one. all_started waits for those that start.",
			[]string{"extract", "weekdays: extract", "weekend: extract", "report: all_started weekdays, weekend"}, Scene{
				Events: []play.Event{play.Begin{At: at("02:00"), Steps: []string{"extract"}}},
				Starts: []string{"02:00 extract in 1", "02:10 weekdays in 1 with extract of 1", "02:20 report in 1 with weekdays of 1"},
				Runs:   []string{"1 succeeded; weekend is skipped: guard `weekday in 6..7` was false in the cycle of Tuesday, 2026-06-02"},
			}), branches),
		guarded(scene("one-branch-under-all", "The same with wait_for = \"all\": report is skipped at once, since weekend does not start.",
			[]string{"extract", "weekdays: extract", "weekend: extract", "report: weekdays, weekend"}, Scene{
				Events: []play.Event{play.Begin{At: at("02:00"), Steps: []string{"extract"}}},
				Starts: []string{"02:00 extract in 1", "02:10 weekdays in 1 with extract of 1"},
				Runs: []string{"1 succeeded; report is not needed: weekend was skipped by its guard; " +
					"weekend is skipped: guard `weekday in 6..7` was false in the cycle of Tuesday, 2026-06-02"},
			}), branches),
		scene("begun-again", "The chain is started again before it has ended: each run by itself, each step once in each.", nightly, Scene{
			Events: []play.Event{play.Begin{At: at("02:00"), Steps: []string{"extract"}}, play.Begin{At: at("02:05"),
				Steps: []string{"extract"}}},
			Ends: ends{"sales": {lasts(20), lasts(10)}},
			Starts: []string{
				"02:00 extract in 1", "02:05 extract in 2", "02:10 hr in 1 with extract of 1", "02:10 sales in 1 with extract of 1",
				"02:15 hr in 2 with extract of 2",
				"02:15 sales in 2 with extract of 2", "02:25 report in 2 with hr of 2, sales of 2",
				"02:30 report in 1 with hr of 1, sales of 1",
			},
			Runs: []string{"1 succeeded", "2 succeeded"},
		}),
	}
}

// severalRuns returns scenes in which runs of one cycle meet.
func severalRuns() []Scene {
	night := play.Begin{At: at("02:00"), Steps: []string{"extract"}}
	good := []string{
		"02:00 extract in 1", "02:10 hr in 1 with extract of 1", "02:10 sales in 1 with extract of 1",
		"02:20 report in 1 with hr of 1, sales of 1",
	}
	extracts := []string{"sales", "hr", "transform: sales, hr"}
	sales, hr := play.Begin{At: at("02:00"), Steps: []string{"sales"}}, play.Begin{At: at("02:40"), Steps: []string{"hr"}}
	return []Scene{
		scene("reload-by-hand", "After a good night hr is reloaded by hand at 15:00: report starts with the new hr and tonight's "+
			"sales.", nightly, Scene{
			Events: []play.Event{night, play.Reload{At: at("15:00"), Step: "hr"}, play.Begin{At: at("02:00", 1),
				Steps: []string{"extract"}}},
			Starts: append(good[:4:4], "15:10 report in 2 with hr of 2, sales of 1", "02:00 extract in 3",
				"02:10 hr in 3 with extract of 3",
				"02:10 sales in 3 with extract of 3", "02:20 report in 3 with hr of 3, sales of 3"),
			Runs: []string{"1 succeeded", "2 succeeded", "3 succeeded"},
		}),
		scene("repaired-by-hand", "At night hr fails, and report is blocked at once. At 15:00 hr is reloaded in the hub: report "+
			"starts.", nightly, Scene{
			Events: []play.Event{night, play.Reload{At: at("15:00"), Step: "hr"}}, Ends: ends{"hr": {fails(10), lasts(10)}},
			Starts: append(good[:3:3], "15:10 report in 2 with hr of 2, sales of 1"),
			Runs:   []string{"1 failed; hr failed; report is blocked: hr failed", "2 succeeded"},
		}),
		scene("rerun", "The origin is rerun after a good night: every step once more.", nightly, Scene{
			Events: []play.Event{night, play.Rerun{At: at("07:00"), Run: "1", Step: "extract"}},
			Starts: append(good[:4:4], "07:00 extract in 2", "07:10 hr in 2 with extract of 2", "07:10 sales in 2 with extract of 2",
				"07:20 report in 2 with hr of 2, sales of 2"),
			Runs: []string{"1 succeeded", "2 succeeded"},
		}),
		scene("two-schedules", "Two extracts have schedules of their own. hr fails and is repaired at 15:00; the next night waits for "+
			"its own hr.", extracts, Scene{
			Events: []play.Event{
				sales, hr, play.Reload{At: at("15:00"), Step: "hr"}, play.Begin{At: at("02:00", 1), Steps: []string{"sales"}},
				play.Begin{At: at("02:40", 1), Steps: []string{"hr"}},
			},
			Ends: ends{"hr": {fails(10), lasts(10)}},
			Starts: []string{
				"02:00 sales in 1", "02:40 hr in 2", "15:10 transform in 3 with hr of 3, sales of 1", "02:00 sales in 4", "02:40 hr in 5",
				"02:50 transform in 5 with hr of 5, sales of 4",
			},
			Runs: []string{
				"1 succeeded; transform goes on in the run 2, where it is blocked: hr failed",
				"2 failed; hr failed; transform is blocked: hr failed", "3 succeeded",
				"4 succeeded; transform goes on in the run 5", "5 succeeded",
			},
		}),
		scene("canceled", "The run of sales is canceled, then both are reloaded by hand: transform starts from these two.", extracts, Scene{
			Events: []play.Event{
				sales, play.Cancel{At: at("02:05"), Run: "1"}, play.Reload{At: at("09:00"), Step: "sales"}, play.Reload{At: at("09:20"),
					Step: "hr"},
			},
			Starts: []string{"02:00 sales in 1", "09:30 transform in 3 with hr of 3, sales of 2"},
			Runs: []string{
				"1 canceled; sales did not start before the run was canceled; transform did not start before the run was canceled",
				"2 succeeded; transform goes on in the run 3", "3 succeeded",
			},
		}),
		scene("repaired-early", "hr fails and is repaired before sales ends: transform starts when sales has ended.", extracts, Scene{
			Events: []play.Event{
				play.Begin{At: at("02:00"), Steps: []string{"sales"}}, play.Begin{At: at("02:00"), Steps: []string{"hr"}},
				play.Reload{At: at("02:50"), Step: "hr"},
			},
			Ends:   ends{"hr": {fails(20), lasts(10)}, "sales": {lasts(120)}},
			Starts: []string{"02:00 hr in 2", "02:00 sales in 1", "04:00 transform in 1 with hr of 3, sales of 1"},
			Runs: []string{"1 succeeded", "2 failed; hr failed; transform is blocked: hr failed",
				"3 succeeded; transform goes on in the run 1"},
		}),
		scene("two-ways", "Runs of two schedules meet in report and in dash, which two ways lead to: it starts once.",
			[]string{"sales", "hr", "h_mart: hr", "report: sales, hr", "dash: report, h_mart"}, Scene{
				Events: []play.Event{play.Begin{At: at("02:00"), Steps: []string{"sales"}}, play.Begin{At: at("02:00"),
					Steps: []string{"hr"}}},
				Ends: ends{"sales": {lasts(20)}, "h_mart": {lasts(30)}},
				Starts: []string{
					"02:00 hr in 2", "02:00 sales in 1", "02:10 h_mart in 2 with hr of 2", "02:20 report in 1 with hr of 2, sales of 1",
					"02:40 dash in 2 with h_mart of 2, report of 1",
				},
				Runs: []string{"1 succeeded; dash goes on in the run 2", "2 succeeded; report goes on in the run 1"},
			}),
		scene("refreshed-first", "c is reloaded alone, later b, and a has no result in the cycle: d waits for a c that is as new as b.",
			[]string{"a", "b: a", "c: b, a", "d: b, c"}, Scene{
				Events: []play.Event{play.Reload{At: at("09:00"), Step: "c"}, play.Reload{At: at("10:00"), Step: "b"}},
				Runs: []string{
					"1 succeeded; d expired: b had no result to start it by 18:00",
					"2 succeeded; c expired: a had no result by 18:00; d expired: c expired",
				},
			}),
	}
}

// cycles returns scenes in which the cycle decides.
func cycles() []Scene {
	all := []Scene{
		scene("before-the-night", "hr is reloaded by hand at 18:30, in the new cycle: report waits for sales, and the night starts it "+
			"once.", nightly, Scene{
			Events: []play.Event{play.Reload{At: at("18:30"), Step: "hr"}, play.Begin{At: at("02:00"), Steps: []string{"extract"}}},
			Starts: []string{
				"02:00 extract in 2", "02:10 hr in 2 with extract of 2", "02:10 sales in 2 with extract of 2",
				"02:20 report in 2 with hr of 2, sales of 2",
			},
			Runs: []string{"1 succeeded; report goes on in the run 2", "2 succeeded"},
		}),
		scene("across-the-end", "A run begins at 17:50 and ends at 18:20: all of it belongs to the cycle in which it began.", nightly,
			Scene{
				Events: []play.Event{play.Begin{At: at("17:50"), Steps: []string{"extract"}}, play.Reload{At: at("18:30", 1), Step: "hr"}},
				Until:  at("19:00", 1),
				Starts: []string{
					"17:50 extract in 1", "18:00 hr in 1 with extract of 1", "18:00 sales in 1 with extract of 1",
					"18:10 report in 1 with hr of 1, sales of 1",
				},
				Runs: []string{"1 succeeded", "2 waiting; report waits for sales: it has no result since 18:00"},
			}),
	}
	month := guarded(scene("month-end", "A month-end step is rerun on the 3rd, in the cycle of the 1st: its guard sees the 1st.",
		[]string{"extract", "month_end: extract"}, Scene{
			Events: []play.Event{
				play.Begin{At: at("02:00", -1), Steps: []string{"extract"}}, play.Rerun{At: at("09:00", 1), Run: "1"},
			},
			Ends:   ends{"month_end": {fails(10), lasts(10)}},
			Starts: []string{"02:00 extract in 1", "02:10 month_end in 1 with extract of 1", "09:00 month_end in 2"},
			Runs:   []string{"1 failed; month_end failed", "2 succeeded"},
		}), map[string]string{"month_end": "day == 1"})
	return append(all, month, twice("twice-a-day", "Two extracts with schedules of their own run twice a day, in one cycle: at noon "+
		"report starts with the hr of the night, then again.", Scene{
		Starts: []string{
			"02:00 sales in 1", "02:40 hr in 2", "02:50 report in 2 with hr of 2, sales of 1", "14:00 sales in 3",
			"14:10 report in 3 with hr of 2, sales of 3",
			"14:40 hr in 4", "14:50 report in 4 with hr of 4, sales of 3",
		},
		Runs: []string{"1 succeeded; report goes on in the run 2", "2 succeeded", "3 succeeded", "4 succeeded"},
	}), twice("twice-a-day-in-two-cycles", "The same with every = \"12h\": report starts once in each cycle, with what is of this "+
		"cycle.", Scene{
		Cycle: &chain.Cycle{Every: chain.Duration(12 * time.Hour)},
		Starts: []string{
			"02:00 sales in 1", "02:40 hr in 2", "02:50 report in 2 with hr of 2, sales of 1", "14:00 sales in 3", "14:40 hr in 4",
			"14:50 report in 4 with hr of 4, sales of 3",
		},
		Runs: []string{"1 succeeded; report goes on in the run 2", "2 succeeded", "3 succeeded; report goes on in the run 4",
			"4 succeeded"},
	}))
}

// twice returns a scene of a chain that runs at night and at noon.
func twice(name, title string, s Scene) Scene {
	for _, begin := range []struct{ clock, step string }{{"02:00", "sales"}, {"02:40", "hr"}, {"14:00", "sales"}, {"14:40", "hr"}} {
		s.Events = append(s.Events, play.Begin{At: at(begin.clock), Steps: []string{begin.step}})
	}
	return scene(name, title, []string{"sales", "hr", "report: sales, hr"}, s)
}
