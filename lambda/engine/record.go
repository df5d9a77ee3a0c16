// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// RunRecord is a run: everything that one reload has set off, which the chain did not start because of another one.
type RunRecord struct {
	ID               string    `json:"run"`    // begins with At
	Origin           string    `json:"origin"` // the step that it reloaded
	StartedBy        StartedBy `json:"started_by"`
	By               string    `json:"by,omitempty"`      // who asked, as far as it is known
	Reload           string    `json:"reload,omitempty"`  // of StartedByReload; the first start has that of the others
	At               time.Time `json:"at"`                // when that reload ended, the schedule said so, or somebody asked
	DefinitionSHA256 string    `json:"definition_sha256"` // of the chain at that time
}

// StartedBy says what a run was begun by.
type StartedBy string

// What begins a run.
const (
	StartedByReload   StartedBy = "reload"   // somebody has reloaded the app: in the hub, by a task, through the API
	StartedBySchedule StartedBy = "schedule" // the step's own
	StartedByRequest  StartedBy = "request"  // POST /start/{step}
)

// Phase is how far a start has come.
type Phase string

// The phases of a start.
const (
	PhaseWaiting    Phase = chain.PhaseWaiting // to be tried when DueAt has come, or a reload that is in its way has ended
	PhaseClaimed    Phase = chain.PhaseClaimed // an execution is asking Qlik for the reload
	PhaseStarted    Phase = chain.PhaseStarted // Qlik has the reload
	PhaseEnded      Phase = "ended"            // the reload has ended
	PhaseRefused    Phase = "refused"          // it could not be started, for good
	PhaseSuperseded Phase = "superseded"       // a further attempt is not needed any more
	PhaseCanceled   Phase = "canceled"         // the run was canceled before it was started
)

// Start is one attempt to reload a step's app in a run, and its record.
type Start struct {
	Step    string         `json:"step"`
	App     string         `json:"app"`
	ID      string         `json:"id"`
	Attempt int            `json:"attempt"`
	Of      int            `json:"of"` // most attempts
	Run     string         `json:"run"`
	Runs    []chain.RunRef `json:"runs"` // that met in this start; Run is the earliest
	Depth   int            `json:"depth"`
	Causes  []Cause        `json:"causes,omitempty"` // none for the reload that began the run, and when somebody has asked for it

	Phase  Phase  `json:"phase"`
	Reason string `json:"reason,omitempty"` // for the phase, in a sentence

	CreatedAt time.Time   `json:"created_at"`
	DueAt     time.Time   `json:"due_at"`
	Reload    string      `json:"reload,omitempty"`
	StartedAt time.Time   `json:"started_at,omitzero"` // when Qlik took the request
	EndedAt   time.Time   `json:"ended_at,omitzero"`
	Seconds   float64     `json:"seconds,omitempty"` // that the reload took
	Status    qlik.Status `json:"status,omitempty"`  // that it ended with
	Behind    string      `json:"behind,omitempty"`  // the running reload that it waits behind
	Foreign   bool        `json:"foreign,omitempty"` // somebody else has started the reload
	Holds     int         `json:"holds,omitempty"`   // how often a pause has held it
	Held      int         `json:"held,omitempty"`    // the number of the hold that holds it; 0: none

	Asked    *chain.Order `json:"asked,omitempty"`    // for it by hand, in a run that there was already
	Canceled *chain.Order `json:"canceled,omitempty"` // with its run

	Tries     int       `json:"tries,omitempty"`     // requests that Qlik did not take
	FirstTry  time.Time `json:"first_try,omitzero"`  // when the first of them was sent
	ClaimedAt time.Time `json:"claimed_at,omitzero"` // since when a request may have reached Qlik
	Unsure    bool      `json:"unsure,omitempty"`    // one may have, although no answer said so
	Lease     time.Time `json:"lease,omitzero"`      // until when Owner alone may ask Qlik
	Owner     string    `json:"owner,omitempty"`     // request id of the invocation that claimed it
	Lost      bool      `json:"lost,omitempty"`      // of PhaseRefused: it was due, and people are told that it cannot be started
}

// Cause is what made a step due.
type Cause struct {
	Upstream string        `json:"upstream"`
	Event    string        `json:"event"` // the reload, or the event when that does not name one
	Outcome  chain.Outcome `json:"outcome"`
}

// EdgeState is what became of a link.
type EdgeState string

// The states of an edge. Each may replace those before it.
const (
	EdgeWaits   EdgeState = "waits"   // for the other upstreams
	EdgeExpired EdgeState = "expired" // they did not come within the window
	EdgeHeld    EdgeState = "held"    // the step does not start because of this
	EdgeTaken   EdgeState = "taken"   // the step was due
)

func (s EdgeState) rank() int {
	switch s {
	case EdgeWaits:
		return 1
	case EdgeExpired:
		return 2
	case EdgeHeld:
		return 3
	case EdgeTaken:
		return 4
	default:
		return 0
	}
}

// Edge is what became of a link when its upstream's reload had ended.
type Edge struct {
	From   string    `json:"from"`
	To     string    `json:"to"`
	Event  string    `json:"event"`
	At     time.Time `json:"at"` // when the reload ended
	State  EdgeState `json:"state"`
	Reason string    `json:"reason,omitempty"` // the rest of a sentence about To
	Until  time.Time `json:"until,omitzero"`   // of EdgeWaits
	Start  string    `json:"start,omitempty"`  // of EdgeTaken: the start's id
	Run    string    `json:"run,omitempty"`    // and its run, when that is another one
}

func (s *Start) ref() startRef {
	return startRef{Run: s.Run, Step: s.Step, ID: s.ID, Attempt: s.Attempt}
}

// reloadDoc is what is known of one reload of a step's app.
type reloadDoc struct {
	Step    string     `json:"step"`
	Starts  []startRef `json:"starts,omitempty"`  // that it carries out; none: nobody here asked for it
	Waiters []startRef `json:"waiters,omitempty"` // that come after its end
	Handled bool       `json:"handled,omitempty"` // its end was told, and all that follows is in safe hands
}
