// SPDX-License-Identifier: MPL-2.0

package scenes

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/draw"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/play"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// Picture draws the scene.
func (s *Scene) Picture() ([]byte, error) {
	p, err := s.play(true)
	if err != nil {
		return nil, err
	}
	calendar, err := s.Definition().Calendar()
	if err != nil {
		return nil, err
	}
	t := &draw.Timeline{Title: s.Title, Zone: time.UTC}
	for _, name := range s.Order {
		t.Rows = append(t.Rows, draw.Row{Step: name, Note: afterWords(s.Steps[name])})
	}
	s.bars(t, p)
	s.notes(t, p)
	cycles := map[run.Cycle]bool{}
	for i := range p.Runs {
		r := &p.Runs[i]
		t.Lines = append(t.Lines, fmt.Sprintf("Run %s (%s): %s", r.ID, begun(r), r.Summary.Status))
		cycles[r.Cycle] = true
	}
	for i := range p.Reloads { // including earlier cycles that a run reaches into
		cycles[run.Calendar(calendar).At(p.Reloads[i].Start)] = true
	}
	for cycle := range cycles {
		text := "Cycle of " + cycle.Date.Format("2 January")
		if s.Cycle != nil {
			text = "Cycle from " + cycle.Begin.Format("15:04")
		}
		t.Cycles = append(t.Cycles, draw.Span{Begin: cycle.Begin, End: cycle.End, Text: text})
	}
	slices.SortFunc(t.Cycles, func(a, b draw.Span) int { return a.Begin.Compare(b.Begin) })
	return t.SVG(), nil
}

// begun describes how a run began.
func begun(r *play.Run) string {
	at, origins := r.At.Format("15:04"), chain.Listed(r.Origins)
	switch {
	case r.ByHand:
		return fmt.Sprintf("%s reloaded by hand at %s", origins, at)
	case r.RerunOf != "":
		return fmt.Sprintf("a rerun of run %s from %s, at %s", r.RerunOf, origins, r.At.Format("15:04 on 2 January"))
	default:
		return fmt.Sprintf("begun at %s, at %s", origins, at)
	}
}

func afterWords(step chain.Step) string {
	var parts []string
	if len(step.After) > 0 {
		parts = append(parts, "after "+strings.Join(slices.Sorted(maps.Keys(step.After)), ", "))
	}
	if step.WaitFor != "" {
		parts = append(parts, string(step.WaitFor))
	}
	if step.When != "" {
		parts = append(parts, "when "+step.When)
	}
	return strings.Join(parts, "; ")
}

// looks maps reloads' and steps' statuses to those of the picture.
var looks = map[string]draw.Status{"SUCCEEDED": draw.StatusSucceeded, "FAILED": draw.StatusFailed, "CANCELED": draw.StatusCanceled}

func (s *Scene) bars(t *draw.Timeline, p *play.Play) {
	last := map[play.Use]int{} // the bar of a step's result in a run
	for i := range p.Reloads {
		r := &p.Reloads[i]
		last[play.Use{Step: r.Step, Run: r.Run}] = i
	}
	for i := range p.Reloads {
		r := &p.Reloads[i]
		bar := draw.Bar{Row: slices.Index(s.Order, r.Step), Start: r.Start, End: r.End, Status: looks[r.Status], Text: "run " + r.Run,
			ByHand: r.ByHand}
		for _, use := range r.Uses {
			bar.After = append(bar.After, last[use])
		}
		t.Bars = append(t.Bars, bar)
	}
}

// notes adds notes where steps wait for another run, and where they do not start. If a step goes on in another run, that run shows it.
func (s *Scene) notes(t *draw.Timeline, p *play.Play) {
	open := map[[2]string]int{} // the note of a step that waits in a run
	for _, c := range p.Changes {
		at := [2]string{c.Run, c.Step}
		i, waits := open[at]
		note := draw.Note{Row: slices.Index(s.Order, c.Step), At: c.At, Status: draw.StatusSkipped, Text: "run " + c.Run + ": " + c.Reason}
		if c.Status == run.StatusWaiting {
			if !waits {
				open[at] = len(t.Notes)
				note.Status, note.Text = draw.StatusWaiting, "run "+c.Run+" waits for "+chain.Listed(c.Waits)
				t.Notes = append(t.Notes, note)
			}
			continue
		}
		if waits {
			t.Notes[i].Until = c.At
			delete(open, at)
		}
		if c.Status != run.StatusSkipped {
			continue
		}
		if c.Skip == run.SkipBlocked || c.Skip == run.SkipExpired {
			note.Status = draw.StatusFailed
		}
		if same := slices.IndexFunc(t.Notes, func(n draw.Note) bool {
			return n.Row == note.Row && n.At.Equal(note.At) &&
				n.Status == note.Status
		}); same >= 0 {
			t.Notes[same].Text += "; " + note.Text
		} else {
			t.Notes = append(t.Notes, note)
		}
	}
	for _, i := range open {
		t.Notes[i].Until = s.Until
	}
}
