// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"iter"
	"maps"
	"slices"
	"strings"
)

// readMembers are the members of a task that the reader reads, as paths without the places in lists.
var readMembers = []string{
	"id", "name", "enabled", "resourceId", "start.schedule", "start.schedule.recurrence", "start.schedule.startDateTime",
	"start.schedule.endDateTime", "start.schedule.timezone", "start.schedule.interval", "start.schedule.cron",
	"start.schedule.cron.expression", "events.name", "events.source", "events.correlation.contextAttributeName",
	"events.correlation.contextAttributeValue", "states.exclusive", "states.onEvents.eventRefs", "states.onEvents.actions.functionRef",
	"states.onEvents.actions.functionRef.refName", "states.onEvents.actions.functionRef.arguments.appId",
	"states.onEvents.actions.functionRef.arguments.partial", "metadata.disabledCode",
}

// unreadMembers yields the paths of the values that the reader does not read.
func unreadMembers(value any, path string) iter.Seq[string] {
	return func(yield func(string) bool) {
		switch v := value.(type) {
		case map[string]any:
			for name, member := range v {
				for unread := range unreadMembers(member, strings.TrimPrefix(path+"."+name, ".")) {
					if !yield(unread) {
						return
					}
				}
			}
		case []any:
			for _, member := range v {
				for unread := range unreadMembers(member, path) {
					if !yield(unread) {
						return
					}
				}
			}
		case nil:
		default:
			if v != "" && !slices.Contains(readMembers, path) {
				yield(path)
			}
		}
	}
}

// reportUnread adds a note about the members that are not carried over.
func (r *qlikTasks) reportUnread() {
	if len(r.unread) > 0 {
		r.note("", "A step has no attributes for these members of tasks, and they are not carried over: %s.",
			strings.Join(slices.Sorted(maps.Keys(r.unread)), ", "))
	}
}

// reportEnabled adds a note about the enabled tasks, which must not go on beside the chain.
func (r *qlikTasks) reportEnabled(c *Chain) {
	var names []string
	for _, t := range r.tasks {
		step := t.found
		if same := r.same[step]; same != nil {
			step = same
		}
		if _, there := c.Definition.Steps[r.keys[step]]; there && t.Enabled {
			names = append(names, fmt.Sprintf("%q (task %s)", t.name, t.ID))
		}
	}
	if len(names) > 0 {
		c.Notes = append(c.Notes, Note{Text: "Disable these tasks in Qlik Cloud when you apply the chain, or their apps are reloaded twice: " +
			strings.Join(names, ", ") + "."})
	}
}
