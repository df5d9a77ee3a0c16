// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// start checks when the step starts. It skips rules about upstreams while the upstreams are unknown.
func (v *validation) start(key string, s Step) {
	for upstream, condition := range s.After {
		v.after(key, upstream, condition)
	}
	v.join(key, s)
	v.guard(key, s)
	if s.Delay != 0 {
		path := Path{"steps", key, "delay"}
		v.wholeMinutes(path, "delay", s.Delay, MaxDelay)
		if len(s.After) == 0 {
			v.needsAfter(key, path, "There is nothing to delay")
		}
	}
}

func (v *validation) after(key, upstream string, condition Condition) {
	path := Path{"steps", key, "after", upstream}
	if upstream == key {
		v.report(path, "The step %q starts after itself. Remove this entry, or name another step.", key)
	} else if _, ok := v.definition.Steps[upstream]; !ok {
		hint := "Use a key of steps, or add the step."
		if near, ok := nearest(upstream, key, v.keys); ok {
			hint = didYouMean(near)
		}
		v.report(path, "There is no step %q in the chain. %s", upstream, hint)
	}
	if !slices.Contains(Conditions(), condition) {
		hint := fmt.Sprintf("Use %s.", quoted(Conditions()))
		if meant, ok := meantCondition(string(condition)); ok {
			hint = didYouMean(string(meant))
		}
		v.report(path, "%q is not a condition. %s", string(condition), hint)
	}
}

// meantCondition returns the condition that a word of another tool means, such as the status of a reload in Qlik Cloud.
func meantCondition(word string) (Condition, bool) {
	if slices.Contains([]string{"complete", "completed", "finished", "done", "always", "any"}, strings.ToLower(word)) {
		return ConditionCompletion, true
	}
	switch outcome, known := WordOutcome(word); {
	case known && outcome == OutcomeSuccess:
		return ConditionSuccess, true
	case known && outcome == OutcomeFailure:
		return ConditionFailure, true
	default:
		return "", false
	}
}

func (v *validation) join(key string, s Step) {
	after := Path{"steps", key, "after"}
	if s.WaitFor != "" {
		path := Path{"steps", key, "wait_for"}
		switch {
		case !slices.Contains(WaitFors(), s.WaitFor):
			v.report(path, "%q is not a way to wait. Use %s.", string(s.WaitFor), quoted(WaitFors()))
		case len(s.After) < 2:
			v.reportWith([]Path{after}, path, "wait_for says how a step waits for several others, and this one starts after %s. Remove wait_for, "+
				"or add steps to after.", countSteps(len(s.After)))
		}
	}
	v.carryOver(key, s)
}

func (v *validation) carryOver(key string, s Step) {
	if len(s.CarryOver) == 0 {
		return
	}
	after, path := Path{"steps", key, "after"}, Path{"steps", key, "carry_over"}
	switch {
	case len(s.After) < 2:
		v.reportWith([]Path{after}, path, "carry_over says which of several steps may have ended in an earlier cycle, and this one starts "+
			"after %s. Remove "+
			"carry_over, or add steps to after.", countSteps(len(s.After)))
	case s.WaitFor == WaitForAny:
		v.reportWith([]Path{{"steps", key, "wait_for"}}, path,
			"A step that starts after any of its upstreams waits for no result of an earlier cycle. Remove "+
				"carry_over, or wait for all.")
	}
	for upstream, age := range s.CarryOver {
		at := Path{"steps", key, "carry_over", upstream}
		if _, ok := s.After[upstream]; !ok {
			v.reportWith([]Path{after}, at, "The step does not start after %q. %s", upstream,
				suggestKey(upstream, slices.Sorted(maps.Keys(s.After)), "this step's after"))
		}
		if age != 0 && (age < MinCarryOver || age > MaxCarryOver) { // 0: not known yet
			v.report(at, "The age %s is out of range. Use %s to %s.", age, MinCarryOver, MaxCarryOver)
		}
	}
}

func (v *validation) guard(key string, s Step) {
	if s.When == "" {
		return
	}
	path := Path{"steps", key, "when"}
	if len(s.After) == 0 {
		v.needsAfter(key, path, "Nothing ever asks this guard")
	}
	if message, ok := guardLength(s.When); !ok {
		v.report(path, "%s", message)
		return
	}
	if !v.plan {
		return
	}
	guard, problem := compileGuard(s.When)
	if problem != nil {
		v.report(path, "%s", problem.problem())
		return
	}
	if guard.asksTime() && v.byTime == "" {
		v.byTime = key
	}
	for _, name := range guard.names {
		v.guardName(key, path, s, name)
	}
}

// guardName checks a step's key that a guard compares a variable with. With a wrong key, the result never changes.
func (v *validation) guardName(key string, path Path, s Step, name guardName) {
	switch name.variable {
	case "upstream", guardResults:
		if _, ok := s.After[name.value]; !ok && len(s.After) > 0 {
			v.reportWith([]Path{{"steps", key, "after"}}, path, "%s",
				name.problem("The step does not start after %q. %s", name.value,
					suggestKey(name.value, slices.Sorted(maps.Keys(s.After)), "this step's after")))
		}
	case "origin":
		if _, ok := v.definition.Steps[name.value]; !ok {
			v.report(path, "%s", name.problem("There is no step %q in the chain. %s", name.value, suggestKey(name.value, v.keys, "steps")))
		}
	}
}

// quoted formats words for a message: "a", "b" or "c".
func quoted[T ~string](words []T) string {
	names := make([]string, len(words))
	for i, word := range words {
		names[i] = strconv.Quote(string(word))
	}
	return enumerate(names, "or")
}

func suggestKey(s string, keys []string, of string) string {
	if near, ok := nearest(s, "", keys); ok {
		return didYouMean(near)
	}
	return "Use a key of " + of + "."
}

// needsAfter reports a value that has no meaning for a step without upstreams.
func (v *validation) needsAfter(key string, path Path, why string) {
	v.reportWith([]Path{{"steps", key, "after"}}, path, "%s: without after, no other step starts this one. Remove it, or add after.", why)
}

// wholeMinutes checks a time, because EventBridge Scheduler has a resolution of one minute.
func (v *validation) wholeMinutes(path Path, what string, d, most Duration) {
	switch {
	case d < MinDelay || d > most:
		v.report(path, "The %s %s is out of range. Use %s to %s.", what, d, MinDelay, most)
	case d%minute != 0:
		v.report(path, "The %s %s is not in whole minutes. Use %s or %s.", what, d, d-d%minute, min(d-d%minute+minute, most))
	}
}

func countSteps(n int) string {
	if n == 0 {
		return "none"
	}
	return fmt.Sprintf("%d only", n)
}
