package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Mermaid draws the chain as a Mermaid flowchart. The text is stable and has one line for each step and link, so that a change
// of the chain reads as a short diff. Below its name a step says how it joins its upstreams, its guard, delay and attempts. Links to steps that do not exist are left out. Mermaid itself draws at most 500 links
// unless its maxEdges is raised.
func (d *Definition) Mermaid() string {
	var b strings.Builder
	b.WriteString("flowchart LR\n")
	keys := slices.Sorted(maps.Keys(d.Apps))
	anyDisabled := false
	for _, key := range keys {
		label, class := mermaidText(key), ""
		if !d.Apps[key].Enabled {
			label, class, anyDisabled = label+" (disabled)", ":::disabled", true
		}
		if notes := mermaidNotes(d.Apps[key]); notes != "" {
			label += "<br/><small>" + notes + "</small>"
		}
		fmt.Fprintf(&b, "  %s[\"%s\"]%s\n", mermaidID(key), label, class)
	}
	for _, l := range d.Links() {
		fmt.Fprintf(&b, "  %s %s %s\n", mermaidID(l.From), mermaidArrow(l.Condition), mermaidID(l.To))
	}
	if anyDisabled {
		b.WriteString("  classDef disabled stroke-dasharray: 4 4\n")
	}
	return b.String()
}

// mermaidGuardLength is how much of a guard a label shows, in characters.
const mermaidGuardLength = 60

// mermaidNotes says how the step waits, and how often it is tried, for the second line of its label.
func mermaidNotes(s Step) string {
	var notes []string
	switch {
	case s.WaitsForAll():
		notes = append(notes, fmt.Sprintf("all of %d within %s", len(s.After), FormatDuration(s.JoinWindow())))
	case len(s.After) > 1:
		notes = append(notes, fmt.Sprintf("any of %d", len(s.After)))
	}
	if s.When != "" {
		guard := []rune(strings.Join(strings.Fields(s.When), " "))
		if len(guard) > mermaidGuardLength {
			guard = append(guard[:mermaidGuardLength-1], '…')
		}
		notes = append(notes, "when "+mermaidText(string(guard)))
	}
	if s.Delay != 0 {
		notes = append(notes, "delay "+FormatDuration(s.Delay))
	}
	if attempts := s.Retry.Attempts(); attempts > 1 {
		notes = append(notes, fmt.Sprintf("%d attempts", attempts))
	}
	return strings.Join(notes, " · ")
}

// mermaidArrow gives each condition a line of its own: whole, dotted, thick.
func mermaidArrow(c Condition) string {
	switch c {
	case ConditionSuccess:
		return "-->|success|"
	case ConditionFailure:
		return "-.->|failure|"
	case ConditionCompletion:
		return "==>|completion|"
	default:
		return "---"
	}
}

// mermaidID makes a node's id from the step's key alone, so that other steps never change it. A key that is no id keeps what
// can be kept, behind a piece of its checksum. No word of Mermaid's begins with the prefix.
func mermaidID(key string) string {
	id := strings.Map(func(r rune) rune {
		if r == '_' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, key)
	if id == key {
		return "app_" + id
	}
	sum := sha256.Sum256([]byte(key))
	return "app" + hex.EncodeToString(sum[:4]) + "_" + id
}

// mermaidText writes s so that it stands for itself between double quotes. Mermaid's entities are #name; and #decimal;.
func mermaidText(s string) string {
	var b strings.Builder
	var previous rune
	letterSeen := false
	for _, r := range s {
		if mermaidPlain(r, previous, letterSeen) {
			b.WriteRune(r)
		} else {
			fmt.Fprintf(&b, "#%d;", r)
		}
		letterSeen = letterSeen || unicode.IsLetter(r)
		previous = r
	}
	return b.String()
}

// mermaidPlain tells whether r may stand in a label as it is. Of ASCII punctuation only what names are often written
// with may, and only where Mermaid cannot take it for Markdown: "1. x" and "- x" are lists, "_x_" is emphasis.
func mermaidPlain(r, previous rune, letterSeen bool) bool {
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ':
		return true
	case strings.ContainsRune("_-/,", r):
		return unicode.IsLetter(previous) || unicode.IsDigit(previous)
	case strings.ContainsRune(".()", r):
		return letterSeen
	default:
		return r > unicode.MaxASCII && !unicode.IsControl(r) && !unicode.IsSpace(r)
	}
}
