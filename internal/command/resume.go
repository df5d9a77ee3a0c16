// SPDX-License-Identifier: MPL-2.0

package command

import "github.com/spf13/cobra"

func newResume(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "resume NAME", Short: "Resume a paused chain, and release the parked starts", Args: cobra.ExactArgs(1),
		ValidArgsFunction: a.complete(chainNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: "/resume", body: map[string]any{"reason": reason},
				said: func(answer *answered) {
					switch {
					case !answer.Already:
						a.say("The chain %s is resumed.", args[0])
					case len(answer.Started)+len(answer.NotStarted)+len(answer.Failed) > 0: // they were parked by max_starts_per_hour
						a.say("The chain %s was not paused. Its parked starts are released.", args[0])
					default:
						a.say("The chain %s was not paused. Nothing is done.", args[0])
					}
				},
			})
		},
	}
	reasonFlag(cmd, &reason)
	return cmd
}
