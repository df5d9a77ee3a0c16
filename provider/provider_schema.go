// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
)

// Schema describes the provider's attributes.
func (p *qlikProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	aws := awsField()
	resp.Schema = schema.Schema{
		MarkdownDescription: "Deploys serverless task chains for Qlik Cloud: when an app's reload has ended, the reloads that come next are " +
			"started.",
		Attributes: map[string]schema.Attribute{
			"tenant_url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "URL of the Qlik Cloud tenant, for example `https://acme.eu.qlikcloud.com`. Must be https, except on a " +
					"loopback host. Default: the environment variable `QLIK_TENANT_URL`.",
			},
			"api_key": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "API key of a Qlik Cloud user. The provider manages the webhook with it, and the chains' Lambda functions start " +
					"reloads with it. Default: the environment variable `QLIK_API_KEY`. Conflicts with `client_id` and `client_secret`.",
			},
			"client_id": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "ID of a Qlik Cloud OAuth client that may use client credentials (machine-to-machine), instead of an API key. " +
					"Default: the environment variable `QLIK_CLIENT_ID`.",
			},
			"client_secret": schema.StringAttribute{
				Optional:            true,
				Sensitive:           true,
				MarkdownDescription: "Secret of the OAuth client. Default: the environment variable `QLIK_CLIENT_SECRET`.",
			},
			"aws": schema.DynamicAttribute{Optional: true, MarkdownDescription: aws.describe()},
		},
	}
	maps.Copy(resp.Schema.Attributes, allowedAttributes())
}
