// SPDX-License-Identifier: MPL-2.0

package chain

import "slices"

// Where the chain's table keeps its record, and what counts now. Terraform looks at both before it deletes a chain.
const (
	RunsPK       = "RUNS"   // a run's sort key is its id, the newest last
	RunPKPrefix  = "RUN#"   // before a run's id
	NowPK        = "NOW"    // what counts now: orders, and the attempts that have not ended
	PausedSK     = "PAUSED" // in NowPK: the Order that pauses the chain; while the item is there, the chain is paused
	OpenSKPrefix = "OPEN#"  // in NowPK, before step#run#attempt: an attempt that has not ended
)

// The phases of a start that has not ended.
const (
	PhaseWaiting = "waiting"
	PhaseClaimed = "claimed"
	PhaseStarted = "started"
)

// IsOpenPhase tells whether a start in this phase has not ended.
func IsOpenPhase(phase string) bool {
	return slices.Contains([]string{PhaseWaiting, PhaseClaimed, PhaseStarted}, phase)
}
