// SPDX-License-Identifier: MPL-2.0

// Package chain holds the definition of a task chain: what the provider writes and the Lambda function acts on. It parses,
// validates, decides and draws. It does no I/O and knows neither AWS nor Terraform nor HTTP.
package chain

// Version is the version of the definition's format that this package reads and writes.
const Version = 1

// Limits of a definition. Those of variables and weight are the limits of Qlik's POST /api/v1/reloads.
const (
	// NamePattern is the regular expression of a chain's name. The names of all AWS objects of a chain contain it. The role's name also
	// contains the region and must fit into IAM's 64 characters.
	NamePattern = `^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`
	// NameRule describes NamePattern in words.
	NameRule = "1 to 32 lower-case letters, digits and hyphens, with a letter or digit at both ends"

	KeyMaxLength      = 200 // characters (Unicode code points) of a key of steps
	MaxVariables      = 20  // per step
	VariableMaxLength = 256 // characters (Unicode code points) of a variable's name, and of its value
	MinWeight         = 1
	MaxWeight         = 10
)

// Defaults and bounds of a definition.
const (
	DefaultTimezone    = "UTC"
	DefaultHistoryDays = 30
	MaxHistoryDays     = 365
	MinDelay           = minute // EventBridge Scheduler keeps time to the minute
	MaxDelay           = 24 * hour
	MaxAttempts        = 10
	DefaultInterval    = minute
	MaxInterval        = 24 * hour // of every wait between two attempts
	DefaultBackoffRate = 2.0
	MaxBackoffRate     = 10.0
	MinRate            = minute // likewise
	MaxRate            = 365 * 24 * hour
	MaxExcept          = 200 // dates of a schedule on which it starts nothing
	MinCarryOver       = hour
	MaxCarryOver       = 400 * 24 * hour
	MaxGuardLength     = 500 // characters (Unicode code points) of a guard
)

// Definition is one chain: its name and its steps.
type Definition struct {
	Version  int    `json:"version"`
	Name     string `json:"name"`
	Timezone string `json:"timezone,omitempty"` // IANA name, the zone of cycles, guards and times in the record; empty = DefaultTimezone
	Cycle    *Cycle `json:"cycle,omitempty"`    // when a business day begins and ends; nil = from 18:00 to 18:00
	// Schedule begins one run at every enabled step without upstream and without a schedule of its own; nil = none.
	Schedule    *Schedule    `json:"schedule,omitempty"`
	Overlap     Overlap      `json:"overlap,omitempty"`      // if the previous run of a schedule is still active; empty = OverlapAllow
	MaxRunning  int          `json:"max_running,omitempty"`  // most starts that are active at a time; 0 = any number
	MaxDuration *MaxDuration `json:"max_duration,omitempty"` // how long a run may take; nil = any time
	ExpectBy    *ExpectBy    `json:"expect_by,omitempty"`    // by when the whole chain must be done; nil = never
	NotifyOn    []NotifyOn   `json:"notify_on,omitempty"`    // ends of runs to notify of, in the order of NotifyOns; empty = failures
	SummaryAt   string       `json:"summary_at,omitempty"`   // HH:MM in Timezone, when the daily summary is sent; empty = never
	FailureLog  *FailureLog  `json:"failure_log,omitempty"`  // what the record keeps of the log of a failed reload; nil = nothing
	HistoryDays int          `json:"history_days,omitempty"` // how long the record of a run is kept; 0 = DefaultHistoryDays
	// Steps are the chain's steps by key. A key is a readable name. Everything else refers to a step by its key.
	Steps map[string]Step `json:"steps"`
}

// WaitFor defines which of its upstreams a step waits for.
type WaitFor string

// The ways to wait.
const (
	WaitForAll        WaitFor = "all"         // every upstream has the result that After names
	WaitForAny        WaitFor = "any"         // the first upstream in the run has it: once per run
	WaitForAllStarted WaitFor = "all_started" // like all, but ignores upstreams that were not needed, refused by a guard or disabled
	WaitForAllSettled WaitFor = "all_settled" // every upstream has settled, with any result
)

