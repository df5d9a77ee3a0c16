// SPDX-License-Identifier: MPL-2.0

package command

import (
	"net/url"

	"github.com/spf13/cobra"
)

func newRerun(a *app) *cobra.Command {
	var reason string
	var again bool
	var w waiting
	cmd := &cobra.Command{
		Use: "rerun NAME RUN [STEP]", Short: "Repeat the failed steps of a run, or one step, and what comes after", Args: cobra.RangeArgs(2, 3),
		Long: "Repeats the failed steps of a run that no other run has repaired, or one step, and what comes after. It refuses what another\n" +
			"run has repaired already, or is repairing, unless you add --again.",
		ValidArgsFunction: a.complete(chainNames, runIDs, stepNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/runs/" + url.PathEscape(args[1]) + "/rerun"
			if len(args) == 3 {
				path += "/" + url.PathEscape(args[2])
			}
			body := map[string]any{"reason": reason}
			if again {
				body["again"] = true
			}
			return a.operate(cmd.Context(), operation{chain: args[0], path: path, body: body, wait: &w, said: a.sayBegun})
		},
	}
	cmd.Flags().BoolVar(&again, "again", false, "repeat also what another run has repaired, or is repairing")
	reasonFlag(cmd, &reason)
	w.flags(cmd.Flags())
	return cmd
}
