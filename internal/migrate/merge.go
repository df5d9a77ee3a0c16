// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// mergeApps makes one step of several tasks that reload the same app: an app can be in a chain only once.
func (b *builder) mergeApps() {
	b.byRef, b.byName = map[string]*found{}, map[string][]*found{}
	b.never = map[string]*found{}
	if b.same == nil {
		b.same = map[*found]*found{}
	}
	tasks := map[string][]*found{}
	for _, f := range b.all {
		if id := strings.ToLower(f.step.App); id != "" {
			tasks[id] = append(tasks[id], f)
		}
	}
	var kept []*found
	for _, f := range b.all {
		twins := tasks[strings.ToLower(f.step.App)]
		step := f
		if len(twins) > 1 {
			step = firstEnabled(twins)
		}
		if step == f {
			kept = append(kept, f)
		} else {
			b.same[f] = step
		}
		if f.ref != "" && f.step.Enabled != step.step.Enabled {
			b.never[strings.ToLower(f.ref)] = f
		}
		b.register(f, step)
	}
	for _, f := range kept {
		if twins := tasks[strings.ToLower(f.step.App)]; len(twins) > 1 {
			b.merge(f, twins)
		}
	}
	b.all = kept
}

// firstEnabled returns the task that becomes the step: the first enabled one, or else the first.
func firstEnabled(twins []*found) *found {
	for _, f := range twins {
		if f.step.Enabled {
			return f
		}
	}
	return twins[0]
}

// register lets links find a step by the ref and the name of a task.
func (b *builder) register(f, step *found) {
	if ref := strings.ToLower(f.ref); ref != "" {
		if other := b.byRef[ref]; other != nil && other != step {
			b.noteOn(step, "The id %s is there twice: for %q and for %q. Links to it lead to the first.", f.ref, other.name, f.name)
		} else {
			b.byRef[ref] = step
		}
	}
	if !slices.Contains(b.byName[f.name], step) {
		b.byName[f.name] = append(b.byName[f.name], step)
	}
}

// merge adds the properties of other tasks of its app to a step.
func (b *builder) merge(step *found, twins []*found) {
	for _, f := range twins {
		if f == step {
			continue
		}
		if f.step.Enabled != step.step.Enabled {
			b.noteOn(step, "%s reloads the same app as %s, %s, and is disabled: nothing of it is in the step.%s", f, step, step.step.App, unused(f))
			continue
		}
		b.noteOn(step, "%s and %s reload the same app, %s. They are one step: what started after one of them starts after each reload of the "+
			"app.", step, f, step.step.App)
		step.triggers, step.schedules = append(step.triggers, f.triggers...), append(step.schedules, f.schedules...)
		if f.step.Partial != step.step.Partial {
			b.noteOn(step, "Of %q and %q one reloads partially, the other one fully. The step reloads fully.", step.name, f.name)
			step.step.Partial = false
		}
		if mine, other := attempts(step), attempts(f); mine != other {
			b.noteOn(step, "%q and %q have %d and %d retries. The step has the larger number.", step.name, f.name, mine-1, other-1)
			if other > mine {
				step.step.Retry = f.step.Retry
			}
		}
	}
}

func attempts(f *found) int {
	if f.step.Retry == nil {
		return 1
	}
	return f.step.Retry.MaxAttempts
}

// unused describes in sentences what a task has that its step does not get.
func unused(f *found) string {
	text := ""
	for _, t := range f.triggers {
		text += " Left out: its trigger " + t.String() + "."
	}
	for _, s := range f.schedules {
		text += " Left out: its schedule " + s.String() + "."
	}
	if retries := attempts(f) - 1; retries > 0 {
		text += fmt.Sprintf(" Left out: its retries, %d.", retries)
	}
	if f.step.Partial {
		text += " Left out: that it reloads partially."
	}
	return text
}

// find returns the steps that a link can mean: one that the reader knows or that has its ref, or all with a name.
func (b *builder) find(l link) []*found {
	if f := l.source; f != nil {
		if same := b.same[f]; same != nil {
			f = same
		}
		return []*found{f}
	}
	ref := l.from
	if f := b.byRef[strings.ToLower(ref)]; f != nil {
		return []*found{f}
	}
	if all := b.byName[ref]; len(all) > 0 {
		return all
	}
	var all []*found
	for _, f := range b.all {
		if strings.EqualFold(f.name, ref) {
			all = append(all, f)
		}
	}
	return all
}

// chooseTriggers keeps those of a step's triggers that a step can have.
func (b *builder) chooseTriggers(f *found) {
	f.triggers = slices.DeleteFunc(f.triggers, func(t trigger) bool {
		for _, l := range t.links {
			if twin := b.never[strings.ToLower(l.from)]; twin != nil {
				b.noteOn(f, "Its trigger %s waits for %q, a disabled task of an app that another task reloads. It never fired, and is left out.", t,
					twin.name)
				return true
			}
		}
		return false
	})
	for i := range f.triggers {
		b.resolve(f, &f.triggers[i])
	}
	f.triggers = slices.DeleteFunc(f.triggers, func(t trigger) bool { return len(t.links) == 0 })
	several := slices.ContainsFunc(f.triggers, func(t trigger) bool { return len(t.links) > 1 })
	if len(f.triggers) > 1 && several {
		for _, t := range f.triggers[1:] {
			b.noteOn(f, "It has several triggers, and one of them waits for several others. A step has one such trigger, the first: %s is left "+
				"out.", t)
		}
		f.triggers = f.triggers[:1]
	}
}

// resolve keeps the links of a trigger that lead to one other step, and adds notes about the rest.
func (b *builder) resolve(f *found, t *trigger) {
	var kept []link
	for _, l := range t.links {
		switch all := b.find(l); {
		case len(all) == 0:
			b.noteOn(f, "It started after the %s, which is not in the file. That link is missing.", l)
		case len(all) > 1:
			b.noteOn(f, "It started after the %s, which is the name of %d apps. That link is missing: add the one that is meant.", l, len(all))
		case all[0] == f:
			b.noteOn(f, "It started after the %s of itself. That link is missing.", l.condition)
		default:
			kept = append(kept, l)
		}
	}
	if len(t.links) > 1 && len(kept) == 1 && t.window != 0 {
		b.noteOn(f, "Its trigger %s waits for one step only now, so its time constraint is left out.", t)
		t.window = 0
	}
	t.links = kept
}

// upstream returns the step that a link of a resolved trigger leads to.
func (b *builder) upstream(l link) *found { return b.find(l)[0] }

// upstreams returns the steps that a step starts after.
func (b *builder) upstreams(f *found) []*found {
	var all []*found
	for _, t := range f.triggers {
		for _, l := range t.links {
			if from := b.upstream(l); !slices.Contains(all, from) {
				all = append(all, from)
			}
		}
	}
	return all
}

// conditionOf returns the condition of a step that started after several outcomes of one other step.
func conditionOf(one, other chain.Condition) chain.Condition {
	if one == other {
		return one
	}
	return chain.ConditionCompletion
}
