// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"net/netip"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework-validators/int32validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework-validators/setvalidator"
	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	// rolePath matches a role's path. It allows those characters in https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
	// that users type.
	rolePath = regexp.MustCompile(`^/([A-Za-z0-9_+=,.@-]+/)*$`)
	// policyARN matches the ARN of a policy of the account, or one of AWS's.
	policyARN = regexp.MustCompile(`^arn:aws[a-z-]*:iam::(\d{12}|aws):policy/[!-~]+$`)
)

// These are IAM's limits in characters. https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreateRole.html
const (
	maxPolicyARN = 2048
	maxRolePath  = 512
)

// credentialAttributes returns what the version of the function's write-only credentials is, and what makes keys and secrets anew.
func credentialAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"credentials_wo_version": schema.Int64Attribute{
			Optional: true,
			MarkdownDescription: "Version of `credentials_wo`. Increase it whenever you change them: Terraform cannot see the change itself. " +
				"Changed in place.",
			Validators: []validator.Int64{int64validator.AtLeast(1)},
		},
		"api_key_rotation": rotationAttribute("each of the chain's API Gateway API keys",
			"The webhook's previous key is accepted until the webhook has the new one, so no event is refused. The operators' and the viewers' "+
				"previous keys are refused at "+
				"once: fetch the new ones, see `qlik_task_chain_key`. A rotation takes two minutes, which API Gateway and Qlik Cloud are given to "+
				"take the webhook's new key everywhere."),
		"signing_secret_rotation": rotationAttribute("the secret that Qlik Cloud signs its deliveries with",
			"The previous secret is accepted for 7 more hours, longer than Lambda keeps an event, so none is refused. To have a secret refused at "+
				"once "+
				"that others know, rotate twice."),
	}
}

func rotationAttribute(what, how string) schema.StringAttribute {
	return schema.StringAttribute{
		Optional: true,
		MarkdownDescription: "Any text, such as `2026-11`. When it changes, " + what + " is made anew. " + how +
			" At most 128 characters: letters, digits, spaces and " +
			"`_.:/=+-@`. Changed in place.",
		Validators: []validator.String{
			stringvalidator.LengthBetween(1, 128),
			stringvalidator.RegexMatches(rotationText, "may have "+tagChars+" only: it becomes a tag's value"),
		},
	}
}

// operationsAttributes returns the attributes that serve the operation of an AWS account.
func operationsAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"alarm_actions": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "ARNs of what is notified when something is wrong, at most 5, in the chain's region: SNS topics, or anything " +
				"else that a CloudWatch alarm can have as an action. The " +
				"chain gets CloudWatch alarms (`qlik-task-chain-<name>-<what>`) that go to all of them. When a run fails, a step is " +
				"parked, or a `max_duration` or an `expect_by` is missed, the function itself notifies the " +
				"topics instead, with what failed and where. Default: no alarms. Changed in place.",
			Validators: []validator.Set{setvalidator.SizeBetween(1, maxAlarmActions),
				setvalidator.ValueStringsAre(stringvalidator.LengthBetween(1, maxAlarmAction))},
		},
		"log_group_kms_key_arn": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "ARN of a symmetric customer managed KMS key, in the chain's region, that encrypts the log group. The key's " +
				"policy has to admit " +
				"CloudWatch Logs. Default: CloudWatch's own encryption. Changed in place; it counts for what is logged from then on.",
		},
		"permissions_boundary_arn": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "ARN of the policy that is the permissions boundary of the chain's two IAM roles. Default: none. Changed in place.",
			Validators: []validator.String{
				stringvalidator.LengthAtMost(maxPolicyARN),
				stringvalidator.RegexMatches(policyARN, "must be the ARN of an IAM policy, such as arn:aws:iam::123456789012:policy/boundary"),
			},
		},
		"reserved_concurrent_executions": schema.Int32Attribute{
			Optional: true,
			MarkdownDescription: "How many executions of the function are reserved, which is also the most that there can be at once; Lambda " +
				"keeps further events until " +
				"there is room. At least `1`. Default: none reserved, a share of the account's. Changed in place.",
			Validators: []validator.Int32{int32validator.AtLeast(1)},
		},
		"role_path": schema.StringAttribute{
			Optional: true, Computed: true, Default: stringdefault.StaticString("/"),
			MarkdownDescription: "Path of the chain's two IAM roles, such as `/platform/`. Default: `/`. IAM cannot change a role's path: " +
				"changing it replaces the chain.",
			Validators: []validator.String{
				stringvalidator.LengthAtMost(maxRolePath),
				stringvalidator.RegexMatches(rolePath, "must begin and end with a slash, such as /platform/qlik/"),
			},
			PlanModifiers: []planmodifier.String{stringplanmodifier.RequiresReplace()},
		},
		"source_ip_ranges": schema.SetAttribute{
			Optional: true, ElementType: types.StringType,
			MarkdownDescription: "CIDR blocks that may call the chain's API, such as `203.0.113.0/24`, by the API's resource policy. Qlik " +
				"Cloud's own addresses have to " +
				"be among them, or no event comes in: they are listed in Qlik's help, by region. Default: all, since a caller needs the API key and " +
				"an event a " +
				"valid signature. Changed in place, with a new deployment.",
			Validators: []validator.Set{setvalidator.SizeAtLeast(1)},
		},
	}
}

// checkSourceIPRanges reports invalid CIDR blocks. It also reports a block with bits beyond its prefix, which AWS would show in another
// form.
func checkSourceIPRanges(diags *diag.Diagnostics, ranges types.Set) {
	for _, element := range ranges.Elements() {
		text, ok := element.(types.String)
		if !ok || text.IsUnknown() || text.IsNull() {
			continue
		}
		prefix, err := netip.ParsePrefix(text.ValueString())
		switch {
		case err != nil:
			diags.AddAttributeError(path.Root("source_ip_ranges"), "Invalid CIDR block",
				fmt.Sprintf("%q is not a CIDR block. Write a network's address and the length of its prefix, such as 203.0.113.0/24, or "+
					"203.0.113.7/32 for one address.", text.ValueString()))
		case prefix != prefix.Masked():
			diags.AddAttributeError(path.Root("source_ip_ranges"), "Invalid CIDR block",
				fmt.Sprintf("%s has bits set beyond its prefix. Write %s.", prefix, prefix.Masked()))
		}
	}
}
