// SPDX-License-Identifier: MPL-2.0

package command

import (
	"net/url"

	"github.com/spf13/cobra"
)

func newRerun(a *app) *cobra.Command {
	var reason string
	var w waiting
	cmd := &cobra.Command{
		Use: "rerun NAME RUN [STEP]", Short: "Repeat the failed steps of a run, or one step, and what comes after", Args: cobra.RangeArgs(2, 3),
		ValidArgsFunction: a.complete(chainNames, runIDs, stepNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			path := "/runs/" + url.PathEscape(args[1]) + "/rerun"
			if len(args) == 3 {
				path += "/" + url.PathEscape(args[2])
			}
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: path, body: map[string]any{"reason": reason}, wait: &w, said: a.sayBegun,
			})
		},
	}
	reasonFlag(cmd, &reason)
	w.flags(cmd.Flags())
	return cmd
}
