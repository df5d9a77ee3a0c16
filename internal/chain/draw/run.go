// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"fmt"
	"strings"
	"time"
)

// Run is a run in a picture.
type Run struct {
	ID         string    `json:"run"`
	Date       string    `json:"date"`   // of its cycle
	Origin     string    `json:"origin"` // the steps at which it began, in words
	At         time.Time `json:"at"`     // when it began
	Status     string    `json:"status"`
	EndedAt    time.Time `json:"ended_at,omitzero"`
	Seconds    float64   `json:"seconds,omitempty"`
	Counts     RunCounts `json:"counts"`
	RerunOf    string    `json:"rerun_of,omitempty"`
	RepairedBy []string  `json:"repaired_by,omitempty"`
	Until      time.Time `json:"until,omitzero"` // the end of its cycle: steps that still wait then expire
	Summary    string    `json:"summary"`        // its status, in words
}

// RunCounts holds how many of a run's steps have which status.
type RunCounts struct {
	Steps     int `json:"steps"`
	Succeeded int `json:"succeeded"`
	Failed    int `json:"failed"`
	Canceled  int `json:"canceled"`
	Blocked   int `json:"blocked"`
	Expired   int `json:"expired"`
	Skipped   int `json:"skipped"`
	Continued int `json:"continued"`
}

// Words describes the status of a run: "failed after 2h 13m: of 9 steps 5 succeeded, 1 failed, 3 are blocked".
func (r *Run) Words() string {
	text := strings.ReplaceAll(r.Status, "_", " ")
	if r.Status == "waiting" {
		text = "waits"
	}
	if r.Seconds > 0 {
		text += " after " + Seconds(r.Seconds)
	}
	var parts []string
	for _, count := range []struct {
		n         int
		one, many string
	}{
		{r.Counts.Succeeded, "succeeded", "succeeded"}, {r.Counts.Failed, "failed", "failed"}, {r.Counts.Blocked, "is blocked", "are blocked"},
		{r.Counts.Expired, "expired", "expired"}, {r.Counts.Canceled, "was canceled", "were canceled"},
		{r.Counts.Skipped, "was skipped", "were skipped"},
		{r.Counts.Continued, "goes on in another run", "go on in other runs"},
	} {
		switch {
		case count.n == 1:
			parts = append(parts, "1 "+count.one)
		case count.n > 1:
			parts = append(parts, fmt.Sprintf("%d %s", count.n, count.many))
		}
	}
	if len(parts) == 0 {
		return text
	}
	steps := "of 1 step "
	if r.Counts.Steps != 1 {
		steps = fmt.Sprintf("of %d steps ", r.Counts.Steps)
	}
	return text + ": " + steps + strings.Join(parts, ", ")
}
