// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	chainrun "github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// timezone is the time zone of the example.
const timezone = "Europe/Berlin"

// record prints the last runs, the oldest first, and returns them.
func (d *demo) record(ctx context.Context, n int) ([]engine.RunView, error) {
	var page struct{ Runs []engine.RunRecord }
	if err := d.get(ctx, fmt.Sprintf("/runs?limit=%d", n), &page); err != nil {
		return nil, err
	}
	if len(page.Runs) != n {
		return nil, fmt.Errorf("GET /runs shows %d runs, not %d", len(page.Runs), n)
	}
	slices.Reverse(page.Runs)
	runs := make([]engine.RunView, n)
	for i := range page.Runs {
		if err := d.get(ctx, "/runs/"+page.Runs[i].ID, &runs[i]); err != nil {
			return nil, err
		}
		if err := d.run(&runs[i]); err != nil {
			return nil, err
		}
	}
	return runs, nil
}

// get requests a path below the chain's URL.
func (d *demo) get(ctx context.Context, path string, answer any) error {
	status, content, err := sandbox.Call(ctx, http.MethodGet, d.invokeURL+path, map[string]string{"x-api-key": d.apiKey}, nil)
	if err != nil {
		return err
	}
	if status != http.StatusOK {
		return fmt.Errorf("GET %s: the answer was %d %s", path, status, content)
	}
	if err := json.Unmarshal(content, answer); err != nil {
		return fmt.Errorf("GET %s: %w", path, err)
	}
	return nil
}

// run prints a run as tables.
func (d *demo) run(view *engine.RunView) error {
	zone, err := time.LoadLocation(timezone)
	if err != nil {
		return err
	}
	clock := func(t time.Time) string {
		if t.IsZero() {
			return ""
		}
		return t.In(zone).Format(time.TimeOnly)
	}
	// The record has them in the order in which they became due by the function's clock. The sandbox's clock is ahead of it.
	slices.SortStableFunc(view.Starts, func(a, b engine.StartView) int { return cmp.Compare(a.StartedAt.UnixNano(), b.StartedAt.UnixNano()) })

	d.line("")
	d.line("GET /runs/%s: begun at %s, at %s in %s, in the cycle of %s", view.ID, view.Origin, clock(view.At), timezone, view.Date)
	d.line("  the run: %s", runStatus(view))
	rows := [][]string{{"step", "attempt", "reload", "start", "end", "seconds", "status", ""}}
	for _, s := range view.Starts {
		rows = append(rows, []string{
			s.Step, fmt.Sprintf("%d of %d", s.Attempt, s.Of), s.Reload, clock(s.StartedAt), clock(s.EndedAt), fmt.Sprintf("%.1f", s.Seconds),
			strings.ToLower(cmp.Or(string(s.Status), string(s.Phase))), s.Reason,
		})
	}
	d.table(rows)
	rows = [][]string{{"step", "in the run", ""}}
	for _, s := range view.Steps {
		rows = append(rows, []string{s.Step, strings.Trim(string(s.Status)+", "+string(s.Skip), ", "), s.Reason})
	}
	d.table(rows)
	return nil
}

// runStatus describes the status of a run: "failed after 41s, of 6 steps 3 succeeded, 1 failed, 1 is blocked".
func runStatus(view *engine.RunView) string {
	text := strings.ReplaceAll(string(view.Status), "_", " ")
	if view.Seconds > 0 {
		text += fmt.Sprintf(" after %.1f s", view.Seconds)
	}
	if c := view.Counts; c != nil {
		text += fmt.Sprintf("; of %d steps %d succeeded, %d failed, %d blocked, %d skipped otherwise, %d in another run",
			c.Steps, c.Succeeded, c.Failed, c.Blocked, c.Skipped, c.Continued)
	}
	return text
}

// table prints rows with their columns aligned.
func (p *printer) table(rows [][]string) {
	var text strings.Builder
	w := tabwriter.NewWriter(&text, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(w, strings.Join(row, "\t"))
	}
	_ = w.Flush() // writing to a Builder never fails
	for line := range strings.Lines(text.String()) {
		p.line("  %s", strings.TrimRight(line, " \n"))
	}
}

// expectStart fails unless the record of one of the runs has this attempt, with this end.
func expectStart(runs []engine.RunView, step string, attempt int, status qlik.Status) error {
	for _, run := range runs {
		for _, s := range run.Starts {
			if s.Step == step && s.Attempt == attempt && s.Status == status {
				return nil
			}
		}
	}
	return fmt.Errorf("the record does not say that attempt %d of %s ended with %s: %+v", attempt, step, status, runs)
}

// expectStep fails unless the record of one of the runs has the step with this status and a reason that begins with reason.
func expectStep(runs []engine.RunView, step string, stands chainrun.Status, reason string) error {
	for i := range runs {
		for _, s := range runs[i].Steps {
			if s.Step == step && s.Status == stands && strings.HasPrefix(s.Reason, reason) {
				return nil
			}
		}
	}
	return fmt.Errorf("the record does not say of the step %s that it is %s: %q: %+v", step, stands, reason, runs)
}

// expectRun fails unless one of the runs has this status.
func expectRun(runs []engine.RunView, stands chainrun.Status) error {
	for i := range runs {
		if runs[i].Status == stands {
			return nil
		}
	}
	return fmt.Errorf("no run is %s: %+v", stands, runs)
}
