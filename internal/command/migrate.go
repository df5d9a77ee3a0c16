// SPDX-License-Identifier: MPL-2.0

package command

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// What migrate reads. qlikTasks is the only one that can be a tenant instead of a file.
const (
	appsJS    = "apps-js"
	ctrlQ     = "ctrl-q"
	qlikTasks = "qlik-tasks"
)

var sources = []string{appsJS, ctrlQ, qlikTasks}

// migration is what to migrate, and how.
type migration struct {
	from, name, ids string
	exporter        bool
}

func newMigrate(a *app) *cobra.Command {
	var m migration
	cmd := &cobra.Command{
		Use: "migrate --from apps-js|ctrl-q|qlik-tasks [FILE]", Short: "Write the configuration of a chain that runs elsewhere",
		Long: "Converts an existing task chain into the HCL of a qlik_task_chain, on standard output. FILE is - for standard input. Standard\n" +
			"error and comments name what is not carried over. Without a file, qlik-tasks reads the tenant of QLIK_TENANT_URL, with\n" +
			"QLIK_API_KEY or with QLIK_CLIENT_ID and QLIK_CLIENT_SECRET. It needs no AWS credentials.",
		Example: "  qlik-chain migrate --from ctrl-q --name nightly tasks.csv > chain.tf\n" +
			"  qlik-chain migrate --print-exporter > export-apps.mjs && node export-apps.mjs apps.js > apps.json",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if m.exporter {
				_, err := io.WriteString(a.out, migrate.Exporter)
				return err
			}
			return a.migrate(cmd.Context(), &m, args)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&m.from, "from", "", "what to read: apps-js (JSON), ctrl-q (a table, CSV or JSON) or qlik-tasks (JSON)")
	flags.StringVar(&m.name, "name", "migrated", "name of the chain")
	flags.StringVar(&m.ids, "ids", "", "`file` with a JSON object of app ids: what each one in the file is in Qlik Cloud")
	flags.BoolVar(&m.exporter, "print-exporter", false, "print the program for Node.js that converts an apps.js to JSON")
	must(cmd.RegisterFlagCompletionFunc("from", cobra.FixedCompletions(sources, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

func (a *app) migrate(ctx context.Context, m *migration, args []string) error {
	fromTenant := m.from == qlikTasks && len(args) == 0
	if !slices.Contains(sources, m.from) || len(args) == 0 && !fromTenant {
		return fail(ExitUsage, "name what to read: --from apps-js FILE, --from ctrl-q FILE, or --from qlik-tasks [FILE]")
	}
	var data []byte
	var source string
	var err error
	if fromTenant {
		data, source, err = tenantTasks(ctx, a.userAgent())
	} else {
		source = args[0]
		data, err = a.contents(source, "a file that --from "+m.from+" reads, or - for standard input")
	}
	if err != nil {
		return err
	}
	chain, err := m.read(data)
	if err != nil {
		return fail(ExitUsage, "reading %s: %w", source, err)
	}
	if m.ids != "" {
		if err := replaceIDs(chain, m.ids); err != nil {
			return err
		}
	}
	for _, note := range chain.Notes {
		fmt.Fprintf(a.err, "%s\n", note)
	}
	_, err = a.out.Write(chain.HCL(filepath.Base(source) + ", read as " + m.from))
	return err
}

func (m *migration) read(data []byte) (*migrate.Chain, error) {
	switch m.from {
	case appsJS:
		return migrate.AppsJS(data, m.name)
	case ctrlQ:
		return migrate.CtrlQ(data, m.name, time.Now())
	default:
		return migrate.QlikTasks(data, m.name, time.Now())
	}
}

// contents reads a file, or standard input for -. wants says what the file must be.
func (a *app) contents(file, wants string) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(a.in)
	}
	text, err := os.ReadFile(file) //nolint:gosec // the user says which file
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fail(ExitUsage, "there is no file %s. Name %s", file, wants)
	case err != nil:
		return nil, fail(ExitUsage, "the file cannot be read: %w. Name %s", err, wants)
	}
	return text, nil
}

// tenantClient returns a client of the tenant in the environment.
func tenantClient(userAgent string) (*qlik.Client, error) {
	return qlik.NewClient(qlik.Config{TenantURL: os.Getenv("QLIK_TENANT_URL"), UserAgent: userAgent, Credentials: qlik.Credentials{
		APIKey: os.Getenv("QLIK_API_KEY"), ClientID: os.Getenv("QLIK_CLIENT_ID"), ClientSecret: os.Getenv("QLIK_CLIENT_SECRET"),
	}})
}

// tenantTasks reads the tasks of the tenant in the environment, in the form of an export, and returns the tenant's host too.
func tenantTasks(ctx context.Context, userAgent string) (data []byte, source string, err error) {
	client, err := tenantClient(userAgent)
	if err != nil {
		return nil, "", fmt.Errorf("reading a tenant, as there is no FILE: %w", err)
	}
	tasks, err := client.ExportScheduledTasks(ctx)
	if err != nil {
		return nil, "", err
	}
	data, err = json.Marshal(tasks)
	return data, os.Getenv("QLIK_TENANT_URL"), err
}

// replaceIDs gives every app its id in Qlik Cloud.
func replaceIDs(chain *migrate.Chain, file string) error {
	data, err := os.ReadFile(file) //nolint:gosec // the user says which file
	if err != nil {
		return err
	}
	var written map[string]string
	if err := json.Unmarshal(data, &written); err != nil {
		return fmt.Errorf("reading %s, which should be a JSON object of texts: %w", file, err)
	}
	ids := make(map[string]string, len(written))
	for previous, id := range written {
		ids[strings.ToLower(previous)] = id
	}
	return chain.ReplaceIDs(ids)
}
