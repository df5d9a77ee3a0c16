// SPDX-License-Identifier: MPL-2.0

package command

import (
	"errors"
	"io"

	"github.com/spf13/cobra"

	changes "github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/explain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// outputMarkdown is a form of the output of explain alone.
const outputMarkdown = "markdown"

// wantsPlan says what explain reads.
const wantsPlan = "a file with the output of terraform show -json PLAN, or - for standard input"

func newExplain(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "explain PLAN.json", Short: "Explain what a plan changes in task chains", Args: cobra.ExactArgs(1),
		Long: "Explains what a Terraform plan changes in task chains: a sentence for each change, and what it means for runs, by simulating\n" +
			"the chain before and after. PLAN.json is what `terraform show -json` prints of a plan, or - for standard input. With -o markdown\n" +
			"it writes the comment of a pull request, with a picture of each chain. It prints no comment if the plan changes no chain.\n" +
			"It needs neither AWS nor Qlik Cloud.",
		Example: "  terraform plan -out plan && terraform show -json plan | qlik-chain explain -\n" +
			"  qlik-chain explain plan.json -o markdown > comment.md",
		Annotations: map[string]string{outputMarkdown: ""},
		RunE: func(_ *cobra.Command, args []string) error {
			text, err := a.contents(args[0], wantsPlan)
			if err != nil {
				return err
			}
			chains, err := provider.ExplainPlan(text)
			if errors.Is(err, provider.ErrNotAPlan) {
				return fail(ExitUsage, "reading %s: %w. Name %s", args[0], err, wantsPlan)
			}
			if err != nil {
				return err
			}
			switch a.output {
			case outputJSON:
				return a.json(map[string]any{"chains": chains})
			case outputMarkdown:
				_, err = io.WriteString(a.out, changes.Markdown(chains))
			default:
				_, err = io.WriteString(a.out, printableLines(changes.Text(chains)))
			}
			return err
		},
	}
}
