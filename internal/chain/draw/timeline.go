// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"bytes"
	"fmt"
	"slices"
	"time"
)

// Timeline shows when steps were reloaded, and why some were not. Its axis has every moment of an event, at equal distances. So a night and
// the afternoon after it fit into one picture.
type Timeline struct {
	Title  string
	Zone   *time.Location // of the times
	Rows   []Row
	Bars   []Bar
	Notes  []Note
	Cycles []Span   // in the order of time
	Lines  []string // below
}

// Row is a step.
type Row struct {
	Step string
	Note string // below its name
}

// Bar is a reload.
type Bar struct {
	Row        int
	Start, End time.Time
	Status     Status
	Text       string
	ByHand     bool
	After      []int // the bars that provide the results with which it starts
}

// Note explains why a step does not start at a time, or until when it waits.
type Note struct {
	Row       int
	At, Until time.Time // a zero Until: it does not wait
	Status    Status
	Text      string
}

// Span is a cycle.
type Span struct {
	Begin, End time.Time
	Text       string
}

// Sizes of a timeline.
const (
	momentWidth  = 92.0
	lastWidth    = 40.0 // additional width behind the last moment, for a note
	rowHeight    = 58.0
	barHeight    = 26.0
	laneHeight   = 32.0
	barInset     = 4.0
	namesWidth   = 132.0
	timelineTop  = margin + 48
	noteSize     = 11.0
	noteLine     = 13.0
	noteLines    = 3
	timelineFoot = 18.0
)

// SVG draws the timeline as a self-contained document, as Picture's SVG does.
func (t *Timeline) SVG() []byte {
	l := t.lay()
	var b bytes.Buffer
	fmt.Fprintf(&b, `<svg xmlns="http://www.w3.org/2000/svg" width="%.0f" height="%.0f" viewBox="0 0 %[1]g %[2]g" role="img">`+"\n",
		l.width, l.height)
	fmt.Fprintf(&b, "<title>%s</title>\n<style>%s%s</style>\n%s\n", xmlText(t.Title), svgStyle(), timelineStyle, svgMarkers())
	b.WriteString(`<rect class="paper" width="100%" height="100%"/>` + "\n")
	t.axis(&b, l)
	for i := range t.Bars {
		t.arrows(&b, l, i)
	}
	for i := range t.Bars {
		t.bar(&b, l, i)
	}
	for i := range t.Notes {
		t.note(&b, l, &t.Notes[i])
	}
	for i, line := range l.lines {
		svgText(&b, "", margin, l.bottom+14+float64(i+1)*timelineFoot, line)
	}
	b.WriteString("</svg>\n")
	return b.Bytes()
}

const timelineStyle = ".note{font-size:11px;fill:var(--c);paint-order:stroke;stroke:var(--paper);stroke-width:4px;stroke-linejoin:round}" +
	".row{stroke:var(--line);opacity:.35}.moment{stroke:var(--line);opacity:.22}.cycle{stroke:var(--ink);stroke-dasharray:3 4}" +
	".hand{stroke-dasharray:5 3}.wait{stroke:var(--c);stroke-width:2;stroke-dasharray:2 4}" +
	".in{font-size:11px;font-weight:600;fill:var(--ink);text-anchor:middle}"

// laid holds the positions of a timeline.
type laid struct {
	moments               []time.Time
	tops                  []float64 // of the rows, and last the bottom of the last one
	lanes                 []int     // of the bars: parallel reloads of a step are drawn below each other
	width, bottom, height float64
	lines                 []string
}

func (t *Timeline) lay() *laid {
	l := &laid{lanes: make([]int, len(t.Bars)), tops: []float64{timelineTop}}
	for row := range t.Rows {
		ends := []time.Time{} // of the lanes' last bars
		for i := range t.Bars {
			bar := &t.Bars[i]
			if bar.Row != row {
				continue
			}
			lane := slices.IndexFunc(ends, func(end time.Time) bool { return !end.After(bar.Start) })
			if lane < 0 {
				lane, ends = len(ends), append(ends, time.Time{})
			}
			l.lanes[i], ends[lane] = lane, bar.End
		}
		l.tops = append(l.tops, l.tops[row]+rowHeight+laneHeight*float64(max(0, len(ends)-1)))
	}
	for i := range t.Bars {
		l.moments = append(l.moments, t.Bars[i].Start, t.Bars[i].End)
	}
	for i := range t.Notes {
		l.moments = append(l.moments, t.Notes[i].At)
		if !t.Notes[i].Until.IsZero() {
			l.moments = append(l.moments, t.Notes[i].Until)
		}
	}
	slices.SortFunc(l.moments, time.Time.Compare)
	l.moments = slices.CompactFunc(l.moments, time.Time.Equal)
	l.width = 2*margin + namesWidth + momentWidth*float64(len(l.moments)) + lastWidth
	l.bottom = l.tops[len(t.Rows)]
	for _, line := range t.Lines {
		l.lines = append(l.lines, wrap(line, (l.width-2*margin)/lineSize, 2)...)
	}
	l.height = l.bottom + margin + timelineFoot*float64(len(l.lines))
	return l
}

