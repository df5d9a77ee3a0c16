// SPDX-License-Identifier: MPL-2.0

// Package reference is a slow and plain model of how a task chain runs. It is written from the description of runs and cycles alone, and
// shares no code with the decision that it checks. It stores only a list of facts. After each fact it computes every standing again.
//
// The model does not include retries, delays, durations, and changes of the chain's links while a run is open.
package reference

// The conditions of a link.
const (
	Success    = "success"
	Failure    = "failure"
	Completion = "completion"
)

// The values of wait_for.
const (
	All        = "all"
	Any        = "any"
	AllStarted = "all_started"
	AllSettled = "all_settled"
)

// Standings of a covered step in a run.
const (
	Pending   = "pending"   // An upstream in the run has not settled.
	Waiting   = "waiting"   // Its upstreams in the run let it start; it waits for upstreams outside.
	Due       = "due"       // It starts next, or is continued or skipped because of upstreams outside. No step is due after an event.
	Parked    = "parked"    // It became due during a pause, or too often within an hour.
	Queued    = "queued"    // It became due while the maximum number of reloads was active.
	UnderWay  = "under way" // It has started and has no result.
	Succeeded = "succeeded"
	Failed    = "failed"
	Canceled  = "canceled"
	Skipped   = "skipped"
	Continued = "continued" // Another run starts or skips it.
)

// Why a step is skipped.
const (
	NotNeeded = "not_needed"
	Guard     = "guard"
	Disabled  = "disabled"
	Operator  = "operator" // An operator skips it in this cycle.
	Overlap   = "overlap"  // The run began while the previous one of its schedule was active.
	Blocked   = "blocked"
	Expired   = "expired"
)

// Statuses of a run. An open run is running or waiting.
const (
	Running     = "running"
	OnlyWaits   = "waiting"
	RunOK       = "succeeded"
	RunFixed    = "recovered"
	RunFailed   = "failed"
	RunCanceled = "canceled"
	RunSkipped  = "skipped"
)

// Link defines which result of an upstream a step needs.
type Link struct {
	From string
	On   string
}

// Step is one step of a chain. The steps of a chain are listed upstream first.
type Step struct {
	Name    string
	After   []Link
	WaitFor string
}

// Run is the fact that a run began.
type Run struct {
	ID      string
	Cycle   string
	Begins  int64
	Origins []string
	ByHand  bool // It began with a reload that the chain did not start.
	Only    bool // It covers its origins alone: nothing follows them in it.

	Schedule string // The schedule that began it.
	Queued   bool   // It starts nothing before the previous run of its schedule is over.
}

// Use is one upstream that a start takes into account: the run and the reload that brought its result. A skipped upstream has no reload.
type Use struct {
	Step   string
	Run    string
	Reload string
}

// Start is the fact that a run starts a step. A pause or the limit per hour keeps a parked start from going.
type Start struct {
	Run    string
	Step   string
	Uses   []Use
	Parked bool
	Queued bool
	Due    int64
	Asked  int64 // When its reload was requested.
}

// Result is the fact that a reload of a step ended.
type Result struct {
	Run     string
	Step    string
	Outcome string
	Reload  string
	Start   int64
	End     int64
}

// Skip is the fact that a step is skipped in a run for a reason that its upstreams in the run do not show.
type Skip struct {
	Run  string
	Step string
	Kind string
	Uses []Use // For a guard's answer, and for a start that was taken back.
}

// Mark is the fact that a step of a run is continued in another run.
type Mark struct {
	Run  string
	Step string
	In   string
	Uses []Use // For a start that a pause gave up.
}

// Ending is the fact that a run ended.
type Ending struct {
	Run    string
	Status string
}

// Carried is a result from before the cycle, for a link with carry_over.
type Carried struct {
	Step string
	From string
	Use  Use
}

// Request is a start that the model asks for.
type Request struct {
	Run  string
	Step string
}

// Standing is the state of a covered step in a run.
type Standing struct {
	Is       string
	Kind     string   // For a skip.
	Open     bool     // A later settlement can still change the kind.
	WaitsFor []string // Upstreams.
	Behind   []string // For each of them the run that will go on with the step itself, or empty.
	In       string   // The run in which it is continued.
	Uses     []Use    // For a step that is due.
	Meets    bool     // Its upstreams in the run let it start, it has upstreams outside, and nothing has decided it yet.
}

// Settled reports whether the step has a result in the run.
func (s Standing) Settled() bool {
	switch s.Is {
	case Succeeded, Failed, Canceled, Skipped, Continued:
		return true
	}
	return false
}
