// SPDX-License-Identifier: MPL-2.0

package engine

import "time"

// past is t, or now when Qlik's clock is ahead of ours: nothing has to wait for that.
func (e *Engine) past(t time.Time) time.Time {
	if now := e.Now(); t.After(now) {
		return now
	}
	return t
}

// zone is the chain's time zone.
func (e *Engine) zone() *time.Location {
	zone, err := e.Index.Definition().Location()
	if err != nil {
		return time.UTC
	}
	return zone
}

// clock is a time in the chain's zone as people say it, with the date when that is not the one of near.
func (e *Engine) clock(t, near time.Time) string {
	zone := e.zone()
	t, near = t.In(zone), near.In(zone)
	if t.Format(time.DateOnly) == near.Format(time.DateOnly) {
		return t.Format("15:04")
	}
	return t.Format("15:04 on 2006-01-02")
}
