// SPDX-License-Identifier: MPL-2.0

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

// event is the function's log line about an event or a timer, with the fields that the demo shows.
type event struct {
	Outcome    string
	Refused    string
	Reason     string
	Timer      string
	Step       string
	Status     string `json:"reload_status"`
	Started    []struct{ Step string }
	NotStarted []struct{ Step, Reason string } `json:"not_started"`
}

// takeEvents returns what the function has logged about events and timers since the last call. It fails if there is nothing.
func (d *demo) takeEvents(ctx context.Context) ([]event, error) {
	lines, err := d.sandbox.LogLines(ctx, logGroup)
	if err != nil {
		return nil, err
	}
	var events []event
	for _, line := range lines {
		var e event
		if json.Unmarshal([]byte(line), &e) == nil && e.Outcome != "" { // the others are Lambda's own, or about a GET
			events = append(events, e)
		}
	}
	if len(events) <= d.taken {
		return nil, fmt.Errorf("the function has logged no event to %s", logGroup)
	}
	fresh := events[d.taken:]
	d.taken = len(events)
	return fresh, nil
}

// newEvents prints the result of takeEvents, and returns the last event.
func (d *demo) newEvents(ctx context.Context) (last event, err error) {
	events, err := d.takeEvents(ctx)
	if err != nil {
		return event{}, err
	}
	d.line("")
	d.line("The function's log:")
	for _, e := range events {
		d.line("  %s", e)
	}
	return events[len(events)-1], nil
}

// String describes the result in one line.
func (e event) String() string {
	var text strings.Builder
	switch {
	case e.Timer != "":
		fmt.Fprintf(&text, "timer for %s: ", e.Step)
	case e.Step != "":
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
	for _, one := range e.NotStarted {
		fmt.Fprintf(&text, "; %s %s", one.Step, one.Reason)
	}
	return text.String()
}
