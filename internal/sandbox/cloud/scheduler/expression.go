// SPDX-License-Identifier: MPL-2.0

package scheduler

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// defaultTimezone is the time zone of expressions without one.
const defaultTimezone = "UTC"

// atLayout is the layout of the time in an at expression. Source: CreateSchedule, "ScheduleExpression".
const atLayout = "2006-01-02T15:04:05"

// timetable defines when a schedule invokes its target.
type timetable interface {
	// next returns the first time after the given time; false if there is none.
	next(after time.Time) (time.Time, bool)
}

// once is the timetable of a one-time schedule.
type once time.Time

func (o once) next(after time.Time) (time.Time, bool) { return time.Time(o), time.Time(o).After(after) }

// local is the timetable of a cron expression: by the local time of a time zone.
type local struct {
	expression *cron.Expression
	place      *time.Location
}

func (l local) next(after time.Time) (time.Time, bool) { return l.expression.Next(after, l.place) }

// rate is the timetable of a rate expression: by elapsed time. A day has 24 hours. Source: User Guide, "Schedule types".
type rate struct {
	first time.Time
	every time.Duration
}

func (r rate) next(after time.Time) (time.Time, bool) {
	if after.Before(r.first) {
		return r.first, true
	}
	passed := after.Sub(r.first)
	return after.Add(r.every - passed%r.every), true
}

var ratePattern = regexp.MustCompile(`^rate\(([1-9]\d{0,5}) (minute|hour|day)s?\)$`)

var rateUnits = map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}

// parseExpression parses an expression. A rate begins at begin: the schedule's start date, or the time of its creation.
func parseExpression(expression, timezone string, begin time.Time) (timetable, error) {
	location, err := time.LoadLocation(timezone)
	if err != nil || timezone == "Local" {
		return nil, validation("Invalid Schedule Expression Timezone %s.", timezone)
	}
	if match := ratePattern.FindStringSubmatch(expression); match != nil {
		n, err := strconv.Atoi(match[1])
		if err != nil {
			return nil, err
		}
		return rate{first: begin, every: time.Duration(n) * rateUnits[match[2]]}, nil
	}
	if fields, ok := called("cron", expression); ok {
		parsed, err := cron.Parse(fields)
		if err != nil {
			return nil, validation("Invalid Schedule Expression %s.", expression)
		}
		return local{parsed, location}, nil
	}
	inner, ok := called("at", expression)
	at, err := time.ParseInLocation(atLayout, inner, location)
	if !ok || err != nil || len(inner) != len(atLayout) { // the layout alone would accept fractions of a second
		return nil, validation("Invalid Schedule Expression %s.", expression)
	}
	return once(at), nil
}

// called returns the text between the brackets of an expression of this kind.
func called(kind, expression string) (inner string, ok bool) {
	inner, opened := strings.CutPrefix(expression, kind+"(")
	inner, closed := strings.CutSuffix(inner, ")")
	return inner, opened && closed
}
