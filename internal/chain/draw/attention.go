// SPDX-License-Identifier: MPL-2.0

package draw

import (
	"cmp"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Attention is something that an operator must look at.
type Attention struct {
	Kind    AttentionKind   `json:"kind"`
	Step    string          `json:"step,omitempty"`
	Run     string          `json:"run,omitempty"`
	Reason  string          `json:"reason,omitempty"` // the rest of a sentence about the step; without a step a whole sentence
	At      time.Time       `json:"at,omitzero"`      // since when, if that is known
	Error   *chain.JobError `json:"error,omitempty"`  // why it failed
	Link    string          `json:"link,omitempty"`   // where to look in the tenant
	Blocked int             `json:"blocked"`          // how many steps do not start because of it
	Blocks  []string        `json:"blocks,omitempty"` // some of them
}

// AttentionKind is what an Attention is about.
type AttentionKind string

// The kinds, the most urgent first.
const (
	AttentionFailed   AttentionKind = "failed"   // a step that failed, and no failure branch has made up for it
	AttentionCanceled AttentionKind = "canceled" // a step that was canceled, in a run that was not
	AttentionExpired  AttentionKind = "expired"  // a step for which something was missing at the end of its cycle
	AttentionLate     AttentionKind = "late"     // a deadline that was missed
	AttentionParked   AttentionKind = "parked"   // a start that waits until the chain is resumed
	AttentionWebhook  AttentionKind = "webhook"  // Qlik Cloud reports nothing to the chain
)

// Compare orders what is more urgent first, and the same by step.
func (a Attention) Compare(b Attention) int {
	return cmp.Or(cmp.Compare(slices.Index(attentionKinds, a.Kind), slices.Index(attentionKinds, b.Kind)),
		cmp.Compare(b.Blocked, a.Blocked), cmp.Compare(a.Step, b.Step))
}

var attentionKinds = []AttentionKind{
	AttentionFailed, AttentionCanceled, AttentionExpired, AttentionLate, AttentionParked, AttentionWebhook,
}

// Schedule is a schedule of the chain or of a step.
type Schedule struct {
	Step string    `json:"step,omitempty"` // empty: the chain's own
	Text string    `json:"text"`           // when it starts, in words
	Next time.Time `json:"next,omitzero"`  // its next start; zero if a rate has no fixed times, or there is none
}

// Deadline is a time by which something must be done.
type Deadline struct {
	By      string    `json:"by"`              // the time of day with its zone, as in the configuration
	At      time.Time `json:"at"`              // when it comes next
	Steps   []string  `json:"steps,omitempty"` // what must be done; empty: the whole chain
	Begins  time.Time `json:"begins,omitzero"` // when its cycle begins; zero: it has begun
	Missing []string  `json:"missing"`         // which steps are not done yet, by name; empty: all are, none is expected, or Begins is set
}
