// SPDX-License-Identifier: MPL-2.0

package command

import (
	"net/url"

	"github.com/spf13/cobra"
)

func newMark(a *app) *cobra.Command {
	var reason string
	var again bool
	var w waiting
	cmd := &cobra.Command{
		Use: "mark NAME RUN STEP", Short: "Count a step of a run as succeeded, and go on with what comes after", Args: cobra.ExactArgs(3),
		Long: "Counts a step as succeeded that failed, was canceled or was skipped in a run: its work is done by other means, or the steps\n" +
			"after it shall do without. A new run begins, in which the step has succeeded. Nothing of the step starts, and what comes after\n" +
			"it follows. It refuses a step that still waits or runs in the run, one that has succeeded, and one that was marked already.\n" +
			"It also refuses a step that a rerun has repaired, or is repairing, unless you add --again.",
		ValidArgsFunction: a.complete(chainNames, runIDs, stepNames),
		Example:           "  qlik-chain mark nightly 20261124T011500000Z-133e8b24 extract_hr --reason \"loaded by hand\" --wait",
		RunE: func(cmd *cobra.Command, args []string) error {
			body := map[string]any{"reason": reason}
			if again {
				body["again"] = true
			}
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: "/runs/" + url.PathEscape(args[1]) + "/succeed/" + url.PathEscape(args[2]), body: body, wait: &w,
				said: func(answer *answered) {
					if answer.Run != "" {
						a.say("%s %s has succeeded there.", begun(answer), args[2])
					}
				},
			})
		},
	}
	cmd.Flags().BoolVar(&again, "again", false, "also if a rerun has repaired the step, or is repairing it")
	reasonFlag(cmd, &reason)
	w.flags(cmd.Flags())
	return cmd
}
