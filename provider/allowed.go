// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// These environment variables stand for the arguments that pin the provider. They hold IDs, separated by commas.
const (
	envAllowedTenantIDs  = "QLIK_ALLOWED_TENANT_IDS"
	envAllowedAccountIDs = "QLIK_AWS_ALLOWED_ACCOUNT_IDS"
)

// accountID matches the ID of an AWS account (https://docs.aws.amazon.com/accounts/latest/reference/manage-acct-identifiers.html).
var accountID = regexp.MustCompile(`^[0-9]{12}$`)

// allowedAttributes returns the provider's arguments that limit where it may work.
func allowedAttributes() map[string]schema.Attribute {
	attribute := func(what, env string, each validator.String) schema.Attribute {
		return schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			Validators: []validator.Set{setvalidator.SizeAtLeast(1), setvalidator.NoNullValues(), setvalidator.ValueStringsAre(each)},
			MarkdownDescription: "IDs of the " + what + " that the provider may work in. In any other it refuses to plan, to create, to read, " +
				"to change and to delete. Default: the environment variable `" + env + "`, with commas between the IDs; else any.",
		}
	}
	return map[string]schema.Attribute{
		"allowed_tenant_ids":  attribute("Qlik Cloud tenants", envAllowedTenantIDs, stringvalidator.LengthAtLeast(1)),
		"allowed_account_ids": attribute("AWS accounts", envAllowedAccountIDs, stringvalidator.RegexMatches(accountID, "must have 12 digits")),
	}
}

// pin is what one of these arguments allows: these IDs, or any ID if the list is empty.
type pin struct {
	argument, env string
	ids           []string
}

// resolvePin returns the value of one of the arguments, else that of its environment variable.
func (s *settings) resolvePin(argument, env string, value types.Set, diags *diag.Diagnostics) pin {
	p := pin{argument: argument, env: env}
	if !value.IsNull() {
		for _, element := range value.Elements() {
			s.unknown = s.unknown || element.IsUnknown()
		}
		s.unknown = s.unknown || value.IsUnknown()
		p.ids = knownTexts(value)
		return p
	}
	text := os.Getenv(env)
	p.ids = strings.FieldsFunc(text, func(r rune) bool { return r == ',' || r == ' ' })
	if text != "" && len(p.ids) == 0 {
		diags.AddAttributeError(path.Root(argument), "Nothing is allowed", fmt.Sprintf("The environment variable %s is %q, which has no ID. "+
			"Set it to IDs with commas between them, or unset it.", env, text))
	}
	return p
}

// check fails for an ID that is not allowed. what describes the object with the ID, and settings are the arguments that select it.
func (p pin) check(what, id, settings string) error {
	if len(p.ids) == 0 || slices.Contains(p.ids, id) {
		return nil
	}
	return fmt.Errorf("the provider is configured for the %s %s, and %s (or %s) allows only %s. "+
		"Set %s for one that is allowed, or allow this one", what, id, p.argument, p.env, strings.Join(p.ids, ", "), settings)
}
