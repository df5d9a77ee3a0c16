// SPDX-License-Identifier: MPL-2.0

package command

import (
	"net/url"

	"github.com/spf13/cobra"
)

func newStart(a *app) *cobra.Command {
	var cycle, reason string
	var variables map[string]string
	var only bool
	var w waiting
	cmd := &cobra.Command{
		Use: "start NAME [STEP]", Short: "Begin a run of a chain, as a whole or at a step", Args: cobra.RangeArgs(1, 2),
		ValidArgsFunction: a.complete(chainNames, stepNames),
		Example: "  qlik-chain start nightly --wait --timeout 2h\n  qlik-chain start nightly transform --variable mode=full\n" +
			"  qlik-chain start nightly transform --only",
		RunE: func(cmd *cobra.Command, args []string) error {
			path, body := "/start", map[string]any{"cycle": cycle, "reason": reason}
			if len(args) == 2 {
				path += "/" + url.PathEscape(args[1])
			}
			if len(variables) > 0 {
				body["variables"] = variables
			}
			if only && len(args) < 2 {
				return fail(ExitUsage, "--only is for one step: name it after the chain")
			}
			if only {
				body["only"] = true
			}
			return a.operate(cmd.Context(), operation{chain: args[0], path: path, body: body, wait: &w, said: a.sayBegun})
		},
	}
	flags := cmd.Flags()
	flags.StringToStringVar(&variables, "variable", nil, "a variable of the run, as `name=value`; repeat it for more. Put no secret here")
	flags.BoolVar(&only, "only", false, "start this step alone: nothing follows it in the run")
	flags.StringVar(&cycle, "cycle", "", "the date of the cycle that the run belongs to, for example 2026-11-24")
	reasonFlag(cmd, &reason)
	w.flags(flags)
	return cmd
}

// sayBegun prints which run has begun.
func (a *app) sayBegun(answer *answered) {
	if answer.Run != "" {
		a.say("%s", begun(answer))
	}
}

func begun(answer *answered) string { return "The run " + answer.Run + " has begun." }
