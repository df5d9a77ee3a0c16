// SPDX-License-Identifier: MPL-2.0

package command

import (
	"net/url"

	"github.com/spf13/cobra"
)

// outcomeRepeated is the chain's answer to a report that it got before.
const outcomeRepeated = "repeated"

func newSignal(a *app) *cobra.Command {
	var outcome, id, reason string
	cmd := &cobra.Command{
		Use: "signal NAME STEP", Short: "Report the end of what a step waits for", Args: cobra.ExactArgs(2),
		Long:              "Reports the end of something outside Qlik Cloud, for which a step of the chain waits.",
		ValidArgsFunction: a.complete(chainNames, signalNames),
		Example:           "  qlik-chain signal nightly erp --outcome failure --id \"batch 4711\"",
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.operate(cmd.Context(), operation{
				chain: args[0], path: "/signal/" + url.PathEscape(args[1]),
				body: map[string]any{"outcome": outcome, "id": id, "reason": reason}, said: func(answer *answered) {
					a.sayCounted(args[1], answer)
				},
			})
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&outcome, "outcome", "success", "how it has ended: success, failure or canceled")
	flags.StringVar(&id, "id", "", "the same for every repetition of one report, so that it counts once")
	reasonFlag(cmd, &reason)
	must(cmd.RegisterFlagCompletionFunc("outcome",
		cobra.FixedCompletions([]string{"success", "failure", "canceled"}, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// sayCounted prints what the chain does with the report of a step.
func (a *app) sayCounted(step string, answer *answered) {
	switch {
	case answer.Outcome == outcomeRepeated && answer.Run != "":
		a.say("The chain got this report of %s before, in the run %s. Nothing is done.", step, answer.Run)
	case answer.Outcome == outcomeRepeated:
		a.say("The chain got this report of %s before. Nothing is done.", step)
	case answer.Run == "": // of a step with quiet_for: it begins or settles a run later
		a.say("The chain keeps the report of %s.", step)
	default:
		a.say("The chain counts the end of %s in the run %s.", step, answer.Run)
	}
}
