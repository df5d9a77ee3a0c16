// SPDX-License-Identifier: MPL-2.0

package chain

// Keys of the chain's record and of unfinished starts in its table. Terraform reads both before it deletes a chain.
const (
	RunsPK      = "RUNS" // a run's sort key is its id, the newest last
	RunPKPrefix = "RUN#" // before a run's id

	OperationsPK = "OPERATIONS" // what operators and Terraform did, the newest last

	NowPK        = "NOW"    // what an invocation reads first: the sort keys below
	PausedSK     = "PAUSED" // the Order that pauses the chain; the chain is paused while this item exists
	OpenSKPrefix = "OPEN#"  // prefix of <app>#<run>#<attempt> of a start that has not ended

	PhaseWaiting = "waiting"
	PhaseClaimed = "claimed"
	PhaseStarted = "started"
)
