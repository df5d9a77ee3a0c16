// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Mermaid draws the picture as a Mermaid flowchart. The text is stable and has one line for each node and edge, so that a change of the
// chain gives a short diff. Mermaid itself draws at most 500 edges unless its maxEdges is raised.
func (p *Picture) Mermaid() string { return p.MarkedMermaid(Marks{}) }

// MarkedMermaid draws the same picture with marks: a word in the label, and a style.
func (p *Picture) MarkedMermaid(marks Marks) string {
	var b, styles strings.Builder
	b.WriteString("flowchart LR\n")
	classes := map[string]string{}
	for i := range p.Nodes {
		n := &p.Nodes[i]
		class, style := p.mermaidClass(n)
		mark := marks.Nodes[n.ID]
		if mark != "" {
			class, style = string(mark), markStyles[mark]
		}
		if class != "" {
			classes[class] = style
			class = ":::" + class
		}
		open, end := mermaidShape(n)
		fmt.Fprintf(&b, "  %s%s%s%s%s\n", idOf(n.ID), open, mermaidLabel(p, n, mark), end, class)
	}
	for i := range p.Edges {
		e := &p.Edges[i]
		mark := marks.Edges[[2]string{e.From, e.To}]
		fmt.Fprintf(&b, "  %s %s %s\n", idOf(e.From), mermaidArrow(e, mark), idOf(e.To))
		if mark != "" {
			fmt.Fprintf(&styles, "  linkStyle %d %s\n", i, markStyles[mark])
		}
	}
	for _, class := range slices.Sorted(maps.Keys(classes)) {
		fmt.Fprintf(&b, "  classDef %s %s\n", class, classes[class])
	}
	return b.String() + styles.String()
}

func mermaidLabel(p *Picture, n *Node, mark Mark) string {
	lines := p.lines(n)
	if n.Kind == KindStep {
		lines = append([]string{n.Step}, lines...)
	}
	if mark != "" {
		lines = append(lines, strings.ToUpper(string(mark)))
	}
	label := mermaidText(lines[0])
	if len(lines) > 1 {
		escaped := make([]string, len(lines)-1)
		for i, line := range lines[1:] {
			escaped[i] = mermaidText(line)
		}
		label += "<br/><small>" + strings.Join(escaped, "<br/>") + "</small>"
	}
	return label
}

// mermaidClass returns the colour of a node's status, and dashes for a disabled node.
func (p *Picture) mermaidClass(n *Node) (class, style string) {
	switch {
	case !n.Enabled:
		return "disabled", "stroke-dasharray: 4 4"
	case p.coloured() && n.Status != StatusIdle:
		return string(n.Status), "stroke:" + looks()[n.Status].Light + ",stroke-width:2px"
	default:
		return "", ""
	}
}

// mermaidArrow gives each condition its own line style: solid, dotted, thick.
func mermaidArrow(e *Edge, mark Mark) string {
	label := edgeLabel(e)
	if mark != "" {
		label += ", " + strings.ToUpper(string(mark))
	}
	switch e.Condition {
	case chain.ConditionSuccess:
		return "-->|" + label + "|"
	case chain.ConditionFailure:
		return "-.->|" + label + "|"
	case chain.ConditionCompletion:
		return "==>|" + label + "|"
	case "":
		return "-->"
	default:
		return "---"
	}
}

// idOf returns an id for Mermaid and DOT that depends on a node's id alone, so that other nodes never change it. A step's key that is not a
// valid id keeps its valid characters, behind a part of its checksum. No word of the two languages begins with the prefixes.
func idOf(node string) string {
	kind, key, _ := strings.Cut(node, ":")
	id := strings.Map(func(r rune) rune {
		if r == '_' || r < unicode.MaxASCII && (unicode.IsLetter(r) || unicode.IsDigit(r)) {
			return r
		}
		return '_'
	}, key)
	if id == key {
		return kind + "_" + id
	}
	sum := sha256.Sum256([]byte(key))
	return kind + hex.EncodeToString(sum[:4]) + "_" + id
}

// mermaidText escapes s for double quotes. Mermaid's entities are #name; and #decimal;.
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

// mermaidPlain reports whether r needs no escape in a label. Of ASCII punctuation it accepts only characters that are frequent in names,
// and only if Mermaid cannot read them as Markdown: "1. x" and "- x" are lists, "_x_" is emphasis.
func mermaidPlain(r, previous rune, letterSeen bool) bool {
	switch {
	case unicode.IsLetter(r) || unicode.IsDigit(r) || r == ' ':
		return true
	case strings.ContainsRune("_-/,", r):
		return unicode.IsLetter(previous) || unicode.IsDigit(previous)
	case r == ':':
		return unicode.IsDigit(previous) // 05:00
	case strings.ContainsRune(".()", r):
		return letterSeen
	default:
		return r > unicode.MaxASCII && !unicode.IsControl(r) && !unicode.IsSpace(r)
	}
}
