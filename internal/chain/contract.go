// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"slices"
	"strings"
	"time"
)

// ContractVersion numbers what the provider and the function agree on: the environment, the parameters' forms, the payloads. A function
// whose code and environment are of different versions does not start, so an event waits in Lambda until both are of the same.
const ContractVersion = "1"

// The environment of the Lambda function: what the provider writes and the function reads. A revision (a parameter's version and
// the time of its last write) is there so that a change of the parameter changes the environment, which makes Lambda start
// fresh execution environments that read it at once.
const (
	EnvContract               = "CONTRACT"                // ContractVersion of the provider that wrote it
	EnvChainName              = "CHAIN_NAME"              // the chain's name
	EnvTenantURL              = "QLIK_TENANT_URL"         // https://tenant.region.qlikcloud.com
	EnvTenantID               = "QLIK_TENANT_ID"          // what an event's tenantid must be
	EnvDefinitionParameter    = "DEFINITION_PARAMETER"    // SSM parameter (String): the definition's JSON
	EnvDefinitionRevision     = "DEFINITION_REVISION"     // its revision
	EnvCredentialsParameter   = "CREDENTIALS_PARAMETER"   // SSM parameter (SecureString): qlik.Credentials as JSON
	EnvCredentialsRevision    = "CREDENTIALS_REVISION"    // its revision
	EnvCredentialsFingerprint = "CREDENTIALS_FINGERPRINT" // tells one set of credentials from another, and nothing about them
	EnvCredentialsVersion     = "CREDENTIALS_VERSION"     // credentials_wo_version; empty for the provider's own credentials
	//nolint:gosec // the name of a variable, not what it holds
	EnvSecretsKMSKeyARN       = "SECRETS_KMS_KEY_ARN"      // the customer managed key that encrypts the SecureStrings; empty for aws/ssm
	EnvTable                  = "TABLE_NAME"               // DynamoDB table: the chain's state and record
	EnvEndpointDynamoDB       = "ENDPOINT_DYNAMODB"        // the URL of DynamoDB, as FIPS and dual-stack settings of the provider want it
	EnvEndpointScheduler      = "ENDPOINT_SCHEDULER"       // likewise of EventBridge Scheduler
	EnvEndpointSNS            = "ENDPOINT_SNS"             // of SNS
	EnvEndpointSQS            = "ENDPOINT_SQS"             // of SQS
	EnvEndpointSSM            = "ENDPOINT_SSM"             // of SSM
	EnvScheduleGroup          = "SCHEDULE_GROUP"           // EventBridge Scheduler group for timers
	EnvTimerRoleARN           = "TIMER_ROLE_ARN"           // role under which EventBridge Scheduler invokes the function
	EnvDeadLetterQueueARN     = "DEAD_LETTER_QUEUE_ARN"    // SQS queue for what could not be handled
	EnvOperatorKeyID          = "OPERATOR_KEY_ID"          // API Gateway's id of the operators' key
	EnvViewerKeyID            = "VIEWER_KEY_ID"            // API Gateway's id of the key that may only look; empty without one
	EnvOperatorAuth           = "OPERATOR_AUTH"            // OperatorAuthIAM; empty for OperatorAuthKey
	EnvInvokeURL              = "INVOKE_URL"               // where the chain's API answers, for the links in notifications
	EnvMetrics                = "METRICS"                  // "off" for none
	EnvAlarmActions           = "ALARM_ACTIONS"            // ARNs, separated by commas, of what alarms and notifications go to; empty for none
	EnvRoleID                 = "ROLE_ID"                  // the role's unique id, see the provider
	EnvSigningSecretParameter = "SIGNING_SECRET_PARAMETER" // SSM parameter (SecureString): SigningSecret as JSON
	EnvSigningSecretRevision  = "SIGNING_SECRET_REVISION"  // its revision
)

// How operators prove that they may operate the chain.
const (
	OperatorAuthKey = "key" // with the operators' API key
	OperatorAuthIAM = "iam" // with a signature of AWS credentials, which names the caller
)

// MetricsOff is the value of EnvMetrics that turns the metrics off.
const MetricsOff = "off"

// Topics are those of the alarm actions that are SNS topics: the function itself tells them what has failed.
func Topics(actions []string) []string {
	return slices.DeleteFunc(slices.Clone(actions), func(action string) bool { return !IsTopic(action) })
}

