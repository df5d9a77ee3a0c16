// SPDX-License-Identifier: MPL-2.0

package command

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"time"

	smithytime "github.com/aws/smithy-go/time"
	"github.com/spf13/pflag"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
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
	flags.BoolVar(&w.on, "wait", false, "wait until the work of the run has ended; the exit code says how")
	flags.DurationVar(&w.timeout, "timeout", 6*time.Hour, "with --wait: how long at most")
	flags.DurationVar(&w.interval, "interval", 10*time.Second, "with --wait: how often to ask the chain")
}

// checkWaiting refuses the limits of a wait without a wait: a pipeline that forgets --wait would take each run for a success.
func checkWaiting(flags *pflag.FlagSet) error {
	if wait := flags.Lookup("wait"); wait == nil || wait.Changed {
		return nil
	}
	for _, name := range []string{"timeout", "interval"} {
		if flags.Changed(name) {
			return fmt.Errorf("--%s is for --wait: add --wait, or leave it out", name)
		}
	}
	return nil
}

// succeeded reports whether a run has done what it is for.
func succeeded(s run.Status) bool { return s == run.StatusSucceeded || s == run.StatusRecovered }

// await waits until a run's work has ended, and shows the last run of it.
func (a *app) await(ctx context.Context, api *chainapi.Client, w *waiting, id string) error {
	work, err := a.follower(api, w).follow(ctx, id)
	if err != nil {
		return err
	}
	last := work[len(work)-1]
	if err := a.showRun(last.raw, last.view); err != nil {
		return err
	}
	return outcomeOf(work)
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
		now := fmt.Sprintf("Run %s: %s, %s succeeded", id, view.Status, view.steps())
		if signals := view.awaitsSignals(); len(signals) > 0 {
			now += ", waits for the signal of " + chain.Listed(signals)
		}
		if now != reported && isTerminal(a.err) {
			fmt.Fprintln(a.err, printable(now))
			reported = now
		}
		left := time.Until(until)
		if left <= 0 {
			return nil, nil, fail(ExitTimeout, "the run %s has not ended within %s: %s", id, w.timeout, a.lasts(view))
		}
		if err := smithytime.SleepWithContext(ctx, min(left, max(w.interval, time.Second/10))); err != nil {
			return nil, nil, err
		}
	}
}

// lasts says why a run has not ended, and what to do if it waits for signals.
func (a *app) lasts(v *runView) string {
	signals := v.awaitsSignals()
	if len(signals) == 0 {
		return fmt.Sprintf("it is %s. It goes on", v.Status)
	}
	return fmt.Sprintf("it waits for the signal of %s. %s reports it. The run goes on", chain.Listed(signals),
		chain.SignalCommand(a.chain, signals[0]))
}

// awaitAll waits until the work of each of the runs has ended. It lists the runs, and those that have done the rest, the newest first.
func (a *app) awaitAll(ctx context.Context, api *chainapi.Client, w *waiting, runs []runRow) error {
	f := a.follower(api, w)
	failed := 0
	for i := range runs {
		work, err := f.follow(ctx, runs[i].Run)
		if err != nil {
			return err
		}
		if outcomeOf(work) != nil {
			failed++
		}
	}
	all := slices.SortedFunc(maps.Values(f.ended), func(a, b awaited) int { return cmp.Compare(b.view.Run, a.view.Run) })
	views, rows := make([]json.RawMessage, len(all)), make([]runRow, len(all))
	for i := range all {
		views[i], rows[i] = all[i].raw, all[i].view.runRow
	}
	var err error
	if a.output == outputJSON {
		err = a.json(map[string]any{"runs": views})
	} else {
		err = a.runTable(rows, "")
	}
	if err == nil && failed > 0 {
		return fail(ExitRunFailed, "%d of %d runs ended without success", failed, len(runs))
	}
	return err
}
