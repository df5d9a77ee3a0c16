// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// QlikTasks reads the tasks of Qlik Cloud's own scheduler, as GET /api/scheduling/tasks returns them: an object with the tasks as data, or
// the array of tasks alone. Source of the form: https://qlik.dev/apis/rest/scheduling/tasks/. now decides which schedules have ended.
func QlikTasks(data []byte, name string, now time.Time) (*Chain, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	r := &qlikTasks{now: now, names: map[string]string{}, leftOut: map[string]bool{}, unread: map[string]bool{}}
	tasks, err := r.document(text)
	if err != nil {
		return nil, err
	}
	for i, raw := range tasks {
		if err := r.task(raw); err != nil {
			return nil, fmt.Errorf("task %d of the file cannot be read: %w. Export the tasks again", i+1, err)
		}
	}
	for _, t := range r.tasks {
		r.events(t)
	}
	r.reportUnread()
	c, err := r.build(name)
	if err == nil {
		r.reportEnabled(c)
	}
	return c, err
}

// qlikTasks is the reader of tasks of Qlik Cloud.
type qlikTasks struct {
	builder
	now     time.Time
	tasks   []qlikTask
	names   map[string]string // of tasks, by id in lower case
	leftOut map[string]bool   // tasks that are no steps, by id in lower case
	unread  map[string]bool   // paths of members that are not carried over
}

// qlikTask is a task with its step.
type qlikTask struct {
	qlik.ScheduledTask
	*found
}

// document returns the tasks of a file.
func (r *qlikTasks) document(text []byte) ([]json.RawMessage, error) {
	var tasks []json.RawMessage
	if bytes.HasPrefix(bytes.TrimSpace(text), []byte("[")) {
		err := json.Unmarshal(text, &tasks)
		return tasks, notTasks(err)
	}
	var page struct {
		Data  []json.RawMessage `json:"data"`
		Links struct {
			Next any `json:"next"`
		} `json:"links"`
	}
	if err := json.Unmarshal(text, &page); err != nil {
		return nil, notTasks(err)
	}
	var members map[string]any
	if err := json.Unmarshal(text, &members); err != nil {
		return nil, notTasks(err)
	}
	delete(members, "data")
	delete(members, "links") // to pages
	for path := range unreadMembers(members, "") {
		r.unread[path] = true
	}
	if page.Links.Next != nil {
		r.note("", "The file has one page of the tasks, and there are more: its links.next leads to them. Add their data to the file.")
	}
	return page.Data, nil
}

func notTasks(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("the file is not the JSON of GET /api/scheduling/tasks: %w", err)
}

// reload is the function of Qlik Cloud's tasks that a chain can carry out.
const reload = "app.reload"

// task reads one task without its events.
func (r *qlikTasks) task(raw json.RawMessage) error {
	t := qlikTask{found: &found{task: true}}
	var members map[string]any
	if err := json.Unmarshal(raw, &t.ScheduledTask); err != nil {
		return err
	}
	if err := json.Unmarshal(raw, &members); err != nil {
		return err
	}
	f := t.found
	f.ref, f.name = t.ID, cmp.Or(t.Name, t.Metadata.ResourceName, t.ID)
	f.step = chain.Step{App: t.ResourceID, Enabled: t.Enabled}
	for path := range unreadMembers(members, "") {
		if path != "metadata.resourceName" || t.Name != "" { // it is only the name of a task without one
			r.unread[path] = true
		}
	}
	id := strings.ToLower(t.ID)
	if reason := r.action(t); reason != "" {
		r.note("", "%s %s. A chain reloads the task's app only: the task is left out (%s).%s", f, reason, inWords(f.step), startedBy(t))
		r.leftOut[id] = true
		return nil
	}
	if _, twice := r.names[id]; !twice {
		r.names[id] = f.name
	}
	if t.Metadata.DisabledCode != "" {
		r.noteOn(f, "%q is disabled in Qlik Cloud with the code %q.", f.name, t.Metadata.DisabledCode)
	}
	r.schedules(t)
	r.all = append(r.all, f)
	r.tasks = append(r.tasks, t)
	return nil
}

// startedBy describes in sentences what starts a task that is left out.
func startedBy(t qlikTask) string {
	text := ""
	for _, e := range t.Events {
		text += " It has an event: " + inEventWords(e) + "."
	}
	for _, state := range t.States {
		for _, on := range state.OnEvents {
			text += fmt.Sprintf(" It waits for the events %q.", on.EventRefs)
		}
	}
	if s := (&taskSchedule{TaskSchedule: t.Start.Schedule}).String(); s != "" {
		text += " It has a schedule: " + s + "."
	}
	return text
}

// action reads what a task runs. It returns a reason to leave the task out, or nothing.
func (r *qlikTasks) action(t qlikTask) (reason string) {
	actions := 0
	for _, state := range t.States {
		for _, on := range state.OnEvents {
			for _, action := range on.Actions {
				actions++
				f := action.Function
				switch app := f.Arguments.AppID; {
				case f.Name != reload:
					return fmt.Sprintf("runs %q for the app %q", f.Name, app)
				case t.step.App == "":
					t.step.App = app
				case app != "" && !strings.EqualFold(app, t.step.App):
					return fmt.Sprintf("belongs to the app %s and reloads another one, %s", t.step.App, app)
				}
				if actions > 1 && t.step.Partial != f.Arguments.Partial {
					r.noteOn(t.found, "%q reloads partially and fully. The step reloads fully.", t.name)
				}
				t.step.Partial = f.Arguments.Partial && (actions == 1 || t.step.Partial)
			}
		}
	}
	if actions > 1 {
		r.noteOn(t.found, "%q has %d actions. The step reloads once.", t.name, actions)
	}
	return ""
}

