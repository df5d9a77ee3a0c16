// SPDX-License-Identifier: MPL-2.0

package command

import (
	"net/url"

	"github.com/spf13/cobra"
)

func newCancel(a *app) *cobra.Command {
	var reason string
	cmd := &cobra.Command{
		Use: "cancel NAME RUN", Short: "End a run: cancel its reloads, and start nothing more of it", Args: cobra.ExactArgs(2),
		ValidArgsFunction: a.complete(chainNames, runIDs),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: "/runs/" + url.PathEscape(args[1]) + "/cancel", body: map[string]any{"reason": reason},
				said: func(answer *answered) {
					switch {
					case !answer.Already:
						a.say("The run %s is canceled.", args[1])
					case len(answer.Canceled)+len(answer.Failed) > 0:
						a.say("The run %s was canceled before. What was left of it is canceled now.", args[1])
					default:
						a.say("The run %s was canceled before. Nothing is done.", args[1])
					}
				},
			})
		},
	}
	reasonFlag(cmd, &reason)
	return cmd
}
