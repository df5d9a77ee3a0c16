// SPDX-License-Identifier: MPL-2.0

// Command migrate converts an existing task chain into the HCL of a qlik_task_chain:
//
//	go run ./internal/cmd/migrate -from apps-js apps.json > chain.tf
//	go run ./internal/cmd/migrate -from ctrl-q tasks.csv > chain.tf
//	go run ./internal/cmd/migrate -from qlik-tasks tasks.json > chain.tf
//	go run ./internal/cmd/migrate -from qlik-tasks > chain.tf
//
// It reads the file, or standard input for -, and writes the HCL to standard output. Without a file, qlik-tasks reads the tenant of
// QLIK_TENANT_URL, with QLIK_API_KEY or with QLIK_CLIENT_ID and QLIK_CLIENT_SECRET. Standard error and comments name what is not carried
// over. With -ids FILE, a JSON object of app ids, each app gets its id in Qlik Cloud. export-apps.mjs converts an apps.js to JSON.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// qlikTasks is the input that can be a tenant instead of a file.
const qlikTasks = "qlik-tasks"

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "migrate: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out, notes io.Writer) error {
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(notes)
	from := flags.String("from", "", "what the file is: apps-js (JSON), ctrl-q (a table, CSV or JSON) or qlik-tasks (JSON)")
	name := flags.String("name", "migrated", "name of the chain")
	ids := flags.String("ids", "", "file with a JSON object of app ids: what each one in the file is in Qlik Cloud")
	if err := flags.Parse(args); err != nil {
		return err
	}
	readers := map[string]func([]byte, string) (*migrate.Chain, error){
		"apps-js": migrate.AppsJS,
		"ctrl-q":  func(data []byte, name string) (*migrate.Chain, error) { return migrate.CtrlQ(data, name, time.Now()) },
		qlikTasks: func(data []byte, name string) (*migrate.Chain, error) {
			return migrate.QlikTasks(data, name, time.Now())
		},
	}
	read, known := readers[*from]
	fromTenant := *from == qlikTasks && flags.NArg() == 0
	if !known || flags.NArg() != 1 && !fromTenant {
		return fmt.Errorf("name what to read: -from apps-js FILE, -from ctrl-q FILE, or -from qlik-tasks [FILE]")
	}
	data, source, err := contents(flags.Arg(0), in)
	if fromTenant {
		data, source, err = tenantTasks(context.Background())
	}
	if err != nil {
		return err
	}
	chain, err := read(data, *name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", source, err)
	}
	if *ids != "" {
		if err := replaceIDs(chain, *ids); err != nil {
			return err
		}
	}
	for _, note := range chain.Notes {
		fmt.Fprintf(notes, "%s\n", note)
	}
	_, err = out.Write(chain.HCL(filepath.Base(source) + ", read as " + *from))
	return err
}

// contents reads a file, or standard input for -, and returns its name too.
func contents(file string, in io.Reader) (data []byte, source string, err error) {
	if file == "-" {
		data, err = io.ReadAll(in)
	} else {
		data, err = os.ReadFile(file) //nolint:gosec // the user says which file
	}
	return data, file, err
}

// tenantTasks reads the tasks of the tenant in the environment, in the form of an export, and returns the tenant's host too.
func tenantTasks(ctx context.Context) (data []byte, source string, err error) {
	tenant := os.Getenv("QLIK_TENANT_URL")
	client, err := qlik.NewClient(qlik.Config{TenantURL: tenant, UserAgent: "terraform-provider-qlik/migrate", Credentials: qlik.Credentials{
		APIKey: os.Getenv("QLIK_API_KEY"), ClientID: os.Getenv("QLIK_CLIENT_ID"), ClientSecret: os.Getenv("QLIK_CLIENT_SECRET"),
	}})
	if err != nil {
		return nil, "", fmt.Errorf("reading a tenant, as there is no FILE: %w", err)
	}
	tasks, err := client.ExportScheduledTasks(ctx)
	if err != nil {
		return nil, "", err
	}
	data, err = json.Marshal(tasks)
	return data, tenant, err
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
