// SPDX-License-Identifier: MPL-2.0

package command

import (
	"time"

	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// listedChain is a chain in the output of list.
type listedChain struct {
	Name      string      `json:"name"`
	Status    stack.Stage `json:"status"`
	TenantID  string      `json:"tenant_id"`
	Instance  string      `json:"instance_id"`
	CreatedAt time.Time   `json:"created_at,omitzero"`
	CreatedBy string      `json:"created_by,omitempty"`
}

func newList(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "list", Aliases: []string{"ls"}, Short: "List the chains of the account and region", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			c, err := a.connect(cmd.Context())
			if err != nil {
				return err
			}
			chains, err := stack.Chains(cmd.Context(), c.clients)
			if err != nil {
				return err
			}
			list, rows := make([]listedChain, len(chains)), make([][]string, len(chains))
			for i, l := range chains {
				list[i] = listedChain{l.Name, l.Stage, l.TenantID, l.Instance, l.CreatedAt, l.CreatedBy}
				rows[i] = []string{l.Name, string(l.Stage), l.TenantID, a.clock(l.CreatedAt), l.CreatedBy}
			}
			switch {
			case a.output == outputJSON:
				return a.json(list)
			case len(rows) == 0:
				a.say("There is no task chain in the account %s, region %s. To look elsewhere, %s.", c.place.Account, c.place.Region, lookElsewhere)
				return nil
			}
			return a.table([]string{"NAME", "STATUS", "TENANT", a.timesHeader("CREATED"), "BY"}, rows)
		},
	}
}
