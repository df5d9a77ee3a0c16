// SPDX-License-Identifier: MPL-2.0

// Package command is qlik-chain, the command for those who operate task chains. Each of its commands is a file.
package command

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// app is one invocation of the command.
type app struct {
	version  string
	in       io.Reader
	out, err io.Writer
	begun    bool   // whether the command line was accepted
	chain    string // the name of the chain that the command is about, if it is about one

	profile, region, endpointURL string // as the aws CLI's
	output                       string
	utc                          bool
	zone                         *time.Location // of the chain; nil: it is not known, or there is no single chain
}

// commands make the commands, in the order of the help.
var commands = []func(*app) *cobra.Command{
	newList, newPage, newRuns, newRun, newStart, newSignal, newPause, newResume, newRerun, newMark, newSkip, newCancel, newRedrive,
	newLogs, newMigrate, newExplain, newPurge, newVersion,
}

// Run carries out a command line and returns the exit code.
func Run(ctx context.Context, version string, args []string, in io.Reader, out, errOut io.Writer) int {
	a := &app{version: version, in: in, out: out, err: errOut}
	if a.version == "" {
		a.version = builtVersion()
	}
	root := a.root()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(errOut)
	cmd, err := root.ExecuteContextC(ctx)
	if err == nil {
		return ExitOK
	}
	if !a.begun {
		err = &failure{ExitUsage, err}
	}
	code := exitCode(ctx, err)
	switch {
	case code == ExitInterrupted:
		fmt.Fprintln(errOut, "Interrupted.")
	case errors.Is(err, errSaid):
	default:
		fmt.Fprintln(errOut, "Error: "+a.explain(err))
	}
	if code == ExitUsage && !a.begun {
		if cmd.HasParent() {
			fmt.Fprintln(errOut, "Usage: "+cmd.UseLine())
		}
		fmt.Fprintln(errOut, "qlik-chain --help lists the commands, qlik-chain COMMAND --help describes one.")
	}
	return code
}

// errSaid is an error that the command's own output describes.
var errSaid = errors.New("the output says it")

// builtVersion returns the version of a binary that go install has built.
func builtVersion() string {
	if info, ok := debug.ReadBuildInfo(); ok {
		return cmp.Or(info.Main.Version, "(devel)")
	}
	return "(devel)"
}

func (a *app) root() *cobra.Command {
	root := &cobra.Command{
		Use:   "qlik-chain",
		Short: "Operate task chains for Qlik Cloud",
		Long: "qlik-chain operates the task chains that terraform-provider-qlik has deployed. It finds a chain by its name in the AWS account\n" +
			"and region of your AWS credentials, which it looks up as the aws CLI does.",
		SilenceUsage: true, SilenceErrors: true,
		PersistentPreRunE: func(cmd *cobra.Command, _ []string) error {
			if _, form := cmd.Annotations[a.output]; a.output != outputTable && a.output != outputJSON && !form {
				return fmt.Errorf("--output is %q. Use %s or %s", a.output, outputTable, outputJSON)
			}
			if err := checkWaiting(cmd.Flags()); err != nil {
				return err
			}
			a.begun = true
			return nil
		},
	}
	flags := root.PersistentFlags()
	flags.StringVar(&a.profile, "profile", "", "AWS `profile` to use, as the aws CLI's")
	flags.StringVar(&a.region, "region", "", "AWS `region` of the chain, as the aws CLI's")
	flags.StringVar(&a.endpointURL, "endpoint-url", "", "`URL` of AWS, for a stand-in, as the aws CLI's")
	flags.StringVarP(&a.output, "output", "o", outputTable, "form of the output: table or json")
	flags.BoolVar(&a.utc, "utc", false, "show times in UTC, not in the time zone of the chain")
	must(root.RegisterFlagCompletionFunc("output",
		cobra.FixedCompletions([]string{outputTable, outputJSON}, cobra.ShellCompDirectiveNoFileComp)))
	for _, newCommand := range commands {
		root.AddCommand(newCommand(a))
	}
	root.SetHelpCommand(&cobra.Command{Hidden: true})
	return root
}

// must panics on an error that only a defect in this package can cause.
func must(err error) {
	if err != nil {
		panic(err)
	}
}

// isTerminal reports whether a stream is a terminal.
func isTerminal(stream any) bool {
	file, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(file.Fd()))
}

// userAgent names the command to the services that it calls.
func (a *app) userAgent() string { return "qlik-chain/" + a.version }

// answerWithin limits how long a service may take for one answer: API Gateway's limit is 29 seconds.
const answerWithin = 35 * time.Second
