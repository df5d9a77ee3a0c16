// SPDX-License-Identifier: MPL-2.0

package cron

import (
	"fmt"
	"strconv"
	"strings"
	"time"
)

// Words describes when the expression is due, for example "at 05:00, Monday to Friday". It returns false if that takes more than a few
// words.
func (e *Expression) Words() (string, bool) {
	times, ok := e.times()
	if !ok || e.fields[5] != "*" {
		return "", false
	}
	days, ok := e.days()
	if !ok {
		return "", false
	}
	if e.fields[3] != "*" {
		months := e.months.values(months)
		if len(months) > 3 {
			return "", false
		}
		names := make([]string, len(months))
		for i, month := range months {
			names[i] = time.Month(month).String()
		}
		days += " in " + and(names)
	}
	if days == everyDay && strings.HasPrefix(times, "every") {
		return times, true
	}
	return times + ", " + days, true
}

const everyDay = "every day"

// mostTimes is the maximum number of times of day in a description.
const mostTimes = 4

// times describes the times of day: "at 05:00 and 17:30", "every hour at :15", "every 15 minutes".
func (e *Expression) times() (string, bool) {
	minutes := e.minutes.values(minutes)
	switch {
	case e.fields[1] == "*" && e.fields[0] == "*":
		return "every minute", true
	case e.fields[1] == "*" && len(minutes) == 1:
		return fmt.Sprintf("every hour at :%02d", minutes[0]), true
	case e.fields[1] == "*":
		if step, ok := evenly(minutes, 60); ok && minutes[0] == 0 {
			return fmt.Sprintf("every %d minutes", step), true
		}
		return "", false
	}
	hours := e.hours.values(hours)
	if len(hours)*len(minutes) > mostTimes {
		return "", false
	}
	var times []string
	for _, hour := range hours {
		for _, minute := range minutes {
			times = append(times, fmt.Sprintf("%02d:%02d", hour, minute))
		}
	}
	return "at " + and(times), true
}

// evenly reports whether values have equal distances, wrapped around.
func evenly(values []int, round int) (step int, ok bool) {
	step = values[0] + round - values[len(values)-1]
	for i, value := range values[1:] {
		if value-values[i] != step {
			return 0, false
		}
	}
	return step, true
}

// days describes the days without their months: "every day", "Monday to Friday", "on day 1 of the month".
func (e *Expression) days() (string, bool) {
	switch {
	case e.monthDays.set:
		return e.monthDays.words(e.fields[2])
	default:
		return e.weekDays.words(e.fields[4])
	}
}

func (d *monthDays) words(text string) (string, bool) {
	days := d.days.values(monthDay)
	switch {
	case text == "*":
		return everyDay, true
	case text == "L":
		return "on the last day of the month", true
	case d.last || len(days) > mostTimes || len(d.nearest) > 0:
		return "", false
	case len(days) == 1:
		return fmt.Sprintf("on day %d of the month", days[0]), true
	}
	texts := make([]string, len(days))
	for i, day := range days {
		texts[i] = strconv.Itoa(day)
	}
	return "on days " + and(texts) + " of the month", true
}

func (d *weekDays) words(text string) (string, bool) {
	name := func(day int) string { return time.Weekday(day - 1).String() }
	days := d.days.values(weekDay)
	switch {
	case text == "*" || len(days) == 7:
		return everyDay, true
	case d.nth[1] > 0:
		return fmt.Sprintf("on %s %s of the month", [...]string{"the first", "the second", "the third", "the fourth", "the fifth"}[d.nth[1]-1],
			name(d.nth[0])), true
	case len(d.last) == 1 && len(days) == 0:
		return fmt.Sprintf("on the last %s of the month", name(d.last[0])), true
	case len(d.last) > 0:
		return "", false
	case len(days) > 2 && days[len(days)-1]-days[0] == len(days)-1:
		return name(days[0]) + " to " + name(days[len(days)-1]), true
	}
	names := make([]string, len(days))
	for i, day := range days {
		names[i] = name(day)
	}
	return "on " + and(names), true
}

// and joins words: "a", "a and b", "a, b and c".
func and(words []string) string {
	last := len(words) - 1
	if last == 0 {
		return words[0]
	}
	return strings.Join(words[:last], ", ") + " and " + words[last]
}
