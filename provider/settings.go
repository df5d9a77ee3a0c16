// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-framework/types/basetypes"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// These are the provider's own environment variables. The others are Qlik's and AWS's usual ones.
const (
	envAssumeRoleARN         = "QLIK_AWS_ASSUME_ROLE_ARN"
	envAssumeRoleSessionName = "QLIK_AWS_ASSUME_ROLE_SESSION_NAME"
	envAssumeRoleExternalID  = "QLIK_AWS_ASSUME_ROLE_EXTERNAL_ID"
	envDefaultTagPrefix      = "TF_AWS_DEFAULT_TAGS_" // as in the aws provider
)

// objectOptions allow null and unknown attributes in an object.
var objectOptions = basetypes.ObjectAsOptions{UnhandledNullAsEmpty: true, UnhandledUnknownAsEmpty: true}

type providerModel struct {
	TenantURL    types.String `tfsdk:"tenant_url"`
	APIKey       types.String `tfsdk:"api_key"`
	ClientID     types.String `tfsdk:"client_id"`
	ClientSecret types.String `tfsdk:"client_secret"`
	AWS          types.Object `tfsdk:"aws"`

	AllowedTenantIDs  types.Set `tfsdk:"allowed_tenant_ids"`
	AllowedAccountIDs types.Set `tfsdk:"allowed_account_ids"`
}

type awsModel struct {
	Region      types.String `tfsdk:"region"`
	Profile     types.String `tfsdk:"profile"`
	AssumeRole  types.Object `tfsdk:"assume_role"`
	DefaultTags types.Map    `tfsdk:"default_tags"`
	Endpoints   types.Object `tfsdk:"endpoints"`
	FIPS        types.Bool   `tfsdk:"use_fips_endpoint"`
	DualStack   types.Bool   `tfsdk:"use_dualstack_endpoint"`
}

// settings is the provider's configuration, resolved from arguments, environment and defaults.
type settings struct {
	version     string
	waits       waits
	unknown     bool // an argument is known only after apply; nothing can be called yet
	tenantURL   string
	credentials qlik.Credentials

	allowedTenants, allowedAccounts pin

	region, profile                    string // empty: the AWS SDK's own search
	roleARN, roleSession, roleExternal string
	defaultTags                        map[string]string
	endpoints                          map[string]string // by service, as in the schema
	fips, dualStack                    types.Bool        // null: the AWS SDK's own search
}

// resolve determines every setting from its argument, else from its environment variable, else from the default.
func (m *providerModel) resolve(ctx context.Context, diags *diag.Diagnostics) *settings {
	s := &settings{}
	for _, value := range []attr.Value{m.TenantURL, m.APIKey, m.ClientID, m.ClientSecret, m.AWS} {
		s.unknown = s.unknown || value.IsUnknown()
	}
	s.tenantURL = argument(m.TenantURL, "QLIK_TENANT_URL")
	s.credentials = m.resolveCredentials()
	m.resolveAWS(ctx, s, diags)
	s.allowedTenants = s.resolvePin("allowed_tenant_ids", envAllowedTenantIDs, m.AllowedTenantIDs, diags)
	s.allowedAccounts = s.resolvePin("allowed_account_ids", envAllowedAccountIDs, m.AllowedAccountIDs, diags)
	if s.unknown || diags.HasError() {
		return s
	}
	if s.tenantURL == "" {
		diags.AddAttributeError(path.Root("tenant_url"), "Missing tenant URL",
			"Set the provider's argument tenant_url, or the environment variable QLIK_TENANT_URL, to your tenant's URL, for example "+
				"https://acme.eu.qlikcloud.com.")
	} else if err := qlik.ValidateTenantURL(s.tenantURL); err != nil {
		diags.AddAttributeError(path.Root("tenant_url"), "Invalid tenant URL", sentence(err))
	}
	switch c := s.credentials; {
	case c == (qlik.Credentials{}):
		diags.AddAttributeError(path.Root("api_key"), "Missing Qlik Cloud credentials",
			"Set the provider's argument api_key (or the environment variable QLIK_API_KEY) to an API key, or client_id and client_secret "+
				"(QLIK_CLIENT_ID and QLIK_CLIENT_SECRET) to those of an OAuth client.")
	case c.APIKey == "" && c.ClientSecret == "":
		diags.AddAttributeError(path.Root("client_secret"), "Missing client secret",
			"There is a client ID without a secret. Set the provider's argument client_secret or the environment variable QLIK_CLIENT_SECRET.")
	case c.APIKey == "" && c.ClientID == "":
		diags.AddAttributeError(path.Root("client_id"), "Missing client ID",
			"There is a client secret without an ID. Set the provider's argument client_id or the environment variable QLIK_CLIENT_ID.")
	case c.APIKey != "" && c.ClientID+c.ClientSecret != "":
		diags.AddAttributeError(path.Root("api_key"), "Two kinds of Qlik Cloud credentials",
			"The environment holds both an API key (QLIK_API_KEY) and an OAuth client (QLIK_CLIENT_ID, QLIK_CLIENT_SECRET). Unset the one that "+
				"is not meant.")
	}
	return s
}

