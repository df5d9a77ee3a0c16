// SPDX-License-Identifier: MPL-2.0

// Command pages adds the content of the dynamic attributes to the pages that tfplugindocs has written. Their directory is its argument.
package main

import (
	"log"
	"os"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: pages docs")
	}
	if err := provider.CompletePages(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}
