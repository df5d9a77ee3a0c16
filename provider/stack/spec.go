// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// What every function of a chain is given, whatever the chain.
const (
	functionRuntime        = "provided.al2023"
	functionTimeoutSeconds = 60 // a fan-out waits for the slowest answer of Qlik Cloud, and a call is repeated
	liveStage              = "live"
)

// Settings are what a chain's stack is to be, and what it was found to be. Of a found stack, empty strings, zeros and nil stand for what is
// not there.
type Settings struct {
	Definition *chain.Definition // of a found stack, nil also when the parameter cannot be read as one

	// The credentials are written when their fingerprint or their version is not the one that the function has.
	CredentialsFingerprint string
	CredentialsVersion     string // of write-only credentials; empty for the provider's own

	// A change of either makes a new key or secret, and lets the old one be accepted until the new one is in use everywhere.
	APIKeyRotation        string
	SigningSecretRotation string

	EventType    string // com.qlik.v1.reload.finished or com.qlik.v1.app.reload.finished
	WebhookLevel string // tenant or user

	Architecture       string // arm64 or x86_64
	CodeSHA256         string // base64, as Lambda's CodeSha256
	MemorySize         int32  // MB
	LogRetentionInDays int32

	AlarmActions []string // ARNs, sorted; none: no alarms, and nobody is told of a failed step
	Metrics      bool

	PointInTimeRecovery bool   // of the table
	KMSKeyARN           string // of the customer managed key of table, secrets and environment; empty: keys that AWS owns or manages
	LogGroupKMSKeyARN   string // likewise of the log group, whose key's policy has to admit CloudWatch Logs

	PermissionsBoundaryARN string // of both roles; empty for none
	RolePath               string // of both roles: / or /team/

	ReservedConcurrency *int32    // of the function; nil for a share of the account's
	SourceIPRanges      []string  // CIDR blocks that may call the API, sorted; empty for all
	Throttle            *Throttle // of the stage; nil for the account's

	Paused       bool              // whether starts are held
	OperatorAuth string            // chain.OperatorAuthKey or chain.OperatorAuthIAM
	Tags         map[string]string // besides the chain's own
}

// Spec is what a chain's stack is to be.
type Spec struct {
	Settings

	TenantURL      string
	Credentials    qlik.Credentials
	CodeZip        []byte
	Reconciliation Reconciliation
	ViewerKey      bool // whether there is a key for those who may only look
}

// Throttle limits the requests to the stage.
type Throttle struct {
	RateLimit  float64 // requests a second, steadily
	BurstLimit int32   // requests at once
}

// Reconciliation is how Qlik Cloud's own record is compared with the chain's.
type Reconciliation struct {
	Enabled       bool
	Interval      time.Duration // whole minutes
	MaxAge        time.Duration // the end of a reload that is older sets nothing off any more
	EnableWebhook bool          // when it is found disabled
}

// State is what is known of a stack.
type State struct {
	Settings

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
	UsagePlanID        string
	WebhookID          string
	InvokeURL          string

	SigningSecret  bool            // whether there is one
	Reconciliation *Reconciliation // nil also when its schedule cannot be read as one

	there bool // whether anything of the stack is
}

// Empty tells whether nothing is left of the stack.
func (s *State) Empty() bool { return !s.there }

// note takes over, and returns, whether a component is there.
func (s *State) note(there bool) bool {
	s.there = s.there || there
	return there
}

// Difference is one setting that is not as wanted.
type Difference struct {
	Setting string // function.timeout
	Have    string // what there is, in words: "3", "missing"
	Want    string // what there should be; empty when Have says it all
}

func (d Difference) String() string {
	if d.Want == "" {
		return d.Have
	}
	return orNone(d.Have) + ", should be " + d.Want
}

// unequal are those of the settings that are not as wanted, with the prefix before their names.
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
