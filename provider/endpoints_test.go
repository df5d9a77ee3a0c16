// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// TestFIPSAndDualStackReachTheFunction checks these settings from the arguments, the environment and the profile, as the SDK looks for
// them.
func TestFIPSAndDualStackReachTheFunction(t *testing.T) {
	yes, no, profile := types.BoolValue(true), types.BoolValue(false), filepath.Join(t.TempDir(), "config")
	if err := os.WriteFile(profile, []byte("[default]\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		fips, dualStack types.Bool
		env             map[string]string
		want            string
	}{
		"nothing":                   {want: "ssm.us-east-2.amazonaws.com"},
		"FIPS as an argument":       {fips: yes, want: "ssm-fips.us-east-2.amazonaws.com"},
		"dual-stack as an argument": {dualStack: yes, want: "ssm.us-east-2.api.aws"},
		"both as arguments":         {fips: yes, dualStack: yes, want: "ssm-fips.us-east-2.api.aws"},
		"FIPS in the environment": {env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "true"},
			want: "ssm-fips.us-east-2.amazonaws.com"},
		"dual-stack in the environment":       {env: map[string]string{"AWS_USE_DUALSTACK_ENDPOINT": "true"}, want: "ssm.us-east-2.api.aws"},
		"both in the profile":                 {env: map[string]string{"AWS_CONFIG_FILE": profile}, want: "ssm-fips.us-east-2.api.aws"},
		"both in the profile, one turned off": {fips: no, env: map[string]string{"AWS_CONFIG_FILE": profile}, want: "ssm.us-east-2.api.aws"},
		"both in the environment, turned off": {
			fips: no, dualStack: no, env: map[string]string{"AWS_USE_FIPS_ENDPOINT": "true", "AWS_USE_DUALSTACK_ENDPOINT": "true"},
			want: "ssm.us-east-2.amazonaws.com",
		},
	} {
		t.Run(name, func(t *testing.T) {
			for _, variable := range settingVariables {
				t.Setenv(variable, "")
			}
			none := filepath.Join(t.TempDir(), "none")
			for variable, value := range map[string]string{
				"QLIK_TENANT_URL": "https://acme.eu.qlikcloud.com", "QLIK_API_KEY": "key", "AWS_REGION": "us-east-2",
				"AWS_ACCESS_KEY_ID": "id", "AWS_SECRET_ACCESS_KEY": "key",
				"AWS_CONFIG_FILE": none, "AWS_SHARED_CREDENTIALS_FILE": none, "AWS_PROFILE": "", "AWS_ENDPOINT_URL": "", "AWS_USE_FIPS_ENDPOINT": "",
				"AWS_USE_DUALSTACK_ENDPOINT": "", "AWS_EC2_METADATA_DISABLED": "true",
			} {
				t.Setenv(variable, value)
			}
			for variable, value := range tt.env {
				t.Setenv(variable, value)
			}
			var diags diag.Diagnostics
			model := providerModel{AWS: awsObject(map[string]attr.Value{"use_fips_endpoint": tt.fips, "use_dualstack_endpoint": tt.dualStack})}
			settings := model.resolve(&diags)
			if diags.HasError() {
				t.Fatal(diags)
			}
			config, err := settings.awsConfig(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			endpoints, err := functionEndpoints(t.Context(), config)
			if err != nil || endpoints[chain.EnvEndpointSSM] != "https://"+tt.want || len(endpoints) != 6 {
				t.Errorf("the function's endpoints are %v, %v, want %s among them", endpoints, err, tt.want)
			}
		})
	}
}
