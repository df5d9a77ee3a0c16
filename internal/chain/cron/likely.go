// SPDX-License-Identifier: MPL-2.0

package cron

import (
	"slices"
	"strings"
)

// The positions of the two fields for days.
const (
	atMonthDay = 2
	atWeekDay  = 4
)

// likely returns the expressions that the author of the text may have meant, the likeliest first. Some may be invalid too.
func likely(text string) []string {
	if inner, wrapped := unwrapped(text, "cron"); wrapped {
		return append([]string{inner}, likely(inner)...)
	}
	words := strings.Fields(strings.ToUpper(text))
	meant := [][]string{words}
	switch len(words) {
	case 5:
		if words, ok := fromUnix(words); ok {
			meant = append(meant, words)
		}
	case 6:
		for _, change := range []struct {
			at      int
			was, is string
		}{{atWeekDay, "*", "?"}, {atMonthDay, "*", "?"}, {atMonthDay, "?", "*"}} {
			if words[change.at] == change.was {
				meant = append(meant, replaced(words, change.at, change.is))
			}
		}
		meant = append(meant, append(slices.Clone(words[1:]), "*")) // Quartz, with seconds and without a year
	case 7:
		meant = append(meant, words[1:]) // Quartz, with both
	}
	all := make([]string, len(meant))
	for i, words := range meant {
		all[i] = strings.Join(words, " ")
	}
	return all
}

func replaced(words []string, at int, by string) []string {
	words = slices.Clone(words)
	words[at] = by
	return words
}

// unixWeekDay is Unix's last field: 0 and 7 are both Sunday.
var unixWeekDay = &field{name: weekDay.name, most: 7, steps: true, names: weekDay.names}

// fromUnix converts an expression of Unix's five fields into one of six. It returns false if that is impossible: if both fields for days
// are set, Unix means the days of either.
func fromUnix(words []string) ([]string, bool) {
	ofMonth, ofWeek := words[atMonthDay], words[atWeekDay]
	switch {
	case ofWeek == "*" || ofWeek == "?":
		ofWeek = "?"
	case ofMonth != "*" && ofMonth != "?":
		return nil, false
	default:
		var days set
		if err := unixWeekDay.list(ofWeek, &days); err != nil {
			return nil, false
		}
		ofMonth, ofWeek = "?", weekDayNames(&days)
	}
	return []string{words[0], words[1], ofMonth, words[3], ofWeek, "*"}, true
}

// weekDayNames lists the days of Unix by their names.
func weekDayNames(days *set) string {
	var on [8]bool
	for _, day := range days.values(unixWeekDay) {
		on[day%7] = true
	}
	var items []string
	for first := 0; first < 7; first++ {
		if !on[first] {
			continue
		}
		last := first
		for on[last+1] {
			last++
		}
		item := weekDay.names[first]
		if last > first {
			item += "-" + weekDay.names[last]
		}
		items, first = append(items, item), last
	}
	return strings.Join(items, ",")
}
