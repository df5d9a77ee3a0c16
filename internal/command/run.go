// SPDX-License-Identifier: MPL-2.0

package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
)

// runView is what the table of one run shows.
type runView struct {
	runRow
	Timezone   string      `json:"timezone"`
	RepairedBy []string    `json:"repaired_by"`
	Steps      []stepView  `json:"steps"`
	Starts     []startView `json:"starts"`
}

// stepView is what the table shows of a step.
type stepView struct {
	Step      string     `json:"step"`
	ID        string     `json:"id"` // the same after the step was renamed
	Status    run.Status `json:"status"`
	Skip      run.Skip   `json:"skip"`
	Reason    string     `json:"reason"`
	Continued string     `json:"continued"` // the run in which the step goes on; empty if it is this one
	EndedAt   time.Time  `json:"ended_at"`  // of the last attempt
}

// startView is what the table shows of one attempt of a step.
type startView struct {
	Step      string    `json:"step"`
	Attempt   int       `json:"attempt"`
	Of        int       `json:"of"`
	StartedAt time.Time `json:"started_at"`
	Seconds   float64   `json:"seconds"`
	EndedAt   time.Time `json:"ended_at"`
	Reload    string    `json:"reload"`
	Reason    string    `json:"reason"`

	Error *chain.JobError `json:"error"`
	Link  string          `json:"link"` // of the app, the automation or the data task in the tenant
}

// lastStart returns the last attempt of a step in the run. It is nil if there is none.
func (v *runView) lastStart(step string) *startView {
	for i := len(v.Starts) - 1; i >= 0; i-- {
		if v.Starts[i].Step == step {
			return &v.Starts[i]
		}
	}
	return nil
}

// tried returns the attempt before one, or nil.
func (v *runView) tried(last *startView) *startView {
	for i := range v.Starts {
		if s := &v.Starts[i]; s.Step == last.Step && s.Attempt == last.Attempt-1 {
			return s
		}
	}
	return nil
}

// why returns the reason of a step that has had this attempt, with what is known of how it, or the one before, ended. tried may be nil.
func (s *startView) why(step *stepView, tried *startView) string {
	reason := cmp.Or(step.Reason, s.Reason)
	switch step.Status {
	case run.StatusUnderWay:
		if tried != nil && tried.Error.Words() != "" {
			return fmt.Sprintf("%s. Attempt %d: %s", reason, tried.Attempt, tried.Error.Words())
		}
	case run.StatusFailed:
		if why := cmp.Or(s.Error.Words(), s.Reason); why != "" && why != reason {
			return reason + ": " + why
		}
	case run.StatusSucceeded:
		if s.Reload == "" { // an operator has marked it
			return cmp.Or(s.Reason, reason)
		}
	default:
	}
	return reason
}

// whereItFailed returns a link to what has failed, and the last lines of its log, if the chain has them.
func (s *startView) whereItFailed() []string {
	var lines []string
	if s.Link != "" {
		lines = append(lines, s.Step+": "+s.Link)
	}
	if s.Error != nil {
		lines = append(lines, s.Error.Log...)
	}
	return lines
}

// reasonSignal is the reason of a step that waits for its signal: engine.WaitsForSignal.
const reasonSignal = "waits for its signal"

// awaitsSignals returns the steps that wait for their signals.
func (v *runView) awaitsSignals() []string {
	var steps []string
	for i := range v.Steps {
		if v.Steps[i].Status == run.StatusUnderWay && v.Steps[i].Reason == reasonSignal {
			steps = append(steps, v.Steps[i].Step)
		}
	}
	return steps
}

// continuesIn returns the runs in which steps of this one go on, sorted. Two runs of one cycle share what comes after both.
func (v *runView) continuesIn() []string {
	var runs []string
	for i := range v.Steps {
		if in := v.Steps[i].Continued; in != "" {
			runs = append(runs, in)
		}
	}
	slices.Sort(runs)
	return slices.Compact(runs)
}

