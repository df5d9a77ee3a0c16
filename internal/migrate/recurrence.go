// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// errNeedsStart means that a rule takes a part of its times from a start that is not known.
var errNeedsStart = errors.New("it needs a start")

// errNoCron means that no cron expression of EventBridge Scheduler says the same as a rule.
var errNoCron = errors.New("no cron expression says the same")

// rule is a recurrence rule (RFC 5545) without its prefix. Its times are those of a clock, without a zone.
type rule struct {
	rrule.ROption
	start  time.Time // in UTC, which stands for the clock; zero if it is not known
	timed  bool      // a part of the times is from the start
	utc    bool      // UNTIL is in UTC, not a time of the clock
	hours  []int
	months []int // all if empty
}

var untilUTC = regexp.MustCompile(`UNTIL=\w+Z`)

// parseRule parses one line of a recurrence.
func parseRule(line string, start time.Time) (*rule, error) {
	text, found := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(line)), "RRULE:")
	if !found && !strings.HasPrefix(text, "FREQ=") {
		return nil, fmt.Errorf("%q is no rule", line)
	}
	option, err := rrule.StrToROption(text)
	if err != nil {
		return nil, err
	}
	if _, err := rrule.NewRRule(*option); err != nil {
		return nil, err
	}
	r := &rule{ROption: *option, start: start, utc: untilUTC.MatchString(text)}
	if r.Interval == 0 {
		r.Interval = 1
	}
	return r, nil
}

// cron returns the cron expression that is due when the rule is. It leaves out COUNT, UNTIL and seconds.
func (r *rule) cron() (string, error) {
	if len(r.Byweekno)+len(r.Byyearday)+len(r.Byeaster) > 0 || len(r.Bysecond) > 1 || !r.Dtstart.IsZero() {
		return "", errNoCron
	}
	minutes, ok := r.minutes()
	if !ok || !r.findHours() || !r.findMonths() {
		return "", errNoCron
	}
	ofMonth, ofWeek, ok := r.days(len(minutes) * len(r.hours))
	switch {
	case r.timed && r.start.IsZero():
		return "", errNeedsStart
	case !ok || len(minutes) == 0 || len(r.hours) == 0:
		return "", errNoCron
	}
	months := "*"
	if len(r.months) > 0 {
		months = listed(r.months, 1, 12)
	}
	text := fmt.Sprintf("%s %s %s %s %s *", listed(minutes, 0, 59), listed(r.hours, 0, 23), ofMonth, months, ofWeek)
	expression, err := cron.Parse(text)
	if err != nil {
		return "", errNoCron
	}
	if _, due := expression.Next(r.start, time.UTC); !due { // such as February 30
		return "", errNoCron
	}
	return text, nil
}

// second returns the second of the rule's times. It has one, if it has a cron expression.
func (r *rule) second() int {
	if len(r.Bysecond) > 0 {
		return r.Bysecond[0]
	}
	return r.start.Second()
}

// from returns the rule's start, and stores that a part of the times is from it.
func (r *rule) from() time.Time {
	r.timed = true
	return r.start
}

// minutes returns the minutes of an hour. A rule with an interval of whole hours becomes an hourly one.
func (r *rule) minutes() ([]int, bool) {
	if r.Freq == rrule.MINUTELY && r.Interval%60 == 0 {
		r.Freq, r.Interval = rrule.HOURLY, r.Interval/60
		if minute := r.from().Minute(); len(r.Byminute) == 0 || slices.Contains(r.Byminute, minute) {
			r.Byminute = []int{minute}
		} else {
			return nil, false
		}
	}
	switch {
	case r.Freq == rrule.SECONDLY:
		return nil, false
	case r.Freq == rrule.MINUTELY:
		return r.every(func() int { return r.from().Minute() }, 0, 60, r.Byminute)
	case len(r.Byminute) > 0:
		return sorted(r.Byminute), true
	default:
		return []int{r.from().Minute()}, true
	}
}

