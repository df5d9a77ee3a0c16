// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// kmsKeyID matches a key's id in SSM. CloudWatch Logs limits it to the same length.
// https://docs.aws.amazon.com/systems-manager/latest/APIReference/API_PutParameter.html
var kmsKeyID = regexp.MustCompile(`^[a-zA-Z0-9:/_-]{1,256}$`)

// checkKMSKey reports an ARN that is not one of a KMS key. It refuses an alias, because DynamoDB returns the alias's key, so that every
// plan would show a change.
func checkKMSKey(diags *diag.Diagnostics, attribute string, value types.String) {
	if value.IsNull() || value.IsUnknown() {
		return
	}
	const hint = "Use the ARN of the key itself, such as arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab."
	key, err := arn.Parse(value.ValueString())
	switch id, isKey := strings.CutPrefix(key.Resource, "key/"); {
	case err == nil && key.Service == "kms" && strings.HasPrefix(key.Resource, "alias/"):
		addKMSKeyError(diags, attribute, fmt.Sprintf("%s is the ARN of an alias. %s", value.ValueString(), hint))
	case err != nil || key.Service != "kms" || !isKey || id == "" || strings.Contains(id, "/") || !kmsKeyID.MatchString(value.ValueString()):
		addKMSKeyError(diags, attribute, fmt.Sprintf("%q is not the ARN of a KMS key. %s", value.ValueString(), hint))
	}
}

// checkKMSKeyPlace reports a key that the chain's services cannot use, because it is in another region or partition than the chain.
func checkKMSKeyPlace(diags *diag.Diagnostics, attribute string, value types.String, place stack.Place) {
	key, err := arn.Parse(value.ValueString())
	if err != nil {
		return // not set, not known, or reported by checkKMSKey
	}
	if key.Partition != place.Partition || key.Region != place.Region {
		addKMSKeyError(diags, attribute, fmt.Sprintf("The key %s is in %s (%s), and the chain is in %s (%s). Use a key of the chain's region.",
			value.ValueString(), key.Region, key.Partition, place.Region, place.Partition))
	}
}

func addKMSKeyError(diags *diag.Diagnostics, attribute, detail string) {
	diags.AddAttributeError(path.Root(attribute), "Invalid KMS key", detail)
}
