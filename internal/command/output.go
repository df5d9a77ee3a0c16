// SPDX-License-Identifier: MPL-2.0

package command

import (
	"encoding/json"
	"fmt"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"
)

// The forms of the output.
const (
	outputTable = "table"
	outputJSON  = "json"
)

// table prints rows below a header.
func (a *app) table(header []string, rows [][]string) error {
	writer := tabwriter.NewWriter(a.out, 0, 0, 2, ' ', 0)
	for _, row := range append([][]string{header}, rows...) {
		for i := range row {
			row[i] = printable(row[i])
		}
		fmt.Fprintln(writer, strings.Join(row, "\t"))
	}
	return writer.Flush()
}

// json prints a value as JSON.
func (a *app) json(value any) error {
	encoder := json.NewEncoder(a.out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}

// say prints a sentence for people. With JSON it prints nothing: the value says it.
func (a *app) say(format string, args ...any) {
	if a.output != outputJSON {
		fmt.Fprintln(a.out, printable(fmt.Sprintf(format, args...)))
	}
}

// printable replaces control characters, which could steer a terminal.
func printable(text string) string { return withoutControls(text, "") }

// printableLines does the same for a text of several lines.
func printableLines(text string) string { return withoutControls(text, "\n\t") }

func withoutControls(text, except string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsControl(r) && !strings.ContainsRune(except, r) {
			return unicode.ReplacementChar
		}
		return r
	}, text)
}

// inZone has times shown in the zone of a chain. An answer of an older function names none.
func (a *app) inZone(name string) {
	if zone, err := time.LoadLocation(name); err == nil && name != "" {
		a.zone = zone
	}
}

// location returns the zone of all times that the command shows: the chain's. It is UTC with --utc, and for what is of no single chain.
func (a *app) location() *time.Location {
	if a.utc || a.zone == nil {
		return time.UTC
	}
	return a.zone
}

// clock formats a time for a place where the zone is named. It is empty for a missing one.
func (a *app) clock(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.In(a.location()).Format(time.DateTime)
}

// zoned formats a time with the name of its zone.
func (a *app) zoned(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return a.clock(t) + " " + a.location().String()
}

// timesHeader is the header of a column of times, with the name of their zone.
func (a *app) timesHeader(name string) string { return name + " (" + a.location().String() + ")" }

// duration formats a number of seconds.
func duration(seconds float64) string {
	return (time.Duration(seconds*float64(time.Second)) + time.Second/2).Truncate(time.Second).String()
}