// WaitFors returns every way to wait, the default first.
func WaitFors() []WaitFor {
	return []WaitFor{WaitForAll, WaitForAny, WaitForAllStarted, WaitForAllSettled}
}

// Retry defines how often, and when, the chain repeats a failed reload before the failure counts.
type Retry struct {
	MaxAttempts int       `json:"max_attempts"`           // the first one included; 2 to the constant MaxAttempts
	Interval    Duration  `json:"interval,omitempty"`     // from the first failure to the second attempt; 0 = DefaultInterval
	BackoffRate float64   `json:"backoff_rate,omitempty"` // factor of each further wait, at least 1; 0 = DefaultBackoffRate
	RetryOn     []RetryOn `json:"retry_on,omitempty"`     // sorted; empty = all
}

// RetryOn is a way to fail that is retried. A canceled reload never is.
type RetryOn string

// The ways to fail.
const (
	RetryOnFailed        RetryOn = "failed"         // Qlik's status FAILED
	RetryOnExceededLimit RetryOn = "exceeded_limit" // Qlik's status EXCEEDED_LIMIT
)

// RetryOns returns every way to fail that can be retried, sorted.
func RetryOns() []RetryOn { return []RetryOn{RetryOnExceededLimit, RetryOnFailed} }

// Step is one step of a chain: what it starts, when and how. Its JSON is the stored form and uses the names of the attributes that users
// write. Exactly one of App, Automation, DataTask and Signal is set.
type Step struct {
	App        string    `json:"app,omitempty"`        // the Qlik app's id, a UUID in any case
	Automation string    `json:"automation,omitempty"` // the automation's id, a UUID in any case
	DataTask   *DataTask `json:"data_task,omitempty"`
	Signal     *Signal   `json:"signal,omitempty"`
	// After maps each upstream step's key to the outcome that starts this step. A step without upstreams is where a chain begins: it starts
	// by its Schedule or by hand only.
	After map[string]Condition `json:"after,omitempty"`
	// Schedule starts the step at set times; nil for none. Only without After.
	Schedule *Schedule `json:"schedule,omitempty"`
	WaitFor  WaitFor   `json:"wait_for,omitempty"` // empty = WaitForAll; only with two upstreams or more
	// CarryOver maps upstreams to a maximum age. If an upstream has no result in this cycle, its last result of an earlier cycle counts.
	CarryOver map[string]Duration `json:"carry_over,omitempty"`
	When      string              `json:"when,omitempty"`  // the guard, an expression that must be true when the step is due; see CompileGuard
	Delay     Duration            `json:"delay,omitempty"` // from when the step is due to its start; whole minutes
	Retry     *Retry              `json:"retry,omitempty"` // nil = one attempt; also applies to a reload that the chain did not start
	// MaxDuration is how long the step may take, counted from the request of its reload; nil = any time.
	MaxDuration *MaxDuration `json:"max_duration,omitempty"`
	// MaxStartsPerHour is how often the chain starts the step within an hour before it parks and reports it; 0 = DefaultMaxStartsPerHour.
	MaxStartsPerHour int       `json:"max_starts_per_hour,omitempty"`
	ExpectBy         *ExpectBy `json:"expect_by,omitempty"` // by when the step must be done; nil = never
	// Enabled reports whether the chain may start the step. It is true if the JSON omits it. If the step is disabled, a reload of the app
	// that another client started still starts the steps after it.
	Enabled   bool              `json:"enabled"`
	Partial   bool              `json:"partial,omitempty"`   // a partial reload: keeps the app's tables and runs its partial statements only
	Variables map[string]string `json:"variables,omitempty"` // set in the load script
	Weight    int               `json:"weight,omitempty"`    // 1 to 10, higher goes first in the tenant's queue; 0 = not set, Qlik's default
}
