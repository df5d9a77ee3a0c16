// SPDX-License-Identifier: MPL-2.0

package main

import (
	"cmp"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// settings are what the function reads from its environment.
type settings struct {
	chainName string
	tenantURL string
	tenantID  string

	// Names of SSM parameters.
	definitionParameter    string
	credentialsParameter   string
	signingSecretParameter string

	table              string
	scheduleGroup      string
	timerRoleARN       string
	deadLetterQueueARN string
	operatorKeyID      string
	viewerKeyID        string // empty without one
	signalKeyID        string // likewise
	operatorAuth       string // chain.OperatorAuthKey or chain.OperatorAuthIAM

	metrics   bool
	topics    []string // ARNs of the SNS topics that get the notices
	eventBus  string   // name or ARN; empty: no events
	invokeURL string   // of the chain's API
	logGroup  string   // empty if Lambda does not name it
	region    string

	// The configuration of each AWS service.
	ssm, dynamoDB, events, scheduler, sqs, sns aws.Config
}

// readSettings reads the environment. Its error names every variable that is missing.
//
// It makes the AWS configuration itself: Lambda always passes a function its region and its role's credentials in these variables. The
// SDK's config package also knows files, SSO and instance metadata, and makes a cold start slower.
func readSettings(getenv func(string) string) (settings, error) {
	if version := getenv(chain.EnvContract); version != chain.ContractVersion {
		return settings{}, fmt.Errorf("the function's environment was written for %s of the contract, and its code knows version %s: "+
			"the one is of another release of the provider than the other. Apply the chain again with the release that is to run it",
			versionInWords(version), chain.ContractVersion)
	}
	var missing []string
	required := func(name string) string {
		value := getenv(name)
		if value == "" {
			missing = append(missing, name)
		}
		return value
	}
	s := settings{
		chainName:              required(chain.EnvChainName),
		tenantURL:              required(chain.EnvTenantURL),
		tenantID:               required(chain.EnvTenantID),
		definitionParameter:    required(chain.EnvDefinitionParameter),
		credentialsParameter:   required(chain.EnvCredentialsParameter),
		signingSecretParameter: required(chain.EnvSigningSecretParameter),
		table:                  required(chain.EnvTable),
		scheduleGroup:          required(chain.EnvScheduleGroup),
		timerRoleARN:           required(chain.EnvTimerRoleARN),
		deadLetterQueueARN:     required(chain.EnvDeadLetterQueueARN),
		operatorKeyID:          required(chain.EnvOperatorKeyID),
		viewerKeyID:            getenv(chain.EnvViewerKeyID),
		signalKeyID:            getenv(chain.EnvSignalKeyID),
		operatorAuth:           cmp.Or(getenv(chain.EnvOperatorAuth), chain.OperatorAuthKey),
		metrics:                getenv(chain.EnvMetrics) != chain.MetricsOff,
		topics:                 chain.Topics(strings.Split(getenv(chain.EnvAlarmActions), ",")),
		eventBus:               getenv(chain.EnvEventBus),
		invokeURL:              getenv(chain.EnvInvokeURL),
		logGroup:               getenv("AWS_LAMBDA_LOG_GROUP_NAME"), // https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
		region:                 getenv("AWS_REGION"),
	}
	common := aws.Config{
		Region: required("AWS_REGION"),
		Credentials: credentials.NewStaticCredentialsProvider(
			required("AWS_ACCESS_KEY_ID"), required("AWS_SECRET_ACCESS_KEY"), getenv("AWS_SESSION_TOKEN")),
		HTTPClient: awsClient(),
	}
	service := func(name, variable string) aws.Config {
		config, endpoint := common, required(variable)
		// An emulator of AWS sets the first two.
		config.BaseEndpoint = aws.String(cmp.Or(getenv("AWS_ENDPOINT_URL_"+name), getenv("AWS_ENDPOINT_URL"), endpoint))
		return config
	}
	s.dynamoDB, s.scheduler = service("DYNAMODB", chain.EnvEndpointDynamoDB), service("SCHEDULER", chain.EnvEndpointScheduler)
	s.events = service("EVENTBRIDGE", chain.EnvEndpointEvents)
	s.sns, s.sqs, s.ssm = service("SNS", chain.EnvEndpointSNS), service("SQS", chain.EnvEndpointSQS), service("SSM", chain.EnvEndpointSSM)
	if len(missing) > 0 {
		return settings{}, fmt.Errorf("the function's environment lacks %s: apply the chain again with Terraform", strings.Join(missing, ", "))
	}
	if err := qlik.ValidateTenantURL(s.tenantURL); err != nil {
		return settings{}, fmt.Errorf("the function's environment variable %s: %w", chain.EnvTenantURL, err)
	}
	return s, nil
}

func versionInWords(version string) string {
	if version == "" {
		return "no version"
	}
	return "version " + version
}
