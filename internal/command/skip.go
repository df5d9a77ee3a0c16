// SPDX-License-Identifier: MPL-2.0

package command

import (
	"net/url"

	"github.com/spf13/cobra"
)

func newSkip(a *app) *cobra.Command {
	var cycle, reason string
	cmd := &cobra.Command{
		Use: "skip NAME STEP", Short: "Keep a step from starting next time", Args: cobra.ExactArgs(2),
		Long: "Keeps a step from starting in the cycle of the next schedule, or in the current cycle if nothing has a schedule. A step after\n" +
			"it does not start either, unless its wait_for goes on without it.",
		ValidArgsFunction: a.complete(chainNames, stepNames),
		Example: "  qlik-chain skip nightly archive --reason \"the disk is full\"\n" +
			"  qlik-chain skip nightly archive --cycle 2026-11-24",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: "/skip/" + url.PathEscape(args[1]), body: map[string]any{"cycle": cycle, "reason": reason},
				said: func(answer *answered) {
					if answer.Already {
						a.say("%s was skipped before in the cycle of %s (%s). Nothing is done.", args[1], answer.Date, answer.Cycle)
						return
					}
					a.say("%s does not start in the cycle of %s (%s).", args[1], answer.Date, answer.Cycle)
				},
			})
		},
	}
	cmd.Flags().StringVar(&cycle, "cycle", "",
		"the date of the cycle, for example 2026-11-24, or its id: of several cycles of a date, the date means the first")
	reasonFlag(cmd, &reason)
	return cmd
}
