// SPDX-License-Identifier: MPL-2.0

package engine

import "time"

// past returns t, or now if Qlik's clock is ahead of ours: nothing has to wait for the difference.
func (e *Engine) past(t time.Time) time.Time {
	if now := e.Now(); t.After(now) {
		return now
	}
	return t
}

// zone returns the chain's time zone.
func (e *Engine) zone() *time.Location {
	zone, err := e.Index.Definition().Location()
	if err != nil {
		return time.UTC
	}
	return zone
}

// Timezone returns the name of the zone in which the chain shows times to people.
func (e *Engine) Timezone() string { return e.zone().String() }

// clock formats t in the chain's zone as 15:04, with the date if t is on another day than near.
func (e *Engine) clock(t, near time.Time) string {
	zone := e.zone()
	t, near = t.In(zone), near.In(zone)
	if t.Format(time.DateOnly) == near.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("15:04 on 2006-01-02")
}
