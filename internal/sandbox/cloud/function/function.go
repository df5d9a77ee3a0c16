// SPDX-License-Identifier: MPL-2.0

package function

import (
	"runtime"
	"time"

	"golang.org/x/sync/semaphore"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// settings are the settings of CreateFunction and UpdateFunctionConfiguration.
type settings struct {
	Role             string
	Handler          string
	Runtime          string
	Description      string
	Timeout          int // seconds
	MemorySize       int // MB
	Variables        map[string]string
	Logging          loggingConfig
	EphemeralStorage int // MB
	Tracing          string
	attachments
}

// code is the code of CreateFunction and UpdateFunctionCode.
type code struct {
	zip          []byte
	sha256       string // base64
	root         string // the folder with the unpacked zip
	architecture string
	token        string // makes Code.Location unguessable
}

// function is a function: its version $LATEST and everything that belongs to it. The service's mutex guards it.
type function struct {
	name     string
	arn      string
	settings settings
	grantee  string // id of the role that was granted the use of the key for the environment
	code     code
	tags     wire.Tags
	policy   []statement

	modified       time.Time
	revision       string
	policyRevision string
	activeAt       time.Time // until then the state is Pending
	settledAt      time.Time // until then an update is in progress

	running *execution.Pool // the pool of the current version
	next    *execution.Pool // takes over at settledAt
	slots   *semaphore.Weighted

	url          *functionURL       // nil when there is none
	reserved     *int               // concurrent executions; nil when none are reserved
	asynchronous *eventInvokeConfig // nil when there is none
	failed       bool               // see Service.Fail
}

// version returns the version from which execution environments start.
func (f *function) version() execution.Version {
	return execution.Version{
		Name: f.name, ARN: f.arn, RoleARN: f.settings.Role, Grantee: f.grantee, Handler: f.settings.Handler, Runtime: f.settings.Runtime,
		Architecture: f.code.architecture, MemoryMB: f.settings.MemorySize,
		Timeout:   time.Duration(f.settings.Timeout) * time.Second,
		Variables: f.settings.Variables, LogGroup: f.settings.Logging.LogGroup,
		LogJSON: f.settings.Logging.LogFormat == logFormatJSON, TaskRoot: f.code.root,
	}
}

func (f *function) pending(now time.Time) bool  { return now.Before(f.activeAt) }
func (f *function) updating(now time.Time) bool { return now.Before(f.settledAt) }

// pool returns the pool for an invocation that begins now. While an update is in progress, that is the previous version's pool. Afterwards
// its environments are retired: if retire is not nil, the caller must call it without the service's mutex.
func (f *function) pool(now time.Time) (pool *execution.Pool, retire func()) {
	if f.next == nil || f.updating(now) {
		return f.running, nil
	}
	before := f.running
	f.running, f.next = f.next, nil
	return f.running, before.Retire
}

// Values of the API's enumerations.
const (
	logFormatText = "Text"
	logFormatJSON = "JSON"
)

type loggingConfig struct {
	LogFormat           string `json:",omitempty"`
	ApplicationLogLevel string `json:",omitempty"`
	SystemLogLevel      string `json:",omitempty"`
	LogGroup            string `json:",omitempty"`
}

// configuration is the API's FunctionConfiguration.
type configuration struct {
	FunctionName               string
	FunctionArn                string
	Runtime                    string
	Role                       string
	Handler                    string
	CodeSize                   int
	Description                string
	Timeout                    int
	MemorySize                 int
	LastModified               string
	CodeSha256                 string
	Version                    string
	Environment                *environmentConfig `json:",omitempty"`
	TracingConfig              mode
	RevisionId                 string //nolint:revive // the API's spelling
	State                      string
	StateReason                string `json:",omitempty"`
	StateReasonCode            string `json:",omitempty"`
	LastUpdateStatus           string `json:",omitempty"`
	LastUpdateStatusReason     string `json:",omitempty"`
	LastUpdateStatusReasonCode string `json:",omitempty"`
	PackageType                string
	Architectures              []string
	EphemeralStorage           size
	SnapStart                  snapStart
	LoggingConfig              loggingConfig
	KMSKeyArn                  string       `json:",omitempty"`
	Layers                     []layer      `json:",omitempty"`
	VpcConfig                  *vpcAnswer   `json:",omitempty"`
	DeadLetterConfig           *target      `json:",omitempty"`
	FileSystemConfigs          []fileSystem `json:",omitempty"`
}

type environmentConfig struct{ Variables map[string]string }
type mode struct{ Mode string }
type size struct{ Size int }
type snapStart struct{ ApplyOn, OptimizationStatus string }

// configuration returns the function's current configuration.
func (f *function) configuration(now time.Time) configuration {
	c := configuration{
		FunctionName: f.name, FunctionArn: f.arn, Runtime: f.settings.Runtime, Role: f.settings.Role, Handler: f.settings.Handler,
		CodeSize: len(f.code.zip), CodeSha256: f.code.sha256, Description: f.settings.Description, Timeout: f.settings.Timeout,
		MemorySize: f.settings.MemorySize, LastModified: f.modified.UTC().Format("2006-01-02T15:04:05.000+0000"), Version: "$LATEST",
		TracingConfig: mode{f.settings.Tracing}, RevisionId: f.revision, State: "Active", LastUpdateStatus: "Successful",
		PackageType: "Zip", Architectures: []string{f.code.architecture}, EphemeralStorage: size{f.settings.EphemeralStorage},
		SnapStart: snapStart{ApplyOn: "None", OptimizationStatus: "Off"}, LoggingConfig: f.settings.Logging,
	}
	if len(f.settings.Variables) > 0 {
		c.Environment = &environmentConfig{f.settings.Variables}
	}
	f.settings.describe(&c)
	if f.failed {
		c.State, c.StateReason, c.StateReasonCode = "Failed", "An internal error occurred.", "InternalError"
	}
	if f.pending(now) {
		c.State, c.StateReason, c.StateReasonCode = "Pending", "The function is being created.", "Creating"
		c.LastUpdateStatus = ""
	}
	if f.updating(now) {
		c.LastUpdateStatus, c.LastUpdateStatusReason, c.LastUpdateStatusReasonCode = "InProgress", "The function is being created.", "Creating"
	}
	return c
}

// HostArchitecture returns Lambda's name of this host's instruction set. Deploy for it if a zip's own binary must run here.
func HostArchitecture() string {
	if runtime.GOARCH == "arm64" {
		return "arm64"
	}
	return "x86_64"
}
