// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
)

// TestAccAllowedNull checks that a pin with null as its only ID does not allow everything. A variable without a value produces such a pin.
func TestAccAllowedNull(t *testing.T) {
	t.Parallel()
	for _, argument := range []string{"allowed_tenant_ids", "allowed_account_ids"} {
		h := newHarness(t, nil)
		pinned := strings.Replace(h.providerConfig(), "\n  aws = {", "\n  "+argument+" = [null]\n  aws = {", 1)
		h.run(resource.TestStep{Config: pinned + chainResource(shortChain), ExpectError: says("null")})
	}
}
