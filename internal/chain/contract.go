// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"slices"
	"strings"
	"time"
)

// ContractVersion is the version of what the provider and the function agree on: the environment, the forms of the parameters, the
// payloads. The function does not start if its code and its environment have different versions. Events then wait in Lambda until both
// match.
const ContractVersion = "1"

// Environment variables of the Lambda function. The provider writes them, and the function reads them. A revision is a parameter's version
// and the time of its last write. When a parameter changes, its revision changes the environment. Lambda then starts fresh execution
// environments, which read the new value at once.
const (
	EnvContract               = "CONTRACT"                // ContractVersion of the provider that wrote it
	EnvChainName              = "CHAIN_NAME"              // the chain's name
	EnvTenantURL              = "QLIK_TENANT_URL"         // https://tenant.region.qlikcloud.com
	EnvTenantID               = "QLIK_TENANT_ID"          // what an event's tenantid must be
	EnvDefinitionParameter    = "DEFINITION_PARAMETER"    // SSM parameter (String): the definition's JSON
	EnvDefinitionRevision     = "DEFINITION_REVISION"     // its revision
	EnvCredentialsParameter   = "CREDENTIALS_PARAMETER"   // SSM parameter (SecureString): qlik.Credentials as JSON
	EnvCredentialsRevision    = "CREDENTIALS_REVISION"    // its revision
	EnvCredentialsFingerprint = "CREDENTIALS_FINGERPRINT" // distinguishes sets of credentials without revealing them
	EnvCredentialsVersion     = "CREDENTIALS_VERSION"     // credentials_wo_version; empty for the provider's own credentials
	//nolint:gosec // the name of a variable, not what it holds
	EnvSecretsKMSKeyARN       = "SECRETS_KMS_KEY_ARN"      // the customer managed key that encrypts the SecureStrings; empty for aws/ssm
	EnvTable                  = "TABLE_NAME"               // DynamoDB table: the chain's state and record
	EnvEndpointDynamoDB       = "ENDPOINT_DYNAMODB"        // the URL of DynamoDB that matches the provider's FIPS and dual-stack settings
	EnvEndpointEvents         = "ENDPOINT_EVENTS"          // the same for EventBridge
	EnvEndpointScheduler      = "ENDPOINT_SCHEDULER"       // the same for EventBridge Scheduler
	EnvEndpointSNS            = "ENDPOINT_SNS"             // for SNS
	EnvEndpointSQS            = "ENDPOINT_SQS"             // for SQS
	EnvEndpointSSM            = "ENDPOINT_SSM"             // for SSM
	EnvScheduleGroup          = "SCHEDULE_GROUP"           // EventBridge Scheduler group for timers
	EnvTimerRoleARN           = "TIMER_ROLE_ARN"           // role under which EventBridge Scheduler invokes the function
	EnvDeadLetterQueueARN     = "DEAD_LETTER_QUEUE_ARN"    // SQS queue for payloads that failed
	EnvOperatorKeyID          = "OPERATOR_KEY_ID"          // API Gateway's id of the operators' key
	EnvViewerKeyID            = "VIEWER_KEY_ID"            // API Gateway's id of the read-only key; empty without one
	EnvSignalKeyID            = "SIGNAL_KEY_ID"            // API Gateway's id of the key for signals; empty without one
	EnvOperatorAuth           = "OPERATOR_AUTH"            // OperatorAuthIAM; empty for OperatorAuthKey
	EnvInvokeURL              = "INVOKE_URL"               // URL of the chain's API, for the links in notifications
	EnvMetrics                = "METRICS"                  // "off" for none
	EnvAlarmActions           = "ALARM_ACTIONS"            // comma-separated ARNs that receive alarms and notifications; empty for none
	EnvEventBus               = "EVENT_BUS"                // name or ARN of the bus that the chain's events go to; empty for none
	EnvRoleID                 = "ROLE_ID"                  // the role's unique id, see the provider
	EnvSigningSecretParameter = "SIGNING_SECRET_PARAMETER" // SSM parameter (SecureString): SigningSecret as JSON
	EnvSigningSecretRevision  = "SIGNING_SECRET_REVISION"  // its revision
)

// EventSource is the source of the chain's events on a bus.
const EventSource = "qlik-task-chain"

// Ways in which operators authenticate.
const (
	OperatorAuthKey = "key" // with the operators' API key
	OperatorAuthIAM = "iam" // with an AWS signature, which identifies the caller
)

// MetricsOff is the value of EnvMetrics that disables the metrics.
const MetricsOff = "off"

// Topics returns the alarm actions that are SNS topics. The function publishes failures to them itself.
func Topics(actions []string) []string {
	return slices.DeleteFunc(slices.Clone(actions), func(action string) bool { return !IsTopic(action) })
}

// IsTopic reports whether an ARN belongs to an SNS topic.
func IsTopic(arn string) bool { return strings.Split(arn+":::", ":")[2] == "sns" }

