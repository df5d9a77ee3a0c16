// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/provider/stack"
)

// placeModel is where a chain is deployed according to a state or an identity. Null values are not compared.
type placeModel struct{ tenantID, accountID, region types.String }

// These texts name the settings that decide where the provider works, for messages.
const (
	tenantSettings  = "tenant_url (or QLIK_TENANT_URL)"
	accountSettings = "the AWS credentials (the environment's, aws.profile or aws.assume_role)"
	regionSettings  = "aws.region (or AWS_REGION)"
)

// compare lists the differences from the place that the provider is configured for, and the settings that decide it.
func (m placeModel) compare(place stack.Place) (differences, settings string) {
	var different, decisive []string
	for _, part := range []struct {
		what       string
		deployed   types.String
		configured string
		settings   string
	}{
		{"the tenant", m.tenantID, place.TenantID, tenantSettings},
		{"the AWS account", m.accountID, place.Account, accountSettings},
		{"the AWS region", m.region, place.Region, regionSettings},
	} {
		if deployed := part.deployed.ValueString(); deployed != "" && deployed != part.configured {
			different = append(different, fmt.Sprintf("%s %s, not %s", part.what, deployed, part.configured))
			decisive = append(decisive, part.settings)
		}
	}
	return strings.Join(different, ", and "), strings.Join(decisive, ", and ")
}

// checkPlace fails if the provider is configured for another tenant, account or region than the chain's. From there it can neither change
// nor delete the chain. A second chain beside it would start every reload twice.
func (m *taskChainModel) checkPlace(place stack.Place) error {
	differences, settings := placeModel{m.TenantID, m.AccountID, m.Region}.compare(place)
	if differences == "" {
		return nil
	}
	return fmt.Errorf("the chain %s was deployed for %s, which the provider is configured for. Set %s as it was then. "+
		"To move the chain, destroy it there first, or let Terraform forget it with `terraform state rm`",
		m.Name.ValueString(), differences, settings)
}

// setPlace stores where the chain is deployed.
func (m *taskChainModel) setPlace(place stack.Place) {
	m.TenantID, m.AccountID, m.Region = types.StringValue(place.TenantID), types.StringValue(place.Account), types.StringValue(place.Region)
}

// checkPlace fails if the identity belongs to a chain in another place than the provider is configured for.
func (m *identityModel) checkPlace(place stack.Place) error {
	differences, settings := placeModel{m.TenantID, m.AccountID, m.Region}.compare(place)
	if differences == "" {
		return nil
	}
	return fmt.Errorf("the identity to import is of a chain in %s, which the provider is configured for. "+
		"Set %s for that place, or correct the identity", differences, settings)
}
