// SPDX-License-Identifier: MPL-2.0

package migrate

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// CtrlQ reads the tasks of a Qlik Sense site on Windows, as Ctrl-Q exports them: `ctrl-q qseow task-get --output-format table`, as CSV or JSON,
// with the details common, schematrigger and compositetrigger, which are there when none are chosen. The columns are those of
// https://github.com/ptarmiganlabs/ctrl-q, src/lib/util/qseow/lookups.js; they are found by their names. Its task tree has no ids, and is
// refused.
func CtrlQ(data []byte, name string) (*Chain, error) {
	rows, err := readTable(bytes.TrimPrefix(data, []byte("\ufeff")))
	if err != nil {
		return nil, err
	}
	r := &ctrlQ{columns: map[string]int{}}
	for i, title := range rows[0] {
		r.columns[strings.Join(strings.Fields(title), " ")] = i
	}
	for _, needed := range []string{"Task type", "Task name", "Task id", "App id", "Rule state", "Rule task id"} {
		if _, there := r.columns[needed]; !there {
			return nil, fmt.Errorf("the table has no column %q. Export it without --table-details, or with common, schematrigger and compositetrigger", needed)
		}
	}
	for _, row := range rows[1:] {
		r.row(row)
	}
	r.endTask()
	r.reportPrograms()
	return r.build(name)
}

// ctrlQ reads. A task's row is followed by a row for each of its triggers, and that of a composite one by a row for each of its rules.
type ctrlQ struct {
	builder
	columns  map[string]int
	task     *found
	program  bool              // the task runs a program
	trigger  *trigger          // composite and enabled; nil: the rules that follow are dropped
	programs map[string]string // names of external program tasks by id
}

// readTable reads CSV, with commas or semicolons, or JSON: an array of rows, the first of which has the columns' names.
func readTable(data []byte) ([][]string, error) {
	trimmed := bytes.TrimSpace(data)
	var rows [][]string
	if bytes.HasPrefix(trimmed, []byte("[")) {
		var values [][]any
		if err := json.Unmarshal(trimmed, &values); err != nil {
			return nil, fmt.Errorf("the file is no table of Ctrl-Q's: %w. Export it with --output-format table; a task tree has neither the tasks' ids nor their triggers", err)
		}
		for _, row := range values {
			texts := make([]string, len(row))
			for i, value := range row {
				if value != nil {
					texts[i] = strings.ToValidUTF8(fmt.Sprint(value), "?")
				}
			}
			rows = append(rows, texts)
		}
	} else {
		reader := csv.NewReader(bytes.NewReader(data))
		reader.FieldsPerRecord, reader.LazyQuotes = -1, true
		if header, _, _ := bytes.Cut(trimmed, []byte("\n")); bytes.Count(header, []byte(";")) > bytes.Count(header, []byte(",")) {
			reader.Comma = ';'
		}
		read, err := reader.ReadAll()
		if err != nil {
			return nil, fmt.Errorf("the file is neither JSON nor CSV: %w", err)
		}
		for _, row := range read {
			for i := range row {
				row[i] = strings.ToValidUTF8(row[i], "?")
			}
		}
		rows = read
	}
	if len(rows) == 0 {
		return nil, errors.New("the table is empty")
	}
	return rows, nil
}

func (r *ctrlQ) row(row []string) {
	get := func(column string) string {
		if i, there := r.columns[column]; there && i < len(row) {
			return strings.TrimSpace(row[i])
		}
		return ""
	}
	switch {
	case get("Task type") != "":
		r.endTask()
		r.beginTask(get)
	case r.task == nil:
	case get("Event type") != "":
		r.endTrigger()
		r.event(get)
	case get("Rule state") != "" || get("Rule task id") != "":
		r.rule(get)
	}
}

func (r *ctrlQ) beginTask(get func(string) string) {
	name := get("Task name")
	if name == "" {
		name = get("Task id")
	}
	r.task = &found{ref: get("Task id"), name: name, step: chain.Step{ID: get("App id"), Enabled: !no(get("Task enabled")), Partial: yes(get("Partial reload"))}}
	r.program = false
	switch kind := get("Task type"); kind {
	case "Reload":
	case "External program":
		r.program = true
		if r.programs == nil {
			r.programs = map[string]string{}
		}
		r.programs[r.task.ref] = name
		r.note("", "%q runs a program, %s. A chain reloads apps only: it is left out.", name, strings.TrimSpace(get("Ext program path")+" "+get("Ext program parameters")))
		return
	default:
		r.program = true
		r.note("", "%q is a task of the type %q. A chain reloads apps only: it is left out.", name, kind)
		return
	}
	if !r.task.step.Enabled {
		r.noteOn(r.task, "%q is disabled, and so is its step.", name)
	}
	if retries, err := strconv.Atoi(get("Task retries")); err == nil && retries > 0 {
		if retries >= chain.MaxAttempts {
			r.noteOn(r.task, "%q is retried %d times. A step has %d attempts at most.", name, retries, chain.MaxAttempts)
		}
		r.task.step.Retry = &chain.Retry{MaxAttempts: min(retries, chain.MaxAttempts-1) + 1}
	}
	if timeout := get("Task timeout"); timeout != "" && timeout != "1440" {
		r.noteOn(r.task, "%q ends after %s minutes. Qlik Cloud's own limit applies instead.", name, timeout)
	}
}

