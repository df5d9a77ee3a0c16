// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"unicode/utf8"
)

// These patterns match what EventBridge takes: a bus's name, and a path in an event.
var (
	busPattern         = pattern(`^[/.\-_A-Za-z0-9]{1,256}$`)
	outcomePathPattern = pattern(`^\$(\.[A-Za-z0-9_-]+|\[[0-9]{1,4}\])+$`)
)

// maxOutcomePath is the most characters of a path that EventBridge takes.
const maxOutcomePath = 256

// signal checks what counts as a report.
func (v *validation) signal(at Path, s *Signal) {
	below := func(name string) Path { return append(slices.Clone(at), name) }
	if s.QuietFor != 0 {
		v.wholeMinutes(below("quiet_for"), "quiet_for", s.QuietFor, MaxQuietFor)
	}
	if s.EventPattern == "" {
		for name, value := range map[string]string{"event_bus": s.EventBus, "outcome": s.Outcome} {
			if value != "" {
				v.reportWith([]Path{below("event_pattern")}, below(name), "%s is for events, and no event counts. Set event_pattern, or remove %s.",
					name, name)
			}
		}
		return
	}
	if why := eventPatternProblem(s.EventPattern); why != "" {
		v.report(below("event_pattern"), "The pattern cannot be used: %s. Use jsonencode({ source = [\"dbt.cloud\"] }).", why)
	}
	if s.EventBus != "" && !busPattern().MatchString(s.EventBus) {
		v.report(below("event_bus"), "%q is not the name of an event bus. It has up to 256 letters, digits, and the characters / . - _; the "+
			"name is the last part of the bus's ARN, after event-bus/.", s.EventBus)
	}
	path, isPath := s.OutcomePath()
	switch {
	case s.Outcome == "", slices.Contains(Outcomes(), Outcome(s.Outcome)):
	case !isPath, !outcomePathPattern().MatchString(path), len(path) > maxOutcomePath:
		v.report(below("outcome"), "The outcome %q cannot be used. Use success, failure, canceled, or the path of a word in the event such as "+
			"$.detail.status.", s.Outcome)
	}
}

// eventPatternProblem says what EventBridge refuses in a pattern, as the rest of a sentence; empty: nothing that can be seen here.
func eventPatternProblem(text string) string {
	var pattern map[string]any
	switch n := utf8.RuneCountInString(text); {
	case len(text) > MaxEventPattern:
		return fmt.Sprintf("it has %d characters in %d bytes, and AWS takes %d", n, len(text), MaxEventPattern)
	case json.Unmarshal([]byte(text), &pattern) != nil || pattern == nil:
		return "it is not a JSON object"
	case len(pattern) == 0:
		return "it is empty"
	}
	return unlisted("", pattern)
}

// unlisted finds a value in a pattern that is neither an object nor a list: AWS takes lists of values only.
func unlisted(prefix string, object map[string]any) string {
	for _, name := range slices.Sorted(maps.Keys(object)) {
		switch value := object[name].(type) {
		case map[string]any:
			if len(value) == 0 {
				return prefix + name + " is empty"
			}
			if why := unlisted(prefix+name+".", value); why != "" {
				return why
			}
		case []any:
			if len(value) == 0 {
				return prefix + name + " is empty"
			}
		default:
			return prefix + name + " must be a list of values"
		}
	}
	return ""
}
