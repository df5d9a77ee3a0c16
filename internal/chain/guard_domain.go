// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// guardDomain describes the possible values of a guard's variable.
type guardDomain struct {
	words       string            // the values, in words
	least, most int               // of a whole number; most = 0: any
	has         func(string) bool // of a text; nil: any
	step        bool              // the text is a step's key
}

// guardDomains maps every variable of a guard to its domain.
var guardDomains = map[string]guardDomain{
	"weekday":    {words: "1 (Monday) to 7 (Sunday)", least: 1, most: 7},
	"hour":       {words: "0 to 23", least: 0, most: 23},
	"minute":     {words: "0 to 59", least: 0, most: 59},
	"day":        {words: "1 to 31", least: 1, most: 31},
	"month":      {words: "1 to 12", least: 1, most: 12},
	"year":       {},
	"date":       {words: "a date such as \"2026-11-24\"", has: isDate},
	"timezone":   {},
	"upstream":   {step: true},
	"status":     {words: fmt.Sprintf("%q, %q or %q", OutcomeSuccess, OutcomeFailure, OutcomeCanceled), has: isOutcome},
	"duration":   {},
	"attempt":    {words: fmt.Sprintf("1 to %d", MaxAttempts), least: 1, most: MaxAttempts},
	"origin":     {step: true},
	"by_reload":  {},
	guardResults: {}, // has no values itself, only its members have
}

// guardResults is the variable that holds the results of the step's upstreams.
const guardResults = "results"

// resultDomain returns the domain of one result.
func resultDomain() guardDomain {
	return guardDomain{words: quoted(GuardResults()), has: func(s string) bool { return slices.Contains(GuardResults(), s) }}
}

func isDate(s string) bool {
	_, err := time.Parse(time.DateOnly, s)
	return err == nil
}

func isOutcome(s string) bool {
	switch Outcome(s) {
	case OutcomeSuccess, OutcomeFailure, OutcomeCanceled:
		return true
	default:
		return false
	}
}

// enumerate formats a list with the word between its last two names.
func enumerate(names []string, word string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " " + word + " " + names[last]
}
