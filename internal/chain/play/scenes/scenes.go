// SPDX-License-Identifier: MPL-2.0

// Package scenes contains the nights with which the guide explains how a chain runs: chains, their events, and the correct results. A test
// plays them, and a command draws them for the guide.
package scenes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
)

// Scene is one night of a chain.
type Scene struct {
	Name   string // of its picture
	Title  string // what happens, as a sentence
	Steps  map[string]chain.Step
	Order  []string     // the steps from top to bottom
	Cycle  *chain.Cycle // nil: the default
	Events []play.Event
	Until  time.Time                // the scene's end; zero: when no event is left
	Ends   map[string][]play.Ending // by step: its reloads, the last one applies to further ones too; none: success after 10 minutes
	// Starts lists what the chain starts: the time, the step, its run, and the results that it uses with their runs.
	Starts []string
	// Runs lists how the runs end: the run, its status, and the recorded reason of each step that did not succeed.
	Runs []string
}

// Definition returns the chain.
func (s *Scene) Definition() *chain.Definition {
	return &chain.Definition{Version: chain.Version, Name: s.Name, Timezone: chain.DefaultTimezone, Cycle: s.Cycle, Steps: s.Steps}
}

// Play plays the scene.
func (s *Scene) Play() (*play.Play, error) { return s.play(false) }

func (s *Scene) play(follow bool) (*play.Play, error) {
	return play.Of(play.Script{Definition: s.Definition(), Events: s.Events, Follow: follow, Until: s.Until, Ending: func(step string,
		n int) play.Ending {
		ends := s.Ends[step]
		if len(ends) == 0 {
			return lasts(10)
		}
		return ends[min(n, len(ends))-1]
	}})
}

// Started returns the starts of a play in the form of Starts.
func Started(p *play.Play) []string {
	var all []string
	for i := range p.Reloads {
		r := &p.Reloads[i]
		if r.ByHand {
			continue
		}
		line := fmt.Sprintf("%s %s in %s", r.Start.Format("15:04"), r.Step, r.Run)
		for j, use := range r.Uses {
			line += fmt.Sprintf("%s%s of %s", []string{", ", " with "}[min(1, 1-min(j, 1))], use.Step, use.Run)
		}
		all = append(all, line)
	}
	return all
}

// Ended returns the runs of a play in the form of Runs.
func Ended(p *play.Play) []string {
	var all []string
	for i := range p.Runs {
		r := &p.Runs[i]
		line := r.ID + " " + string(r.Summary.Status)
		for _, step := range slices.Sorted(maps.Keys(r.Steps)) {
			if reason := r.Steps[step].Reason; reason != "succeeded" {
				line += fmt.Sprintf("; %s %s", step, reason)
			}
		}
		all = append(all, line)
	}
	return all
}

// evening is the day on which Tuesday's cycle begins.
var evening = time.Date(2026, time.June, 1, 0, 0, 0, 0, time.UTC)

// at returns a time of the cycle from 18:00 to 18:00. With a day more, it returns a time of the next cycle.
func at(clock string, days ...int) time.Time {
	t, err := time.Parse("15:04", clock)
	if err != nil {
		panic(err) // the scenes are constant
	}
	day := 0
	if t.Hour() < 18 {
		day = 1
	}
	for _, more := range days {
		day += more
	}
	return evening.AddDate(0, 0, day).Add(time.Duration(t.Hour())*time.Hour + time.Duration(t.Minute())*time.Minute)
}

func lasts(minutes int) play.Ending {
	return play.Ending{Status: "SUCCEEDED", Duration: time.Duration(minutes) * time.Minute}
}

func fails(minutes int) play.Ending {
	return play.Ending{Status: "FAILED", Duration: time.Duration(minutes) * time.Minute}
}

// chainOf parses steps, for example "report: sales, hr", in the order from top to bottom. "join: all_started a, b" sets wait_for.
func chainOf(lines ...string) (steps map[string]chain.Step, order []string) {
	steps = map[string]chain.Step{}
	for i, line := range lines {
		name, upstreams, _ := strings.Cut(line, ":")
		step := chain.Step{App: fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", i+1), Enabled: true}
		if kind, rest, named := strings.Cut(strings.TrimSpace(upstreams), " "); named && strings.HasPrefix(kind, "all_") {
			step.WaitFor, upstreams = chain.WaitFor(kind), rest
		}
		for upstream := range strings.SplitSeq(upstreams, ",") {
			if upstream = strings.TrimSpace(upstream); upstream == "" {
				continue
			}
			if step.After == nil {
				step.After = map[string]chain.Condition{}
			}
			step.After[upstream] = chain.ConditionSuccess
		}
		steps[name], order = step, append(order, name)
	}
	return steps, order
}
