// SPDX-License-Identifier: MPL-2.0

// Package chain holds the definition of a task chain: what the provider writes and the Lambda function acts on. It parses,
// validates, decides and draws. It does no I/O and knows neither AWS nor Terraform nor HTTP.
package chain

// Version is the version of the definition's format that this package reads and writes.
const Version = 1

// What a definition may hold. The limits of variables and weight are those of Qlik's POST /api/v1/reloads.
const (
	// NamePattern is the regular expression of a chain's name. The name is part of the names of all its AWS objects, of which
	// the role's, with the region in it, must fit IAM's 64 characters.
	NamePattern = `^[a-z0-9]([a-z0-9-]{0,30}[a-z0-9])?$`
	// NameMaxLength is the length of the longest name that NamePattern matches.
	NameMaxLength = 32
	// NameRule says in words what NamePattern asks for.
	NameRule = "1 to 32 lower-case letters, digits and hyphens, with a letter or digit at both ends"

	KeyMaxLength      = 200 // characters (Unicode code points) of a key of steps
	MaxVariables      = 20  // per step
	VariableMaxLength = 256 // characters (Unicode code points) of a variable's name, and of its value
	MinWeight         = 1
	MaxWeight         = 10
)

// What applies where a definition is silent, and what it may ask for.
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
	Overlap     Overlap      `json:"overlap,omitempty"`      // what a schedule does while its previous run is under way; empty = OverlapAllow
	MaxRunning  int          `json:"max_running,omitempty"`  // most starts that are under way at a time; 0 = any number
	MaxDuration *MaxDuration `json:"max_duration,omitempty"` // how long a run may take; nil = any time
	ExpectBy    *ExpectBy    `json:"expect_by,omitempty"`    // by when all of it has to be done; nil = never
	NotifyOn    []NotifyOn   `json:"notify_on,omitempty"`    // ends of runs to notify of, in the order of NotifyOns; empty = failures
	HistoryDays int          `json:"history_days,omitempty"` // how long the record of a run is kept; 0 = DefaultHistoryDays
	// Steps are the chain's steps. The keys are names that people read; everything else refers to a step by its key.
	Steps map[string]Step `json:"steps"`
}

// WaitFor says which of its upstreams a step waits for.
type WaitFor string

// The ways to wait.
const (
	WaitForAll        WaitFor = "all"         // every upstream has the result that After names
	WaitForAny        WaitFor = "any"         // the first upstream in the run has it: once per run
	WaitForAllStarted WaitFor = "all_started" // like all, but upstreams that were not needed, refused by a guard or disabled are passed over
	WaitForAllSettled WaitFor = "all_settled" // every upstream has settled, however
)

// WaitFors returns every way to wait, the default first.
func WaitFors() []WaitFor {
	return []WaitFor{WaitForAll, WaitForAny, WaitForAllStarted, WaitForAllSettled}
}

// Retry says how often, and when, a failed reload is started again before its failure counts.
type Retry struct {
	MaxAttempts int       `json:"max_attempts"`           // the first one included; 2 to the constant MaxAttempts
	Interval    Duration  `json:"interval,omitempty"`     // from the first failure to the second attempt; 0 = DefaultInterval
	BackoffRate float64   `json:"backoff_rate,omitempty"` // what each further wait is multiplied by, at least 1; 0 = DefaultBackoffRate
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

// Step is one app of a chain, and when and how the chain reloads it. Its JSON is what the definition stores, and has the names of the
// attributes that users write.
type Step struct {
	App string `json:"app"` // the Qlik app's id, a UUID in any case
	// After holds the upstream steps' keys and the outcome that starts this step. Without any, the step is where a
	// chain begins: only its Schedule, or a person, starts it.
	After map[string]Condition `json:"after,omitempty"`
	// Schedule starts the step at set times; nil for none. Only without After.
	Schedule *Schedule `json:"schedule,omitempty"`
	WaitFor  WaitFor   `json:"wait_for,omitempty"` // empty = WaitForAll; only with two upstreams or more
	// CarryOver holds upstreams whose last result of an earlier cycle counts while this one has none, and how old it may be.
	CarryOver map[string]Duration `json:"carry_over,omitempty"`
	When      string              `json:"when,omitempty"`  // the guard, an expression that must be true when the step is due; see CompileGuard
	Delay     Duration            `json:"delay,omitempty"` // from the moment in which the step is due to its start; whole minutes
	Retry     *Retry              `json:"retry,omitempty"` // nil = one attempt; also counts for a reload that the chain did not start
	// MaxDuration is how long the step may take from the request of its reload on; nil = any time.
	MaxDuration *MaxDuration `json:"max_duration,omitempty"`
	// MaxStartsPerHour is how often the chain starts the step within an hour, before it parks and reports it; 0 = DefaultMaxStartsPerHour.
	MaxStartsPerHour int       `json:"max_starts_per_hour,omitempty"`
	ExpectBy         *ExpectBy `json:"expect_by,omitempty"` // by when the step has to be done; nil = never
	// Enabled is whether the chain may start the step; true if the JSON does not say it. A reload of the app that someone else started
	// carries the chain along all the same.
	Enabled   bool              `json:"enabled"`
	Partial   bool              `json:"partial,omitempty"`   // a partial reload: keeps the app's tables and runs its partial statements only
	Variables map[string]string `json:"variables,omitempty"` // set in the load script
	Weight    int               `json:"weight,omitempty"`    // 1 to 10, higher goes first in the tenant's queue; 0 = not set, Qlik's default
}
