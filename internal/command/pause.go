// SPDX-License-Identifier: MPL-2.0

package command

import "github.com/spf13/cobra"

func newPause(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "pause NAME", Short: "Park every start of a chain until it is resumed", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(chainNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: "/pause", body: map[string]any{"reason": reason}, said: func(answer *answered) {
					a.say("The chain %s is paused.", args[0])
					if p := answer.Paused; p != nil && p.Reason != reason { // it was paused already
						a.say("It was paused before by %s: %s", p.By, p.Reason)
					}
				},
			})
		},
	}
	reasonFlag(cmd, &reason)
	return cmd
}
