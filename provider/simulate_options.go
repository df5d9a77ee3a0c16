// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

const (
	defaultStart    = "2026-01-05T00:00:00" // a Monday
	defaultDuration = time.Minute
	maxCycles       = 31
)

// statuses maps the words for how a reload ends to Qlik Cloud's.
var statuses = map[string]string{"success": "SUCCEEDED", "failure": "FAILED", "exceeded_limit": "EXCEEDED_LIMIT", "canceled": "CANCELED"}

// chainOptions returns the options that are attributes of qlik_task_chain.
func chainOptions() []field {
	options := []string{"cycle", "schedule", "overlap", "max_running", "max_duration", "timezone"}
	return slices.DeleteFunc(chainFields(), func(f field) bool { return !slices.Contains(options, f.name) })
}

// simulation holds the options of a simulation.
type simulation struct {
	definition *chain.Definition
	outcomes   map[string][]string // Qlik's statuses, by step, one for each reload
	durations  map[string][]time.Duration
	carried    map[string]map[string]time.Time
	events     []play.Event
	zone       *time.Location
	cycle      run.Cycle // of the option "at"
	until      time.Time
	problems   []string // sentences
}

func (s *simulation) refuse(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

func (s *simulation) script() play.Script {
	return play.Script{Definition: s.definition, Events: s.events, Ending: s.ending, Carried: s.carried, Until: s.until}
}

// ending returns the result of a step's n-th reload.
func (s *simulation) ending(step string, n int) play.Ending {
	return play.Ending{Status: nth(s.outcomes[step], n, statuses["success"]), Duration: nth(s.durations[step], n, defaultDuration)}
}

// nth returns the n-th value, counted from 1, or the last one if there are fewer.
func nth[T any](values []T, n int, none T) T {
	if len(values) == 0 {
		return none
	}
	return values[min(n, len(values))-1]
}

// isStep reports whether a step has this name, and adds a problem if not.
func (s *simulation) isStep(where, name string) bool {
	if _, there := s.definition.Steps[name]; there {
		return true
	}
	fix := "Use a key of steps."
	if near := chain.Near(name, slices.Sorted(maps.Keys(s.definition.Steps)), 1); len(near) > 0 {
		fix = fmt.Sprintf("Did you mean %q?", near[0])
	}
	s.refuse("%s: There is no step %q in the chain. %s", where, name, fix)
	return false
}

// knows reports whether an object has no other members than these, and adds a problem for each other one.
func (s *simulation) knows(where string, names []string, members map[string]attr.Value) bool {
	names = slices.Sorted(slices.Values(names))
	before := len(s.problems)
	for _, name := range slices.Sorted(maps.Keys(members)) {
		if !slices.Contains(names, name) {
			problem, _ := noAttribute(name, names)
			s.refuse("%s.%s: %s", where, name, problem)
		}
	}
	return len(s.problems) == before
}

func (s *simulation) readOutcomes(value types.Dynamic) {
	s.outcomes = map[string][]string{}
	outcomes, ok := membersOf(value)
	if !ok {
		s.refuse("outcomes: This must be an object or a map, {} when every reload succeeds.")
	}
	for _, step := range slices.Sorted(maps.Keys(outcomes)) {
		where := fmt.Sprintf("outcomes[%q]", step)
		if !s.isStep(where, step) {
			continue
		}
		words, ok := oneOrSeveral(outcomes[step])
		if !ok || len(words) == 0 {
			s.refuse("%s: This must be an outcome, or a list of outcomes, one for each reload.", where)
		}
		for _, word := range words {
			status, known := statuses[word]
			if !known {
				s.refuse("%s: %q is not an outcome. Use %q, %q, %q or %q.", where, word, "success", "failure", "exceeded_limit", "canceled")
			}
			s.outcomes[step] = append(s.outcomes[step], status)
		}
	}
}

func (s *simulation) readOptions(given []types.Dynamic) {
	options := map[string]attr.Value{}
	switch len(given) {
	case 0:
	case 1:
		var ok bool
		if options, ok = membersOf(given[0]); !ok {
			s.refuse("options: This must be an object.")
		}
	default:
		s.refuse("options: There are %d. Put all options into one object.", len(given))
	}
	names := slices.Concat([]string{"at", "carried", "cycles", "durations", "events", "start", "until"},
		names(chainOptions()))
	s.knows("options", names, options)
	s.readChain(options)
	if len(s.problems) > 0 {
		return // the rest depends on the chain's time zone and cycles
	}
	at := s.time("options.at", cmp.Or(s.option(options, "at"), defaultStart))
	calendar, err := s.definition.Calendar()
	if err != nil {
		s.refuse("options.cycle: %s", sentence(err))
		return
	}
	s.cycle = run.Calendar(calendar).At(at)
	s.readStart(options, at, run.Calendar(calendar))
	s.readEvents(options["events"])
	s.readDurations(options["durations"])
	s.readCarried(options["carried"])
	if until := s.option(options, "until"); until != "" {
		s.until = s.timeInCycle("options.until", until)
	}
}

// readChain adds the chain's own options to the definition, and checks it as the resource does.
func (s *simulation) readChain(options map[string]attr.Value) {
	own := map[string]attr.Value{}
	for _, f := range chainOptions() {
		own[f.name] = options[f.name]
	}
	read := &decoder{}
	read.object(nil, chainOptions(), own, reflect.ValueOf(s.definition).Elem())
	s.zone = time.UTC
	if zone, err := s.definition.Location(); err == nil { // an error is reported below
		s.zone = zone
	}
	problems := slices.Clone(read.problems)
	for _, problem := range s.definition.Validate() {
		if problem.Path[0] != "steps" && !slices.ContainsFunc(read.unknown, problem.Concerns) {
			problems = append(problems, problem)
		}
	}
	slices.SortStableFunc(problems, func(a, b chain.Problem) int { return slices.Compare(a.Path, b.Path) })
	for _, problem := range problems {
		s.refuse("options.%s: %s", problem.Path, problem.Message)
	}
}

func (s *simulation) readDurations(value attr.Value) {
	s.durations = map[string][]time.Duration{}
	durations, ok := s.optional("options.durations", value)
	if !ok {
		return
	}
	for _, step := range slices.Sorted(maps.Keys(durations)) {
		where := fmt.Sprintf("options.durations[%q]", step)
		if !s.isStep(where, step) {
			continue
		}
		texts, ok := oneOrSeveral(durations[step])
		if !ok || len(texts) == 0 {
			s.refuse("%s: This must be a duration, such as \"15m\", or a list of durations, one for each reload.", where)
			continue
		}
		for _, text := range texts {
			duration, err := chain.ParseDuration(text)
			if err != nil {
				s.refuse("%s: %s", where, sentence(err))
			}
			s.durations[step] = append(s.durations[step], duration)
		}
	}
}

func (s *simulation) readCarried(value attr.Value) {
	s.carried = map[string]map[string]time.Time{}
	steps, ok := s.optional("options.carried", value)
	if !ok {
		return
	}
	for _, step := range slices.Sorted(maps.Keys(steps)) {
		where := fmt.Sprintf("options.carried[%q]", step)
		if !s.isStep(where, step) {
			continue
		}
		upstreams, _ := s.optional(where, steps[step])
		s.carried[step] = map[string]time.Time{}
		for _, upstream := range slices.Sorted(maps.Keys(upstreams)) {
			if _, carries := s.definition.Steps[step].CarryOver[upstream]; !carries {
				s.refuse("%s[%q]: The step %q does not carry results of %q over. Add it to carry_over, or leave it out.", where,
					upstream, step, upstream)
				continue
			}
			text, _ := plain(upstreams[upstream]).(types.String)
			s.carried[step][upstream] = s.time(fmt.Sprintf("%s[%q]", where, upstream), text.ValueString())
		}
	}
}

// optional returns the members of an optional option.
func (s *simulation) optional(where string, value attr.Value) (map[string]attr.Value, bool) {
	if !given(value) {
		return nil, false
	}
	members, ok := membersOf(value)
	if !ok {
		s.refuse("%s: This must be an object or a map.", where)
	}
	return members, ok
}

// option returns an option that is a text. It is empty when it is not given.
func (s *simulation) option(options map[string]attr.Value, name string) string {
	value := plain(options[name])
	text, ok := value.(types.String)
	if given(value) && (!ok || text.ValueString() == "") {
		s.refuse("options.%s: This must be a text.", name)
	}
	return text.ValueString()
}

// time reads a time with an offset, or a time in the chain's zone.
func (s *simulation) time(where, text string) time.Time {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(s.zone)
	}
	at, err := time.ParseInLocation(timeFormat, text, s.zone)
	if err != nil {
		s.refuse("%s: %q is not a time. Write it as %q, in the chain's time zone, or with an offset behind it, such as Z or +02:00.",
			where, text, defaultStart)
	}
	return at
}