func (r *ctrlQ) event(get func(string) string) {
	r.trigger = nil
	event := get("Event name")
	switch {
	case get("Event type") == "Schema":
		r.schedule(event, get)
	case no(get("Event enabled")):
		r.noteOn(r.task, "%q has a task trigger, %q, which is disabled. It is left out.", r.task.name, event)
	default:
		r.trigger = &trigger{window: window(get)}
	}
}

// schedule takes over a schedule, or says why not.
func (r *ctrlQ) schedule(event string, get func(string) string) {
	if no(get("Event enabled")) {
		r.noteOn(r.task, "%q is started by a schedule, %q, which is disabled: %s. It is left out.", r.task.name, event, inWords(get))
		return
	}
	s, ok := ctrlQSchedule(get)
	if !ok {
		r.noteOn(r.task, "%q is started by a schedule, %q, which a cron expression cannot say: %s. Give the step a schedule that is near to it.", r.task.name, event, inWords(get))
		return
	}
	r.noteOn(r.task, "%q is started by a schedule, %q: %s. Look whether the time of day is meant in that time zone.", r.task.name, event, inWords(get))
	r.task.schedules = append(r.task.schedules, s)
}

// inWords is a schedule as the table has it.
func inWords(get func(string) string) string {
	var words []string
	for _, part := range []struct{ before, column string }{
		{"", "Schema increment option"}, {"every ", "Schema increment description"}, {"from ", "Schema start"}, {"to ", "Schema expiration"},
		{"filter ", "Schema filter description"}, {"in ", "Schema time zone"},
	} {
		if value := get(part.column); value != "" {
			words = append(words, part.before+value)
		}
	}
	return strings.Join(words, ", ")
}

// window is a composite trigger's time constraint.
func window(get func(string) string) time.Duration {
	var sum time.Duration
	for _, part := range []struct {
		column string
		unit   time.Duration
	}{
		{"Time contstraint seconds", time.Second}, {"Time contstraint minutes", time.Minute}, {"Time contstraint hours", time.Hour}, {"Time contstraint days", 24 * time.Hour},
	} {
		if n, err := strconv.ParseUint(get(part.column), 10, 16); err == nil {
			sum += time.Duration(n) * part.unit
		}
	}
	return sum
}

// rule reads what a composite trigger waits for. Rule states: https://help.qlik.com/en-US/sense-developer/APIs/RepositoryServiceAPI.
func (r *ctrlQ) rule(get func(string) string) {
	if r.trigger == nil {
		return
	}
	condition := chain.ConditionSuccess
	switch state := get("Rule state"); state {
	case "TaskSuccessful":
	case "TaskFail":
		condition = chain.ConditionFailure
	default:
		condition = chain.ConditionCompletion
		r.noteOn(r.task, "A trigger of %q waits for %q in the state %q, which is taken as any end.", r.task.name, get("Rule task name"), state)
	}
	from := get("Rule task id")
	if from == "" {
		from = get("Rule task name")
	}
	r.trigger.links = append(r.trigger.links, link{from, condition})
}

func (r *ctrlQ) endTrigger() {
	if r.trigger == nil {
		return
	}
	t := *r.trigger
	r.trigger = nil
	if len(t.links) < 2 {
		t.window = 0 // there is nothing to be apart from
	}
	if w := t.window; w != 0 && (w < chain.MinWindow || w > chain.MaxWindow) {
		t.window = min(max(w, chain.MinWindow), chain.MaxWindow)
		r.noteOn(r.task, "The time constraint of %q, %s, is out of range: the window is %s.", r.task.name, w, chain.FormatDuration(t.window))
	}
	r.task.triggers = append(r.task.triggers, t)
}

func (r *ctrlQ) endTask() {
	r.endTrigger()
	if r.task != nil && !r.program {
		r.all = append(r.all, r.task)
	}
	r.task = nil
}

// reportPrograms tells which links are lost with the tasks that are left out.
func (r *ctrlQ) reportPrograms() {
	for _, f := range r.all {
		for i := range f.triggers {
			var kept []link
			for _, l := range f.triggers[i].links {
				if program, there := r.programs[l.from]; there {
					r.noteOn(f, "%q starts after the program %q. That link is missing: what leads to the program has to lead to this step, or to start it.", f.name, program)
				} else {
					kept = append(kept, l)
				}
			}
			if f.triggers[i].links = kept; len(kept) < 2 {
				f.triggers[i].window = 0
			}
		}
	}
}

func yes(text string) bool { return text == "1" || strings.EqualFold(text, "true") }
func no(text string) bool  { return text == "0" || strings.EqualFold(text, "false") }
