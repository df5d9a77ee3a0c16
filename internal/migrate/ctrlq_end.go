// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"slices"
	"strings"
)

// endTrigger adds the trigger that was read to its task.
func (r *ctrlQ) endTrigger() {
	if r.task == nil || r.task.event == nil {
		return
	}
	e := r.task.event
	r.task.event = nil
	switch {
	case e.schedule:
		return
	case r.task.leftOut != "" || e.disabled:
		text := "a task trigger, " + e.String()
		if e.disabled {
			text += ", which is disabled"
		}
		r.startedBy(text)
		return
	}
	t := e.trigger
	switch {
	case len(t.links) == 0:
		r.noteOn(r.task.found, "%q has a task trigger, %q, that waits for nothing. It is left out.", r.task.name, t.name)
		return
	case len(t.links) == 1:
		r.loneWindow = r.loneWindow || t.window != 0
		t.window = 0
	}
	r.task.triggers = append(r.task.triggers, t)
}

func (r *ctrlQ) endTask() {
	r.endTrigger()
	switch {
	case r.task == nil:
	case r.task.leftOut == "":
		r.all = append(r.all, r.task.found)
	case len(r.task.starts) == 0:
		r.note("", "%s.", r.task.leftOut)
	default:
		r.note("", "%s. It was started by %s.", r.task.leftOut, strings.Join(r.task.starts, "; and by "))
	}
	r.task = nil
}

// reportPrograms adds notes about links that are lost with the omitted tasks, and about names in rules that differ from their tasks'.
func (r *ctrlQ) reportPrograms() {
	names := map[string]string{}
	for _, f := range r.all {
		names[strings.ToLower(f.ref)] = f.name
	}
	for _, f := range r.all {
		for i := range f.triggers {
			t := &f.triggers[i]
			before := t.String()
			t.links = slices.DeleteFunc(t.links, func(l link) bool {
				id := strings.ToLower(l.from)
				if name, known := names[id]; known && name != l.label {
					r.noteOn(f, "A rule of %q names the task %q, and the task with its id is %q. The id counts.", f.name, l.label, name)
				}
				program, leftOut := r.programs[id]
				if leftOut {
					r.noteOn(f, "%q starts after the %s of %q, which is left out. That link is missing: let this step start after what starts that task.",
						f.name, l.condition, program)
				}
				return leftOut
			})
			if len(t.links) < 2 && t.window != 0 {
				r.noteOn(f, "The trigger %s waits for one step only now, so its time constraint is left out.", before)
				t.window = 0
			}
		}
	}
}

// reportLeft adds a note about the columns that are not carried over.
func (r *ctrlQ) reportLeft(columns []string) {
	var unused, triggerNames []string
	for _, f := range r.all {
		for _, t := range f.triggers {
			if t.name != "" {
				triggerNames = []string{"Event name"}
			}
		}
	}
	for _, column := range append(slices.Clone(columns), unnamed(r.left, columns)...) {
		rows := r.left[column]
		switch {
		case len(rows) == 0:
		case slices.Contains(unusedColumns, column):
			unused = append(unused, column)
		case slices.Contains(slices.Concat(commonColumns, eventColumns, schemaColumns, compositeColumns), column):
			r.note("", "The column %q has values in %s, where they have no meaning. They are not carried over.", column, inRows(rows))
		default:
			r.note("", "The column %q is not one of Ctrl-Q's. Its values, in %s, are not carried over.", column, inRows(rows))
		}
	}
	if r.loneWindow {
		r.note("", "A time constraint has no effect on a task trigger with one rule, and is not carried over there: %s.",
			strings.Join(compositeColumns[:4], ", "))
	}
	if unused = append(unused, triggerNames...); len(unused) > 0 {
		r.note("", "A step has no attributes for these columns, and they are not carried over: %s.", strings.Join(unused, ", "))
	}
}

// unnamed returns the columns with values but without a name.
func unnamed(left map[string][]int, columns []string) []string {
	var all []string
	for column := range left {
		if !slices.Contains(columns, column) {
			all = append(all, column)
		}
	}
	slices.Sort(all)
	return all
}

// inRows formats the numbers of rows, or the first few of many.
func inRows(rows []int) string {
	const most = 5
	var words []string
	for _, n := range rows[:min(len(rows), most)] {
		words = append(words, fmt.Sprint(n))
	}
	text := "row " + strings.Join(words, ", ")
	if more := len(rows) - most; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
