// SPDX-License-Identifier: MPL-2.0

package draw

import (
	_ "embed"
	"encoding/json"
	"sync"
)

// Status is the status of a node.
type Status string

// The statuses.
const (
	StatusIdle      Status = "idle"      // nothing has happened
	StatusPending   Status = "pending"   // its upstreams in the run have not settled
	StatusJoining   Status = "joining"   // for a join, and the step behind it: upstreams outside the run are missing
	StatusWaiting   Status = "waiting"   // the reload starts later: a delay, a retry, Qlik Cloud was busy
	StatusRunning   Status = "running"   // Qlik Cloud has the reload
	StatusSucceeded Status = "succeeded" // the reload; for a join: all have arrived
	StatusFailed    Status = "failed"
	StatusCanceled  Status = "canceled"
	StatusRefused   Status = "refused" // Qlik Cloud refuses the reload
	StatusSkipped   Status = "skipped" // for a reason that needs no attention
	StatusBlocked   Status = "blocked" // an upstream did not succeed
	StatusExpired   Status = "expired" // what it waited for did not arrive in its cycle
)

// Statuses returns every status.
func Statuses() []Status {
	return []Status{
		StatusIdle, StatusPending, StatusJoining, StatusWaiting, StatusRunning, StatusSucceeded, StatusFailed, StatusCanceled, StatusRefused,
		StatusSkipped, StatusBlocked, StatusExpired,
	}
}

// look is the appearance of a status: never colour alone.
type look struct {
	Text  string `json:"text"`
	Icon  string `json:"icon"` // an SVG path in a square of 16, to be stroked
	Light string `json:"light"`
	Dark  string `json:"dark"`
}

// status.json is shared with the live page.
//
//go:embed status.json
var statusJSON []byte

var looks = sync.OnceValue(func() map[Status]look {
	var all map[Status]look
	if err := json.Unmarshal(statusJSON, &all); err != nil {
		panic(err) // it is part of the program, and a test reads it
	}
	return all
})

// Text returns the status in words.
func (s Status) Text() string { return looks()[s].Text }

// unstarted reports whether a step of this status has not started: the times of its node are those of an earlier reload.
func (s Status) unstarted() bool {
	switch s {
	case StatusPending, StatusJoining, StatusSkipped, StatusBlocked, StatusExpired:
		return true
	case StatusIdle, StatusWaiting, StatusRunning, StatusSucceeded, StatusFailed, StatusCanceled, StatusRefused:
	}
	return false
}
