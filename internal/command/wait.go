// SPDX-License-Identifier: MPL-2.0

package command

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"time"

	smithytime "github.com/aws/smithy-go/time"
	"github.com/spf13/pflag"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chainapi"
)

// waiting says whether and how to wait for the end of a run.
type waiting struct {
	on       bool
	timeout  time.Duration
	interval time.Duration
}

func (w *waiting) flags(flags *pflag.FlagSet) {
	flags.BoolVar(&w.on, "wait", false, "wait until the run has ended; the exit code says how")
	flags.DurationVar(&w.timeout, "timeout", 6*time.Hour, "with --wait: how long at most")
	flags.DurationVar(&w.interval, "interval", 10*time.Second, "with --wait: how often to ask the chain")
}

// succeeded reports whether a run has done what it is for.
func succeeded(s run.Status) bool { return s == run.StatusSucceeded || s == run.StatusRecovered }

// await waits until a run has ended, with the runs in which its steps go on, and shows the last one.
func (a *app) await(ctx context.Context, api *chainapi.Client, w *waiting, id string) error {
	until := time.Now().Add(w.timeout)
	var raw json.RawMessage
	var view *runView
	var failure error
	ids := []string{id}
	for i := 0; i < len(ids); i++ {
		var err error
		if raw, view, err = a.awaitRun(ctx, api, w, until, ids[i]); err != nil {
			return err
		}
		if !succeeded(view.Status) && failure == nil {
			failure = fail(ExitRunFailed, "the run %s ended %s", ids[i], view.Status)
		}
		for _, in := range view.continuesIn() {
			if !slices.Contains(ids, in) {
				fmt.Fprintln(a.err, printable(fmt.Sprintf("The run %s goes on in the run %s.", ids[i], in)))
				ids = append(ids, in)
			}
		}
	}
	if err := a.showRun(raw, view); err != nil {
		return err
	}
	return failure
}

// awaitRun waits until a run has ended. It reports progress on a terminal.
func (a *app) awaitRun(
	ctx context.Context, api *chainapi.Client, w *waiting, until time.Time, id string,
) (json.RawMessage, *runView, error) {
	reported := ""
	for {
		raw, view, err := getRun(ctx, api, id)
		if err != nil || !view.EndedAt.IsZero() { // its status may say so before the end is on record
			return raw, view, err
		}
		if now := fmt.Sprintf("Run %s: %s, %s succeeded", id, view.Status, view.steps()); now != reported && isTerminal(a.err) {
			fmt.Fprintln(a.err, printable(now))
			reported = now
		}
		left := time.Until(until)
		if left <= 0 {
			return nil, nil, fail(ExitTimeout, "the run %s has not ended within %s: it is %s. It goes on", id, w.timeout, view.Status)
		}
		if err := smithytime.SleepWithContext(ctx, min(left, max(w.interval, time.Second/10))); err != nil {
			return nil, nil, err
		}
	}
}

// awaitAll waits until each of the runs has ended, and lists them.
func (a *app) awaitAll(ctx context.Context, api *chainapi.Client, w *waiting, runs []runRow) error {
	until := time.Now().Add(w.timeout)
	views := []json.RawMessage{}
	var rows []runRow
	failed := 0
	for i := range runs {
		raw, view, err := a.awaitRun(ctx, api, w, until, runs[i].Run)
		if err != nil {
			return err
		}
		views, rows = append(views, raw), append(rows, view.runRow)
		if !succeeded(view.Status) {
			failed++
		}
	}
	var err error
	if a.output == outputJSON {
		err = a.json(map[string]any{"runs": views})
	} else {
		err = a.runTable(rows, "")
	}
	if err == nil && failed > 0 {
		return fail(ExitRunFailed, "%d of %d runs ended without success", failed, len(rows))
	}
	return err
}
