// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// maxBegun limits the runs of a simulation: more would take minutes.
const maxBegun = 1000

// readStart determines which steps begin runs, and when.
func (s *simulation) readStart(options map[string]attr.Value, at time.Time, calendar run.Calendar) {
	start, cycles := options["start"], s.cycles(options["cycles"])
	switch times, isMap := membersOf(start); {
	case !given(start):
		s.startAll(at, cycles, calendar)
	case given(options["cycles"]):
		s.refuse("options.cycles: It repeats the runs that begin by themselves, and start lists other ones. Leave one of them out.")
	case isMap:
		for _, step := range slices.Sorted(maps.Keys(times)) {
			where := fmt.Sprintf("options.start[%q]", step)
			text, ok := plain(times[step]).(types.String)
			if !ok {
				s.refuse("%s: This must be a time, such as %q.", where, defaultStart)
			} else if s.isStep("options.start", step) {
				s.events = append(s.events, play.Begin{At: s.timeInCycle(where, text.ValueString()), Steps: []string{step}})
			}
		}
	default:
		if steps, ok := s.steps("options.start", start, "a step's name, a list of names, or a map of names to times"); ok {
			s.events = append(s.events, play.Begin{At: at, Steps: steps})
		}
	}
}

// startAll begins the runs that a deployed chain begins by itself, by its schedules. If the chain itself has no schedule, a run begins at
// the same time in each cycle.
func (s *simulation) startAll(at time.Time, cycles int, calendar run.Calendar) {
	begin, after := s.cycle.Begin, at.Sub(s.cycle.Begin)
	for range cycles {
		cycle := calendar.At(begin)
		events, err := play.Schedules(s.definition, cycle.Begin, cycle.End)
		if err != nil {
			s.refuse("options.start: %s", sentence(err))
			return
		}
		s.events = append(s.events, events...)
		if steps := s.definition.ScheduledSteps(); s.definition.Schedule == nil && len(steps) > 0 {
			s.events = append(s.events, play.Begin{At: cycle.Begin.Add(after), Steps: steps})
		}
		if len(s.events) > maxBegun {
			s.refuse("options: More than %d runs would begin. Play fewer cycles, or list the runs in start.", maxBegun)
			return
		}
		begin = cycle.End
	}
}

func (s *simulation) cycles(value attr.Value) int {
	if !given(value) {
		return 1
	}
	if number, ok := plain(value).(types.Number); ok {
		if n, accuracy := number.ValueBigFloat().Int64(); accuracy == big.Exact && n >= 1 && n <= maxCycles {
			return int(n)
		}
	}
	s.refuse("options.cycles: This must be a whole number from 1 to %d.", maxCycles)
	return 1
}

// steps reads the name of a step, or a list of names.
func (s *simulation) steps(where string, value attr.Value, words string) ([]string, bool) {
	steps, ok := oneOrSeveral(value)
	if !ok || len(steps) == 0 {
		s.refuse("%s: This must be %s.", where, words)
		return nil, false
	}
	steps = slices.Compact(slices.Sorted(slices.Values(steps)))
	for _, step := range steps {
		ok = s.isStep(where, step) && ok
	}
	return steps, ok
}

// An event has exactly one of these kinds, and may have the members beside it.
var (
	eventKinds  = []string{"cancel", "mark", "pause", "reload", "rerun", "resume", "skip", "start"}
	eventBeside = map[string][]string{"mark": {"run"}, "rerun": {"step"}, "skip": {"reason"}}
)

// eventMembers returns the names of all members that an event may have.
func eventMembers() []string {
	return slices.Concat(append([]string{"at"}, eventKinds...), slices.Concat(slices.Collect(maps.Values(eventBeside))...))
}

func (s *simulation) readEvents(value attr.Value) {
	if !given(value) {
		return
	}
	events, ok := elements(plain(value))
	if !ok {
		s.refuse("options.events: This must be a list of objects, such as [{ at = \"15:00\", reload = \"a step\" }].")
		return
	}
	for i, event := range events {
		s.readEvent(fmt.Sprintf("options.events[%d]", i), plain(event))
	}
}

func (s *simulation) readEvent(where string, value attr.Value) {
	said, ok := members(value)
	if !ok {
		s.refuse("%s: This must be an object, such as { at = \"15:00\", reload = \"a step\" }.", where)
		return
	}
	if !s.knows(where, eventMembers(), said) {
		return
	}
	var kinds []string
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if slices.Contains(eventKinds, name) && given(said[name]) {
			kinds = append(kinds, name)
		}
	}
	if len(kinds) != 1 {
		s.refuse("%s: This must have one of %s, and has %s. Make an event of each.", where, strings.Join(eventKinds, ", "), countOf(kinds))
		return
	}
	kind := kinds[0]
	may := append([]string{"at", kind}, eventBeside[kind]...)
	for _, name := range slices.Sorted(maps.Keys(said)) {
		if given(said[name]) && !slices.Contains(may, name) {
			s.refuse("%s.%s: An event with %s has no %s. It has %s.", where, name, kind, name, chain.Listed(may))
		}
	}
	text, ok := plain(said["at"]).(types.String)
	if !ok {
		s.refuse("%s.at: This must be a time, such as \"15:00\" or %q.", where, defaultStart)
		return
	}
	before := len(s.problems)
	e := eventReading{simulation: s, where: where, said: said, at: s.timeInCycle(where+".at", text.ValueString())}
	if event := e.read(kind); len(s.problems) == before {
		s.events = append(s.events, event)
	}
}

func countOf(kinds []string) string {
	if len(kinds) == 0 {
		return "none"
	}
	return chain.Listed(kinds)
}

// eventReading is the state of reading one event.
type eventReading struct {
	*simulation
	where string
	said  map[string]attr.Value
	at    time.Time
}

func (e *eventReading) read(kind string) play.Event {
	switch kind {
	case "reload":
		return play.Reload{At: e.at, Step: e.step("reload")}
	case "start":
		steps, _ := e.steps(e.where+".start", e.said["start"], "a step's name, or a list of names")
		return play.Begin{At: e.at, Steps: steps}
	case "rerun":
		rerun := play.Rerun{At: e.at, Run: e.run("rerun")}
		if given(e.said["step"]) {
			rerun.Step = e.step("step")
		}
		return rerun
	case "cancel":
		return play.Cancel{At: e.at, Run: e.run("cancel")}
	case "mark":
		return play.Mark{At: e.at, Run: e.run("run"), Step: e.step("mark")}
	case "skip":
		skip := play.Skip{At: e.at, Step: e.step("skip")}
		if given(e.said["reason"]) {
			skip.Reason = e.text("reason", "a text")
		}
		return skip
	case "pause":
		e.isTrue("pause")
		return play.Pause{At: e.at}
	default:
		e.isTrue("resume")
		return play.Resume{At: e.at}
	}
}

func (e *eventReading) text(name, words string) string {
	text, ok := textIn(plain(e.said[name]))
	if !ok || text == "" {
		e.refuse("%s.%s: This must be %s.", e.where, name, words)
	}
	return text
}

func (e *eventReading) step(name string) string {
	step := e.text(name, "a step's name")
	if step != "" {
		e.isStep(e.where+"."+name, step)
	}
	return step
}

func (e *eventReading) run(name string) string {
	return e.text(name, "the id of a run, such as \"1\" for the first")
}

func (e *eventReading) isTrue(name string) {
	if yes, ok := plain(e.said[name]).(types.Bool); !ok || !yes.ValueBool() {
		e.refuse("%s.%s: This must be true.", e.where, name)
	}
}