func newRun(a *app) *cobra.Command {
	var w waiting
	cmd := &cobra.Command{
		Use: "run NAME [RUN]", Short: "Show a run of a chain: its steps, and why they did or did not run",
		Long: "Shows a run of a chain, by default the latest: its steps, and why they did or did not run. With --wait, it waits until the run\n" +
			"has ended, with the runs in which its steps go on and those that repeat a failed one. The exit code says how.",
		Args: cobra.RangeArgs(1, 2), ValidArgsFunction: a.complete(chainNames, runIDs),
		RunE: func(cmd *cobra.Command, args []string) error {
			t, err := a.find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			api, err := t.reader(cmd.Context())
			if err != nil {
				return err
			}
			id := ""
			if len(args) == 2 {
				id = args[1]
			} else if id, err = latestRun(cmd.Context(), api); err != nil {
				return err
			}
			if w.on {
				return a.await(cmd.Context(), api, &w, id)
			}
			raw, view, err := getRun(cmd.Context(), api, id)
			if err != nil {
				return err
			}
			if in := view.continuesIn(); len(in) > 0 && len(args) < 2 { // what is asked for is how the night is
				if raw, view, err = getRun(cmd.Context(), api, in[len(in)-1]); err != nil {
					return err
				}
			}
			return a.showRun(raw, view)
		},
	}
	w.flags(cmd.Flags())
	return cmd
}

// latestRun returns the id of the chain's latest run.
func latestRun(ctx context.Context, api *chainapi.Client) (string, error) {
	var page runsPage
	if err := api.Call(ctx, http.MethodGet, "/runs?limit=1", nil, &page); err != nil {
		return "", err
	}
	if len(page.Runs) == 0 {
		return "", fail(ExitNotFound, "the chain has not run yet. qlik-chain start begins a run")
	}
	return page.Runs[0].Run, nil
}

// getRun reads a run, also as the chain has answered.
func getRun(ctx context.Context, api *chainapi.Client, id string) (json.RawMessage, *runView, error) {
	var raw json.RawMessage
	if err := api.Call(ctx, http.MethodGet, "/runs/"+url.PathEscape(id), nil, &raw); err != nil {
		return nil, nil, err
	}
	var view runView
	if err := json.Unmarshal(raw, &view); err != nil {
		return nil, nil, fmt.Errorf("the chain's record of the run %s cannot be read: %w", id, err)
	}
	return raw, &view, nil
}

// showRun prints a run.
func (a *app) showRun(raw json.RawMessage, v *runView) error {
	if a.output == outputJSON {
		return a.json(raw)
	}
	a.inZone(v.Timezone)
	a.say("Run %s: %s", v.Run, v.Status)
	began := fmt.Sprintf("Began %s at %s, started by %s", a.zoned(v.At), v.covers(), v.StartedBy)
	if v.By != "" {
		began += " (" + v.By + ")"
	}
	a.say("%s", began)
	if !v.EndedAt.IsZero() {
		a.say("Ended %s, after %s", a.clock(v.EndedAt), v.took())
	}
	for _, in := range v.continuesIn() {
		a.say("Goes on in the run %s", in)
	}
	for _, by := range v.RepairedBy {
		a.say("Repeated by the run %s", by)
	}
	fmt.Fprintln(a.out)
	rows := make([][]string, len(v.Steps))
	var below []string // where and how, and what to do, below the table
	for i, step := range v.Steps {
		row := []string{step.Step, string(step.Status), "", "", "", step.Reason}
		if start := v.lastStart(step.Step); start != nil {
			row[2], row[3] = fmt.Sprintf("%d of %d", start.Attempt, start.Of), a.clock(start.StartedAt)
			if !start.EndedAt.IsZero() && !start.StartedAt.IsZero() {
				row[4] = duration(start.Seconds)
			}
			tried := v.tried(start)
			row[5] = start.why(&step, tried)
			switch {
			case step.Status == run.StatusFailed:
				below = append(below, start.whereItFailed()...)
			case step.Status == run.StatusUnderWay && tried != nil:
				below = append(below, tried.whereItFailed()...)
			}
		}
		rows[i] = row
	}
	for _, step := range v.awaitsSignals() {
		below = append(below, step+" waits for its signal. "+chain.SignalCommand(a.chain, step)+" reports it.")
	}
	if err := a.table([]string{"STEP", "STATUS", "ATTEMPT", "STARTED", "TOOK", "REASON"}, rows); err != nil || len(below) == 0 {
		return err
	}
	fmt.Fprintln(a.out)
	for _, line := range below {
		a.say("%s", line)
	}
	return nil
}
