// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// taskSchedule is a schedule of a task in Qlik Cloud.
type taskSchedule struct {
	qlik.TaskSchedule
	now    time.Time
	place  *time.Location
	start  time.Time // zero if there is none
	offset bool      // the start has an offset from UTC
	end    time.Time // zero if there is none
}

// String returns the schedule in Qlik Cloud's form.
func (s *taskSchedule) String() string {
	var words []string
	for _, part := range []struct{ before, value string }{
		{"", strings.Join(s.lines(), " and ")}, {"cron ", string(s.Cron)}, {"every ", s.Interval}, {"from ", s.StartDateTime},
		{"to ", s.EndDateTime}, {"in ", s.Timezone},
	} {
		if part.value != "" {
			words = append(words, part.before+part.value)
		}
	}
	return strings.Join(words, ", ")
}

// lines returns the lines of the recurrence.
func (s *taskSchedule) lines() []string {
	return strings.FieldsFunc(s.Recurrence, func(r rune) bool { return r == '\n' || r == '\r' })
}

// zone returns the schedule's time zone.
func (s *taskSchedule) zone() string {
	if s.Timezone == "" {
		return chain.DefaultTimezone
	}
	return s.Timezone
}

// read reads the zone, the start and the end. It returns a reason to leave the schedule out, or nothing.
func (s *taskSchedule) read() (reason string) {
	var err error
	if s.place, err = time.LoadLocation(s.zone()); err != nil || !valid(&chain.Schedule{Cron: "0 0 * * ? *", Timezone: s.zone()}) {
		return fmt.Sprintf("%q is no IANA time zone, so it is left out: give the step a schedule.", s.zone())
	}
	var ok bool
	if s.start, s.offset, ok = s.time(s.StartDateTime); !ok {
		return noStart
	}
	if s.end, _, ok = s.time(s.EndDateTime); !ok {
		return noEnd
	}
	if !s.end.IsZero() && !s.end.After(s.now) {
		return hasEnded
	}
	return ""
}

// time parses a time: one without an offset is a time in the schedule's zone. An empty text is the zero time.
func (s *taskSchedule) time(text string) (at time.Time, offset, ok bool) {
	if text == "" {
		return time.Time{}, false, true
	}
	at, offset, ok = parseTime(text)
	if !offset {
		return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, s.place), false, ok
	}
	return at.In(s.place), true, ok
}

// clock returns the start as its local clock shows it, in UTC.
func (s *taskSchedule) clock() time.Time {
	if s.start.IsZero() {
		return time.Time{}
	}
	return time.Date(s.start.Year(), s.start.Month(), s.start.Day(), s.start.Hour(), s.start.Minute(), s.start.Second(), 0, time.UTC)
}

// schedules returns the schedules of a step, and a note for the user. Without a schedule, all is left out.
func (s *taskSchedule) schedules() ([]namedSchedule, string) {
	if reason := s.read(); reason != "" {
		return nil, reason
	}
	advice := []string{checkHours}
	if s.Timezone == "" {
		advice = append(advice, "It has no time zone: "+chain.DefaultTimezone+" is taken.")
	}
	if s.Cron != "" || s.Interval != "" {
		return nil, "Only a recurrence and a start can be carried over, so it is left out: give the step a schedule."
	}
	if !s.end.IsZero() {
		advice = append(advice, endsOn(s.EndDateTime))
	}
	if s.Recurrence == "" {
		return s.once(advice)
	}
	var all []namedSchedule
	for _, line := range s.lines() {
		r, err := parseRule(line, s.clock())
		if err != nil {
			return nil, fmt.Sprintf("Its line %q cannot be carried over (%v), so it is left out: give the step a schedule.", line, err)
		}
		text, err := r.cron()
		switch {
		case errors.Is(err, errNeedsStart):
			return nil, noStart
		case err != nil:
			return nil, cannotSay
		}
		if r.timed && s.offset && s.place != time.UTC {
			advice = appendNew(advice, "Its start has an offset from UTC, and is converted to "+s.zone()+".")
		}
		if r.second() != 0 {
			advice = appendNew(advice, noSeconds)
		}
		past, ends := s.ends(r)
		if past {
			advice = append(advice, fmt.Sprintf("Its line %q has ended and is left out.", line))
			continue
		}
		advice = appendNew(advice, ends)
		all = append(all, namedSchedule{line, &chain.Schedule{Cron: text, Timezone: s.zone()}})
	}
	if len(all) == 0 {
		return nil, hasEnded
	}
	if s.start.After(s.now) {
		advice = append(advice, beginsOn(s.StartDateTime))
	}
	return all, strings.Join(advice, " ")
}

// ends reports whether a rule with UNTIL or COUNT has ended, and returns a note about an end to come.
func (s *taskSchedule) ends(r *rule) (past bool, note string) {
	end, known := r.end()
	if !known {
		if r.Count > 0 {
			note = fmt.Sprintf("It ends after %d starts, and the step's schedule does not: remove it then.", r.Count)
		}
		return false, note
	}
	if r.Count > 0 || !r.utc { // a time of the clock
		end = time.Date(end.Year(), end.Month(), end.Day(), end.Hour(), end.Minute(), end.Second(), 0, s.place)
	}
	if !end.After(s.now) {
		return true, ""
	}
	return false, endsOn(end.Format(time.RFC3339))
}

// once returns the schedule of a task that starts at one time.
func (s *taskSchedule) once(advice []string) ([]namedSchedule, string) {
	switch {
	case s.start.IsZero():
		return nil, noStart
	case !s.start.After(s.now):
		return nil, onceIsPast
	}
	if s.start.Second() != 0 {
		advice = append(advice, noSeconds)
	}
	schedule := &chain.Schedule{Cron: cronOnce(s.start), Timezone: s.zone()}
	if !valid(schedule) { // its year is too late
		return nil, cannotSay
	}
	return []namedSchedule{{"once", schedule}}, strings.Join(append(advice, "It starts once."), " ")
}

// appendNew adds a sentence unless it is empty or exists.
func appendNew(sentences []string, sentence string) []string {
	for _, other := range sentences {
		if other == sentence {
			return sentences
		}
	}
	if sentence == "" {
		return sentences
	}
	return append(sentences, sentence)
}
