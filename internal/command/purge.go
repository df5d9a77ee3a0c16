// SPDX-License-Identifier: MPL-2.0

package command

import (
	"bufio"
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// purging says how to purge.
type purging struct{ yes, dryRun, keepWebhook bool }

// purged is the output of purge as JSON.
type purged struct {
	Chain   string         `json:"chain"`
	Deleted bool           `json:"deleted"` // false: only shown
	Objects []stack.Object `json:"objects"`
}

func newPurge(a *app) *cobra.Command {
	var p purging
	cmd := &cobra.Command{
		Use: "purge NAME", Short: "Delete what a chain without a Terraform state has left", Args: cobra.ExactArgs(1),
		Long: "Deletes the objects of a chain that no Terraform state knows. It shows what it will delete, and asks. It refuses a chain with\n" +
			"objects that it cannot attribute. A chain that a state knows is deleted by terraform destroy. The webhook is in the tenant of\n" +
			"QLIK_TENANT_URL, with QLIK_API_KEY or with QLIK_CLIENT_ID and QLIK_CLIENT_SECRET.",
		ValidArgsFunction: a.complete(chainNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.purge(cmd.Context(), args[0], p)
		},
	}
	flags := cmd.Flags()
	flags.BoolVarP(&p.yes, "yes", "y", false, "do not ask, for scripts")
	flags.BoolVar(&p.dryRun, "dry-run", false, "only show what would be deleted")
	flags.BoolVar(&p.keepWebhook, "keep-webhook", false, "leave the webhook in Qlik Cloud, which then takes no credentials")
	return cmd
}

func (a *app) purge(ctx context.Context, name string, p purging) error {
	t, err := a.find(ctx, name)
	if err != nil {
		return err
	}
	if err := t.refusePurge(); err != nil {
		return err
	}
	clients, place := t.clients, t.place
	place.TenantID = t.located.TenantID
	if !p.keepWebhook {
		if clients.Qlik, err = tenantClient(a.userAgent()); err != nil {
			return fail(ExitUsage, "the webhook of the chain is in Qlik Cloud. Set QLIK_TENANT_URL and QLIK_API_KEY, or leave it with "+
				"--keep-webhook: %w", err)
		}
		me, err := clients.Qlik.Me(ctx)
		if err != nil {
			return fail(ExitDenied, "Qlik Cloud does not accept the credentials: %w", err)
		}
		if me.TenantID != place.TenantID {
			return fail(ExitConflict, "the chain %s is of the tenant %s, and QLIK_TENANT_URL is the tenant %s. Nothing was deleted",
				name, place.TenantID, me.TenantID)
		}
	}
	s := stack.New(clients, place, name, stack.Known{Instance: t.located.Instance})
	if _, err := s.FindToDelete(ctx); err != nil {
		return fmt.Errorf("the objects of the chain cannot be found. Nothing was deleted: %w", err)
	}
	if strangers := s.Strangers(); len(strangers) > 0 {
		return fail(ExitConflict, "the chain %s cannot be purged: %s cannot be attributed to it. Nothing was deleted. Delete by hand what "+
			"nothing needs", name, chain.Listed(strangers))
	}
	return a.purgeStack(ctx, t, s, p)
}

// refusePurge refuses a chain that an apply works on, and one without a tenant or an instance.
func (t *target) refusePurge() error {
	switch l := t.located; {
	case l.Working(time.Now()):
		return fail(ExitConflict, "an apply by %s is creating the chain %s at this moment. Nothing was deleted", l.CreatedBy, l.Name)
	case l.TenantID == "" || l.Instance == "":
		return fail(ExitConflict, "the chain %s cannot be purged: no object of it says which tenant and which create it is of. Nothing was "+
			"deleted. Delete by hand what nothing needs", l.Name)
	}
	return nil
}

// purgeStack shows what the chain has, asks, and deletes it.
func (a *app) purgeStack(ctx context.Context, t *target, s *stack.Stack, p purging) error {
	result := purged{Chain: t.located.Name, Objects: append([]stack.Object{}, s.Objects()...)}
	if a.output != outputJSON {
		if err := a.showPurge(ctx, t, s, result.Objects); err != nil {
			return err
		}
	}
	if p.dryRun {
		if a.output == outputJSON {
			return a.json(result)
		}
		return nil
	}
	if !p.yes {
		if err := a.confirm(result.Chain, len(result.Objects)); err != nil {
			return err
		}
	}
	state, err := s.Delete(ctx)
	switch {
	case err != nil:
		return fmt.Errorf("not all of the chain could be deleted. Run purge again: %w", err)
	case !state.Empty():
		return fail(ExitFailed, "not all of the chain could be deleted. Run purge again")
	case a.output == outputJSON:
		result.Deleted = true
		return a.json(result)
	}
	a.say("The chain %s is deleted.", result.Chain)
	return nil
}

// showPurge shows what is to be deleted.
func (a *app) showPurge(ctx context.Context, t *target, s *stack.Stack, objects []stack.Object) error {
	a.say("The chain %s of the tenant %s, in the account %s, region %s:", t.located.Name, t.located.TenantID, t.place.Account, t.place.Region)
	if t.located.CreatedBy != "" {
		a.say("created by %s on %s", t.located.CreatedBy, a.zoned(t.located.CreatedAt))
	}
	fmt.Fprintln(a.out)
	rows := make([][]string, len(objects))
	for i, o := range objects {
		rows[i] = []string{o.Kind, o.Name}
	}
	if err := a.table([]string{"OBJECT", "NAME"}, rows); err != nil {
		return err
	}
	fmt.Fprintln(a.out)
	if under := s.UnderWay(ctx); len(under.Runs) > 0 {
		a.say("Runs are under way: %s. Their reloads end in Qlik Cloud, and no further step starts.", chain.Listed(under.Runs))
	}
	return nil
}

// confirm asks for the chain's name. Deleting loses the record of all runs.
func (a *app) confirm(name string, objects int) error {
	fmt.Fprintf(a.err, "This deletes %d objects and the record of all runs. Type the name of the chain to go on: ", objects)
	line, err := bufio.NewReader(a.in).ReadString('\n')
	if answer := strings.TrimSpace(line); answer != name {
		if err != nil && answer == "" {
			fmt.Fprintln(a.err)
			return fail(ExitUsage, "there was no answer. Nothing was deleted. Scripts use --yes")
		}
		return fail(ExitConflict, "%q is not the name of the chain. Nothing was deleted", answer)
	}
	return nil
}
