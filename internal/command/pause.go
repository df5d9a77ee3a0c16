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
					p := answer.Paused
					if !answer.Already || p == nil {
						a.say("The chain %s is paused.", args[0])
						return
					}
					why := ""
					if p.Reason != "" {
						why = " (" + p.Reason + ")"
					}
					a.say("The chain %s is paused already, since %s, by %s%s. Nothing is done.", args[0], a.zoned(p.At), p.By, why)
				},
			})
		},
	}
	reasonFlag(cmd, &reason)
	return cmd
}
