// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// endless begins the expiration dates of schedules that do not end.
const endless = "9999-"

// ctrlQSchedule is a schema event as a step's schedule, if that can say the same. The increment is in minutes, hours, days and weeks; the filter
// has seconds, minutes, a dash, weekdays (0 is Sunday), how many weeks from one to the next, days of the month, and two fields more, as the QMC
// writes them. Its options: https://help.qlik.com/en-US/sense-developer/APIs/RepositoryServiceAPI, SchemaEvent. The start is in UTC, and tells
// the time of day in the event's time zone.
func ctrlQSchedule(get func(string) string) (*chain.Schedule, bool) {
	place, err := time.LoadLocation(get("Schema time zone"))
	start, startErr := time.Parse(time.RFC3339, get("Schema start"))
	filter := strings.Fields(get("Schema filter description"))
	if err != nil || startErr != nil || len(filter) != 8 || get("Daylight savings time") != "ObserveDaylightSavingTime" ||
		!strings.HasPrefix(get("Schema expiration"), endless) {
		return nil, false
	}
	local := start.In(place)
	days, daysOK := ctrlQDays(filter)
	times, timesOK := ctrlQTimes(get("Schema increment description"), local)
	if !daysOK || !timesOK || local.Second() != 0 {
		return nil, false
	}
	s := &chain.Schedule{Cron: times + " " + days + " *", Timezone: get("Schema time zone")}
	d := chain.Definition{Apps: map[string]chain.Step{"": {Schedule: s}}}
	at := chain.Path{"apps", "", "schedule"}
	return s, !slices.ContainsFunc(d.Validate(), func(p chain.Problem) bool { return p.Path.Within(at) })
}

// ctrlQTimes are the minutes and hours of a start that is repeated after an increment, where that is the same on each day.
func ctrlQTimes(increment string, start time.Time) (string, bool) {
	var minutes, hours, days, weeks int
	if _, err := fmt.Sscan(increment, &minutes, &hours, &days, &weeks); err != nil {
		return "", false
	}
	switch {
	case days == 1 && minutes == 0 && hours == 0 && weeks == 0:
		return fmt.Sprintf("%d %d", start.Minute(), start.Hour()), true
	case hours > 0 && 24%hours == 0 && minutes == 0 && days == 0 && weeks == 0:
		return fmt.Sprintf("%d %s", start.Minute(), stepped(start.Hour()%hours, hours, 24)), true
	case minutes > 0 && 60%minutes == 0 && hours == 0 && days == 0 && weeks == 0:
		return stepped(start.Minute()%minutes, minutes, 60) + " *", true
	}
	return "", false
}

// stepped is a field with every step-th value of all.
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

// ctrlQDays are the three fields for days and months that say what a filter says.
func ctrlQDays(filter []string) (string, bool) {
	weekdays, everyWeeks, monthDays := filter[3], filter[4], filter[5]
	for _, i := range []int{0, 1, 6, 7} {
		if filter[i] != "*" {
			return "", false
		}
	}
	switch {
	case weekdays == "*" && everyWeeks == "*" && monthDays == "*":
		return "* * ?", true
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
