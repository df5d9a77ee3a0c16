// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"
)

var (
	namePattern = pattern(NamePattern)
	uuidPattern = pattern(`^` + uuid + `$`)
	uuidWithin  = pattern(uuid)
)

const uuid = `[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}`

// pattern returns a function that compiles an expression on first use. Otherwise each cold start would compile expressions that it does not
// use.
func pattern(expression string) func() *regexp.Regexp {
	return sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(expression) })
}

// Validate returns every problem of the definition, sorted by path. If there is none, the chain can be deployed. A caller can leave an
// unknown value empty and drop the problems that concern it.
func (d *Definition) Validate() []Problem {
	return d.check(whenPlanned)
}

// Whether check also checks guards, and that a time zone is set. The plan has already checked both. They are not worth the time of a cold
// start, or are not in the stored form.
const (
	whenPlanned = true
	whenRead    = false
)

func (d *Definition) check(plan bool) []Problem {
	v := &validation{definition: d, keys: slices.Sorted(maps.Keys(d.Steps)), plan: plan}
	v.chain()
	for _, key := range v.keys {
		v.step(key, d.Steps[key])
	}
	v.duplicates()
	if circles := v.cycles(); plan {
		v.timezoneIsSet()
		if !circles {
			v.never()
		}
	}
	slices.SortStableFunc(v.problems, func(a, b Problem) int { return slices.Compare(a.Path, b.Path) })
	return v.problems
}

type validation struct {
	definition *Definition
	keys       []string // of the steps, sorted
	plan       bool
	byTime     string // the first step with a guard that depends on time
	problems   []Problem
}

func (v *validation) report(path Path, format string, args ...any) {
	v.reportWith(nil, path, format, args...)
}

// reportWith reports a problem to which values at other paths contribute.
func (v *validation) reportWith(others []Path, path Path, format string, args ...any) {
	v.problems = append(v.problems, Problem{Path: path, Message: fmt.Sprintf(format, args...), Others: others})
}

func (v *validation) chain() {
	if v.definition.Version != Version {
		v.report(Path{"version"}, "The format version must be %d.", Version)
	}
	if !namePattern().MatchString(v.definition.Name) {
		v.report(Path{"name"}, "The name %q cannot be used. Use %s.", v.definition.Name, NameRule)
	}
	v.timezone(Path{"timezone"}, v.definition.Timezone)
	v.cycle(v.definition.Cycle)
	v.chainSchedule()
	v.chainLimits()
	v.expectBy(Path{"expect_by"}, v.definition.ExpectBy)
	v.notifyOn(v.definition.NotifyOn)
	v.failureLog(v.definition.FailureLog)
	v.summaryAt(v.definition.SummaryAt)
	if days := v.definition.HistoryDays; days < 0 || days > MaxHistoryDays {
		v.report(Path{"history_days"}, "history_days is %d. Use 1 to %d.", days, MaxHistoryDays)
	}
	if len(v.keys) == 0 {
		v.report(Path{"steps"}, "The chain has no steps. Add at least one.")
	}
}

func (v *validation) step(key string, s Step) {
	switch {
	case key == "":
		v.report(Path{"steps", key}, "The step has an empty name. Give it a name to refer to.")
	case utf8.RuneCountInString(key) > KeyMaxLength:
		v.report(Path{"steps", key}, "The step's name has %d characters. Use at most %d.", utf8.RuneCountInString(key), KeyMaxLength)
	case !readable(key):
		v.report(Path{"steps", key}, "The step's name %q has characters that cannot be seen. Use letters, digits, "+
			"punctuation, symbols and spaces.", key)
	}
	v.kind(key, s)
	v.start(key, s)
	v.stepSchedule(key, s)
	v.stepLimits(key, s)
	v.expectBy(Path{"steps", key, "expect_by"}, s.ExpectBy)
	v.retry(key, s.Retry)
	v.variables(Path{"steps", key}, s.Variables)
	v.placeholders(key, s.Variables)
	if s.Weight != 0 && (s.Weight < MinWeight || s.Weight > MaxWeight) {
		v.report(Path{"steps", key, "weight"}, "The weight %d is out of range. Use %d to %d, or leave it out for Qlik's default.",
			s.Weight, MinWeight, MaxWeight)
	}
}

func (v *validation) variables(at Path, variables map[string]string) {
	path := append(slices.Clip(at), "variables")
	for _, p := range variableProblems(variables) {
		if p.name == nil {
			v.report(path, "%s", p.text)
			continue
		}
		v.report(append(slices.Clip(path), *p.name), "%s", p.text)
	}
}

// placeholders checks the placeholders in a step's variables.
func (v *validation) placeholders(key string, variables map[string]string) {
	for name, value := range variables {
		if text := placeholderProblem(value); text != "" {
			v.report(Path{"steps", key, "variables", name}, "%s", text)
		}
	}
}

// duplicates reports every step that starts the same as an earlier one. An event names what has ended, and must mean one step.
func (v *validation) duplicates() {
	first := make(map[string]string, len(v.keys))
	for _, key := range v.keys {
		step := v.definition.Steps[key]
		kind := step.Kind()
		if kind == KindApp && !uuidPattern().MatchString(step.App) {
			continue
		}
		id := step.ID(key)
		if other, ok := first[id]; ok {
			what := strings.ReplaceAll(string(kind), "_", " ")
			v.report(Path{"steps", key, string(kind)}, "The step %q has the same %s. It can be in a chain once: remove one of the two steps, or "+
				"use another %[2]s.", other, what)
			continue
		}
		first[id] = key
	}
}

// cycles reports one problem for each group of steps that wait for each other. It returns whether there are any.
func (v *validation) cycles() bool {
	cycles := findCycles(v.keys, v.definition.Steps)
	for _, cycle := range cycles {
		first, last := cycle[0], cycle[len(cycle)-1]
		v.report(Path{"steps", first, "after", last}, "The steps start each other in a circle: %s. Remove one of these links.",
			strings.Join(append(cycle, first), " → "))
	}
	return len(cycles) > 0
}

// readable reports whether every character of s is visible or a space. The two joiners belong to emoji and to some scripts.
func readable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' {
			return false
		}
	}
	return true
}
