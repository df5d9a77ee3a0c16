// SPDX-License-Identifier: MPL-2.0

package chain

import "time"

// Order is what somebody has told the chain to do, as its table keeps it.
type Order struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`               // as far as it is known
	Reason string    `json:"reason,omitempty"` // in the words of who said it
}

// MaxReason is how many characters of a reason are kept.
const MaxReason = 200

// Operation is what Terraform invokes the function with, to wait for its answer.
type Operation struct {
	Source    string        `json:"source"` // always OperationSource
	Operation OperationKind `json:"operation"`
	By        string        `json:"by"`
	ID        string        `json:"id"` // the same when it is sent again
}

// OperationSource marks an Operation.
const OperationSource = "qlik-task-chain-operation"

// OperationKind says what was done with a chain by hand.
type OperationKind string

// The kinds of operations. Terraform sends the first two.
const (
	OperationPause   OperationKind = "pause"
	OperationResume  OperationKind = "resume"
	OperationCancel  OperationKind = "cancel"
	OperationRerun   OperationKind = "rerun"
	OperationStart   OperationKind = "start"
	OperationRedrive OperationKind = "redrive"
	OperationMark    OperationKind = "mark" // a step counts as succeeded
	OperationSkip    OperationKind = "skip" // a step does not start in a cycle
)
