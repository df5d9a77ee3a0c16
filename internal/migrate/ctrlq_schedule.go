// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// endless begins the expiration dates of schedules that do not end.
const endless = "9999-"

// schemaEvent is a schedule in the table's form. The increment is in minutes, hours, days and weeks. The filter has seconds, minutes, a
// dash, weekdays (0 is Sunday), the distance of two weeks, days of the month, and two more fields, as the QMC writes them. Its options:
// https://help.qlik.com/en-US/sense-developer/APIs/RepositoryServiceAPI, SchemaEvent. The start is in UTC, and defines the time of day in
// the event's time zone.
type schemaEvent struct{ option, increment, daylight, start, expiration, filter, timezone string }

// String returns the event in the table's form.
func (e schemaEvent) String() string {
	var words []string
	for _, part := range []struct{ before, value string }{
		{"", e.option}, {"every ", e.increment}, {"from ", e.start}, {"to ", e.expiration}, {"filter ", e.filter}, {"in ", e.timezone},
	} {
		if part.value != "" {
			words = append(words, part.before+part.value)
		}
	}
	if e.daylight != "ObserveDaylightSavingTime" {
		words = append(words, fmt.Sprintf("with daylight saving time %q", e.daylight))
	}
	return strings.Join(words, ", ")
}

const (
	cannotSay  = "A cron expression cannot say this, so it is left out: give the step a schedule that is near to it."
	checkHours = "Check the time of day and its time zone."
	noStart    = "Its start is no date that can be read, so it is left out: give the step a schedule."
	noEnd      = "Its expiration is no date that can be read, so it is left out: give the step a schedule if it has not ended."
	hasEnded   = "It has ended and starts nothing, so it is left out: the step needs no schedule."
	onceIsPast = "It was to start once, and that time is past, so it is left out: the step needs no schedule."
	noSeconds  = "The start's seconds are left out: a schedule keeps to the minute."
)

func endsOn(date string) string {
	return "It ends on " + date + ", and the step's schedule does not: remove it then."
}

func beginsOn(date string) string {
	return "It begins on " + date + ", and the step's schedule begins when it is applied."
}

// cronOnce returns the expression for one time.
func cronOnce(at time.Time) string {
	return fmt.Sprintf("%d %d %d %d ? %d", at.Minute(), at.Hour(), at.Day(), at.Month(), at.Year())
}

// schedule returns the event as a step's schedule, and a note for the user. Without a schedule, the event is left out.
func (e schemaEvent) schedule(now time.Time) (*chain.Schedule, string) {
	zone := e.timezone
	if zone == "" {
		zone = chain.DefaultTimezone
	}
	advice := []string{checkHours}
	if e.timezone == "" {
		advice = append(advice, "It has no time zone: "+zone+" is taken.")
	}
	ends := e.expiration != "" && !strings.HasPrefix(e.expiration, endless)
	if ends {
		end, _, ok := parseTime(e.expiration)
		switch {
		case !ok:
			return nil, noEnd
		case !end.After(now):
			return nil, hasEnded
		}
		advice = append(advice, endsOn(e.expiration))
	}
	place, err := time.LoadLocation(zone)
	start, utc, ok := parseTime(e.start)
	switch {
	case err != nil || !valid(&chain.Schedule{Cron: "0 0 * * ? *", Timezone: zone}):
		return nil, fmt.Sprintf("%q is no IANA time zone, so it is left out: give the step a schedule.", zone)
	case !ok:
		return nil, noStart
	case !utc:
		advice = append(advice, "Its start says no time zone, and is taken as UTC.")
	}
	local := start.In(place)
	if local.Second() != 0 || local.Nanosecond() != 0 {
		advice = append(advice, noSeconds)
	}
	s := &chain.Schedule{Timezone: zone}
	switch once := e.once(); {
	case once && !start.After(now):
		return nil, onceIsPast
	case once:
		s.Cron = cronOnce(local)
		advice = append(advice, "It starts once.")
	case e.option == "once":
		return nil, "It says once and has an increment, so it is left out: look in the QMC whether it still starts the task."
	case e.daylight != "ObserveDaylightSavingTime":
		return nil, cannotSay
	default:
		days, daysOK := e.days()
		times, timesOK := e.times(local)
		if !daysOK || !timesOK {
			return nil, cannotSay
		}
		s.Cron = times + " " + days + " *"
		if start.After(now) {
			advice = append(advice, beginsOn(e.start))
		}
	}
	if _, err := cron.Parse(s.Cron); err != nil {
		return nil, cannotSay
	}
	return s, strings.Join(advice, " ")
}

