// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"strings"
	"unicode"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// SVG draws the picture as a self-contained SVG document: no script, no font, and no external references except the links to the apps. It
// follows the reader's light or dark preference.
func (p *Picture) SVG() []byte {
	var b bytes.Buffer
	l := layered(p)
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %[1]g %[2]g" role="img">`+"\n", l.width,
		l.height)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s</style>\n%s\n", xmlText(p.title()), svgStyle(), svgMarkers())
	b.WriteString(`<rect class="paper" width="100%" height="100%"/>` + "\n")
	for i := range p.Edges {
		svgEdge(&b, &p.Edges[i], l.edges[i])
	}
	for i := range p.Nodes {
		p.svgNode(&b, &p.Nodes[i], l.nodes[i])
	}
	for i := range p.Edges {
		svgEdgeLabel(&b, &p.Edges[i], l.edges[i])
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

// title returns the chain's name and the status of the displayed runs.
func (p *Picture) title() string {
	title := "Task chain " + p.Chain
	for i := range p.Runs {
		title += fmt.Sprintf("\nThe run of %s, at %s: %s", p.Runs[i].Origin, p.Runs[i].At.In(p.zone()).Format("2 Jan 15:04:05"),
			p.Runs[i].Words())
	}
	return title
}

// svgMarkers returns an arrowhead for each condition: full for success, open for failure, large for completion. Not every renderer lets an
// arrowhead inherit its line's colour, so there are two of each.
func svgMarkers() string {
	var b strings.Builder
	b.WriteString("<defs>")
	for _, m := range []struct {
		condition   chain.Condition
		shape, path string
		size        int
	}{
		{chain.ConditionSuccess, "head", "M0 0L10 5L0 10z", 9}, {chain.ConditionFailure, "open", "M1 1L9 5L1 9", 10},
		{chain.ConditionCompletion, "head", "M0 0L10 5L0 10z", 12},
	} {
		for _, taken := range []string{"", "-taken"} {
			fmt.Fprintf(&b, `<marker id="%s%s" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="%d" markerHeight="%[3]d" `+
				`markerUnits="userSpaceOnUse" orient="auto"><path class="%[4]s%[2]s" d="%[5]s"/></marker>`, m.condition, taken, m.size, m.shape, m.path)
		}
	}
	b.WriteString("</defs>")
	return b.String()
}

func svgStyle() string {
	var light, dark strings.Builder
	for _, s := range Statuses() {
		fmt.Fprintf(&light, "--%s:%s;", s, looks()[s].Light)
		fmt.Fprintf(&dark, "--%s:%s;", s, looks()[s].Dark)
	}
	var fills strings.Builder
	for _, s := range Statuses() {
		fmt.Fprintf(&fills, ".%s{--c:var(--%[1]s)}", s)
	}
	return ":root{--paper:#fbfbf9;--card:#fff;--ink:#1c2430;--soft:#5b6675;--line:#8a94a3;" + light.String() + "}" +
		"@media(prefers-color-scheme:dark){:root{--paper:#14181f;--card:#1d232c;--ink:#e6eaf0;--soft:#9aa6b5;--line:#717d8d;" + dark.String() +
		"}}" +
		"text{font:12px system-ui,-apple-system,'Segoe " +
		"UI',Roboto,sans-serif;fill:var(--soft)}.name{font-size:14px;font-weight:600;fill:var(--ink)}" +
		".paper{fill:var(--paper)}.box{fill:var(--card);stroke:var(--c);stroke-width:1.5}.bar{fill:var(--c)}" +
		".disabled .box{stroke-dasharray:5 4}" +
		".icon{fill:none;stroke:var(--c);stroke-width:2;stroke-linecap:round;stroke-linejoin:round}.status{fill:var(--c);font-weight:600}" +
		".earlier{opacity:.62}.edge{fill:none;stroke:var(--line);stroke-width:1.6}.edge.failure{stroke-dasharray:7 " +
		"5}.edge.completion{stroke-width:4}" +
		".edge.taken{stroke:var(--ink)}.edge.not{opacity:.45}.head{fill:var(--line)}.head-taken{fill:var(--ink)}" +
		".open,.open-taken{fill:none;stroke:var(--line);stroke-width:1.6}.open-taken{stroke:var(--ink)}" +
		".label{font-size:11px;text-anchor:middle;paint-order:stroke;stroke:var(--paper);stroke-width:5px;stroke-linejoin:round}" + fills.String()
}

func svgEdge(b *bytes.Buffer, e *Edge, way []point) {
	class, marker := "edge", "success"
	if e.Condition != "" {
		class, marker = class+" "+svgCondition(e.Condition), svgCondition(e.Condition)
	}
	switch e.Way {
	case WayTaken:
		class, marker = class+" taken", marker+"-taken"
	case WayNotTaken:
		class += " not"
	case WayWaits:
	}
	fmt.Fprintf(b, `<path class="%s" marker-end="url(#%s)" d="M%g %g`, class, marker, way[0].x, way[0].y)
	for i := 1; i < len(way); i++ {
		from, to := way[i-1], way[i]
		if i%2 == 0 { // through a layer
			fmt.Fprintf(b, "H%g", to.x)
			continue
		}
		bend := (to.x - from.x) / 2
		fmt.Fprintf(b, "C%g %g %g %g %g %g", from.x+bend, from.y, to.x-bend, to.y, to.x, to.y)
	}
	b.WriteString(`"/>` + "\n")
}

// svgCondition returns the class of a condition. An invalid condition is drawn as a success.
func svgCondition(c chain.Condition) string {
	if c == chain.ConditionFailure || c == chain.ConditionCompletion {
		return string(c)
	}
	return string(chain.ConditionSuccess)
}

// svgEdgeLabel writes an edge's label above it, near its end.
func svgEdgeLabel(b *bytes.Buffer, e *Edge, way []point) {
	label := edgeLabel(e)
	if label == "" {
		return
	}
	from, to := way[len(way)-2], way[len(way)-1]
	fmt.Fprintf(b, `<text class="label" x="%g" y="%g">%s`, (from.x+to.x)/2, (from.y+to.y)/2-5, xmlText(label))
	if e.Reason != "" {
		fmt.Fprintf(b, "<title>%s</title>", xmlText(e.Reason))
	}
	b.WriteString("</text>\n")
}

func (p *Picture) svgNode(b *bytes.Buffer, n *Node, at point) {
	class := string(n.Status)
	if !n.Enabled {
		class += " disabled"
	}
	if n.Earlier {
		class += " earlier"
	}
	whole := strings.Join(append([]string{n.Step}, p.lines(n)...), "\n")
	if n.URL != "" {
		fmt.Fprintf(b, `<a href="%s">`, xmlText(n.URL))
	}
	fmt.Fprintf(b, `<g class="%s"><title>%s</title>`, class, xmlText(whole))
	if n.Kind == KindJoin {
		p.svgJoin(b, n, at)
	} else {
		p.svgStep(b, n, at)
	}
	b.WriteString("</g>")
	if n.URL != "" {
		b.WriteString("</a>")
	}
	b.WriteString("\n")
}

// Where the text of a node begins, and its maximum length.
const (
	textLeft, joinLeft   = 16.0, 22.0
	iconSpace            = 18.0
	nameSize, lineSize   = 14.0, 12.0
	maxLines             = 4
	appText, joinText    = nodeWidth - textLeft - 12, nodeWidth - 2*joinLeft
	aboveName, aboveLine = 23.0, 17.0
)

// wrapped returns a node's lines, wrapped to its width.
func (p *Picture) wrapped(n *Node) []string {
	width := appText
	if n.Kind == KindJoin {
		width = joinText
	}
	var all []string
	for _, line := range p.lines(n) {
		if len(all) == maxLines {
			break
		}
		room := width / lineSize
		if len(all) == 0 && n.Kind == KindStep {
			room = (width - iconSpace) / lineSize
		}
		all = append(all, wrap(line, room, min(2, maxLines-len(all)))...)
	}
	return all
}

// height returns the drawn height of a node.
func (p *Picture) height(n *Node) float64 {
	lines := float64(len(p.wrapped(n)))
	if n.Kind == KindJoin {
		return 13 + lines*aboveLine
	}
	return 40 + lines*aboveLine
}

func (p *Picture) svgStep(b *bytes.Buffer, n *Node, at point) {
	height := p.height(n)
	x, y := at.x-nodeWidth/2, at.y-height/2
	fmt.Fprintf(b, `<rect class="box" x="%g" y="%g" width="%g" height="%g" rx="7"/>`, x, y, nodeWidth, height)
	fmt.Fprintf(b, `<rect class="bar" x="%g" y="%g" width="4" height="%g" rx="2"/>`, x+5, y+8, height-16)
	room := appText
	if icon := kindLooks()[n.Target.Kind].Icon; icon != "" {
		room -= iconSpace
		fmt.Fprintf(b, `<path class="kind" style="fill:none;stroke:var(--soft);stroke-width:1.6" transform="translate(%g %g) scale(.9)" d="%s"/>`,
			x+nodeWidth-iconSpace-8, y+aboveName-12, icon)
	}
	svgText(b, "name", x+textLeft, y+aboveName, fit(n.Step, room/nameSize))
	for i, line := range p.wrapped(n) {
		left, class := x+textLeft, ""
		if i == 0 && p.coloured() {
			fmt.Fprintf(b, `<path class="icon" transform="translate(%g %g) scale(.8)" d="%s"/>`, left, y+aboveName+8, looks()[n.Status].Icon)
			left, class = left+iconSpace, "status"
		}
		svgText(b, class, left, y+aboveName+2+float64(i+1)*aboveLine, line)
	}
}

func (p *Picture) svgJoin(b *bytes.Buffer, n *Node, at point) {
	height := p.height(n)
	x, y, tip := at.x-nodeWidth/2, at.y-height/2, 14.0
	fmt.Fprintf(b, `<path class="box" d="M%g %gH%gL%g %gL%g %gH%gL%g %gz"/>`,
		x+tip, y, x+nodeWidth-tip, x+nodeWidth, at.y, x+nodeWidth-tip, y+height, x+tip, x, at.y)
	for i, line := range p.wrapped(n) {
		class := "status"
		if i > 0 {
			class = ""
		}
		svgText(b, class, x+joinLeft, y+2+float64(i+1)*aboveLine, line)
	}
}

func svgText(b *bytes.Buffer, class string, x, y float64, text string) {
	if class != "" {
		class = ` class="` + class + `"`
	}
	fmt.Fprintf(b, `<text%s x="%g" y="%g">%s</text>`, class, x, y, xmlText(text))
}

// em returns the width of a character, relative to the font's size. The reader's font is unknown: this is a little more than the width in
// most fonts.
func em(r rune) float64 {
	switch {
	case unicode.Is(unicode.Mn, r) || r == '\u200d' || r == '\ufe0f':
		return 0
	case r > unicode.MaxLatin1 && !unicode.In(r, unicode.Latin, unicode.Greek, unicode.Cyrillic, unicode.Hebrew, unicode.Arabic, unicode.Pd,
		unicode.Po):
		return 1.1
	case strings.ContainsRune("ijltfr.,:;'|!()[] ", r):
		return 0.36
	case unicode.IsUpper(r) || strings.ContainsRune("mw@%=", r):
		return 0.72
	default:
		return 0.6
	}
}

// fit shortens a text to a width of about ems times the size of its font.
func fit(text string, ems float64) string {
	sum, end := 0.0, 0
	for i, r := range text {
		if sum+1 <= ems { // the ellipsis fits behind the characters before this one
			end = i
		}
		if sum += em(r); sum > ems {
			return strings.TrimRight(text[:end], " ") + "…"
		}
	}
	return text
}

// wrap breaks a text between words into lines that fit. It cuts what does not fit into the last line.
func wrap(text string, ems float64, lines int) []string {
	var all []string
	line, width := "", 0.0
	words := strings.Fields(text)
	for i, word := range words {
		wide := 0.0
		for _, r := range word {
			wide += em(r)
		}
		switch {
		case line == "":
			line, width = word, wide
		case width+em(' ')+wide <= ems:
			line, width = line+" "+word, width+em(' ')+wide
		case len(all) == lines-1:
			return append(all, fit(line+" "+strings.Join(words[i:], " "), ems))
		default:
			all = append(all, fit(line, ems))
			line, width = word, wide
		}
	}
	if line != "" {
		all = append(all, fit(line, ems))
	}
	return all
}

// xmlText escapes a text for XML, between tags and in attributes. Characters that are invalid in XML become U+FFFD.
func xmlText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s)) // writing to a Builder never fails
	return b.String()
}