// resolveCredentials lets an argument decide the kind of credentials. An API key in the environment does not mix with a client in the
// configuration, and vice versa.
func (m *providerModel) resolveCredentials() qlik.Credentials {
	key := qlik.Credentials{APIKey: argument(m.APIKey, "QLIK_API_KEY")}
	client := qlik.Credentials{ClientID: argument(m.ClientID, "QLIK_CLIENT_ID"), ClientSecret: argument(m.ClientSecret, "QLIK_CLIENT_SECRET")}
	switch {
	case m.APIKey.ValueString() != "":
		return key
	case m.ClientID.ValueString() != "" || m.ClientSecret.ValueString() != "":
		return client
	}
	client.APIKey = key.APIKey
	return client
}

func (m *providerModel) resolveAWS(ctx context.Context, s *settings, diags *diag.Diagnostics) {
	var model awsModel
	if !m.AWS.IsNull() && !m.AWS.IsUnknown() {
		diags.Append(m.AWS.As(ctx, &model, objectOptions)...)
	}
	for _, value := range []attr.Value{
		model.Region, model.Profile, model.AssumeRole, model.DefaultTags, model.Endpoints, model.FIPS, model.DualStack,
	} {
		s.unknown = s.unknown || value.IsUnknown()
	}
	// The SDK itself reads AWS_REGION and AWS_PROFILE.
	s.region, s.profile = model.Region.ValueString(), model.Profile.ValueString()
	s.fips, s.dualStack = model.FIPS, model.DualStack
	role := s.strings(model.AssumeRole.Attributes())
	s.roleARN = orEnv(role["role_arn"], envAssumeRoleARN)
	s.roleSession = orEnv(role["session_name"], envAssumeRoleSessionName)
	s.roleExternal = orEnv(role["external_id"], envAssumeRoleExternalID)
	s.endpoints = s.strings(model.Endpoints.Attributes())
	s.defaultTags = s.strings(model.DefaultTags.Elements())
	if model.DefaultTags.IsNull() {
		for _, variable := range os.Environ() {
			name, value, _ := strings.Cut(variable, "=")
			if key, ok := strings.CutPrefix(name, envDefaultTagPrefix); ok && key != "" {
				s.defaultTags[key] = value
			}
		}
	}
}

// strings returns the strings in an object's attributes or a map's elements. It records an unknown one.
func (s *settings) strings(values map[string]attr.Value) map[string]string {
	known := map[string]string{}
	for name, value := range values {
		text, ok := value.(types.String)
		switch {
		case !ok || text.IsNull():
		case text.IsUnknown():
			s.unknown = true
		default:
			known[name] = text.ValueString()
		}
	}
	return known
}

func argument(value types.String, env string) string { return orEnv(value.ValueString(), env) }

func orEnv(value, env string) string {
	if value != "" {
		return value
	}
	return os.Getenv(env)
}
