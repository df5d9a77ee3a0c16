// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// These settings are the same for the function of every chain.
const (
	functionRuntime        = "provided.al2023"
	functionTimeoutSeconds = 60 // a fan-out waits for the slowest answer of Qlik Cloud, and a call is repeated
	liveStage              = "live"
)

// Settings are the settings of a chain's stack, wanted or found. In a found stack, empty strings, zeros and nil stand for missing parts.
type Settings struct {
	Definition *chain.Definition // of a found stack, also nil when the parameter is unreadable

	// CredentialsFingerprint and CredentialsVersion identify the function's credentials. The credentials are written when either differs
	// from the function's.
	CredentialsFingerprint string
	CredentialsVersion     string // of write-only credentials; empty for the provider's own

	// APIKeyRotation and SigningSecretRotation cause a new key or secret when they change. The old one is accepted until the new one is in
	// use everywhere.
	APIKeyRotation        string
	SigningSecretRotation string

	EventType    string // com.qlik.v1.reload.finished or com.qlik.v1.app.reload.finished
	WebhookLevel string // tenant or user

	Architecture       string // arm64 or x86_64
	CodeSHA256         string // base64, as Lambda's CodeSha256
	MemorySize         int32  // MB
	LogRetentionInDays int32

	AlarmActions []string // ARNs, sorted; none: no alarms, and no notification of a failed step
	Metrics      bool

	PointInTimeRecovery bool   // of the table
	KMSKeyARN           string // of the customer managed key of table, secrets and environment; empty: keys that AWS owns or manages
	LogGroupKMSKeyARN   string // the same for the log group; the policy of this key has to admit CloudWatch Logs

	PermissionsBoundaryARN string // of both roles; empty for none
	RolePath               string // of both roles: / or /team/

	ReservedConcurrency *int32    // of the function; nil for a share of the account's
	SourceIPRanges      []string  // CIDR blocks that may call the API, sorted; empty for all
	Throttle            *Throttle // of the stage; nil for the account's
	Events              *Events   // nil: the function puts no events on a bus

	Paused       bool              // whether starts are parked
	OperatorAuth string            // chain.OperatorAuthKey or chain.OperatorAuthIAM
	Tags         map[string]string // besides the chain's own
}

// Spec is the wanted state of a chain's stack.
type Spec struct {
	Settings

	TenantURL      string
	Credentials    qlik.Credentials
	CodeZip        []byte
	Reconciliation Reconciliation
	ViewerKey      bool // whether there is a key for viewers
	SignalKey      bool // whether there is a key for signals
	KeepPause      bool // whether the chain stays paused or not, as it is
}

// Throttle limits the requests to the stage.
type Throttle struct {
	RateLimit  float64 `json:"rate_limit"`  // requests a second, steadily
	BurstLimit int32   `json:"burst_limit"` // requests at once
}

// Events is where the function reports what has ended.
type Events struct {
	Bus string `json:"bus"` // name or ARN of an EventBridge bus
}

// Reconciliation is how the chain's record is compared with Qlik Cloud's own.
type Reconciliation struct {
	Enabled       bool          `json:"enabled"`
	Interval      time.Duration `json:"interval"`       // whole minutes
	MaxAge        time.Duration `json:"max_age"`        // an older end of a reload starts nothing
	EnableWebhook bool          `json:"enable_webhook"` // whether to enable the webhook when it is found disabled
}

// State is what is known about a stack.
type State struct {
	Settings

	PausedBy *chain.Operation // who has paused the chain; nil: it is not paused, or that is not known

	Instance           string // see TagInstance
	LogGroupName       string
	TableName          string
	DeadLetterQueueURL string
	ScheduleGroupName  string
	RoleARN            string
	FunctionARN        string
	RestAPIID          string
	APIKeyID           string
	WebhookKeyID       string
	ViewerKeyID        string
	SignalKeyID        string
	UsagePlanID        string
	WebhookID          string
	InvokeURL          string

	SigningSecret  bool            // whether there is one
	Reconciliation *Reconciliation // nil also when its schedule cannot be read as one

	there bool // whether anything of the stack exists
}

// Empty reports whether nothing is left of the stack.
func (s *State) Empty() bool { return !s.there }

// note records, and returns, whether a component exists.
func (s *State) note(there bool) bool {
	s.there = s.there || there
	return there
}

// Difference is one setting that is not as wanted.
type Difference struct {
	Setting string // function.timeout
	Have    string // the found value, in words: "3", "missing"
	Want    string // the wanted value; empty when Have says it all
}

// String describes the difference in words.
func (d Difference) String() string {
	if d.Want == "" {
		return d.Have
	}
	return orNone(d.Have) + ", should be " + d.Want
}

// unequal returns those of the settings that are not as wanted, with the prefix before their names.
func unequal(prefix string, settings []Difference) []Difference {
	var all []Difference
	for _, setting := range settings {
		if setting.Have != setting.Want {
			setting.Setting = prefix + setting.Setting
			all = append(all, setting)
		}
	}
	return all
}

const missing = "missing"
