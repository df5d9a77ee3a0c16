// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

const (
	defaultStart    = "2026-01-05T00:00:00" // a Monday
	defaultDuration = time.Minute
)

// statuses are the words for how a reload ends, and Qlik Cloud's for the same.
var statuses = map[string]string{"success": "SUCCEEDED", "failure": "FAILED", "exceeded_limit": "EXCEEDED_LIMIT", "canceled": "CANCELED"}

// simulation is what a play of a chain is asked for.
type simulation struct {
	definition *chain.Definition
	outcomes   map[string][]string // Qlik's statuses, by step, one for each attempt
	durations  map[string]time.Duration
	beginnings []chain.Beginning
	zone       *time.Location
	problems   []string // sentences
}

func (s *simulation) refuse(format string, args ...any) {
	s.problems = append(s.problems, fmt.Sprintf(format, args...))
}

// ending is how an attempt of a step's reload goes.
func (s *simulation) ending(step string, attempt int) chain.Ending {
	ending := chain.Ending{Status: statuses["success"], Duration: defaultDuration}
	if told := s.outcomes[step]; len(told) > 0 {
		ending.Status = told[min(attempt, len(told))-1]
	}
	if duration, told := s.durations[step]; told {
		ending.Duration = duration
	}
	return ending
}

// isStep reports a name that is no step's.
func (s *simulation) isStep(where, name string) bool {
	if _, there := s.definition.Steps[name]; there {
		return true
	}
	mend := "Use a key of steps."
	if near := chain.Near(name, slices.Sorted(maps.Keys(s.definition.Steps)), 1); len(near) > 0 {
		mend = fmt.Sprintf("Did you mean %q?", near[0])
	}
	s.refuse("%s: There is no step %q in the chain. %s", where, name, mend)
	return false
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
			s.refuse("%s: This must be an outcome, or a list of outcomes, one for each attempt.", where)
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
	names := []string{"at", "durations", "start", "timezone"}
	for _, name := range slices.Sorted(maps.Keys(options)) {
		if !slices.Contains(names, name) {
			s.refuse("options.%s: There is no such option. There are %s.", name, strings.Join(names, ", "))
		}
	}
	s.readChain(options)
	if len(s.problems) > 0 {
		return // what follows stands on the chain's zone
	}
	s.readStart(options)
	s.readDurations(options["durations"])
}

// readChain completes the definition with the options that are the chain's own, and checks them as the resource does.
func (s *simulation) readChain(options map[string]attr.Value) {
	s.definition.Timezone = cmp.Or(s.option(options, "timezone"), chain.DefaultTimezone)
	for _, problem := range s.definition.Validate() {
		if len(problem.Path) == 1 && problem.Path[0] != "steps" {
			s.refuse("options.%s: %s", problem.Path[0], problem.Message)
		}
	}
	zone, err := s.definition.Location()
	if err != nil {
		zone = time.UTC // refused above
	}
	s.zone = zone
}

// readStart finds out what begins the run, and when.
func (s *simulation) readStart(options map[string]attr.Value) {
	at := s.time("options.at", cmp.Or(s.option(options, "at"), defaultStart))
	begin := func(step string, at time.Time) {
		if s.isStep("options.start", step) {
			s.beginnings = append(s.beginnings, chain.Beginning{Step: step, At: at})
		}
	}
	start := options["start"]
	if !given(start) {
		for _, step := range slices.Sorted(maps.Keys(s.definition.Steps)) {
			if len(s.definition.Steps[step].After) == 0 {
				begin(step, at)
			}
		}
		return
	}
	if times, ok := membersOf(start); ok {
		for _, step := range slices.Sorted(maps.Keys(times)) {
			where := fmt.Sprintf("options.start[%q]", step)
			if text, ok := plain(times[step]).(types.String); ok {
				begin(step, s.time(where, text.ValueString()))
			} else {
				s.refuse("%s: This must be a time, such as %q.", where, defaultStart)
			}
		}
		return
	}
	steps, ok := oneOrSeveral(start)
	if !ok || len(steps) == 0 {
		s.refuse("options.start: This must be a step's name, a list of names, or a map of names to times.")
	}
	for _, step := range slices.Compact(slices.Sorted(slices.Values(steps))) {
		begin(step, at)
	}
}

func (s *simulation) readDurations(value attr.Value) {
	s.durations = map[string]time.Duration{}
	if !given(value) {
		return
	}
	durations, ok := membersOf(value)
	if !ok {
		s.refuse("options.durations: This must be an object or a map.")
	}
	for _, step := range slices.Sorted(maps.Keys(durations)) {
		where := fmt.Sprintf("options.durations[%q]", step)
		text, isText := plain(durations[step]).(types.String)
		if !s.isStep(where, step) {
			continue
		}
		if !isText {
			s.refuse("%s: This must be a duration, such as \"15m\".", where)
			continue
		}
		duration, err := chain.ParseDuration(text.ValueString())
		if err != nil {
			s.refuse("%s: %s", where, sentence(err))
		}
		s.durations[step] = duration
	}
}

// option is a text among the options; empty when it is not given.
func (s *simulation) option(options map[string]attr.Value, name string) string {
	value := plain(options[name])
	text, ok := value.(types.String)
	if given(value) && (!ok || text.ValueString() == "") {
		s.refuse("options.%s: This must be a text.", name)
	}
	return text.ValueString()
}

// time reads a time with an offset, or one in the chain's zone.
func (s *simulation) time(where, text string) time.Time {
	if at, err := time.Parse(time.RFC3339, text); err == nil {
		return at.In(s.zone)
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", text, s.zone)
	if err != nil {
		s.refuse("%s: %q is not a time. Write it as %q, in the chain's time zone, or with an offset behind it, such as Z or +02:00.", where, text, defaultStart)
	}
	return at
}

// plain takes the wrapping off a value whose type was left open.
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
