// SPDX-License-Identifier: MPL-2.0

// Package provider is the Terraform provider: its configuration, the resource qlik_task_chain, and its data sources, functions and actions.
package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

var (
	_ provider.Provider                       = (*qlikProvider)(nil)
	_ provider.ProviderWithActions            = (*qlikProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*qlikProvider)(nil)
	_ provider.ProviderWithFunctions          = (*qlikProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*qlikProvider)(nil)
)

type qlikProvider struct {
	version string
	waits   waits
}

// New returns a function that creates the provider. version, a semantic one, is in the User-Agent of the provider's requests. The deployed
// function's requests do not contain it. Otherwise its zip would change in every release, and each upgrade of the provider would deploy
// code that does the same.
func New(version string) func() provider.Provider {
	return func() provider.Provider { return &qlikProvider{version: version, waits: defaultWaits} }
}

// Metadata names the provider.
func (p *qlikProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName, resp.Version = "qlik", p.version
}

// ValidateConfig reports all problems of the arguments at once. Configure reports those of the environment.
func (p *qlikProvider) ValidateConfig(ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse) {
	var model providerModel
	if resp.Diagnostics.Append(req.Config.Get(ctx, &model)...); resp.Diagnostics.HasError() {
		return
	}
	_, read := model.readAWS()
	addProblems(&resp.Diagnostics, "Invalid argument", read.problems)
	model.checkArguments(&resp.Diagnostics)
}

// Configure resolves the settings. It makes no calls: the first operation that needs Qlik Cloud or AWS connects. So Terraform can plan a
// configuration without chains, or one with settings that are not known yet.
func (p *qlikProvider) Configure(ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse) {
	var model providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &model)...)
	if resp.Diagnostics.HasError() {
		return
	}
	settings := model.resolve(&resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	settings.version, settings.waits = p.version, p.waits
	connector := newConnector(settings)
	resp.ResourceData, resp.EphemeralResourceData, resp.DataSourceData, resp.ActionData = connector, connector, connector, connector
}

// Resources returns the provider's resources.
func (p *qlikProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newTaskChainResource}
}

// EphemeralResources returns the provider's ephemeral resources.
func (p *qlikProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newTaskChainKeyEphemeral}
}

// Actions returns the provider's actions.
func (p *qlikProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newStartChainAction}
}

// DataSources returns the provider's data sources.
func (p *qlikProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newAppDataSource, newAppsDataSource, newAutomationDataSource, newDataTaskDataSource, newSpaceDataSource, newTaskChainDataSource,
	}
}

// Functions returns the provider's functions.
func (p *qlikProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newDiagramFunction, newSimulateFunction}
}
