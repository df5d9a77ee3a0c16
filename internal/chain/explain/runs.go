// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// The limits of simulating: how many steps are made to fail, one at a time, and how many steps all simulations together have. A simulated
// step takes about a millisecond.
const (
	maxFailing   = 40
	minFailing   = 3
	maxSimulated = 12_000
)

// monday is a day on which the simulated runs begin.
var monday = time.Date(2026, 11, 23, 2, 0, 0, 0, time.UTC)

// effect is what a change means for one step on one day of the week. An effect that is there when everything succeeds is not repeated for
// each failure.
type effect struct {
	step   string
	gained bool // it now runs; otherwise it no longer does
	day    time.Weekday
}

// consequences compares simulated runs of both definitions: one in which everything succeeds, and one for each step that a change concerns,
// in which that step fails. Guards may ask for the day, so the runs of a whole week are compared.
func consequences(before, after *chain.Definition) ([]string, error) {
	days := 1
	if hasGuard(before) || hasGuard(after) {
		days = 7
	}
	causes := map[string][]string{} // by what they cause, in words
	var order []string
	usual := map[effect]bool{} // what changes if everything succeeds
	failing := concerned(before, after)
	most := min(maxFailing, max(minFailing, maxSimulated/(days*(len(before.Steps)+len(after.Steps)+1))), len(failing))
	for _, fails := range append([]string{""}, failing[:most]...) {
		effects, simulated, err := compare(before, after, days, fails)
		if err != nil {
			return nil, err
		}
		maps.DeleteFunc(effects, func(e effect, _ bool) bool { return usual[e] })
		if fails == "" {
			usual = effects
		}
		for _, words := range described(effects, simulated) {
			if causes[words] == nil {
				order = append(order, words)
			}
			causes[words] = append(causes[words], fails)
		}
	}
	var sentences []string
	for _, words := range order {
		when := "when everything succeeds"
		if causes[words][0] != "" {
			when = "when " + chain.Listed(causes[words]) + " fails"
			if len(causes[words]) > 1 {
				when = "when one of " + chain.Listed(causes[words]) + " fails"
			}
		}
		head, list, found := strings.Cut(words, ": ")
		if found {
			list = ": " + list
		}
		sentences = append(sentences, head+" "+when+list+".")
	}
	if more := len(failing) - most; more > 0 {
		sentences = append(sentences, fmt.Sprintf("Failures of %d more steps were not simulated.", more))
	}
	if guardsBeyondWeekday(before, after) {
		sentences = append(sentences, fmt.Sprintf("A guard asks for the date or the hour: only runs at %s UTC from %s to %s were simulated.",
			monday.Format("15:04"), monday.Format(time.DateOnly), monday.AddDate(0, 0, days-1).Format(time.DateOnly)))
	}
	return sentences, nil
}

// compare simulates runs of both definitions on some days. It returns how they differ, and the days of the week of their cycles.
func compare(before, after *chain.Definition, days int, fails string) (map[effect]bool, map[time.Weekday]bool, error) {
	effects, simulated := map[effect]bool{}, map[time.Weekday]bool{}
	calendar, err := after.Calendar()
	if err != nil {
		return nil, nil, fmt.Errorf("simulating the chain %s: %w", after.Name, err)
	}
	for day := range days {
		at := monday.AddDate(0, 0, day)
		old, err := started(before, at, fails)
		if err != nil {
			return nil, nil, err
		}
		now, err := started(after, at, fails)
		if err != nil {
			return nil, nil, err
		}
		weekday := run.Calendar(calendar).At(at).Date.Weekday()
		simulated[weekday] = true
		for key := range after.Steps {
			if _, known := before.Steps[key]; known && old[key] != now[key] {
				effects[effect{key, now[key], weekday}] = true
			}
		}
	}
	return effects, simulated, nil
}

