// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"testing"
	"time"
)

func clock(text string) time.Time {
	t, err := time.Parse("15:04", text)
	if err != nil {
		panic(err)
	}
	return t
}

// TestTimeline: reloads of a step at the same time lie below each other, each moment is as far from the next one as all others, a cycle
// that begins between two moments lies between them, and what comes from a chain cannot break the document.
func TestTimeline(t *testing.T) {
	t.Parallel()
	line := &Timeline{
		Title: "a <night>", Zone: time.UTC, Rows: []Row{{Step: "sales"}, {Step: "report & mail", Note: "after sales"}},
		Bars: []Bar{
			{Row: 0, Start: clock("02:00"), End: clock("02:20"), Status: StatusSucceeded, Text: "run 1"},
			{Row: 0, Start: clock("02:10"), End: clock("02:30"), Status: StatusFailed, Text: "run 2", ByHand: true},
			{Row: 0, Start: clock("02:20"), End: clock("15:00"), Status: StatusSucceeded, Text: "run 3"},
			{Row: 1, Start: clock("15:00"), End: clock("15:10"), Status: StatusSucceeded, Text: "run 3", After: []int{2}},
		},
		Notes:  []Note{{Row: 1, At: clock("02:30"), Status: StatusFailed, Text: "run 2: is blocked: <sales> failed"}},
		Cycles: []Span{{Begin: clock("00:00"), Text: "first"}, {Begin: clock("14:00"), Text: "second"}},
		Lines:  []string{"Run 1: succeeded"},
	}
	l := line.lay()
	if l.lanes[0] != 0 || l.lanes[1] != 1 || l.lanes[2] != 0 || l.lanes[3] != 0 {
		t.Errorf("the lanes are %v", l.lanes)
	}
	if l.tops[1]-l.tops[0] != rowHeight+laneHeight || l.tops[2]-l.tops[1] != rowHeight {
		t.Errorf("the rows lie at %v", l.tops)
	}
	for i, at := range []string{"02:00", "02:10", "02:20", "02:30", "15:00", "15:10"} {
		if have := l.x(clock(at)); have != margin+namesWidth+momentWidth*float64(i) {
			t.Errorf("%s lies at %g", at, have)
		}
	}
	if have := l.x(clock("14:00")); have != (l.x(clock("02:30"))+l.x(clock("15:00")))/2 {
		t.Errorf("a cycle that begins between two moments lies at %g", have)
	}
	svg := line.SVG()
	decoder := xml.NewDecoder(bytes.NewReader(svg))
	for {
		if _, err := decoder.Token(); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
	}
	for _, want := range []string{"a &lt;night&gt;", "report &amp; mail", "&lt;sales&gt;", "Run 1: succeeded", `class="box hand"`,
		"second"} {
		if !strings.Contains(string(svg), want) {
			t.Errorf("there is no %s", want)
		}
	}
}
