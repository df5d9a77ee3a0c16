// SPDX-License-Identifier: MPL-2.0

package stack

import "testing"

// TestDNSSuffix checks that the chain's address and the names of services in policies end with the suffix.
func TestDNSSuffix(t *testing.T) {
	t.Parallel()
	for region, want := range map[string]string{
		"eu-central-1": "amazonaws.com", "us-gov-west-1": "amazonaws.com", "cn-north-1": "amazonaws.com.cn",
		"eusc-de-east-1": "amazonaws.eu", "us-iso-east-1": "c2s.ic.gov", "xx-someday-new1": "amazonaws.com",
	} {
		if got := DNSSuffix(region); got != want {
			t.Errorf("the services of %s are below %s, want %s", region, got, want)
		}
	}
}