// described says what effects are, each with the steps for which it is the same on the same days.
func described(effects map[effect]bool, simulated map[time.Weekday]bool) []string {
	var all []string
	for _, gained := range []bool{false, true} {
		one, many := "no longer runs", "no longer run"
		if gained {
			one, many = "now runs", "now run"
		}
		on := map[string]map[string]bool{} // the steps, by the days
		for key := range effects {
			if key.gained != gained {
				continue
			}
			days := onDays(func(day time.Weekday) bool { return effects[effect{key.step, gained, day}] }, len(simulated))
			if on[days] == nil {
				on[days] = map[string]bool{}
			}
			on[days][key.step] = true
		}
		for _, days := range slices.Sorted(maps.Keys(on)) {
			all = append(all, listed(on[days], one+days, many+days))
		}
	}
	return all
}

// onDays names days of the week, from Monday on. It is empty for all that were simulated.
func onDays(has func(time.Weekday) bool, simulated int) string {
	var days []string
	for i := range 7 {
		if day := time.Weekday((i + 1) % 7); has(day) {
			days = append(days, day.String())
		}
	}
	if len(days) == simulated {
		return ""
	}
	return " on " + chain.Listed(days)
}

// guardsBeyondWeekday reports whether a guard that differs asks for more than the day of the week.
func guardsBeyondWeekday(before, after *chain.Definition) bool {
	for key, step := range after.Steps {
		if old, known := before.Steps[key]; known && old.When != step.When &&
			(chain.AsksBeyondWeekday(old.When) || chain.AsksBeyondWeekday(step.When)) {
			return true
		}
	}
	return false
}

func hasGuard(d *chain.Definition) bool {
	for _, step := range d.Steps {
		if step.When != "" {
			return true
		}
	}
	return false
}

// listed says of some steps what they do: "archive no longer runs", "7 steps no longer run: a, b, c and 4 others".
func listed(steps map[string]bool, one, many string) string {
	keys := slices.Sorted(maps.Keys(steps))
	switch len(keys) {
	case 0:
		return ""
	case 1:
		return keys[0] + " " + one
	default:
		return fmt.Sprintf("%d steps %s: %s", len(keys), many, chain.ListedFew(keys, len(keys)))
	}
}

// concerned returns the steps that exist in both definitions and are changed, or are an upstream of a changed one, sorted.
func concerned(before, after *chain.Definition) []string {
	all := map[string]bool{}
	for key, step := range after.Steps {
		old, known := before.Steps[key]
		if known && len(stepClauses(before, after, old, step)) == 0 {
			continue
		}
		all[key] = true
		for upstream := range step.After {
			all[upstream] = true
		}
		for upstream := range old.After {
			all[upstream] = true
		}
	}
	for key, old := range before.Steps {
		if _, still := after.Steps[key]; !still {
			for upstream := range old.After {
				all[upstream] = true
			}
		}
	}
	maps.DeleteFunc(all, func(key string, _ bool) bool {
		_, was := before.Steps[key]
		_, is := after.Steps[key]
		return !was || !is
	})
	return slices.Sorted(maps.Keys(all))
}

// started simulates one run of the whole chain, and returns the steps that start in it. One step may fail in each attempt.
func started(d *chain.Definition, at time.Time, fails string) (map[string]bool, error) {
	steps := map[string]bool{}
	begin := origins(d)
	if len(begin) == 0 {
		return steps, nil
	}
	result, err := play.Of(play.Script{
		Definition: d, Events: []play.Event{play.Begin{At: at, Steps: begin}},
		Ending: func(step string, _ int) play.Ending {
			if step == fails {
				return play.Ending{Status: "FAILED", Duration: time.Minute}
			}
			return play.Ending{Status: "SUCCEEDED", Duration: time.Minute}
		},
	})
	if err != nil {
		return nil, fmt.Errorf("simulating the chain %s: %w", d.Name, err)
	}
	for _, reload := range result.Reloads {
		steps[reload.Step] = true
	}
	return steps, nil
}
