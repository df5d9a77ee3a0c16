// SPDX-License-Identifier: MPL-2.0

package chain

import "slices"

// Bounds of the limits of a chain and its steps.
const (
	MaxStepDuration         = 24 * hour
	MaxRunDuration          = 7 * 24 * hour
	MaxMaxRunning           = 1000
	DefaultMaxStartsPerHour = 20
	MaxMaxStartsPerHour     = 1000
)

// MaxDuration limits how long a step or a run may take.
type MaxDuration struct {
	After      Duration   `json:"after"`                 // whole minutes
	OnExceeded OnExceeded `json:"on_exceeded,omitempty"` // empty = OnExceededAlarm
}

// OnExceeded is the reaction to an exceeded limit.
type OnExceeded string

// The reactions.
const (
	OnExceededAlarm  OnExceeded = "alarm"  // it is reported, and continues
	OnExceededCancel OnExceeded = "cancel" // it is reported and canceled
)

// OnExceededs returns every reaction, the default first.
func OnExceededs() []OnExceeded { return []OnExceeded{OnExceededAlarm, OnExceededCancel} }

func (m *MaxDuration) canonical() *MaxDuration {
	if m == nil {
		return nil
	}
	return &MaxDuration{After: m.After, OnExceeded: unlessDefault(m.OnExceeded, OnExceededAlarm)}
}

// Overlap defines what a schedule does when it is due while its previous run is still active.
type Overlap string

// The overlap rules.
const (
	OverlapAllow Overlap = "allow" // it begins another run
	OverlapQueue Overlap = "queue" // it begins a run when the previous one has ended
	OverlapSkip  Overlap = "skip"  // it skips the run
)

// Overlaps returns every overlap rule, the default first.
func Overlaps() []Overlap { return []Overlap{OverlapAllow, OverlapQueue, OverlapSkip} }

// NotifyOn is an end of a run to notify of.
type NotifyOn string

// The ends of runs.
const (
	NotifyOnFailure   NotifyOn = "failure"
	NotifyOnRecovered NotifyOn = "recovered"
	NotifyOnSuccess   NotifyOn = "success"
)

// NotifyOns returns every end of a run to notify of, the default first.
func NotifyOns() []NotifyOn { return []NotifyOn{NotifyOnFailure, NotifyOnRecovered, NotifyOnSuccess} }

// Notifies reports whether the chain notifies of runs that end this way.
func (d *Definition) Notifies(on NotifyOn) bool {
	if len(d.NotifyOn) == 0 {
		return on == NotifyOnFailure
	}
	return slices.Contains(d.NotifyOn, on)
}

// canonicalNotifyOn sorts the ends. It returns nil for the default.
func canonicalNotifyOn(ends []NotifyOn) []NotifyOn {
	var sorted []NotifyOn
	for _, end := range NotifyOns() {
		if slices.Contains(ends, end) {
			sorted = append(sorted, end)
		}
	}
	if slices.Equal(sorted, []NotifyOn{NotifyOnFailure}) {
		return nil
	}
	return sorted
}
