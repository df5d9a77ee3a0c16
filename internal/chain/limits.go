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

// MaxDuration is how long something may take.
type MaxDuration struct {
	After      Duration   `json:"after"`                 // whole minutes
	OnExceeded OnExceeded `json:"on_exceeded,omitempty"` // empty = OnExceededAlarm
}

// OnExceeded is what happens to something that takes longer than it may.
type OnExceeded string

// What can happen.
const (
	OnExceededAlarm  OnExceeded = "alarm"  // it is reported, and goes on
	OnExceededCancel OnExceeded = "cancel" // it is reported and canceled
)

// OnExceededs returns everything that can happen, the default first.
func OnExceededs() []OnExceeded { return []OnExceeded{OnExceededAlarm, OnExceededCancel} }

func (m *MaxDuration) canonical() *MaxDuration {
	if m == nil {
		return nil
	}
	return &MaxDuration{After: m.After, OnExceeded: unlessDefault(m.OnExceeded, OnExceededAlarm)}
}

// Cancels reports whether what takes too long is canceled.
func (m *MaxDuration) Cancels() bool { return m != nil && m.OnExceeded == OnExceededCancel }

// Overlap is what a schedule does when it comes while the run that it began before is under way.
type Overlap string

// What it can do.
const (
	OverlapAllow Overlap = "allow" // it begins another run
	OverlapQueue Overlap = "queue" // it begins one when the other has ended
	OverlapSkip  Overlap = "skip"  // it begins none
)

// Overlaps returns everything that it can do, the default first.
func Overlaps() []Overlap { return []Overlap{OverlapAllow, OverlapQueue, OverlapSkip} }

// Overlapping returns what a schedule of the chain does while the run that it began before is under way.
func (d *Definition) Overlapping() Overlap { return orDefault(d.Overlap, OverlapAllow) }

// NotifyOn is the end of a run to notify of.
type NotifyOn string

// The ends of runs.
const (
	NotifyOnFailure   NotifyOn = "failure"
	NotifyOnRecovered NotifyOn = "recovered"
	NotifyOnSuccess   NotifyOn = "success"
)

// NotifyOns returns every end of a run to notify of, the default first.
func NotifyOns() []NotifyOn { return []NotifyOn{NotifyOnFailure, NotifyOnRecovered, NotifyOnSuccess} }

// Notifies reports whether the chain notifies of runs that end so.
func (d *Definition) Notifies(on NotifyOn) bool {
	if len(d.NotifyOn) == 0 {
		return on == NotifyOnFailure
	}
	return slices.Contains(d.NotifyOn, on)
}

// canonicalNotifyOn sorts and leaves out what says the default only.
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