// findHours finds the hours of a day. A rule with an interval of whole days becomes a daily one.
func (r *rule) findHours() (ok bool) {
	if r.Freq == rrule.HOURLY && r.Interval%24 == 0 {
		r.Freq, r.Interval = rrule.DAILY, r.Interval/24
		hour := r.from().Hour()
		if len(r.Byhour) > 0 && !slices.Contains(r.Byhour, hour) {
			return false
		}
		r.Byhour = []int{hour}
	}
	switch {
	case r.Freq == rrule.HOURLY:
		r.hours, ok = r.every(func() int { return r.from().Hour() }, 0, 24, r.Byhour)
		return ok
	case len(r.Byhour) > 0:
		r.hours = sorted(r.Byhour)
	case r.Freq == rrule.MINUTELY:
		r.hours = all(0, 24)
	default:
		r.hours = []int{r.from().Hour()}
	}
	return true
}

// findMonths finds the months of a year, and refuses intervals that do not fit into a week or a year.
func (r *rule) findMonths() (ok bool) {
	r.months = sorted(r.Bymonth)
	switch {
	case r.Freq == rrule.DAILY && r.Interval == 7 && len(r.Byweekday)+len(r.Bymonthday) == 0:
		r.Freq, r.Interval = rrule.WEEKLY, 1
		return true
	case r.Freq == rrule.MONTHLY && r.Interval > 1:
		r.months, ok = r.every(func() int { return int(r.from().Month()) }, 1, 12, r.Bymonth)
		return ok && len(r.months) > 0
	case r.Freq == rrule.MINUTELY, r.Freq == rrule.HOURLY: // minutes and hours are read
		return true
	default:
		return r.Interval == 1
	}
}

// days returns the fields for the days of the month and of the week. times is the number of times of a day.
func (r *rule) days(times int) (ofMonth, ofWeek string, ok bool) {
	monthDays, weekDays := r.Bymonthday, r.Byweekday
	perMonth := r.Freq == rrule.MONTHLY || r.Freq == rrule.YEARLY
	switch {
	case len(monthDays) > 0 && (len(weekDays) > 0 || r.Freq == rrule.WEEKLY):
		return "", "", false
	case len(r.Bysetpos) > 0:
		return r.position(times)
	case len(weekDays) > 0:
		return r.weekDays(perMonth)
	case len(monthDays) > 0:
	case r.Freq == rrule.WEEKLY:
		return "?", weekDayName(int(r.from().Weekday()+6) % 7), true
	case perMonth:
		start := r.from()
		if r.Freq == rrule.YEARLY && len(r.months) == 0 {
			r.months = []int{int(start.Month())}
		}
		monthDays = []int{start.Day()}
	default:
		return "*", "?", true
	}
	switch monthDays = sorted(monthDays); {
	case slices.Equal(monthDays, []int{-1}):
		return "L", "?", true
	case monthDays[0] < 1:
		return "", "", false
	default:
		return listed(monthDays, 1, 31), "?", true
	}
}

// weekDays returns the fields for BYDAY.
func (r *rule) weekDays(perMonth bool) (ofMonth, ofWeek string, ok bool) {
	first := r.Byweekday[0]
	switch n := first.N(); {
	case n == 0:
		return r.plainWeekDays()
	case !perMonth || len(r.Byweekday) > 1 || r.Freq == rrule.YEARLY && len(r.months) == 0:
		return "", "", false
	default:
		return nthWeekDay(first.Day(), n)
	}
}

func (r *rule) plainWeekDays() (ofMonth, ofWeek string, ok bool) {
	var days []int
	for _, day := range r.Byweekday {
		if day.N() != 0 {
			return "", "", false
		}
		days = append(days, day.Day())
	}
	days = sorted(days)
	if len(days) == 7 {
		return "*", "?", true
	}
	names := make([]string, len(days))
	for i, day := range days {
		names[i] = weekDayName(day)
	}
	return "?", strings.Join(names, ","), true
}

