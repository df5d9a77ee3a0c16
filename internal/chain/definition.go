// SPDX-License-Identifier: MPL-2.0

// Package chain holds the definition of a task chain: what the provider writes and the Lambda function acts on. It parses,
// validates, decides and draws. It does no I/O and knows neither AWS nor Terraform nor HTTP.
package chain

import "time"

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
	DefaultMaxDepth    = 100
	MaxMaxDepth        = 1000
	DefaultHistoryDays = 30
	MaxHistoryDays     = 365
	// DefaultWindow is shorter than a day, so that an upstream of the day before never stands in for today's.
	DefaultWindow      = 12 * time.Hour
	MinWindow          = time.Minute
	MaxWindow          = 7 * 24 * time.Hour
	MinDelay           = time.Minute // EventBridge Scheduler keeps time to the minute
	MaxDelay           = 24 * time.Hour
	MaxAttempts        = 10
	DefaultInterval    = time.Minute
	MaxInterval        = 24 * time.Hour // of every wait between two attempts
	DefaultBackoffRate = 2.0
	MaxBackoffRate     = 10.0
	MinRate            = time.Minute // likewise
	MaxRate            = 365 * 24 * time.Hour
	MaxGuardLength     = 500 // characters (Unicode code points) of a guard
)

// Definition is one chain: its name and its steps.
type Definition struct {
	Version     int
	Name        string
	Timezone    string          // IANA name, the zone of guards and of times in the record; empty = DefaultTimezone
	MaxDepth    int             // most steps in a row from a run's first; 0 = DefaultMaxDepth
	ExpectBy    *ExpectBy       // by when all of it has to be done; nil = never
	HistoryDays int             // how long the record of a run is kept; 0 = DefaultHistoryDays
	Steps       map[string]Step // the keys are names that people read; everything else refers to a step by its key
}

// WaitFor says which of a step's upstreams must have ended as After asks.
type WaitFor string

// The ways to wait.
const (
	WaitForAll WaitFor = "all" // the step starts when the last of them has
	WaitForAny WaitFor = "any" // the step starts each time that one of them has
)

// WaitFors returns every way to wait, the default first.
func WaitFors() []WaitFor { return []WaitFor{WaitForAll, WaitForAny} }

// Retry says how often, and when, a failed reload is started again before its failure counts.
type Retry struct {
	MaxAttempts int           // the first one included; 2 to the constant MaxAttempts
	Interval    time.Duration // from the first failure to the second attempt; 0 = DefaultInterval
	BackoffRate float64       // what each further wait is multiplied by, at least 1; 0 = DefaultBackoffRate
	RetryOn     []RetryOn     // sorted; empty = all
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

// Step is one app of a chain, and when and how the chain reloads it.
type Step struct {
	App string // the Qlik app's id, a UUID in any case
	// After holds the upstream steps' keys and the outcome that starts this step. Without any, the step is where a
	// chain begins: only its Schedule, or a person, starts it.
	After map[string]Condition
	// Schedule starts the step at set times; nil for none. Only without After.
	Schedule *Schedule
	WaitFor  WaitFor       // empty = WaitForAll; only with two upstreams or more
	Window   time.Duration // how far apart the arrivals of WaitForAll may be; 0 = DefaultWindow; only with two upstreams or more
	When     string        // the guard, an expression that must be true when the step is due; see CompileGuard
	Delay    time.Duration // from the moment in which the step is due to its start; whole minutes
	Retry    *Retry        // nil = one attempt; also counts for a reload that somebody else started
	ExpectBy *ExpectBy     // by when the step has to be done; nil = never
	// Enabled is whether the chain may start the step. A reload of the app that someone else started carries the chain
	// along all the same.
	Enabled   bool
	Partial   bool              // a partial reload: keeps the app's tables and runs its partial statements only
	Variables map[string]string // set in the load script
	Weight    int               // 1 to 10, higher goes first in the tenant's queue; 0 = not set, Qlik's default
}
