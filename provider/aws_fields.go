// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"reflect"

	"github.com/hashicorp/terraform-plugin-framework/attr"
)

// awsArguments are the values of the provider's argument aws. Empty ones come from the environment.
type awsArguments struct {
	Region      string            `json:"region"`
	Profile     string            `json:"profile"`
	AssumeRole  roleArguments     `json:"assume_role"`
	DefaultTags map[string]string `json:"default_tags"` // nil if there is no such argument
	Endpoints   map[string]string `json:"endpoints"`    // by service
	FIPS        *bool             `json:"use_fips_endpoint"`
	DualStack   *bool             `json:"use_dualstack_endpoint"`
}

type roleArguments struct {
	ARN         string `json:"role_arn"`
	SessionName string `json:"session_name"`
	ExternalID  string `json:"external_id"`
}

// awsField returns the provider's argument aws. It is lenient, as AWS's own tools are: an empty text means the default.
func awsField() field {
	return field{name: "aws", kind: anObject, doc: "Where to deploy in AWS, and with which identity. What is left out comes from the AWS " +
		"environment " +
		"variables and the shared configuration files, as in AWS's own tools; credentials come only from these.", fields: []field{
		{name: "region", kind: aText, lenient: true, check: checkRegion, doc: "AWS region, for example `eu-central-1`. " +
			"Default: the environment variable `AWS_REGION` or `AWS_DEFAULT_REGION`, else the profile's region."},
		{name: "profile", kind: aText, lenient: true, doc: "Name of a profile in the shared configuration files. Default: the environment " +
			"variable `AWS_PROFILE`."},
		{name: "assume_role", kind: anObject, doc: "Role to take on for every call to AWS.", fields: []field{
			{name: "role_arn", kind: aText, lenient: true, doc: "ARN of the role. Default: the environment variable `" + envAssumeRoleARN + "`."},
			{name: "session_name", kind: aText, check: sessionName.check, doc: "Name of the role's session, as CloudTrail shows it. Default: " +
				"the environment variable `" + envAssumeRoleSessionName + "`."},
			{name: "external_id", kind: aText, check: externalID.check, doc: "External ID that the role's trust policy asks for. Default: the " +
				"environment variable `" + envAssumeRoleExternalID + "`."},
		}},
		{name: "default_tags", kind: aTextMap, lenient: true, doc: "Tags of every AWS object of every chain. A chain's own `tags` win. " +
			"Default: the environment variables `" + envDefaultTagPrefix + "<key>`, one per tag. Keys have 1 to 128 characters, values 1 to 256: " +
			tagWords + "."},
		{name: "endpoints", kind: anObject, fields: endpointFields(), doc: "URLs to call instead of AWS's own, for an emulator or a private " +
			"endpoint of AWS. Default of each: the AWS SDKs' environment variable for the service, else `AWS_ENDPOINT_URL`."},
		{name: "use_fips_endpoint", kind: aFlag, doc: "Whether Terraform and the chain's function call AWS at endpoints with FIPS 140 " +
			"validated cryptography, which not every region has. Default: the environment variable `AWS_USE_FIPS_ENDPOINT`, else the profile's " +
			"`use_fips_endpoint`."},
		{name: "use_dualstack_endpoint", kind: aFlag, doc: "Whether Terraform and the chain's function call AWS at endpoints that also answer " +
			"over IPv6, as far as a service has one. Default: the environment variable `AWS_USE_DUALSTACK_ENDPOINT`, else the profile's " +
			"`use_dualstack_endpoint`."},
	}}
}

func endpointFields() []field {
	endpoint := func(name, title, variable, more string) field {
		return field{name: name, kind: aText, lenient: true, doc: "URL of " + title + ". Default: the environment variable `AWS_ENDPOINT_URL_" +
			variable + "`." + more}
	}
	return []field{
		endpoint("apigateway", "API Gateway", "API_GATEWAY", " With one outside of AWS, a chain's `invoke_url` is "+
			"`{endpoint}/restapis/{id}/{stage}/_user_request_`, where AWS emulators serve their stages."),
		endpoint("cloudwatch", "CloudWatch", "CLOUDWATCH", ""),
		endpoint("dynamodb", "DynamoDB", "DYNAMODB", ""),
		endpoint("eventbridge", "EventBridge", "EVENTBRIDGE", ""),
		endpoint("iam", "IAM", "IAM", ""),
		endpoint("lambda", "Lambda", "LAMBDA", ""),
		endpoint("logs", "CloudWatch Logs", "CLOUDWATCH_LOGS", ""),
		endpoint("scheduler", "EventBridge Scheduler", "SCHEDULER", ""),
		endpoint("sqs", "SQS", "SQS", ""),
		endpoint("ssm", "SSM", "SSM", ""),
		endpoint("sts", "STS", "STS", ""),
	}
}

// readAWS decodes the provider's argument aws.
func (m *providerModel) readAWS() (*awsArguments, *decoder) {
	var arguments struct {
		AWS awsArguments `json:"aws"`
	}
	read := &decoder{}
	read.object(nil, []field{awsField()}, map[string]attr.Value{"aws": m.AWS}, reflect.ValueOf(&arguments).Elem())
	return &arguments.AWS, read
}