// schedules adds the schedules of a task.
func (r *qlikTasks) schedules(t qlikTask) {
	s := &taskSchedule{TaskSchedule: t.Start.Schedule, now: r.now}
	if s.TaskSchedule == (qlik.TaskSchedule{}) {
		return
	}
	schedules, advice := s.schedules()
	r.noteOn(t.found, "%q has a schedule: %s. %s", t.name, s, advice)
	t.schedules = schedules
}

// events adds the triggers of a task: one for each event if one of them is enough, or else one for all.
func (r *qlikTasks) events(t qlikTask) {
	events := map[string]qlik.TaskEvent{}
	var unused []string
	for _, e := range t.Events {
		if _, twice := events[e.Name]; twice {
			r.noteOn(t.found, "%q has two events with the name %q. The first one counts.", t.name, e.Name)
			continue
		}
		events[e.Name] = e
		unused = append(unused, e.Name)
	}
	for i, state := range t.States {
		if i > 0 {
			r.noteOn(t.found, "%q has several states. Each of them is read as a trigger of its own.", t.name)
		}
		var links []link
		var read []string
		for _, on := range state.OnEvents {
			for _, ref := range on.EventRefs {
				unused = slices.DeleteFunc(unused, func(name string) bool { return name == ref })
				event, there := events[ref]
				switch {
				case !there:
					r.noteOn(t.found, "%q waits for an event %q, which it does not describe. It is left out.", t.name, ref)
				case !slices.Contains(read, ref):
					read = append(read, ref)
					links = append(links, r.event(t, event)...)
				}
			}
		}
		r.triggers(t, state, len(read), links)
	}
	for _, name := range unused {
		r.noteOn(t.found, "%q has an event, %s, that it does not wait for. It is left out.", t.name, inEventWords(events[name]))
	}
}

// triggers adds the triggers of one state of a task with a number of events.
func (r *qlikTasks) triggers(t qlikTask, state qlik.TaskState, events int, links []link) {
	if state.Exclusive == nil && events > 1 {
		r.noteOn(t.found, "%q has several events and no exclusive, which says whether one is enough. The step waits for all: check that.", t.name)
	}
	if state.Exclusive != nil && *state.Exclusive {
		for _, l := range links {
			t.triggers = append(t.triggers, trigger{links: []link{l}})
		}
		return
	}
	if len(links) > 0 {
		if len(links) < events {
			r.noteOn(t.found, "%q starts when all of its events have come. The step does not wait for those that are left out.", t.name)
		}
		t.triggers = append(t.triggers, trigger{links: links})
	}
}

// event returns the link of an event: none if it is left out.
func (r *qlikTasks) event(t qlikTask, e qlik.TaskEvent) []link {
	values := map[string]string{}
	for _, c := range e.Correlation {
		if other, twice := values[c.Name]; twice && other != c.Value {
			r.noteOn(t.found, "An event of %q has two values of %q, %q and %q. The first one counts.", t.name, c.Name, other, c.Value)
			continue
		}
		values[c.Name] = c.Value
	}
	from := values["id"]
	switch {
	case e.Source != "system-events.task":
		r.noteOn(t.found, "%q starts after an event, %s, that no app of the chain has. It is left out: a step with signal can wait for what "+
			"causes it.", t.name, inEventWords(e))
		return nil
	case from == "":
		r.noteOn(t.found, "%q starts after an event, %s, that names no task. It is left out.", t.name, inEventWords(e))
		return nil
	case r.leftOut[strings.ToLower(from)]:
		r.noteOn(t.found, "%q starts after a task that is left out, %s. That link is missing.", t.name, inEventWords(e))
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "id" && name != "status" {
			r.noteOn(t.found, "%q starts after an event, %s, only with the %s %q. A chain does not look at that.", t.name, inEventWords(e), name,
				values[name])
		}
	}
	l := link{from: from, label: cmp.Or(r.names[strings.ToLower(from)], from)}
	switch status := values["status"]; strings.ToLower(status) {
	case "succeeded":
		l.condition = chain.ConditionSuccess
	case "failed":
		l.condition = chain.ConditionFailure
	default:
		l.condition = chain.ConditionCompletion
		if !strings.EqualFold(status, "any") {
			r.noteOn(t.found, "%q waits for %q with the status %q, which is taken as any end.", t.name, l.label, status)
		}
	}
	return []link{l}
}

// inEventWords describes an event.
func inEventWords(e qlik.TaskEvent) string {
	words := []string{fmt.Sprintf("%q of %s", e.Name, e.Source)}
	for _, c := range e.Correlation {
		words = append(words, fmt.Sprintf("%s %q", c.Name, c.Value))
	}
	return strings.Join(words, ", ")
}
