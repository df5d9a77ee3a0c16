// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"strings"
	"testing"
)

// TestCheckKinds: AWS and tenant are both real, or neither is.
func TestCheckKinds(t *testing.T) {
	t.Parallel()
	const realTenant, nearTenant = "https://acme.eu.qlikcloud.com", "http://127.0.0.1:4711"
	for name, test := range map[string]struct {
		environment []string
		tenant      string
		want        string // of the refusal; empty for none
	}{
		"both real":               {nil, realTenant, ""},
		"AWS by a VPC's endpoint": {[]string{"AWS_ENDPOINT_URL_LAMBDA=https://vpce-1.lambda.eu-west-1.vpce.amazonaws.com"}, realTenant, ""},
		"AWS in China":            {[]string{"AWS_ENDPOINT_URL=https://sts.cn-north-1.amazonaws.com.cn"}, realTenant, ""},
		"an ignored emulator": {[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS=true"},
			realTenant, ""},
		"both near":               {[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566"}, nearTenant, ""},
		"an emulator by its name": {[]string{"AWS_ENDPOINT_URL=http://localstack:4566"}, "http://localhost:4711", ""},
		"an emulator, a real tenant": {[]string{"AWS_ENDPOINT_URL=http://127.0.0.1:4566"}, realTenant,
			"which Qlik Cloud cannot deliver events to"},
		"one service of an emulator": {[]string{"AWS_ENDPOINT_URL_SQS=http://127.0.0.1:4566"}, realTenant,
			"which Qlik Cloud cannot deliver events to"},
		"a name that looks like AWS's": {[]string{"AWS_ENDPOINT_URL=https://amazonaws.com.example.org"}, realTenant,
			"which Qlik Cloud cannot deliver events to"},
		"AWS, a near tenant":   {nil, nearTenant, "a function there cannot reach it"},
		"no tenant":            {nil, "", "no Qlik Cloud tenant is set"},
		"a tenant without TLS": {nil, "http://acme.eu.qlikcloud.com", "is not https"},
	} {
		err := checkKinds(emulatorAmong(endpoints(test.environment)), test.tenant)
		switch {
		case test.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case test.want != "" && (err == nil || !strings.Contains(err.Error(), test.want)):
			t.Errorf("%s: %v instead of %q", name, err, test.want)
		}
	}
}
