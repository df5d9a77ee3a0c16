// SPDX-License-Identifier: MPL-2.0

package command

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// completer returns what an argument can be, given the arguments before it.
type completer func(ctx context.Context, a *app, args []string) ([]string, error)

// completionTimeout limits how long a shell waits for suggestions.
const completionTimeout = 10 * time.Second

// complete completes the arguments of a command, each with its own completer. A failure suggests nothing: a shell shows no errors.
func (a *app) complete(completers ...completer) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, begun string) ([]string, cobra.ShellCompDirective) {
		if len(args) >= len(completers) {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		ctx := cmd.Context()
		if ctx == nil {
			ctx = context.Background()
		}
		ctx, cancel := context.WithTimeout(ctx, completionTimeout)
		defer cancel()
		found, err := completers[len(args)](ctx, a, args)
		if err != nil {
			cobra.CompDebugln(err.Error(), false)
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		found = slices.DeleteFunc(found, func(name string) bool { return !strings.HasPrefix(name, begun) })
		return found, cobra.ShellCompDirectiveNoFileComp
	}
}

// chainNames are the names of the chains of the account and region.
func chainNames(ctx context.Context, a *app, _ []string) ([]string, error) {
	c, err := a.connect(ctx)
	if err != nil {
		return nil, err
	}
	chains, err := stack.Chains(ctx, c.clients)
	return namesOf(chains), err
}

// stepNames are the steps of the chain that the first argument names.
func stepNames(ctx context.Context, a *app, args []string) ([]string, error) {
	return stepsOf(ctx, a, args, func(string) bool { return true })
}

// signalNames are the steps that wait for a signal.
func signalNames(ctx context.Context, a *app, args []string) ([]string, error) {
	return stepsOf(ctx, a, args, func(kind string) bool { return kind == "signal" })
}

func stepsOf(ctx context.Context, a *app, args []string, wanted func(kind string) bool) ([]string, error) {
	var view struct {
		Steps []struct {
			Name string `json:"name"`
			Kind string `json:"kind"`
		} `json:"steps"`
	}
	if err := a.read(ctx, args[0], "/", &view); err != nil {
		return nil, err
	}
	var names []string
	for _, step := range view.Steps {
		if wanted(step.Kind) {
			names = append(names, step.Name)
		}
	}
	return names, nil
}

// runIDs are the latest runs of the chain that the first argument names.
func runIDs(ctx context.Context, a *app, args []string) ([]string, error) {
	var page runsPage
	if err := a.read(ctx, args[0], "/runs", &page); err != nil {
		return nil, err
	}
	var ids []string
	for i := range page.Runs {
		ids = append(ids, page.Runs[i].Run+"\t"+string(page.Runs[i].Status))
	}
	return ids, nil
}

// read asks a chain for what is at a path.
func (a *app) read(ctx context.Context, name, path string, into any) error {
	t, err := a.find(ctx, name)
	if err != nil {
		return err
	}
	api, err := t.reader(ctx)
	if err != nil {
		return err
	}
	return api.Call(ctx, http.MethodGet, path, nil, into)
}
