// SPDX-License-Identifier: MPL-2.0

// Command terraform-provider-qlik serves the provider to Terraform.
package main

import (
	"context"
	"flag"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// version is a semantic version, which a release's build sets to the release's (.goreleaser.yml). All that names it has it from here.
var version = "0.0.0-dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, which attaches before Terraform runs")
	flag.Parse()
	if err := quiet(); err != nil {
		log.Fatal(err)
	}
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/qlik-task-chain/qlik",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}

// quiet keeps Terraform's libraries from writing unwanted log lines: several for each attribute of each step of a chain,
// which Terraform reads and drops. Source: https://developer.hashicorp.com/terraform/plugin/log/managing
func quiet() error {
	if os.Getenv("TF_LOG") != "" || os.Getenv("TF_LOG_PROVIDER") != "" {
		return nil
	}
	for _, name := range []string{"TF_LOG_SDK", "TF_LOG_SDK_FRAMEWORK", "TF_LOG_SDK_PROTO"} {
		if err := os.Setenv(name, "OFF"); err != nil {
			return err
		}
	}
	return nil
}
