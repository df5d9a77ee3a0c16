// SPDX-License-Identifier: MPL-2.0

package command

import "github.com/spf13/cobra"

func newRedrive(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "redrive NAME", Short: "Handle the events in a chain's dead-letter queue again", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(chainNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: "/redrive", body: map[string]any{"reason": reason}, said: func(answer *answered) {
					if answer.Redriven+len(answer.Failed)+answer.Left == 0 {
						a.say("The dead-letter queue is empty. Nothing is done.")
						return
					}
					messages := "messages"
					if answer.Redriven == 1 {
						messages = "message"
					}
					a.say("Handled %d %s of the dead-letter queue. About %d left.", answer.Redriven, messages, answer.Left)
				},
			})
		},
	}
	reasonFlag(cmd, &reason)
	return cmd
}
