// SPDX-License-Identifier: MPL-2.0

// Package cron parses the cron expressions of EventBridge Scheduler and calculates when they are due. It is pure. Source of the grammar:
// https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html#cron-based. It refuses what that page does not describe.
package cron

import (
	"fmt"
	"strings"
)

// MaxLength is the length of the longest expression, in bytes: ScheduleExpression has at most 256, including cron()
// (https://docs.aws.amazon.com/scheduler/latest/APIReference/API_CreateSchedule.html).
const MaxLength = 256 - len("cron()")

// Expression is a cron expression: the minutes of local time at which it is due.
type Expression struct {
	minutes, hours, months, years set
	monthDays                     monthDays
	weekDays                      weekDays
	fields                        [6]string // in their original text
}

// Error reports what is wrong with an expression.
type Error struct {
	Field   string // the wrong field's name, for example "day-of-week"; empty if the problem is not in one field
	Problem string // sentences, with the fix
}

// Error returns the problem.
func (e *Error) Error() string { return "the cron expression is not valid: " + e.Problem }

func wrong(f *field, format string, args ...any) *Error {
	e := &Error{Problem: fmt.Sprintf(format, args...)}
	if f != nil {
		e.Field = f.name
	}
	return e
}

// Parse parses an expression of the six fields minutes, hours, day-of-month, month, day-of-week and year, without cron() around it. The
// error is an *Error.
func Parse(text string) (*Expression, error) {
	e, err := parse(text)
	if err == nil {
		return e, nil
	}
	for _, meant := range likely(text) {
		if _, stillWrong := parse(meant); stillWrong == nil {
			err.Problem += fmt.Sprintf(" Did you mean %q?", meant)
			break
		}
	}
	return nil, err
}

func parse(text string) (*Expression, *Error) {
	if inner, wrapped := unwrapped(text, "cron"); wrapped {
		return nil, wrong(nil, "The expression stands in cron(…). Write what is between the brackets alone, such as %q.", inner)
	}
	if _, wrapped := unwrapped(text, "rate"); wrapped {
		return nil, wrong(nil, "This is a rate, not a cron expression. Give it as rate, such as \"90m\".")
	}
	if len(text) > MaxLength {
		return nil, wrong(nil, "The expression has %d bytes. EventBridge Scheduler takes at most %d.", len(text), MaxLength)
	}
	words := strings.Fields(text)
	if len(words) != len(allFields) {
		return nil, wrongCount(words)
	}
	e := &Expression{fields: [6]string(words)}
	if err := e.readDays(words[2], words[4]); err != nil {
		return nil, err
	}
	for _, other := range []struct {
		field *field
		into  *set
		text  string
	}{{minutes, &e.minutes, words[0]}, {hours, &e.hours, words[1]}, {months, &e.months, words[3]}, {years, &e.years, words[5]}} {
		if err := other.field.list(other.text, other.into); err != nil {
			return nil, err
		}
	}
	if _, ever := e.firstDay(years.least); !ever {
		days := monthDay
		if e.weekDays.set {
			days = weekDay
		}
		return nil, wrong(days, "There is no such day in any month and year of the expression. Change one of the three fields.")
	}
	return e, nil
}

// unwrapped returns the text between the brackets of a call of the function.
func unwrapped(text, function string) (inner string, ok bool) {
	inner, ok = strings.CutPrefix(strings.TrimSpace(text), function+"(")
	return strings.TrimSpace(strings.TrimSuffix(inner, ")")), ok
}

func wrongCount(words []string) *Error {
	const six = "EventBridge Scheduler takes six: minutes, hours, day-of-month, month, day-of-week and year, such as \"0 5 * * ? *\" for " +
		"05:00 each day."
	switch len(words) {
	case 5:
		return wrong(nil, "The expression has five fields, as in Unix. "+six)
	case 7:
		return wrong(nil, "The expression has seven fields, as in Quartz, where seconds come first. "+six)
	default:
		return wrong(nil, "The expression has %d fields. "+six, len(words))
	}
}

// readDays parses the two fields for days. One of them must be a question mark.
func (e *Expression) readDays(ofMonth, ofWeek string) *Error {
	const unset = "?"
	switch {
	case ofMonth == unset && ofWeek == unset:
		return wrong(monthDay, "Both day-of-month and day-of-week are a question mark, so there is no day. Write * in one of the two for "+
			"every day.")
	case ofMonth != unset && ofWeek != unset:
		return wrong(weekDay, "Both day-of-month and day-of-week are set. EventBridge Scheduler wants a question mark in one of the two: "+
			"in day-of-week when the days are counted in the month, else in day-of-month.")
	case ofMonth != unset:
		e.monthDays.set = true
		return e.monthDays.read(ofMonth)
	default:
		e.weekDays.set = true
		return e.weekDays.read(ofWeek)
	}
}

// String returns the expression with one blank between the fields.
func (e *Expression) String() string { return strings.Join(e.fields[:], " ") }
