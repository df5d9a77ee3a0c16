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

// clock formats a time. It is empty for a missing one.
func (a *app) clock(t time.Time) string {
	switch {
	case t.IsZero():
		return ""
	case a.utc:
		return t.UTC().Format("2006-01-02 15:04:05Z")
	default:
		return t.Local().Format(time.DateTime)
	}
}

// duration formats a number of seconds.
func duration(seconds float64) string {
	return (time.Duration(seconds*float64(time.Second)) + time.Second/2).Truncate(time.Second).String()
}
