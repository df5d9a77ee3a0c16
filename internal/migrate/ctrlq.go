// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// CtrlQ reads the tasks of a Qlik Sense site on Windows from an export of Ctrl-Q: `ctrl-q qseow task-get --output-format table`, as CSV or
// JSON. It needs the details common, schematrigger and compositetrigger, which are the default. It finds the columns by their names, which
// are those of https://github.com/ptarmiganlabs/ctrl-q, src/lib/cmd/qseow/gettask.js. It refuses Ctrl-Q's task tree, which has no ids. now
// decides which schedules have ended.
func CtrlQ(data []byte, name string, now time.Time) (*Chain, error) {
	t, err := readTable(data)
	if err != nil {
		return nil, err
	}
	for _, needed := range slices.Concat(commonColumns, eventColumns, schemaColumns, compositeColumns) {
		if !slices.Contains(t.columns, needed) {
			return nil, fmt.Errorf("the table has no column %q. Export it without --table-details, or with common, schematrigger and "+
				"compositetrigger", needed)
		}
	}
	r := &ctrlQ{now: now, left: map[string][]int{}, programs: map[string]string{}}
	for _, row := range t.rows {
		r.row(newCells(t, row, &r.problems))
	}
	r.endTask()
	if len(r.problems) > 0 {
		return nil, fmt.Errorf("the table has cells that cannot be read: %s", strings.Join(firstOf(r.problems), ". "))
	}
	r.reportPrograms()
	r.reportLeft(t.columns)
	return r.build(name)
}

// maxProblems is the maximum number of problems in an error.
const maxProblems = 10

func firstOf(problems []string) []string {
	if more := len(problems) - maxProblems; more > 0 {
		return append(problems[:maxProblems:maxProblems], fmt.Sprintf("%d more are like these", more))
	}
	return problems
}

// The columns that a chain needs, by subject.
var (
	commonColumns = []string{
		"Task counter", "Task type", "Task name", "Task id", "Task enabled", "Task timeout", "Task retries", "App id", "Partial reload",
		"Ext program path", "Ext program parameters",
	}
	eventColumns  = []string{"Event counter", "Event type", "Event name", "Event enabled"}
	schemaColumns = []string{
		"Schema increment option", "Schema increment description", "Daylight savings time", "Schema start", "Schema expiration",
		"Schema filter description", "Schema time zone",
	}
	compositeColumns = []string{
		"Time contstraint seconds", "Time contstraint minutes", "Time contstraint hours", "Time contstraint days",
		"Rule counter", "Rule state", "Rule task name", "Rule task id",
	}
	// unusedColumns are columns of Ctrl-Q without an attribute of a step.
	unusedColumns = []string{
		"Manually triggered", "Task status", "Task started", "Task ended", "Task duration", "Task executedon node", "Tags", "Custom properties",
		"Event created date", "Event modified date", "Event modified by",
	}
)

// ctrlQ is the reader of an export. A task's row is followed by a row for each of its triggers. A composite trigger's row is followed by a
// row for each of its rules.
type ctrlQ struct {
	builder
	now      time.Time
	problems []string
	left     map[string][]int // columns with values that are not carried over, and their rows
	task     *task
	programs map[string]string // names of tasks that are left out, by id
	// loneWindow reports whether a trigger with one rule has a time constraint.
	loneWindow bool
}

// task is the task that is being read.
type task struct {
	*found
	counter string
	leftOut string // why it is not a step, in a sentence; empty for a step
	event   *event // the last one
	events  int
	starts  []string // what starts a task that is left out
}

// event is a trigger that is being read.
type event struct {
	trigger
	counter  string
	disabled bool
	schedule bool
	rules    int
}

func (r *ctrlQ) row(c *cells) {
	switch {
	case c.has("Task type"), c.has("Task name"), c.has("Task id"):
		r.endTask()
		r.beginTask(c)
	case c.has("Event type"), c.has("Event name"):
		r.event(c)
	case c.has("Rule counter"), c.has("Rule state"), c.has("Rule task name"), c.has("Rule task id"):
		r.rule(c)
	}
	for _, column := range c.left() {
		r.left[column] = append(r.left[column], c.number)
	}
}

func (r *ctrlQ) beginTask(c *cells) {
	name, id := c.text("Task name"), c.text("Task id")
	if name == "" {
		name = id
	}
	step := chain.Step{App: c.text("App id"), Enabled: c.boolean("Task enabled"), Partial: c.boolean("Partial reload")}
	f := &found{ref: id, task: true, name: name, step: step}
	r.task = &task{found: f, counter: c.text("Task counter")}
	if r.task.counter == "" {
		c.refuse("Task counter", "is empty. Export the table again")
	}
	retries, timeout := c.count("Task retries"), c.text("Task timeout")
	switch kind := c.text("Task type"); kind {
	case "Reload":
	case "":
		c.refuse("Task type", "is empty. Export the table again")
	case "External program":
		r.task.leftOut = fmt.Sprintf("%q (task %s) runs a program, %s. A chain reloads apps only: it is left out", name, id,
			strings.TrimSpace(c.text("Ext program path")+" "+c.text("Ext program parameters")))
	default:
		r.task.leftOut = fmt.Sprintf("%q (task %s) is a task of the type %q. A chain reloads apps only: it is left out", name, id, kind)
	}
	if r.task.leftOut != "" {
		r.task.leftOut += fmt.Sprintf(" (enabled: %t, retries: %d, timeout: %s minutes", f.step.Enabled, retries, timeout)
		if f.step.Partial || f.step.App != "" {
			r.task.leftOut += fmt.Sprintf(", app: %s, partial: %t", f.step.App, f.step.Partial)
		}
		r.task.leftOut += ")"
		r.programs[strings.ToLower(id)] = name
		return
	}
	if retries > 0 {
		if retries >= chain.MaxAttempts {
			r.noteOn(f, "%q is retried %d times. A step has %d attempts at most.", name, retries, chain.MaxAttempts)
		}
		f.step.Retry = &chain.Retry{MaxAttempts: min(retries, chain.MaxAttempts-1) + 1}
	}
	if timeout != "" && timeout != "1440" {
		r.noteOn(f, "%q ends after %s minutes. Qlik Cloud's own limit applies instead.", name, timeout)
	}
}

