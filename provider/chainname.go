// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

var chainNamePattern = regexp.MustCompile(chain.NamePattern)

// chainName returns a validator for the chain's name. It also refuses what AWS would refuse in the names of the chain's objects.
func chainName() validator.String {
	return stringvalidator.RegexMatches(chainNamePattern, "must be the name of a chain: "+chain.NameRule)
}

// checkImportName checks the name of an import in the same way.
func checkImportName(diags *diag.Diagnostics, name string) {
	if !chainNamePattern.MatchString(name) {
		diags.AddAttributeError(path.Root("name"), "Invalid import ID",
			fmt.Sprintf("No chain can have the name %q. Import it by the name of the chain: %s.", name, chain.NameRule))
	}
}