// x returns the position of a moment. A time between two moments lies half-way between them.
func (l *laid) x(t time.Time) float64 {
	i, is := slices.BinarySearchFunc(l.moments, t, time.Time.Compare)
	at := float64(i)
	if !is {
		at -= 0.5
	}
	return margin + namesWidth + momentWidth*at
}

// y returns the middle of a row's first lane, and of a bar.
func (l *laid) y(row int) float64 { return l.tops[row] + rowHeight/2 }

func (l *laid) barY(t *Timeline, bar int) float64 {
	return l.y(t.Bars[bar].Row) + laneHeight*float64(l.lanes[bar])
}

func (t *Timeline) axis(b *bytes.Buffer, l *laid) {
	for i, row := range t.Rows {
		notes := wrap(row.Note, (namesWidth-12)/noteSize, 2)
		y := l.y(i) + 5 - float64(len(notes))*noteLine/2
		fmt.Fprintf(b, `<path class="row" d="M%g %gH%g"/>`+"\n", margin, l.tops[i+1], l.width-margin)
		svgText(b, "name", margin, y, fit(row.Step, (namesWidth-12)/nameSize))
		for j, line := range notes {
			fmt.Fprintf(b, `<text style="font-size:11px" x="%g" y="%g">%s</text>`+"\n", margin, y+float64(j+1)*noteLine, xmlText(line))
		}
	}
	for i, at := range l.moments {
		x := l.x(at)
		class := "moment"
		if slices.ContainsFunc(t.Cycles, func(c Span) bool { return c.Begin.Equal(at) && i > 0 }) {
			class = "cycle"
		}
		fmt.Fprintf(b, `<path class="%s" d="M%g %gV%g"/>`, class, x, timelineTop-8, l.bottom)
		fmt.Fprintf(b, `<text style="text-anchor:middle" x="%g" y="%g">%s</text>`+"\n", x, timelineTop-14, at.In(t.Zone).Format("15:04"))
	}
	for i, cycle := range t.Cycles {
		x := margin + namesWidth - 16
		if i > 0 {
			x = l.x(cycle.Begin)
			if !slices.ContainsFunc(l.moments, cycle.Begin.Equal) {
				fmt.Fprintf(b, `<path class="cycle" d="M%g %gV%g"/>`, x, margin-4, l.bottom)
			}
			x += 6
		}
		svgText(b, "status", x, margin+8, cycle.Text)
	}
}

// arrows draws arrows to a bar from the bars that provide its results.
func (t *Timeline) arrows(b *bytes.Buffer, l *laid, bar int) {
	for _, from := range t.Bars[bar].After {
		x1, y1, x2, y2 := l.x(t.Bars[from].End)-barInset, l.barY(t, from), l.x(t.Bars[bar].Start)+barInset, l.barY(t, bar)
		bend := max(26, (x2-x1)/2)
		fmt.Fprintf(b, `<path class="edge taken" marker-end="url(#success-taken)" d="M%g %gC%g %g %g %g %g %g"/>`+"\n", x1, y1, x1+bend,
			y1, x2-bend, y2, x2, y2)
	}
}

func (t *Timeline) bar(b *bytes.Buffer, l *laid, n int) {
	bar := &t.Bars[n]
	x1, x2, y := l.x(bar.Start)+barInset, l.x(bar.End)-barInset, l.barY(t, n)
	class := "box"
	if bar.ByHand {
		class += " hand"
	}
	fmt.Fprintf(b, `<g class="%s"><title>%s</title><rect class="%s" x="%g" y="%g" width="%g" height="%g" rx="6"/>`,
		bar.Status, xmlText(bar.Text+", "+bar.Status.Text()), class, x1, y-barHeight/2, x2-x1, barHeight)
	fmt.Fprintf(b, `<path class="icon" transform="translate(%g %g) scale(.8)" d="%s"/>`, x1+5, y-6.5, looks()[bar.Status].Icon)
	fmt.Fprintf(b, `<text class="in" x="%g" y="%g">%s</text></g>`+"\n", (x1+x2)/2+8, y+4, xmlText(fit(bar.Text, (x2-x1-24)/noteSize)))
}

// note writes a note into the room up to the next bar of its row.
func (t *Timeline) note(b *bytes.Buffer, l *laid, n *Note) {
	x, y, end := l.x(n.At)+barInset, l.y(n.Row), l.width-margin
	for i := range t.Bars {
		if other := &t.Bars[i]; other.Row == n.Row && !other.Start.Before(n.At) {
			end = min(end, l.x(other.Start))
		}
	}
	for i := range t.Notes {
		if other := &t.Notes[i]; other.Row == n.Row && other.At.After(n.At) {
			end = min(end, l.x(other.At))
		}
	}
	fmt.Fprintf(b, `<g class="%s">`, n.Status)
	lines := wrap(n.Text, (end-x-6)/noteSize, noteLines)
	above := y - float64(len(lines)-1)*noteLine/2 + 4
	if !n.Until.IsZero() {
		fmt.Fprintf(b, `<path class="wait" d="M%g %gH%g"/>`, x, y, l.x(n.Until)-barInset)
		above = y - 6 - float64(len(lines)-1)*noteLine
	}
	for i, line := range lines {
		svgText(b, "note", x, above+float64(i)*noteLine, line)
	}
	b.WriteString("</g>\n")
}