// Delivery is what API Gateway passes to the function for one webhook delivery. The mapping template of POST / makes it. The body is in
// base64 because the signature covers its exact bytes.
type Delivery struct {
	Source    string `json:"source"`     // always DeliverySource: distinguishes a delivery from API Gateway's proxy events
	RequestID string `json:"request_id"` // API Gateway's request id
	APIKeyID  string `json:"api_key_id"` // API Gateway's id of the key that came with it
	Body      []byte `json:"body"`       // the request's body
	// The header Qlik-Signature. API Gateway looks up headers by their spelling on arrival: as sent over HTTP/1.1, lower case over HTTP/2.
	// One of the two is empty. Base64 too, so that no header value can break the JSON.
	Signature      []byte `json:"signature"`
	SignatureLower []byte `json:"signature_lower"`
}

// DeliverySource marks a Delivery.
const DeliverySource = "qlik-webhook"

// Timer is what EventBridge Scheduler passes to the function when a wait is over.
type Timer struct {
	Source  string    `json:"source"` // always TimerSource
	Kind    TimerKind `json:"kind"`
	Cycle   string    `json:"cycle,omitempty"`   // for all kinds but TimerRelease and TimerQuiet
	Run     string    `json:"run,omitempty"`     // for the kinds with a start or a run; for TimerLook if a request began one
	Step    string    `json:"step,omitempty"`    // for a start, TimerQuiet, and TimerLook at an attempt: the step's id in runs
	Attempt int       `json:"attempt,omitempty"` // likewise
	Report  string    `json:"report,omitempty"`  // for TimerQuiet: the id of the report that the signals make
	Asked   int       `json:"asked,omitempty"`   // for TimerPoll: how often Qlik Cloud was asked, this time included
	Due     time.Time `json:"due"`
}

// TimerSource marks a Timer.
const TimerSource = "qlik-task-chain-timer"

// TimerKind is the purpose of a Timer.
type TimerKind string

// The kinds of timers.
const (
	TimerStart   TimerKind = "start"   // a waiting start may be tried
	TimerLook    TimerKind = "look"    // an execution may have broken off and left a start; or Qlik Cloud may now answer what carry_over needs
	TimerOverran TimerKind = "overran" // a start, or without a step a run, may have taken longer than max_duration
	TimerPoll    TimerKind = "poll"    // Qlik Cloud is asked whether the run of an automation or a data task has ended
	TimerQuiet   TimerKind = "quiet"   // no further signal may have come for a step's quiet time
	TimerCycle   TimerKind = "cycle"   // a cycle in which a step waits has ended
	TimerRelease TimerKind = "release" // starts may still be parked after a resume that broke off
	TimerCancel  TimerKind = "cancel"  // parts of a canceled run may still be active after a cancellation that broke off
)

// Scheduled is what EventBridge Scheduler passes to the function each time a recurring schedule is due.
type Scheduled struct {
	Source string    `json:"source"`         // always ScheduledSource
	Step   string    `json:"step,omitempty"` // the step that the schedule starts; empty: the schedule is the chain's
	Time   time.Time `json:"time"`           // ScheduledTime: when it was due; a repeated invocation has the same time
}

// ScheduledSource marks a Scheduled.
const ScheduledSource = "qlik-task-chain-schedule"

// SummaryCheck is what EventBridge Scheduler passes to the function when the daily summary is due.
type SummaryCheck struct {
	Source string    `json:"source"` // always SummarySource
	Time   time.Time `json:"time"`
}

// SummarySource marks a SummaryCheck.
const SummarySource = "qlik-task-chain-summary"

// DeadlineCheck is what EventBridge Scheduler passes to the function when a deadline has come.
type DeadlineCheck struct {
	Source   string    `json:"source"`   // always DeadlineSource
	Deadline string    `json:"deadline"` // Key of the Deadline
	Time     time.Time `json:"time"`     // ScheduledTime, as in Scheduled
}

// DeadlineSource marks a DeadlineCheck.
const DeadlineSource = "qlik-task-chain-deadline"

// ScheduledTime is a placeholder in a schedule's input. EventBridge Scheduler replaces it with the time for which the invocation was
// scheduled, for example 2022-03-22T18:59:43Z
// (https://docs.aws.amazon.com/scheduler/latest/UserGuide/managing-schedule-context-attributes.html).
const ScheduledTime = "<aws.scheduler.scheduled-time>"

// Sweep is what EventBridge Scheduler passes to the function for each comparison of Qlik Cloud's record with the chain's.
type Sweep struct {
	Source        string `json:"source"`                   // always SweepSource
	Webhook       string `json:"webhook,omitempty"`        // its id in Qlik Cloud
	EnableWebhook bool   `json:"enable_webhook,omitempty"` // whether to enable it if it is disabled
	Reloads       bool   `json:"reloads,omitempty"`        // whether events have the same ids as the list of reloads
	MaxAgeSeconds int    `json:"max_age_seconds"`          // an older end of a reload no longer starts anything
}

// SweepSource marks a Sweep.
const SweepSource = "qlik-task-chain-sweep"
