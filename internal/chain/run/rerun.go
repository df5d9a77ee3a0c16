// SPDX-License-Identifier: MPL-2.0

package run

import (
	"maps"
	"slices"
)

// Failed returns the failed steps of a run that the chain may start, sorted. A rerun of everything that failed begins at them.
func (s *State) Failed(settings Settings, id string) []string {
	stands := s.Evaluate(settings)[id]
	return slices.DeleteFunc(slices.Sorted(maps.Keys(stands)), func(step string) bool {
		return stands[step].Status != StatusFailed || !settings.Enabled(step)
	})
}

// Awaits reports whether a further attempt of a step waits for its time in a run of the cycle: a successful reload that the chain did not
// start is that attempt.
func (s *State) Awaits(step string) bool { return (&decision{State: s}).awaiting(step) != nil }
