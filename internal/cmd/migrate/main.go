// SPDX-License-Identifier: MPL-2.0

// Command migrate converts an existing task chain into the HCL of a qlik_task_chain:
//
//	go run ./internal/cmd/migrate -from apps-js apps.json > chain.tf
//	go run ./internal/cmd/migrate -from ctrl-q tasks.csv > chain.tf
//
// It reads the file, or standard input for -, and writes the HCL to standard output. Standard error and comments name what is not carried
// over. With -ids FILE, a JSON object of app ids, each app gets its id in Qlik Cloud. export-apps.mjs converts an apps.js to JSON.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/migrate"
)

func main() {
	if err := run(os.Args[1:], os.Stdin, os.Stdout, os.Stderr); err != nil {
		fmt.Fprintf(os.Stderr, "migrate: %v\n", err)
		os.Exit(1)
	}
}

func run(args []string, in io.Reader, out, notes io.Writer) error {
	flags := flag.NewFlagSet("migrate", flag.ContinueOnError)
	flags.SetOutput(notes)
	from := flags.String("from", "", "what the file is: apps-js (JSON) or ctrl-q (a table, CSV or JSON)")
	name := flags.String("name", "migrated", "name of the chain")
	ids := flags.String("ids", "", "file with a JSON object of app ids: what each one in the file is in Qlik Cloud")
	if err := flags.Parse(args); err != nil {
		return err
	}
	readers := map[string]func([]byte, string) (*migrate.Chain, error){
		"apps-js": migrate.AppsJS,
		"ctrl-q":  func(data []byte, name string) (*migrate.Chain, error) { return migrate.CtrlQ(data, name, time.Now()) },
	}
	read, known := readers[*from]
	if !known || flags.NArg() != 1 {
		return fmt.Errorf("name what to read: -from apps-js FILE, or -from ctrl-q FILE")
	}
	data, err := contents(flags.Arg(0), in)
	if err != nil {
		return err
	}
	chain, err := read(data, *name)
	if err != nil {
		return fmt.Errorf("reading %s: %w", flags.Arg(0), err)
	}
	if *ids != "" {
		if err := replaceIDs(chain, *ids); err != nil {
			return err
		}
	}
	for _, note := range chain.Notes {
		fmt.Fprintf(notes, "%s\n", note)
	}
	_, err = out.Write(chain.HCL(filepath.Base(flags.Arg(0)) + ", read as " + *from))
	return err
}

func contents(file string, in io.Reader) ([]byte, error) {
	if file == "-" {
		return io.ReadAll(in)
	}
	return os.ReadFile(file) //nolint:gosec // the user says which file
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
