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

// consequence is what a change means for the runs in which one step fails.
type consequence struct{ lost, gained string }

// consequences compares simulated runs of both definitions: one in which everything succeeds, and one for each step that a change concerns,
// in which that step fails. Guards may ask for the day, so the runs of a whole week are compared.
func consequences(before, after *chain.Definition) ([]string, error) {
	days := 1
	if hasGuard(before) || hasGuard(after) {
		days = 7
	}
	causes := map[consequence][]string{}
	var order []consequence
	usual := map[string]bool{} // what changes if everything succeeds
	failing := concerned(before, after)
	most := min(maxFailing, max(minFailing, maxSimulated/(days*(len(before.Steps)+len(after.Steps)+1))), len(failing))
	for _, fails := range append([]string{""}, failing[:most]...) {
		lost, gained := map[string]bool{}, map[string]bool{}
		for day := range days {
			at := monday.AddDate(0, 0, day)
			old, err := started(before, at, fails)
			if err != nil {
				return nil, err
			}
			now, err := started(after, at, fails)
			if err != nil {
				return nil, err
			}
			for key := range after.Steps {
				if _, known := before.Steps[key]; !known || old[key] == now[key] || usual[key] {
					continue
				}
				if old[key] {
					lost[key] = true
				} else {
					gained[key] = true
				}
			}
		}
		if fails == "" {
			maps.Copy(usual, lost)
			maps.Copy(usual, gained)
		}
		c := consequence{listed(lost, "no longer runs", "no longer run"), listed(gained, "now runs", "now run")}
		if c == (consequence{}) {
			continue
		}
		if causes[c] == nil {
			order = append(order, c)
		}
		causes[c] = append(causes[c], fails)
	}
	var sentences []string
	for _, c := range order {
		when := "when everything succeeds"
		if causes[c][0] != "" {
			when = "when " + chain.Listed(causes[c]) + " fails"
			if len(causes[c]) > 1 {
				when = "when one of " + chain.Listed(causes[c]) + " fails"
			}
		}
		for _, what := range []string{c.lost, c.gained} {
			if what != "" {
				head, list, found := strings.Cut(what, ": ")
				if found {
					list = ": " + list
				}
				sentences = append(sentences, head+" "+when+list+".")
			}
		}
	}
	if more := len(failing) - most; more > 0 {
		sentences = append(sentences, fmt.Sprintf("Failures of %d more steps were not simulated.", more))
	}
	return sentences, nil
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
