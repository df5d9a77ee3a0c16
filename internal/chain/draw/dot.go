// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"fmt"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// DOT draws the picture in Graphviz's language.
func (p *Picture) DOT() string {
	var b strings.Builder
	fmt.Fprintf(&b, "digraph %s {\n", dotText(p.Chain))
	b.WriteString("  rankdir=LR\n  node [shape=box style=rounded fontname=\"Helvetica\" fontsize=11]\n  edge [fontname=\"Helvetica\" " +
		"fontsize=9]\n")
	for i := range p.Nodes {
		n := &p.Nodes[i]
		lines := p.lines(n)
		if n.Kind == KindStep {
			lines = append([]string{n.Step}, lines...)
		}
		attributes := "label=" + dotText(lines...) + dotShape(n)
		switch {
		case !n.Enabled:
			attributes += ` style="rounded,dashed"`
		case p.coloured() && n.Status != StatusIdle:
			attributes += fmt.Sprintf(" color=%q penwidth=2", looks()[n.Status].Light)
		}
		if n.URL != "" {
			attributes += " URL=" + dotText(n.URL)
		}
		fmt.Fprintf(&b, "  %s [%s]\n", idOf(n.ID), attributes)
	}
	for i := range p.Edges {
		e := &p.Edges[i]
		attributes := ""
		if e.Condition != "" {
			attributes = fmt.Sprintf(" [label=%s style=%s]", dotText(edgeLabel(e)), dotStyle(e.Condition))
		}
		fmt.Fprintf(&b, "  %s -> %s%s\n", idOf(e.From), idOf(e.To), attributes)
	}
	b.WriteString("}\n")
	return b.String()
}

// dotStyle gives each condition its own line style.
func dotStyle(c chain.Condition) string {
	switch c {
	case chain.ConditionFailure:
		return "dashed"
	case chain.ConditionCompletion:
		return "bold"
	default:
		return "solid"
	}
}

// dotEscapes escapes a text: in a label a backslash begins an escape, for example \N, and an ampersand begins an entity
// (https://graphviz.org/docs/attr-types/escString/, https://graphviz.org/doc/char.html).
var dotEscapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "&", "&amp;", "\n", " ", "\r", " ", "\x00", " ")

// dotText formats lines of text as one quoted string.
func dotText(lines ...string) string {
	escaped := make([]string, len(lines))
	for i, line := range lines {
		escaped[i] = dotEscapes.Replace(strings.ToValidUTF8(line, "\uFFFD"))
	}
	return `"` + strings.Join(escaped, `\n`) + `"`
}
