// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"errors"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

func (v *validation) schedule(key string, s Step) {
	if s.Schedule == nil {
		return
	}
	path := Path{"steps", key, "schedule"}
	at := func(attribute string) Path { return append(path[:len(path):len(path)], attribute) }
	if len(s.After) > 0 {
		v.reportWith([]Path{{"steps", key, "after"}}, path, "A schedule is for a step where a chain begins, and this one starts after others. Remove the "+
			"schedule, or give it to the first step of the chain.")
	}
	switch {
	case s.Schedule.Cron == "" && s.Schedule.Rate == 0:
		v.reportWith([]Path{at("cron"), at("rate")}, path, "The schedule says no time. Set cron, such as \"0 5 * * ? *\" for 05:00 each "+
			"day, or rate, such as \"90m\".")
	case s.Schedule.Cron != "" && s.Schedule.Rate != 0:
		v.reportWith([]Path{at("cron")}, at("rate"), "The schedule has both cron and rate. Remove one of the two.")
	}
	if s.Schedule.Cron != "" {
		v.cron(at("cron"), s.Schedule.Cron)
	}
	if s.Schedule.Rate != 0 {
		v.wholeMinutes(at("rate"), "rate", s.Schedule.Rate, MaxRate)
	}
	v.timezone(at("timezone"), s.Schedule.Timezone)
	if s.Schedule.Timezone != "" && s.Schedule.Cron == "" && s.Schedule.Rate != 0 {
		v.reportWith([]Path{at("rate"), at("cron")}, at("timezone"), "A rate goes by elapsed time, which is the same in every time zone. Remove timezone, or use "+
			"cron for a time of day.")
	}
}

func (v *validation) cron(path Path, text string) {
	_, err := cron.Parse(text)
	var wrong *cron.Error
	if errors.As(err, &wrong) {
		v.report(path, "%s", wrong.Problem)
	}
}
