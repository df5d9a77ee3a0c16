// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// noted are the provider's settings that the plan of an existing chain needs. Terraform plans a second time in the apply, where the
// environment may differ, and refuses a plan that differs. So a plan takes none of them from the environment. A refresh stores them in the
// chain's private state, and plan and apply use these notes.
type noted struct {
	CredentialsFingerprint string            `json:"credentials_fingerprint"` // of the provider's own credentials
	DefaultTags            map[string]string `json:"default_tags"`
	TenantURL              string            `json:"tenant_url"`
	Endpoints              map[string]string `json:"endpoints"` // the function's endpoints in AWS, from FIPS and dual-stack settings
}

// notedKey is the key of the notes in the private state.
const notedKey = "provider_settings"

func (s *settings) note(place stack.Place) *noted {
	return &noted{
		CredentialsFingerprint: s.credentials.Fingerprint(), DefaultTags: s.defaultTags, TenantURL: s.tenantURL, Endpoints: place.Endpoints,
	}
}

// privateState is the framework's interface to a resource's private state.
type privateState interface {
	GetKey(ctx context.Context, key string) ([]byte, diag.Diagnostics)
	SetKey(ctx context.Context, key string, value []byte) diag.Diagnostics
}

func (n *noted) write(ctx context.Context, private privateState, diags *diag.Diagnostics) {
	writePrivate(ctx, private, notedKey, n, diags)
}

// writePrivate writes a value to the private state. It adds no key for nil: a refresh that changes the private state makes Terraform write
// the state, and saved plans are out of date then.
func writePrivate(ctx context.Context, private privateState, key string, value any, diags *diag.Diagnostics) {
	text, err := json.Marshal(value)
	if err != nil {
		diags.AddError("Writing the state failed", sentence(err))
		return
	}
	before, problems := private.GetKey(ctx, key)
	diags.Append(problems...)
	if len(before) == 0 && string(text) == "null" {
		return
	}
	diags.Append(private.SetKey(ctx, key, text)...)
}

// readNoted reads the notes. It returns nil if there are none: the chain is to be created, or an earlier version of the provider wrote the
// state.
func readNoted(ctx context.Context, private privateState, diags *diag.Diagnostics) *noted {
	return readPrivate[*noted](ctx, private, notedKey, diags)
}

// readPrivate reads what writePrivate wrote. It returns the zero value if nothing is there.
func readPrivate[T any](ctx context.Context, private privateState, key string, diags *diag.Diagnostics) (value T) {
	text, problems := private.GetKey(ctx, key)
	diags.Append(problems...)
	if len(text) == 0 {
		return value
	}
	if err := json.Unmarshal(text, &value); err != nil {
		diags.AddError("Reading the state failed", "The provider's notes in the chain's private state cannot be read. "+
			"Run `terraform apply -refresh-only`. "+sentence(err))
		value = *new(T)
	}
	return value
}

// warnKept warns about settings of this environment that the plan does not use.
func (n *noted) warnKept(plan *taskChainModel, s *settings, diags *diag.Diagnostics) {
	const wayOn = " To change it, make a plan in this environment, without -refresh=false."
	keptOwn := plan.CredentialsWOVersion.IsNull() && !plan.CredentialsFingerprint.IsUnknown()
	if keptOwn && plan.CredentialsFingerprint.ValueString() != s.credentials.Fingerprint() {
		diags.AddAttributeWarning(path.Root("credentials_fingerprint"),
			fmt.Sprintf("The function of %s keeps its credentials", plan.Name.ValueString()),
			"The provider has other Qlik Cloud credentials here than when the chain was refreshed. "+
				"The plan does not change those of the function."+wayOn)
	}
	if !maps.Equal(n.DefaultTags, s.defaultTags) {
		diags.AddAttributeWarning(path.Root("tags_all"), fmt.Sprintf("The tags of %s are those of the refresh", plan.Name.ValueString()),
			"The provider has other default tags here than when the chain was refreshed. The plan goes by the earlier ones."+wayOn)
	}
}

// checkStale fails if a service has another ID for a part of the chain than the plan shows, or none. The part was deleted or recreated
// since then. A new part would get an ID that the plan does not show.
func checkStale(plan, found *taskChainModel) error {
	var stale []string
	for _, part := range plan.generatedIDs(found) {
		planned, now := part.planned.ValueString(), part.found.ValueString()
		switch {
		case planned == "" || planned == now: // unknown, none is wanted, or as planned
		case now == "" && part.fromName: // a new one gets the same ID
		case now == "":
			stale = append(stale, fmt.Sprintf("%s was %s, and is gone", part.attribute, planned))
		default:
			stale = append(stale, fmt.Sprintf("%s was %s, and is %s", part.attribute, planned, now))
		}
	}
	if len(stale) == 0 {
		return nil
	}
	return fmt.Errorf("the chain %s is no longer as it was when the plan was made: %s. "+
		"Plan again, in an environment like this one and without -refresh=false", plan.Name.ValueString(), strings.Join(stale, "; "))
}

// checkPlanned reports attributes that differ from the plan after an update. Terraform would call that a bug in the provider.
func checkPlanned(planned, reached tftypes.Value, diags *diag.Diagnostics) {
	var want, have map[string]tftypes.Value
	if err := planned.As(&want); err != nil {
		diags.AddError("Reading the plan failed", sentence(err))
		return
	}
	if err := reached.As(&have); err != nil {
		diags.AddError("Reading the state failed", sentence(err))
		return
	}
	for _, name := range slices.Sorted(maps.Keys(want)) {
		if want[name].IsFullyKnown() && !want[name].Equal(have[name]) {
			diags.AddAttributeError(path.Root(name), "The chain changed during the apply", fmt.Sprintf(
				"Something else changed the chain while Terraform applied the plan: %s is not what was planned. "+
					"The state has what exists now. Plan again.", name))
		}
	}
}
