// SPDX-License-Identifier: MPL-2.0

package command

import (
	"runtime"

	"github.com/spf13/cobra"
)

func newVersion(a *app) *cobra.Command {
	return &cobra.Command{
		Use: "version", Short: "Print the version of the command", Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			platform := runtime.GOOS + "/" + runtime.GOARCH
			if a.output == outputJSON {
				return a.json(map[string]string{"version": a.version, "platform": platform, "go": runtime.Version()})
			}
			a.say("qlik-chain %s, %s, %s", a.version, platform, runtime.Version())
			return nil
		},
	}
}
