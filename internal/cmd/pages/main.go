// SPDX-License-Identifier: MPL-2.0

// Command pages adds the content of the dynamic attributes to the page of qlik_task_chain that tfplugindocs has written. The page is its
// argument.
package main

import (
	"log"
	"os"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: pages docs/resources/task_chain.md")
	}
	page, err := os.ReadFile(os.Args[1]) //nolint:gosec // the page that was just generated
	if err != nil {
		log.Fatal(err)
	}
	complete, err := provider.CompletePage(string(page))
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(os.Args[1], []byte(complete), 0o644); err != nil { //nolint:gosec // a page for everyone
		log.Fatal(err)
	}
}
