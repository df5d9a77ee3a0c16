package scheduler

import (
	"strings"
	"time"
)

// defaultTimezone is the time zone of expressions that name none.
const defaultTimezone = "UTC"

// atLayout is the time in an at expression. Source: CreateSchedule, "ScheduleExpression".
const atLayout = "2006-01-02T15:04:05"

// parseExpression returns the time of a one-time schedule.
func parseExpression(expression, timezone string) (time.Time, error) {
	for _, recurring := range []string{"rate(", "cron("} {
		if strings.HasPrefix(expression, recurring) {
			return time.Time{}, validation("The sandbox offers one-time schedules alone, at(yyyy-mm-ddThh:mm:ss), not %s.", expression)
		}
	}
	location, err := time.LoadLocation(timezone)
	if err != nil || timezone == "Local" {
		return time.Time{}, validation("Invalid Schedule Expression Timezone %s.", timezone)
	}
	inner, opened := strings.CutPrefix(expression, "at(")
	inner, closed := strings.CutSuffix(inner, ")")
	at, err := time.ParseInLocation(atLayout, inner, location)
	if !opened || !closed || err != nil || len(inner) != len(atLayout) { // the layout alone would let fractions of a second pass
		return time.Time{}, validation("Invalid Schedule Expression %s.", expression)
	}
	return at, nil
}
