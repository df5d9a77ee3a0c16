// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"maps"
	"math"
	"reflect"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// settingReaders write a member's value into a step, and report whether it is valid for a step.
var settingReaders = map[string]func(*found, any) bool{
	"enabled": func(f *found, value any) (ok bool) { f.step.Enabled, ok = truth(value); return ok },
	"partial": func(f *found, value any) (ok bool) { f.step.Partial, ok = truth(value); return ok },
	"weight": func(f *found, value any) bool {
		n, ok := whole(value)
		f.step.Weight = n
		return ok && n >= chain.MinWeight && n <= chain.MaxWeight
	},
	"delay": func(f *found, value any) bool {
		text, _ := value.(string)
		err := f.step.Delay.UnmarshalText([]byte(text))
		return err == nil && f.step.Delay >= chain.MinDelay && f.step.Delay <= chain.MaxDelay && f.step.Delay%chain.Duration(time.Minute) == 0
	},
	"retries": func(f *found, value any) bool {
		n, ok := whole(value)
		f.step.Retry = &chain.Retry{MaxAttempts: n + 1}
		return ok && n > 0 && n < chain.MaxAttempts
	},
	"variables": variables,
	"schedule":  schedule,
}

// settings stores the members of an app that are a step's: the app may occur in several places.
func (r *appsJS) settings(a *app, o *object) {
	for _, what := range slices.Sorted(maps.Keys(settingReaders)) {
		if value, there := o.value(what); there && value != nil {
			r.give(a, what, value)
		}
	}
}

func (r *appsJS) give(a *app, what string, value any) {
	switch first, there := a.given[what]; {
	case !there:
		a.given[what] = value
	case !reflect.DeepEqual(first, value):
		r.noteOn(a.found, "%q has two values of %s. The first one counts.", a.name, what)
	}
}

// apply copies the given settings into the step.
func (r *appsJS) apply(a *app) {
	for _, what := range slices.Sorted(maps.Keys(a.given)) {
		before := a.step
		value := a.given[what]
		switch {
		case function(value):
			r.noteOn(a.found, "%q has a function as %s, which decides in code. It is not carried over: write what it decides as when of the steps.",
				a.name, what)
		case !settingReaders[what](a.found, value):
			a.step = before
			r.noteOn(a.found, "%q has a value of %s that a step cannot have. It is not carried over: see %s in the documentation.", a.name, what,
				attribute(what))
		}
	}
}

func attribute(member string) string {
	if member == "retries" {
		return "retry"
	}
	return member
}

func truth(value any) (is, ok bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		is, err := strconv.ParseBool(v)
		return is, err == nil
	}
	return false, false
}

// whole returns a number without a fraction.
func whole(value any) (int, bool) {
	n, ok := value.(float64)
	return int(n), ok && n == math.Trunc(n) && math.Abs(n) < 1e6
}

// variables reads texts. It also accepts numbers and booleans.
func variables(f *found, value any) bool {
	members, ok := value.(map[string]any)
	if !ok || len(members) > chain.MaxVariables {
		return false
	}
	f.step.Variables = map[string]string{}
	for name, value := range members {
		var text string
		switch v := value.(type) {
		case string:
			text = v
		case bool:
			text = strconv.FormatBool(v)
		case float64:
			text = strconv.FormatFloat(v, 'f', -1, 64)
		default:
			return false
		}
		if name == "" || utf8.RuneCountInString(name) > chain.VariableMaxLength || utf8.RuneCountInString(text) > chain.VariableMaxLength {
			return false
		}
		f.step.Variables[name] = text
	}
	return true
}

// schedule reads a cron expression, or an object with the attributes of a step's schedule.
func schedule(f *found, value any) bool {
	s := &chain.Schedule{}
	switch v := value.(type) {
	case string:
		s.Cron = v
	case map[string]any:
		for name, value := range v {
			text, ok := value.(string)
			if !ok || text == "" {
				return false
			}
			switch spelled(name) {
			case "cron":
				s.Cron = text
			case "timezone":
				s.Timezone = text
			case "rate":
				rate, err := chain.ParseDuration(text)
				if err != nil {
					return false
				}
				s.Rate = chain.Duration(rate)
			default:
				return false
			}
		}
	}
	if !valid(s) {
		return false
	}
	f.schedules = []namedSchedule{{Schedule: s}}
	return true
}
