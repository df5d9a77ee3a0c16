// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"maps"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

var settingVariables = []string{"QLIK_TENANT_URL", "QLIK_API_KEY", "QLIK_CLIENT_ID", "QLIK_CLIENT_SECRET",
	envAssumeRoleARN, envAssumeRoleSessionName, envAssumeRoleExternalID, envAllowedTenantIDs, envAllowedAccountIDs}

// TestResolve checks that an argument overrides its own environment variable, and no other.
func TestResolve(t *testing.T) {
	tests := map[string]struct {
		model providerModel
		env   map[string]string
		want  qlik.Credentials
		error string // a piece of the first error's detail
	}{
		"key from the arguments": {providerModel{APIKey: types.StringValue("a")}, map[string]string{"QLIK_API_KEY": "e"},
			qlik.Credentials{APIKey: "a"}, ""},
		"key from the environment": {providerModel{}, map[string]string{"QLIK_API_KEY": "e"}, qlik.Credentials{APIKey: "e"}, ""},
		"client from both": {providerModel{ClientID: types.StringValue("i")}, map[string]string{"QLIK_CLIENT_SECRET": "s"},
			qlik.Credentials{ClientID: "i", ClientSecret: "s"}, ""},
		"client beside a stray key": {providerModel{ClientID: types.StringValue("i"), ClientSecret: types.StringValue("s")},
			map[string]string{"QLIK_API_KEY": "e"}, qlik.Credentials{ClientID: "i", ClientSecret: "s"}, ""},
		"key beside a stray client": {providerModel{APIKey: types.StringValue("a")},
			map[string]string{"QLIK_CLIENT_ID": "i", "QLIK_CLIENT_SECRET": "s"}, qlik.Credentials{APIKey: "a"}, ""},
		"none": {providerModel{}, nil, qlik.Credentials{}, "QLIK_API_KEY"},
		"client without secret": {providerModel{ClientID: types.StringValue("i")}, nil, qlik.Credentials{ClientID: "i"},
			"QLIK_CLIENT_SECRET"},
		"secret without client": {providerModel{ClientSecret: types.StringValue("s")}, nil, qlik.Credentials{ClientSecret: "s"},
			"QLIK_CLIENT_ID"},
		"both in the environment": {providerModel{}, map[string]string{"QLIK_API_KEY": "e", "QLIK_CLIENT_ID": "i", "QLIK_CLIENT_SECRET": "s"},
			qlik.Credentials{APIKey: "e", ClientID: "i", ClientSecret: "s"}, "Unset"},
		"an argument that is unknown": {providerModel{APIKey: types.StringUnknown()}, nil, qlik.Credentials{}, ""},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			for _, variable := range settingVariables {
				t.Setenv(variable, "")
			}
			t.Setenv("QLIK_TENANT_URL", "https://acme.eu.qlikcloud.com")
			for variable, value := range test.env {
				t.Setenv(variable, value)
			}
			var diags diag.Diagnostics
			settings := test.model.resolve(&diags)
			if settings.credentials != test.want {
				t.Error("other credentials than wanted") // they hide from %v
			}
			switch {
			case test.error == "" && diags.HasError():
				t.Errorf("unexpected: %v", diags)
			case test.error != "" && (!diags.HasError() || !strings.Contains(diags[0].Detail(), test.error)):
				t.Errorf("want an error with %q, got %v", test.error, diags)
			}
		})
	}
}

func TestResolveAWS(t *testing.T) {
	for _, variable := range settingVariables {
		t.Setenv(variable, "")
	}
	t.Setenv("QLIK_TENANT_URL", "https://acme.eu.qlikcloud.com")
	t.Setenv("QLIK_API_KEY", "key")
	t.Setenv(envAssumeRoleARN, "arn:aws:iam::123456789012:role/deploy")
	t.Setenv(envAssumeRoleSessionName, "ci")
	t.Setenv(envAssumeRoleExternalID, "x")
	t.Setenv(envDefaultTagPrefix+"team", "bi")
	var diags diag.Diagnostics
	settings := (&providerModel{}).resolve(&diags)
	if settings.roleARN != "arn:aws:iam::123456789012:role/deploy" || settings.roleSession != "ci" || settings.roleExternal != "x" {
		t.Errorf("the role from the environment: %q %q %q", settings.roleARN, settings.roleSession, settings.roleExternal)
	}
	if want := map[string]string{"team": "bi"}; !maps.Equal(settings.defaultTags, want) {
		t.Errorf("default tags from the environment: %v", settings.defaultTags)
	}

	model := providerModel{AWS: awsObject(map[string]attr.Value{
		"region":       types.StringValue("eu-central-1"),
		"default_tags": stringMap(map[string]string{"owner": "me"}),
		"endpoints":    types.ObjectUnknown(map[string]attr.Type{"sts": types.StringType}),
	})}
	settings = model.resolve(&diags)
	if !settings.unknown || settings.region != "eu-central-1" {
		t.Errorf("unknown %v, region %q", settings.unknown, settings.region)
	}
	if want := map[string]string{"owner": "me"}; !maps.Equal(settings.defaultTags, want) {
		t.Errorf("default tags from the arguments: %v", settings.defaultTags)
	}
	if diags.HasError() {
		t.Error(diags)
	}
}

// awsObject returns the argument aws with these attributes.
func awsObject(values map[string]attr.Value) types.Dynamic {
	return types.DynamicValue(objectOf(values))
}