// parseTime parses a date and reports whether it contains its time zone. A date without a time zone counts as UTC.
func parseTime(text string) (t time.Time, zone, ok bool) {
	if t, err := time.Parse(time.RFC3339, text); err == nil {
		return t, true, true
	}
	for _, layout := range []string{"2006-01-02T15:04:05", "2006-01-02 15:04:05"} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, false, true
		}
	}
	return time.Time{}, false, false
}

// once reports whether the event starts its task one time.
func (e schemaEvent) once() bool {
	n, ok := e.steps()
	return ok && n == [4]int{} && (e.option == "once" || e.option == "")
}

// steps returns the increment's minutes, hours, days and weeks.
func (e schemaEvent) steps() (n [4]int, ok bool) {
	fields := strings.Fields(e.increment)
	if len(fields) != len(n) {
		return n, false
	}
	for i, field := range fields {
		value, err := strconv.ParseUint(field, 10, 16)
		if err != nil {
			return n, false
		}
		n[i] = int(value)
	}
	return n, true
}

// times returns the minutes and hours of a start that is repeated after the increment, if they are the same on each day.
func (e schemaEvent) times(start time.Time) (string, bool) {
	n, ok := e.steps()
	minutes, hours := n[0], n[1]
	switch {
	case !ok:
	case n == [4]int{0, 0, 1, 0}:
		return fmt.Sprintf("%d %d", start.Minute(), start.Hour()), true
	case n == [4]int{0, hours, 0, 0} && hours > 0 && 24%hours == 0:
		return fmt.Sprintf("%d %s", start.Minute(), stepped(start.Hour()%hours, hours, 24)), true
	case n == [4]int{minutes, 0, 0, 0} && minutes > 0 && 60%minutes == 0:
		return stepped(start.Minute()%minutes, minutes, 60) + " *", true
	}
	return "", false
}

// stepped returns a field with every step-th value of all.
func stepped(first, step, all int) string {
	switch step {
	case 1:
		return "*"
	case all:
		return strconv.Itoa(first)
	default:
		return fmt.Sprintf("%d/%d", first, step)
	}
}

// days returns the three fields for days and months that correspond to the filter.
func (e schemaEvent) days() (string, bool) {
	if strings.Trim(e.filter, "* ") == "-" { // with any number of fields
		return "* * ?", true
	}
	filter := strings.Fields(e.filter)
	if len(filter) != 8 {
		return "", false
	}
	weekdays, everyWeeks, monthDays := filter[3], filter[4], filter[5]
	for _, i := range []int{0, 1, 6, 7} {
		if filter[i] != "*" {
			return "", false
		}
	}
	switch {
	case filter[2] != "-":
	case weekdays == "*" && everyWeeks == "*":
		return monthDays + " * ?", true
	case monthDays == "*" && (everyWeeks == "*" || everyWeeks == "1"):
		var days []string
		for day := range strings.SplitSeq(weekdays, ",") {
			n, err := strconv.Atoi(day)
			if err != nil || n < 0 || n > 6 {
				return "", false
			}
			days = append(days, strings.ToUpper(time.Weekday(n).String()[:3]))
		}
		return "? * " + strings.Join(days, ","), true
	}
	return "", false
}