// timeInCycle reads a time, or a time of day in the cycle of the option "at".
func (s *simulation) timeInCycle(where, text string) time.Time {
	clock, err := time.Parse("15:04", text)
	if err != nil {
		return s.time(where, text)
	}
	begin := s.cycle.Begin.In(s.zone)
	for day := range 8 {
		at := time.Date(begin.Year(), begin.Month(), begin.Day()+day, clock.Hour(), clock.Minute(), 0, 0, s.zone)
		if !at.Before(s.cycle.Begin) {
			if !at.Before(s.cycle.End) {
				s.refuse("%s: %s is not in the cycle from %s to %s. Write the time with its date, such as %q.", where, text,
					begin.Format(timeFormat), s.cycle.End.In(s.zone).Format(timeFormat), defaultStart)
			}
			return at
		}
	}
	return begin
}

// timeFormat is the format of times in options.
const timeFormat = "2006-01-02T15:04:05"

// plain unwraps a dynamic value.
func plain(value attr.Value) attr.Value {
	if dynamic, ok := value.(types.Dynamic); ok {
		return plain(dynamic.UnderlyingValue())
	}
	return value
}

func given(value attr.Value) bool { return plain(value) != nil && !plain(value).IsNull() }

func membersOf(value attr.Value) (map[string]attr.Value, bool) { return members(plain(value)) }

// oneOrSeveral reads a text, or a list of texts.
func oneOrSeveral(value attr.Value) ([]string, bool) {
	if text, ok := plain(value).(types.String); ok {
		return []string{text.ValueString()}, true
	}
	all, ok := elements(plain(value))
	var texts []string
	for _, each := range all {
		text, isText := plain(each).(types.String)
		texts, ok = append(texts, text.ValueString()), ok && isText
	}
	return texts, ok
}
