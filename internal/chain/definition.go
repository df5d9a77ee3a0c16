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

	KeyMaxLength      = 200 // characters (Unicode code points) of a key of apps
	MaxVariables      = 20  // per step
	VariableMaxLength = 256 // characters (Unicode code points) of a variable's name, and of its value
	MinWeight         = 1
	MaxWeight         = 10
)

// Definition is one chain: its name and its steps.
type Definition struct {
	Version int
	Name    string
	Apps    map[string]Step // the keys are names that people read; everything else refers to a step by its key
}

// Step is one app of a chain, and when and how the chain reloads it.
type Step struct {
	ID string // the Qlik app's id, a UUID in any case
	// After holds the upstream steps' keys and the outcome that starts this step. Each upstream counts by itself: with
	// several of them, each arrival starts the step. Without any, the chain never starts the step: it is where a chain begins.
	After map[string]Condition
	// Enabled is whether the chain may start the step. A reload of the app that someone else started carries the chain
	// along all the same.
	Enabled   bool
	Partial   bool              // a partial reload: keeps the app's tables and runs its partial statements only
	Variables map[string]string // set in the load script
	Weight    int               // 1 to 10, higher goes first in the tenant's queue; 0 = not set, Qlik's default
}