// belongs refuses a row that is not below the task or the trigger with its number.
func (r *ctrlQ) belongs(c *cells, column, to string) bool {
	counter := c.text(column)
	switch {
	case r.task == nil:
		c.refuse(column, "is %q, and the row stands below no task. Export the table again, and do not sort it", counter)
		return false
	case counter != to:
		c.refuse(column, "is %q, and the row stands below %q. Export the table again, and do not sort it", counter, to)
		return false
	}
	return true
}

func (r *ctrlQ) event(c *cells) {
	r.endTrigger()
	counter := ""
	if r.task != nil {
		counter = r.task.counter
	}
	if !r.belongs(c, "Task counter", counter) {
		return
	}
	e := &event{trigger: trigger{name: c.text("Event name")}, counter: c.text("Event counter"), disabled: !c.boolean("Event enabled")}
	r.task.event = e
	r.task.events++
	r.numbered(c, "Event counter", e.counter, r.task.events)
	kind := c.word("Event type", "Schema", "Composite")
	if kind == "" {
		c.refuse("Event type", "is empty. Export the table again")
	}
	if e.schedule = kind == "Schema"; e.schedule {
		r.schedule(c, e)
		return
	}
	const longest = 10000 * time.Hour // far more than a window can have
	for i, unit := range []time.Duration{time.Second, time.Minute, time.Hour, 24 * time.Hour} {
		e.window += unit * time.Duration(min(int64(c.count(compositeColumns[i])), int64(longest/unit)))
	}
}

// numbered adds a note about a number that does not follow the previous one: rows may be missing.
func (r *ctrlQ) numbered(c *cells, column, counter string, want int) {
	if counter != fmt.Sprint(want) {
		r.noteOn(r.task.found, "In row %d the column %q has %q after %d: rows may be missing.", c.number, column, counter, want-1)
	}
}

// schedule adds a schedule, or a note about the reason against it.
func (r *ctrlQ) schedule(c *cells, e *event) {
	option := c.word("Schema increment option", "once", "hourly", "daily", "weekly", "monthly", "custom")
	summer := c.word("Daylight savings time", "ObserveDaylightSavingTime", "PermanentStandardTime", "PermanentDaylightSavingTime")
	s := schemaEvent{
		option: option, increment: c.text("Schema increment description"), daylight: summer, start: c.text("Schema start"),
		expiration: c.text("Schema expiration"), filter: c.text("Schema filter description"), timezone: c.text("Schema time zone"),
	}
	if e.disabled || r.task.leftOut != "" {
		text := fmt.Sprintf("a schedule, %q: %s", e.name, s)
		if e.disabled {
			text += ", which is disabled"
		}
		r.startedBy(text)
		return
	}
	schedule, advice := s.schedule(r.now)
	r.noteOn(r.task.found, "%q has a schedule, %q: %s. %s", r.task.name, e.name, s, advice)
	if schedule != nil {
		r.task.schedules = append(r.task.schedules, namedSchedule{e.name, schedule})
	}
}

// startedBy stores what started a task and is left out.
func (r *ctrlQ) startedBy(what string) {
	if r.task.leftOut != "" {
		r.task.starts = append(r.task.starts, what)
		return
	}
	r.noteOn(r.task.found, "%q has %s. It is left out.", r.task.name, what)
}

// rule reads a condition of a composite trigger. Rule states: https://help.qlik.com/en-US/sense-developer/APIs/RepositoryServiceAPI.
func (r *ctrlQ) rule(c *cells) {
	if r.task == nil || r.task.event == nil || r.task.event.schedule {
		c.refuse("Rule counter", "belongs to no composite trigger: export the table again, and do not sort it")
		return
	}
	e := r.task.event
	if !r.belongs(c, "Task counter", r.task.counter) || !r.belongs(c, "Event counter", e.counter) {
		return
	}
	e.rules++
	r.numbered(c, "Rule counter", c.text("Rule counter"), e.rules)
	condition := chain.ConditionSuccess
	switch state := c.word("Rule state", "TaskSuccessful", "TaskFail", "Undefined"); state {
	case "TaskSuccessful":
	case "TaskFail":
		condition = chain.ConditionFailure
	default:
		condition = chain.ConditionCompletion
		r.noteOn(r.task.found, "A trigger of %q waits for %q in the state %q, which is taken as any end.", r.task.name, c.text("Rule task name"),
			state)
	}
	l := link{from: c.text("Rule task id"), label: c.text("Rule task name"), condition: condition}
	if l.from == "" {
		l.from = l.label
		r.noteOn(r.task.found, "A rule of %q names no Rule task id: the task %q is found by its name.", r.task.name, l.label)
	}
	if l.label == "" {
		l.label = l.from
	}
	e.links = append(e.links, l)
}
