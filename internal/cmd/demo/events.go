package main

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
)

const (
	chainObject = "qlik-task-chain-nightly"
	logGroup    = "/aws/lambda/" + chainObject
)

// event is the function's log line about one event, as far as the demo shows it.
type event struct {
	Outcome string
	Refused string
	Reason  string
	Step    string
	Status  string `json:"reload_status"`
	Started []struct{ Step string }
	Held    []struct{ Step, Reason string }
}

// newEvents prints what the function has logged about events since the last call, and fails when that is nothing.
func (d *demo) newEvents(ctx context.Context) error {
	lines, err := d.sandbox.LogLines(ctx, logGroup)
	if err != nil {
		return err
	}
	var events []event
	for _, line := range lines {
		var e event
		if json.Unmarshal([]byte(line), &e) == nil && e.Outcome != "" { // the others are Lambda's own
			events = append(events, e)
		}
	}
	if len(events) <= d.shown {
		return fmt.Errorf("the function has logged no event to %s", logGroup)
	}
	d.line("")
	d.line("The function's log:")
	for _, e := range events[d.shown:] {
		d.line("  %s", e)
	}
	d.shown, d.last = len(events), events[len(events)-1]
	return nil
}

// String says in a line what came of the event.
func (e event) String() string {
	var text strings.Builder
	if e.Step != "" {
		fmt.Fprintf(&text, "%s %s: ", e.Step, strings.ToLower(e.Status))
	}
	text.WriteString(strings.ReplaceAll(e.Outcome, "_", " "))
	for i, started := range e.Started {
		if i > 0 {
			text.WriteString(",")
		}
		text.WriteString(" " + started.Step)
	}
	if e.Reason != "" {
		text.WriteString(" (" + e.Reason + ")")
	}
	for _, held := range e.Held {
		fmt.Fprintf(&text, "; not %s: it %s", held.Step, held.Reason)
	}
	return text.String()
}
