// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// zone returns the time zone of the picture's times. A valid definition's zone is always known.
func (p *Picture) zone() *time.Location {
	zone, err := time.LoadLocation(p.Timezone)
	if err != nil {
		return time.UTC
	}
	return zone
}

// coloured reports whether the picture shows runs.
func (p *Picture) coloured() bool { return len(p.Runs) > 0 }

// lines returns the text below a node's name: its status, with times and reason.
func (p *Picture) lines(n *Node) []string {
	if n.Kind == KindJoin {
		return p.joinLines(n)
	}
	var all []string
	if p.coloured() {
		status := n.Status.Text()
		if n.Attempt > 0 && n.Of > 1 {
			status += fmt.Sprintf(", attempt %d of %d", n.Attempt, n.Of)
		}
		if kind := n.kindText(); kind != "" {
			status = kind + ", " + status
		}
		all = append(all, status)
		all = append(all, p.whenAndWhy(n)...)
	}
	if !n.Enabled {
		all = append(all, "disabled")
	}
	notes := n.Notes
	if kind := n.kindText(); kind != "" && !p.coloured() {
		notes = append([]string{kind}, notes...)
	}
	if len(notes) > 0 && len(all) < 2 {
		all = append(all, strings.Join(notes, " · "))
	}
	return all
}

// whenAndWhy returns the times of a step's reload and the reason for its status. If a step was not started, the times are those of an
// earlier reload, and come last.
func (p *Picture) whenAndWhy(n *Node) []string {
	times, why := p.times(n), n.Reason
	if n.Status.unstarted() {
		if times != "" {
			times = "before: " + times
		}
		times, why = why, times
	}
	return slices.DeleteFunc([]string{times, why}, func(line string) bool { return line == "" })
}

// joinLines describes which upstreams have arrived at a join: "1 of 2 arrived", "waits for extract_hr until 06:00".
func (p *Picture) joinLines(n *Node) []string {
	if !p.coloured() {
		return append([]string{fmt.Sprintf("all of %d", n.Of)}, n.Notes...)
	}
	all := []string{fmt.Sprintf("%d of %d arrived", n.Arrived, n.Of)}
	switch {
	case n.Status == StatusJoining || n.Status == StatusPending:
		waits := "waits for " + chain.Listed(n.Missing)
		if !n.Until.IsZero() {
			waits += " until " + p.clock(n.Until, n.StartedAt)
		}
		all = append(all, waits)
	case n.Reason != "":
		all = append(all, n.Reason)
	default:
		all = append(all, n.Notes...)
	}
	return all
}

// times returns start, end and duration of a step's last reload: "24 Nov 02:10:03 – 02:12:44, 2m 41s".
func (p *Picture) times(n *Node) string {
	zone := p.zone()
	switch {
	case !n.StartedAt.IsZero() && !n.EndedAt.IsZero():
		start, end := n.StartedAt.In(zone), n.EndedAt.In(zone)
		text := start.Format("2 Jan 15:04:05") + " – " + end.Format(time.TimeOnly)
		if n.Seconds >= 0.05 {
			text += ", " + Seconds(n.Seconds)
		}
		return text
	case !n.EndedAt.IsZero():
		return "ended " + n.EndedAt.In(zone).Format("2 Jan 15:04:05")
	case !n.StartedAt.IsZero():
		return "since " + n.StartedAt.In(zone).Format("2 Jan 15:04:05")
	case n.Status == StatusWaiting && !n.DueAt.IsZero():
		return "due " + n.DueAt.In(zone).Format("2 Jan 15:04:05")
	default:
		return ""
	}
}

// clock formats t as 15:04, with the date if t is on another day than near.
func (p *Picture) clock(t, near time.Time) string {
	zone := p.zone()
	t, near = t.In(zone), near.In(zone)
	if t.Format(time.DateOnly) == near.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("15:04 on 2 Jan")
}

// Seconds formats a duration: 41s, 2m 41s, 1h 02m.
func Seconds(seconds float64) string {
	whole := int(math.Round(seconds))
	switch {
	case seconds < 10:
		return fmt.Sprintf("%.1fs", seconds)
	case whole < 60:
		return fmt.Sprintf("%ds", whole)
	case whole < 3600:
		return fmt.Sprintf("%dm %02ds", whole/60, whole%60)
	default:
		return fmt.Sprintf("%dh %02dm", whole/3600, whole/60%60)
	}
}

// edgeLabel returns the label of an edge. The edge's style shows the condition too.
func edgeLabel(e *Edge) string {
	label := string(e.Condition)
	if e.Way == "" || label == "" {
		return label
	}
	return label + ", " + string(e.Way)
}
