// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"os"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// These are the provider's own environment variables. The others are Qlik's and AWS's usual ones.
const (
	envAssumeRoleARN         = "QLIK_AWS_ASSUME_ROLE_ARN"
	envAssumeRoleSessionName = "QLIK_AWS_ASSUME_ROLE_SESSION_NAME"
	envAssumeRoleExternalID  = "QLIK_AWS_ASSUME_ROLE_EXTERNAL_ID"
	envDefaultTagPrefix      = "TF_AWS_DEFAULT_TAGS_" // as in the aws provider
)

type providerModel struct {
	TenantURL    types.String  `tfsdk:"tenant_url"`
	APIKey       types.String  `tfsdk:"api_key"`
	ClientID     types.String  `tfsdk:"client_id"`
	ClientSecret types.String  `tfsdk:"client_secret"`
	AWS          types.Dynamic `tfsdk:"aws"`

	AllowedTenantIDs  types.Set `tfsdk:"allowed_tenant_ids"`
	AllowedAccountIDs types.Set `tfsdk:"allowed_account_ids"`
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
	fips, dualStack                    *bool             // nil: the AWS SDK's own search
}

// resolve determines every setting from its argument, else from its environment variable, else from the default.
func (m *providerModel) resolve(diags *diag.Diagnostics) *settings {
	s := &settings{}
	for _, value := range []attr.Value{m.TenantURL, m.APIKey, m.ClientID, m.ClientSecret} {
		s.unknown = s.unknown || value.IsUnknown()
	}
	s.tenantURL = argument(m.TenantURL, "QLIK_TENANT_URL")
	s.credentials = m.resolveCredentials()
	m.resolveAWS(s, diags)
	s.allowedTenants = s.resolvePin("allowed_tenant_ids", envAllowedTenantIDs, m.AllowedTenantIDs, diags)
	s.allowedAccounts = s.resolvePin("allowed_account_ids", envAllowedAccountIDs, m.AllowedAccountIDs, diags)
	if s.unknown || diags.HasError() {
		return s
	}
	if s.tenantURL == "" {
		diags.AddAttributeError(path.Root("tenant_url"), "Missing tenant URL",
			"Set the provider's argument tenant_url, or the environment variable QLIK_TENANT_URL, to your tenant's URL, for example "+
				"https://acme.eu.qlikcloud.com.")
	} else {
		checkTenantURL(s.tenantURL, diags)
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

func (m *providerModel) resolveAWS(s *settings, diags *diag.Diagnostics) {
	aws, read := m.readAWS()
	addProblems(diags, "Invalid argument", read.problems)
	s.unknown = s.unknown || len(read.unknown) > 0
	// The SDK itself reads AWS_REGION and AWS_PROFILE.
	s.region, s.profile, s.fips, s.dualStack = aws.Region, aws.Profile, aws.FIPS, aws.DualStack
	s.roleARN = orEnv(aws.AssumeRole.ARN, envAssumeRoleARN)
	s.roleSession = orEnv(aws.AssumeRole.SessionName, envAssumeRoleSessionName)
	s.roleExternal = orEnv(aws.AssumeRole.ExternalID, envAssumeRoleExternalID)
	s.endpoints = aws.Endpoints
	if s.defaultTags = aws.DefaultTags; s.defaultTags != nil {
		return
	}
	s.defaultTags = map[string]string{}
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		if key, ok := strings.CutPrefix(name, envDefaultTagPrefix); ok && key != "" {
			s.defaultTags[key] = value
		}
	}
}

// checkArguments reports a tenant URL and credentials in the configuration that cannot be right.
func (m *providerModel) checkArguments(diags *diag.Diagnostics) {
	if tenantURL := m.TenantURL.ValueString(); tenantURL != "" {
		checkTenantURL(tenantURL, diags)
	}
	if !m.APIKey.IsNull() && (!m.ClientID.IsNull() || !m.ClientSecret.IsNull()) {
		diags.AddAttributeError(path.Root("api_key"), "Two kinds of Qlik Cloud credentials",
			"api_key is the key of a user, client_id and client_secret are an OAuth client. Remove api_key, or the other two.")
		return
	}
	if key := m.APIKey.ValueString(); key != "" {
		checkProvidersOwn("api_key", qlik.Credentials{APIKey: key}, diags)
	}
}

func checkTenantURL(tenantURL string, diags *diag.Diagnostics) {
	if err := qlik.ValidateTenantURL(tenantURL); err != nil {
		diags.AddAttributeError(path.Root("tenant_url"), "Invalid tenant URL", sentence(err))
	}
}

func checkProvidersOwn(argument string, credentials qlik.Credentials, diags *diag.Diagnostics) {
	if err := credentials.Validate(); err != nil {
		diags.AddAttributeError(path.Root(argument), "Invalid Qlik Cloud credentials", sentence(err))
	}
}

func argument(value types.String, env string) string { return orEnv(value.ValueString(), env) }

func orEnv(value, env string) string {
	if value != "" {
		return value
	}
	return os.Getenv(env)
}
