// SPDX-License-Identifier: MPL-2.0

package command

import (
	"fmt"
	"io"

	"github.com/cli/browser"
	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

func newPage(a *app) *cobra.Command {
	var key, viewer, noBrowser bool
	cmd := &cobra.Command{
		Use: "page NAME", Short: "Open the live page of a chain, or print its address or its key", Args: cobra.ExactArgs(1),
		Long: "Prints the address of the chain's live page and, on a terminal, opens it in a browser. The page asks for a key of the chain:\n" +
			"--key prints it alone, for a clipboard. The key is in no address, and so in no browser's history and in no log.",
		Example: "  qlik-chain page nightly --key | pbcopy   # or clip, wl-copy, xclip; then paste it into the page\n" +
			"  qlik-chain page nightly",
		ValidArgsFunction: a.complete(chainNames),
		RunE: func(cmd *cobra.Command, args []string) error {
			if key && viewer {
				return fail(ExitUsage, "--key and --viewer print different keys. Choose one")
			}
			t, err := a.find(cmd.Context(), args[0])
			if err != nil {
				return err
			}
			if key || viewer {
				return t.printKey(cmd, viewer)
			}
			address, err := t.stack.PageURL(cmd.Context())
			switch {
			case err != nil:
				return err
			case address == "" && t.located.Stage != stack.StageWhole:
				return t.unfinished(fmt.Errorf("it has no API"))
			case address == "":
				return fail(ExitFailed, "the chain %s no longer has an API. Apply its configuration, which creates it again", args[0])
			case a.output == outputJSON:
				return a.json(map[string]string{"page_url": address})
			}
			fmt.Fprintln(a.out, address)
			if noBrowser || !isTerminal(a.out) {
				return nil
			}
			fmt.Fprintf(a.err, "The page asks for the chain's key, which qlik-chain page %s --key prints.\n", args[0])
			browser.Stdout, browser.Stderr = io.Discard, a.err
			if err := browser.OpenURL(address); err != nil {
				fmt.Fprintf(a.err, "No browser could be opened: %v. Open the address yourself.\n", err)
			}
			return nil
		},
	}
	flags := cmd.Flags()
	flags.BoolVar(&key, "key", false, "print the operators' key, and nothing else")
	flags.BoolVar(&viewer, "viewer", false, "print the viewers' key, and nothing else; the chain has one with viewer_key = true")
	flags.BoolVar(&noBrowser, "no-browser", false, "print the address only")
	return cmd
}

// printKey prints a key of the chain, because the user asks for it.
func (t *target) printKey(cmd *cobra.Command, viewer bool) error {
	read := t.stack.CallersKey
	if viewer {
		read = t.stack.ViewersKey
	}
	value, err := read(cmd.Context())
	switch {
	case err != nil && t.located.Stage != stack.StageWhole:
		return t.unfinished(err)
	case err != nil:
		return t.missingKey(err)
	case t.app.output == outputJSON:
		return t.app.json(map[string]string{"header": stack.APIKeyHeader, "key": value})
	}
	_, err = fmt.Fprintln(t.app.out, value)
	return err
}
