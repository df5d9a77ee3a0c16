// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"slices"
	"strings"
)

func (v *validation) cycle(c *Cycle) {
	if c == nil {
		return
	}
	begins, every := Path{"cycle", "begins"}, Path{"cycle", "every"}
	length := orDefault(c.Every, DefaultCycleEvery)
	if length != Week && (length > 24*hour || 24*hour%length != 0 || length%minute != 0) {
		v.report(every, "A cycle of %s does not divide a day. Use a part of a day in whole minutes, such as \"24h\", \"12h\" or \"1h\", "+
			"or \"7d\" for weeks.", length)
	}
	weekday, _, _, ok := c.begins()
	switch {
	case !ok:
		v.report(begins, "%q is no time of day. Write hours and minutes, such as \"18:00\", and for weeks the day before them, such as \"FRI "+
			"18:00\".", c.Begins)
	case weekday == "" && length == Week:
		v.reportWith([]Path{every}, begins, "A cycle of a week begins on a day of the week. Write it before the time, such as \"FRI %s\".",
			orDefault(c.Begins, DefaultCycleBegins))
	case weekday != "" && !slices.Contains(Days(), weekday):
		v.report(begins, "%s", noDay(weekday))
	case weekday != "" && length != Week:
		_, clock, _ := strings.Cut(c.Begins, " ")
		v.reportWith([]Path{every}, begins, "Only a cycle of a week begins on a day of the week. Write %q, or set every to \"7d\".", clock)
	}
}

func (v *validation) chainLimits() {
	d := v.definition
	if d.MaxRunning < 0 || d.MaxRunning > MaxMaxRunning {
		v.report(Path{"max_running"}, "max_running is %d. Use 1 to %d, or leave it out for no limit.", d.MaxRunning, MaxMaxRunning)
	}
	v.maxDuration(Path{"max_duration"}, d.MaxDuration, MaxRunDuration)
	if d.Overlap == "" {
		return
	}
	path := Path{"overlap"}
	if !slices.Contains(Overlaps(), d.Overlap) {
		v.report(path, "%q is none of the ways to overlap. Use %s.", string(d.Overlap), quoted(Overlaps()))
		return
	}
	if d.Schedule != nil {
		return
	}
	others := []Path{{"schedule"}, {"steps"}}
	for _, key := range v.keys {
		if d.Steps[key].Schedule != nil {
			return
		}
		others = append(others, Path{"steps", key, "schedule"})
	}
	v.reportWith(others, path, "overlap says what a schedule does while its previous run is under way, and the chain has no schedule. "+
		"Remove overlap, or add a "+
		"schedule.")
}

func (v *validation) stepLimits(key string, s Step) {
	v.maxDuration(Path{"steps", key, "max_duration"}, s.MaxDuration, MaxStepDuration)
	if n := s.MaxStartsPerHour; n < 0 || n > MaxMaxStartsPerHour {
		v.report(Path{"steps", key, "max_starts_per_hour"}, "max_starts_per_hour is %d. Use 1 to %d, or leave it out for %d.",
			n, MaxMaxStartsPerHour, DefaultMaxStartsPerHour)
	}
}

func (v *validation) maxDuration(path Path, m *MaxDuration, most Duration) {
	if m == nil {
		return
	}
	at := func(attribute string) Path { return append(path[:len(path):len(path)], attribute) }
	if m.After == 0 {
		v.report(at("after"), "max_duration says no time. Set after, such as \"2h\".")
	} else {
		v.wholeMinutes(at("after"), "time", m.After, most)
	}
	if m.OnExceeded != "" && !slices.Contains(OnExceededs(), m.OnExceeded) {
		v.report(at("on_exceeded"), "%q is not what can happen to what takes too long. Use %s.", string(m.OnExceeded), quoted(OnExceededs()))
	}
}

func (v *validation) notifyOn(ends []NotifyOn) {
	for i, end := range ends {
		switch {
		case !slices.Contains(NotifyOns(), end):
			v.report(Path{"notify_on"}, "%q is none of the ends of a run to notify of. Use %s.", string(end), quoted(NotifyOns()))
		case slices.Contains(ends[:i], end):
			v.report(Path{"notify_on"}, "%q is there twice. Remove one.", string(end))
		}
	}
}

// timezoneIsSet requires a time zone if the chain depends on one: for which reloads belong to the same cycle, and for when something is
// due.
func (v *validation) timezoneIsSet() {
	d := v.definition
	if d.Timezone != "" {
		return
	}
	const fix = " Set timezone, such as \"Europe/Zurich\", or \"UTC\"."
	report := func(format string, args ...any) { v.report(Path{"timezone"}, format+fix, args...) }
	for _, key := range v.keys {
		s := d.Steps[key]
		switch {
		case len(s.After) > 1:
			report("The step %q waits for several steps, and the time zone decides which of their reloads belong to the same day.", key)
		case v.byTime == key:
			report("The guard of the step %q asks for the time, and the time zone decides what it is.", key)
		case s.Schedule != nil && s.Schedule.Cron != "":
			report("The step %q has a schedule, and the time zone decides which of its runs belong to the same day.", key)
		case s.ExpectBy != nil:
			report("The step %q has to be done by a time of day, and the time zone decides when that is.", key)
		default:
			continue
		}
		return
	}
	switch {
	case d.Schedule != nil && d.Schedule.Cron != "":
		report("The chain has a schedule, and the time zone decides when it comes.")
	case d.SummaryAt != "":
		report("The chain has a daily summary, and the time zone decides when it comes.")
	case d.ExpectBy != nil:
		report("The chain has to be done by a time of day, and the time zone decides when that is.")
	}
}
