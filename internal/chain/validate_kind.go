// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"fmt"
	"slices"
)

// dataTaskPattern matches an id of a data project or of one of its tasks. The id becomes a part of a URL's path.
var dataTaskPattern = pattern(`^[0-9A-Za-z_-]{1,100}$`)

// kind checks what the step starts, and that its other attributes apply to that.
func (v *validation) kind(key string, s Step) {
	at := func(kind Kind) Path { return Path{"steps", key, string(kind)} }
	others := func(than Kind) (paths []Path) {
		for _, kind := range Kinds() {
			if kind != than {
				paths = append(paths, at(kind))
			}
		}
		return paths
	}
	set := s.kinds()
	if len(set) == 0 {
		v.reportWith(others(KindApp), at(KindApp), "The step starts nothing. Set one of app, automation, data_task and signal.")
		return
	}
	for _, kind := range set[1:] {
		v.reportWith(others(kind), at(kind), "The step has both %s and %s. Remove one of the two: a step starts one thing.", set[0], kind)
	}
	if s.App != "" && !uuidPattern().MatchString(s.App) {
		v.report(at(KindApp), "%q is not an app id. %s", s.App, uuidIn(s.App, "Use the app's UUID, for example "+
			"80c6f35f-c9d7-4488-bb5a-ad973b13ec00: it is in the app's address in the hub. Of a name, data.qlik_app finds it."))
	}
	if s.Automation != "" && !uuidPattern().MatchString(s.Automation) {
		v.report(at(KindAutomation), "%q is not an automation's id. %s", s.Automation, uuidIn(s.Automation,
			"Use its UUID: it is in the automation's address. Of a name, data.qlik_automation finds it."))
	}
	if s.DataTask != nil {
		v.dataTaskID(append(at(KindDataTask), "project"), "project", s.DataTask.Project)
		v.dataTaskID(append(at(KindDataTask), "task"), "task", s.DataTask.Task)
	}
	if s.Signal != nil {
		v.signal(at(KindSignal), s.Signal)
	}
	v.appliesTo(key, s, set[0])
}

func (v *validation) dataTaskID(path Path, what, id string) {
	if !dataTaskPattern().MatchString(id) {
		v.report(path, "%q is not the id of a data %s. It has letters, digits, hyphens and underscores only: see the address of the task in "+
			"Qlik Cloud.", id, what)
	}
}

// appliesTo reports attributes that have no effect on a step of this kind.
// uuidIn proposes the UUID that a text contains, such as an address, or gives the hint.
func uuidIn(text, hint string) string {
	if id := uuidWithin().FindString(text); id != "" {
		return fmt.Sprintf("Write %q alone.", id)
	}
	return hint
}

func (v *validation) appliesTo(key string, s Step, kind Kind) {
	notSignal := []Kind{KindApp, KindAutomation, KindDataTask}
	for _, rule := range []struct {
		attribute string
		set       bool
		kinds     []Kind
		why       string
	}{
		{"partial", s.Partial, []Kind{KindApp}, "Only an app can be reloaded partially"},
		{"variables", len(s.Variables) > 0, []Kind{KindApp}, "Qlik Cloud passes variables to the reload of an app only"},
		{"weight", s.Weight != 0, []Kind{KindApp}, "Only reloads of apps have a weight"},
		{"retry", s.Retry != nil, notSignal, "The chain starts nothing for a signal, so it cannot start it again"},
		{"schedule", s.Schedule != nil, notSignal, "A signal comes when something reports it"},
		{"delay", s.Delay != 0, notSignal, "The chain starts nothing for a signal, so there is nothing to delay"},
	} {
		if rule.set && !slices.Contains(rule.kinds, kind) {
			v.reportWith([]Path{{"steps", key, string(kind)}}, Path{"steps", key, rule.attribute}, "%s. Remove %s.", rule.why, rule.attribute)
		}
	}
}
