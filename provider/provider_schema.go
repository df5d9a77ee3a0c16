// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"maps"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// Schema describes the provider's attributes.
func (p *qlikProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
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
			"aws": schema.SingleNestedAttribute{
				Optional: true,
				MarkdownDescription: "Where to deploy in AWS, and with which identity. What is left out comes from the AWS environment variables and " +
					"the shared configuration files, as in AWS's own tools; credentials come only from these.",
				Attributes: map[string]schema.Attribute{
					"region": schema.StringAttribute{
						Optional: true,
						MarkdownDescription: "AWS region, for example `eu-central-1`. Default: the environment variable `AWS_REGION` or " +
							"`AWS_DEFAULT_REGION`, " +
							"else the profile's region.",
					},
					"profile": schema.StringAttribute{
						Optional:            true,
						MarkdownDescription: "Name of a profile in the shared configuration files. Default: the environment variable `AWS_PROFILE`.",
					},
					"assume_role": schema.SingleNestedAttribute{
						Optional:            true,
						MarkdownDescription: "Role to take on for every call to AWS.",
						Attributes: map[string]schema.Attribute{
							"role_arn": schema.StringAttribute{
								Optional:            true,
								MarkdownDescription: "ARN of the role. Default: the environment variable `" + envAssumeRoleARN + "`.",
							},
							"session_name": schema.StringAttribute{
								Optional:   true,
								Validators: []validator.String{sessionName},
								MarkdownDescription: "Name of the role's session, as CloudTrail shows it. Default: the environment variable `" +
									envAssumeRoleSessionName + "`.",
							},
							"external_id": schema.StringAttribute{
								Optional:   true,
								Validators: []validator.String{externalID},
								MarkdownDescription: "External ID that the role's trust policy asks for. Default: the environment variable `" +
									envAssumeRoleExternalID + "`.",
							},
						},
					},
					"default_tags": schema.MapAttribute{
						Optional:    true,
						ElementType: types.StringType,
						MarkdownDescription: "Tags of every AWS object of every chain. A chain's own `tags` win. Default: the environment variables " +
							"`" + envDefaultTagPrefix + "<key>`, one per tag. Keys have 1 to 128 characters, values 1 to 256: " + tagWords + ".",
					},
					"endpoints": schema.SingleNestedAttribute{
						Optional: true,
						MarkdownDescription: "URLs to call instead of AWS's own, for an emulator or a private endpoint of AWS. Default of each: the AWS " +
							"SDKs' " +
							"environment variable for the service, else `AWS_ENDPOINT_URL`.",
						Attributes: endpointAttributes(),
					},
					"use_fips_endpoint": schema.BoolAttribute{
						Optional: true,
						MarkdownDescription: "Whether Terraform and the chain's function call AWS at endpoints with FIPS 140 validated cryptography, " +
							"which not every region has. Default: the environment variable `AWS_USE_FIPS_ENDPOINT`, else the profile's `use_fips_endpoint`.",
					},
					"use_dualstack_endpoint": schema.BoolAttribute{
						Optional: true,
						MarkdownDescription: "Whether Terraform and the chain's function call AWS at endpoints that also answer over IPv6, as far as a " +
							"service has one. Default: the environment variable `AWS_USE_DUALSTACK_ENDPOINT`, else the profile's `use_dualstack_endpoint`.",
					},
				},
			},
		},
	}
	maps.Copy(resp.Schema.Attributes, allowedAttributes())
}

func endpointAttributes() map[string]schema.Attribute {
	attributes := map[string]schema.Attribute{}
	for name, service := range map[string]struct{ title, env string }{
		"apigateway": {"API Gateway", "AWS_ENDPOINT_URL_API_GATEWAY"},
		"cloudwatch": {"CloudWatch", "AWS_ENDPOINT_URL_CLOUDWATCH"},
		"dynamodb":   {"DynamoDB", "AWS_ENDPOINT_URL_DYNAMODB"},
		"iam":        {"IAM", "AWS_ENDPOINT_URL_IAM"},
		"lambda":     {"Lambda", "AWS_ENDPOINT_URL_LAMBDA"},
		"logs":       {"CloudWatch Logs", "AWS_ENDPOINT_URL_CLOUDWATCH_LOGS"},
		"scheduler":  {"EventBridge Scheduler", "AWS_ENDPOINT_URL_SCHEDULER"},
		"sqs":        {"SQS", "AWS_ENDPOINT_URL_SQS"},
		"ssm":        {"SSM", "AWS_ENDPOINT_URL_SSM"},
		"sts":        {"STS", "AWS_ENDPOINT_URL_STS"},
	} {
		description := "URL of " + service.title + ". Default: the environment variable `" + service.env + "`."
		if name == "apigateway" {
			description += " With one outside of AWS, a chain's `invoke_url` is `{endpoint}/restapis/{id}/{stage}/_user_request_`, where AWS " +
				"emulators serve their stages."
		}
		attributes[name] = schema.StringAttribute{Optional: true, MarkdownDescription: description}
	}
	return attributes
}
