// SPDX-License-Identifier: MPL-2.0

package chain

// Where the chain's table keeps its record, and the phases of a start that has not ended. Terraform looks at both before it deletes
// a chain.
const (
	RunsPK      = "RUNS" // a run's sort key is its id, the newest last
	RunPKPrefix = "RUN#" // before a run's id

	NowPK        = "NOW"    // what an invocation reads at its begin: the sort keys below
	PausedSK     = "PAUSED" // the Order that pauses the chain; while the item is there, the chain is paused
	OpenSKPrefix = "OPEN#"  // before <app>#<run>#<attempt> of a start that has not ended

	PhaseWaiting = "waiting"
	PhaseClaimed = "claimed"
	PhaseStarted = "started"
)
