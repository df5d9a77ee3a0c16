// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"errors"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/cron"
)

// chainSchedule checks the chain's own schedule.
func (v *validation) chainSchedule() {
	d := v.definition
	path := Path{"schedule"}
	if d.Schedule != nil {
		v.schedule(path, d.Schedule)
		own := func(key string) bool {
			return len(d.Steps[key].After) > 0 || d.Steps[key].Schedule != nil || d.Steps[key].Signal != nil
		}
		if len(v.keys) > 0 && !slices.ContainsFunc(v.keys, func(key string) bool { return !own(key) }) {
			v.reportWith([]Path{{"steps"}}, path, "The schedule starts nothing: every step where the chain begins has a schedule of its own or is "+
				"a signal. "+
				"Remove the chain's "+
				"schedule, or that of a step where the chain begins.")
		}
	}
}

func (v *validation) stepSchedule(key string, s Step) {
	if s.Schedule == nil {
		return
	}
	path := Path{"steps", key, "schedule"}
	if len(s.After) > 0 {
		v.reportWith([]Path{{"steps", key, "after"}}, path,
			"A schedule is for a step where a chain begins, and this one starts after others. Remove the "+
				"schedule, or give it to the first step of the chain.")
	}
	v.schedule(path, s.Schedule)
}

// schedule checks the schedule at a path.
func (v *validation) schedule(path Path, s *Schedule) {
	at := func(attribute string) Path { return append(path[:len(path):len(path)], attribute) }
	switch {
	case s.Cron == "" && s.Rate == 0:
		v.reportWith([]Path{at("cron"), at("rate")}, path, "The schedule says no time. Set cron, such as \"0 5 * * ? *\" for 05:00 each "+
			"day, or rate, such as \"90m\".")
	case s.Cron != "" && s.Rate != 0:
		v.reportWith([]Path{at("cron")}, at("rate"), "The schedule has both cron and rate. Remove one of the two.")
	}
	if s.Cron != "" {
		v.cron(at("cron"), s.Cron)
	}
	if s.Rate != 0 {
		v.wholeMinutes(at("rate"), "rate", s.Rate, MaxRate)
	}
	v.timezone(at("timezone"), s.Timezone)
	byRate := s.Cron == "" && s.Rate != 0
	if s.Timezone != "" && byRate {
		v.reportWith([]Path{at("rate"), at("cron")}, at("timezone"),
			"A rate goes by elapsed time, which is the same in every time zone. Remove timezone, or use "+
				"cron for a time of day.")
	}
	if len(s.Except) > 0 && byRate {
		v.reportWith([]Path{at("rate"), at("cron")}, at("except"), "A rate goes by elapsed time and knows no dates. Remove except, or use cron.")
	}
	v.except(at("except"), s.Except)
	if v.variables(path, s.Variables); len(variableProblems(s.Variables)) == 0 {
		for _, text := range v.definition.VariableProblems(s.Variables) {
			v.report(at("variables"), "%s", text)
		}
	}
}

func (v *validation) except(path Path, dates []string) {
	if len(dates) > MaxExcept {
		v.report(path, "The schedule excepts %d dates. Use at most %d: dates of the past can go.", len(dates), MaxExcept)
	}
	for _, date := range dates {
		if !isDate(date) {
			v.report(path, "%q is no date. Write year, month and day, such as \"2026-12-25\".", date)
		}
	}
}

func (v *validation) cron(path Path, text string) {
	_, err := cron.Parse(text)
	var wrong *cron.Error
	if errors.As(err, &wrong) {
		v.report(path, "%s", wrong.Problem)
	}
}
