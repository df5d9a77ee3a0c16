// Command terraform-provider-qlik serves the provider to Terraform.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider"
)

// version is set by the release build.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve for a debugger, which attaches before Terraform runs")
	flag.Parse()
	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address: "registry.terraform.io/qlik-task-chain/qlik",
		Debug:   *debug,
	})
	if err != nil {
		log.Fatal(err)
	}
}
