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

// Spec is what a chain's stack is to be.
type Spec struct {
	Definition *chain.Definition
	TenantURL  string

	// Credentials are written when their fingerprint or their version is not the one that the function has.
	Credentials            qlik.Credentials
	CredentialsFingerprint string
	CredentialsVersion     string // of write-only credentials; empty for the provider's own

	// A change of either makes a new key or secret, and lets the old one be accepted until the new one is in use everywhere.
	APIKeyRotation        string
	SigningSecretRotation string

	EventType    string // com.qlik.v1.reload.finished or com.qlik.v1.app.reload.finished
	WebhookLevel string // tenant or user

	Architecture       string // arm64 or x86_64
	CodeZip            []byte
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

	Reconciliation Reconciliation
	Paused         bool   // whether starts are held
	ViewerKey      bool   // whether there is a key for those who may only look
	OperatorAuth   string // chain.OperatorAuthKey or chain.OperatorAuthIAM

	Tags map[string]string // besides the chain's own
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

// State is what is known of a stack. Empty strings, zeros and nil stand for what is not there.
type State struct {
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

	Definition             *chain.Definition // nil also when the parameter cannot be read as a definition
	CredentialsFingerprint string
	CredentialsVersion     string
	APIKeyRotation         string
	SigningSecret          bool // whether there is one
	SigningSecretRotation  string
	EventType              string
	WebhookLevel           string
	Architecture           string
	CodeSHA256             string
	MemorySize             int32
	LogRetentionInDays     int32
	AlarmActions           []string // as the function has them
	Metrics                bool     // likewise
	PointInTimeRecovery    bool
	KMSKeyARN              string
	LogGroupKMSKeyARN      string
	PermissionsBoundaryARN string // of the function's role
	RolePath               string // likewise
	ReservedConcurrency    *int32
	SourceIPRanges         []string
	Throttle               *Throttle
	Reconciliation         *Reconciliation // nil also when its schedule cannot be read as one
	Paused                 bool
	OperatorAuth           string            // as the function has it
	Tags                   map[string]string // of the function, without the chain's own

	present map[string]bool // by component
}

// Empty tells whether nothing is left of the stack.
func (s *State) Empty() bool {
	for _, there := range s.present {
		if there {
			return false
		}
	}
	return true
}

func (s *State) setPresent(component string, there bool) {
	if s.present == nil {
		s.present = map[string]bool{}
	}
	s.present[component] = there
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
