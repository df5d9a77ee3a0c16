// SPDX-License-Identifier: MPL-2.0

package chain

import "time"

// Operation is an operator's request to the chain, as the table stores it.
type Operation struct {
	At     time.Time `json:"at"`
	By     string    `json:"by"`               // if it is known
	Reason string    `json:"reason,omitempty"` // in the operator's words
}

// MaxReason is the maximum number of stored characters of a reason.
const MaxReason = 200

// OperationPayload is the payload of Terraform's synchronous invocation of the function.
type OperationPayload struct {
	Source string        `json:"source"` // always OperationSource
	Kind   OperationKind `json:"operation"`
	By     string        `json:"by"`
	ID     string        `json:"id"` // the same if it is sent again
}

// OperationSource marks an Operation.
const OperationSource = "qlik-task-chain-operation"

// OperationKind is the kind of a manual operation on a chain.
type OperationKind string

// The kinds of operations. Terraform sends the first two.
const (
	OperationPause   OperationKind = "pause"
	OperationResume  OperationKind = "resume"
	OperationCancel  OperationKind = "cancel"
	OperationRerun   OperationKind = "rerun"
	OperationStart   OperationKind = "start"
	OperationRedrive OperationKind = "redrive"
	OperationMark    OperationKind = "mark"   // a step counts as succeeded
	OperationSkip    OperationKind = "skip"   // a step does not start in a cycle
	OperationSignal  OperationKind = "signal" // something outside Qlik Cloud reports the end of a step
)
