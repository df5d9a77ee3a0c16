// SPDX-License-Identifier: MPL-2.0

package cron

import (
	"strings"
	"time"
)

// monthDays holds the days of day-of-month.
type monthDays struct {
	set     bool // not a question mark
	days    set
	last    bool  // L
	nearest []int // 15W: the weekday closest to the day, in the same month
}

func (d *monthDays) read(text string) *Error {
	for item := range strings.SplitSeq(text, ",") {
		day, isNearest := strings.CutSuffix(item, "W")
		switch {
		case item != text && (item == "L" || isNearest):
			return inList(monthDay, item)
		case item == "L":
			d.last = true
		case item == "LW" || strings.HasPrefix(item, "L-"):
			return wrong(monthDay, "EventBridge Scheduler does not describe %q in day-of-month. Use L for the month's last day, or a day such as "+
				"28.", item)
		case isNearest:
			near, err := monthDay.value(day)
			if err != nil {
				return err
			}
			d.nearest = append(d.nearest, near)
		default:
			if err := monthDay.item(item, &d.days); err != nil {
				return err
			}
		}
	}
	return nil
}

func (d *monthDays) has(year int, month time.Month, day int) bool {
	last := lastDay(year, month)
	if d.days.has(monthDay, day) || d.last && day == last {
		return true
	}
	for _, near := range d.nearest {
		if near <= last && day == nearestWeekday(year, month, near, last) {
			return true
		}
	}
	return false
}

// nearestWeekday returns the day from Monday to Friday that is closest to a day and in its month.
func nearestWeekday(year int, month time.Month, day, last int) int {
	switch weekday(year, month, day) {
	case time.Saturday:
		if day == 1 {
			return 3
		}
		return day - 1
	case time.Sunday:
		if day == last {
			return day - 2
		}
		return day + 1
	default:
		return day
	}
}

// inList refuses a day with L or W in a list with others. EventBridge Scheduler's guide describes both for one day only
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/schedule-types.html). Its reaction to a list was not tested.
func inList(f *field, item string) *Error {
	return wrong(f, "EventBridge Scheduler does not describe %q in a list of the %s field. Write it alone.", item, f.name)
}

// weekDays holds the days of day-of-week: 1 is Sunday.
type weekDays struct {
	set  bool // not a question mark
	days set
	last []int // 6L: the month's last Friday
	nth  [2]int
}

func (d *weekDays) read(text string) *Error {
	for item := range strings.SplitSeq(text, ",") {
		if err := d.readItem(item, item == text); err != nil {
			return err
		}
	}
	return nil
}

func (d *weekDays) readItem(item string, alone bool) *Error {
	day, which, isNth := strings.Cut(item, "#")
	lastDay, isLast := strings.CutSuffix(item, "L")
	switch {
	case isLast && !alone:
		return inList(weekDay, item)
	case isNth && !alone:
		return wrong(weekDay, "The day-of-week field has %q in a list. EventBridge Scheduler takes one day with # and nothing else.", item)
	case isNth:
		value, err := weekDay.value(day)
		if err != nil {
			return err
		}
		n, ok := number(which)
		if !ok || n < 1 || n > 5 {
			return wrong(weekDay, "The day-of-week field has %q. After # comes which such day of the month, 1 to 5.", item)
		}
		d.nth = [2]int{value, n}
	case item == "L": // the last day of the week
		d.days.add(weekDay, weekDay.most)
	case isLast:
		value, err := weekDay.value(lastDay)
		if err != nil {
			return err
		}
		d.last = append(d.last, value)
	default:
		return weekDay.item(item, &d.days)
	}
	return nil
}

func (d *weekDays) has(year int, month time.Month, day int) bool {
	today := int(weekday(year, month, day)) + 1
	if d.days.has(weekDay, today) || d.nth == [2]int{today, (day + 6) / 7} {
		return true
	}
	for _, last := range d.last {
		if last == today && day+7 > lastDay(year, month) {
			return true
		}
	}
	return false
}

func weekday(year int, month time.Month, day int) time.Weekday {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Weekday()
}

func lastDay(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