// position returns the fields for one of the days that BYDAY names in a month.
func (r *rule) position(times int) (ofMonth, ofWeek string, ok bool) {
	if r.Freq != rrule.MONTHLY || times != 1 || len(r.Bysetpos) != 1 || len(r.Byweekday) == 0 || len(r.Bymonthday) > 0 {
		return "", "", false
	}
	_, names, ok := r.plainWeekDays()
	n := r.Bysetpos[0]
	switch {
	case !ok:
		return "", "", false
	case names == "?" && n == -1:
		return "L", "?", true
	case names == "?" && n > 0 && n < 29:
		return strconv.Itoa(n), "?", true
	case names == "MON,TUE,WED,THU,FRI" && n == 1:
		return "1W", "?", true
	case len(names) == 3:
		return nthWeekDay(r.Byweekday[0].Day(), n)
	default:
		return "", "", false
	}
}

// nthWeekDay returns the fields for the n-th or the last such day of a month. Day 0 is Monday.
func nthWeekDay(day, n int) (ofMonth, ofWeek string, ok bool) {
	number := (day+1)%7 + 1 // cron: 1 is Sunday
	switch {
	case n == -1:
		return "?", fmt.Sprintf("%dL", number), true
	case n >= 1 && n <= 5:
		return "?", fmt.Sprintf("%d#%d", number, n), true
	default:
		return "", "", false
	}
}

// weekDayName returns cron's name of a day. Day 0 is Monday.
func weekDayName(day int) string { return strings.ToUpper(time.Weekday((day + 1) % 7).String()[:3]) }

// every returns the values from the start's on, one in each interval, if these are the same in each round of size values. If only is not
// empty, the others are left out.
func (r *rule) every(start func() int, least, size int, only []int) ([]int, bool) {
	values := all(least, size)
	if r.Interval > 1 {
		if size%r.Interval != 0 {
			return nil, false
		}
		from := start()
		values = slices.DeleteFunc(values, func(value int) bool { return (value-from)%r.Interval != 0 })
	}
	if len(only) > 0 {
		values = slices.DeleteFunc(values, func(value int) bool { return !slices.Contains(only, value) })
	}
	return values, true
}

func all(least, size int) []int {
	values := make([]int, size)
	for i := range values {
		values[i] = least + i
	}
	return values
}

// sorted returns the different values in ascending order.
func sorted(values []int) []int {
	values = slices.Clone(values)
	slices.Sort(values)
	return slices.Compact(values)
}

// listed formats values in ascending order as a field of cron.
func listed(values []int, least, most int) string {
	if len(values) == most-least+1 {
		return "*"
	}
	if len(values) > 2 {
		step := values[1] - values[0]
		even := values[0]-step < least && values[len(values)-1]+step > most
		for i := 1; i < len(values); i++ {
			even = even && values[i]-values[i-1] == step
		}
		if even && step > 1 {
			return fmt.Sprintf("%d/%d", values[0], step)
		}
	}
	words := make([]string, len(values))
	for i, value := range values {
		words[i] = strconv.Itoa(value)
	}
	return strings.Join(words, ",")
}

// mostCounted is the maximum COUNT of a rule for which end calculates the last time.
const mostCounted = 1000

// end returns the last time of a rule with UNTIL or COUNT, and whether it is known. The rule must have a cron expression.
func (r *rule) end() (time.Time, bool) {
	option := r.ROption
	option.Dtstart = r.start
	if option.Count == 0 || option.Count > mostCounted || r.start.IsZero() {
		return option.Until, !option.Until.IsZero()
	}
	series, err := rrule.NewRRule(option)
	if err != nil {
		return time.Time{}, false
	}
	times := series.All()
	if len(times) == 0 {
		return r.start, true
	}
	return times[len(times)-1], true
}