// IsTopic tells whether an ARN is that of an SNS topic.
func IsTopic(arn string) bool { return strings.Split(arn+":::", ":")[2] == "sns" }

// Delivery is what API Gateway hands to the function for one webhook delivery, made by the mapping template of POST /.
// The body travels as base64 because the signature covers its exact bytes.
type Delivery struct {
	Source    string `json:"source"`     // always DeliverySource: tells a delivery from API Gateway's proxy events
	RequestID string `json:"request_id"` // API Gateway's request id
	APIKeyID  string `json:"api_key_id"` // API Gateway's id of the key that came with it
	Body      []byte `json:"body"`       // the request's body
	// The header Qlik-Signature. API Gateway looks headers up by the spelling that arrived: as sent over HTTP/1.1, in lower
	// case over HTTP/2. One of the two is empty. Base64 too, so that no header value can break the JSON.
	Signature      []byte `json:"signature"`
	SignatureLower []byte `json:"signature_lower"`
}

// DeliverySource marks a Delivery.
const DeliverySource = "qlik-webhook"

// Timer is what EventBridge Scheduler hands to the function when a wait is over.
type Timer struct {
	Source  string    `json:"source"` // always TimerSource
	Kind    TimerKind `json:"kind"`
	Cycle   string    `json:"cycle,omitempty"`   // of all but TimerRelease
	Run     string    `json:"run,omitempty"`     // of all but TimerRelease and TimerCycle; of TimerLook where a request began one
	Step    string    `json:"step,omitempty"`    // of TimerStart and TimerOverran: the step's id in runs
	Attempt int       `json:"attempt,omitempty"` // of TimerStart and TimerOverran
	Due     time.Time `json:"due"`
}

// TimerSource marks a Timer.
const TimerSource = "qlik-task-chain-timer"

// TimerKind says what a Timer is for.
type TimerKind string

// The kinds of timers.
const (
	TimerStart   TimerKind = "start"   // a start that waits may be tried
	TimerLook    TimerKind = "look"    // a request may have been cut off, and left a start; or Qlik Cloud may answer now what is carried over
	TimerOverran TimerKind = "overran" // a start, or without a step a run, may have taken longer than max_duration
	TimerCycle   TimerKind = "cycle"   // a cycle in which a step waits has ended
	TimerRelease TimerKind = "release" // what a pause held may still be held, if the one who resumed was cut off
	TimerCancel  TimerKind = "cancel"  // something of a canceled run may still be under way, likewise
)

// Scheduled is what EventBridge Scheduler hands to the function each time that a recurring schedule says so.
type Scheduled struct {
	Source string    `json:"source"`         // always ScheduledSource
	Step   string    `json:"step,omitempty"` // the step that the schedule starts; empty: the schedule is the chain's
	Time   time.Time `json:"time"`           // ScheduledTime: when it was to be, the same when the invocation is repeated
}

// ScheduledSource marks a Scheduled.
const ScheduledSource = "qlik-task-chain-schedule"

// DeadlineCheck is what EventBridge Scheduler hands to the function when a time has come by which something has to be done.
type DeadlineCheck struct {
	Source   string    `json:"source"`   // always DeadlineSource
	Deadline string    `json:"deadline"` // Key of the Deadline
	Time     time.Time `json:"time"`     // ScheduledTime, as Scheduled's
}

// DeadlineSource marks a DeadlineCheck.
const DeadlineSource = "qlik-task-chain-deadline"

// ScheduledTime stands in the input of a schedule for the time at which the invocation was to be, as in 2022-03-22T18:59:43Z
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html).
const ScheduledTime = "<aws.scheduler.scheduled-time>"

// Sweep is what EventBridge Scheduler hands to the function for each comparison of Qlik Cloud's record with the chain's.
type Sweep struct {
	Source        string `json:"source"`                   // always SweepSource
	Webhook       string `json:"webhook,omitempty"`        // its id in Qlik Cloud
	EnableWebhook bool   `json:"enable_webhook,omitempty"` // when it is disabled
	Reloads       bool   `json:"reloads,omitempty"`        // whether events have the ids that the list of reloads has
	MaxAgeSeconds int    `json:"max_age_seconds"`          // the end of a reload that is older sets nothing off any more
}

// SweepSource marks a Sweep.
const SweepSource = "qlik-task-chain-sweep"
