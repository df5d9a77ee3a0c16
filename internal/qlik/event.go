// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// The event types for the end of a reload.
const (
	EventReloadFinished    = "com.qlik.v1.reload.finished"     // the final outcome, once per reload, after the app was saved
	EventAppReloadFinished = "com.qlik.v1.app.reload.finished" // one attempt of the engine; also reloads inside the app
	EventAppReloadEnded    = "com.qlik.app.reload.ended"       // the engine event's name from 2020 to 2023
)

// Problems of an event. An *EventError wraps one of these.
var (
	ErrUnknownType = errors.New("the event is not about the end of a reload")
	ErrNoApp       = errors.New("the event does not contain the reloaded app")
	ErrNoOutcome   = errors.New("the event does not contain how the reload ended")
)

// EventError reports a well-formed body that is not an event about the end of a reload, or lacks a required value.
type EventError struct {
	ID   string // the event's id, if it has one
	Type string // the event's type, if it has one
	Err  error
}

// Error returns the problem with the event's id and type.
func (e *EventError) Error() string {
	return fmt.Sprintf("event %q of type %q: %v", e.ID, e.Type, e.Err)
}

// Unwrap returns ErrUnknownType, ErrNoApp or ErrNoOutcome.
func (e *EventError) Unwrap() error { return e.Err }

// Event is the end of a reload.
type Event struct {
	ID         string // the same if Qlik sends the event again
	Type       string // EventReloadFinished, EventAppReloadFinished or EventAppReloadEnded
	TenantID   string // empty in events of 2020
	AppID      string
	ReloadID   string        // as in the Reloads API; empty for the engine's events, which have an id of their own
	SpaceID    string        // empty in a personal space
	Time       time.Time     // when the event was made; zero if unknown
	Created    time.Time     // when the reload was requested; zero if unknown
	Duration   time.Duration // of the reload; 0 if unknown
	Trigger    string        // who requested the reload, as Reload.Type; empty if unknown
	Status     Status        // one of the final ones
	Partial    bool
	SessionApp bool // a session app was reloaded, not the app itself
}

// envelope holds the members of all four forms that Qlik Cloud has sent: CloudEvents (2026), the legacy form (2023), both at once
// (2025), and the first one (2020). Source: https://qlik.dev/apis/event/ and the changelog entries 61, 210 and 216.
type envelope struct {
	ID      text `json:"id"`
	EventID text `json:"eventId"`

	Type      text `json:"type"`
	EventType text `json:"eventType"`

	Time      Timestamp `json:"time"`
	EventTime Timestamp `json:"eventTime"`

	TenantID           text `json:"tenantid"`
	SpaceID            text `json:"spaceid"`
	TopLevelResourceID text `json:"toplevelresourceid"`

	Extensions struct {
		TenantID           text `json:"tenantId"`
		SpaceID            text `json:"spaceId"`
		TopLevelResourceID text `json:"topLevelResourceId"`
	} `json:"extensions"`

	Data struct {
		ID              text `json:"id"` // of the reload in EventReloadFinished, of the app in EventAppReloadEnded
		AppID           text `json:"appId"`
		SpaceID         text `json:"spaceId"`
		TenantID        text `json:"tenantId"`
		Status          text `json:"status"`
		Succeeded       flag `json:"succeeded"`
		Partial         flag `json:"partial"`
		IsPartialReload flag `json:"isPartialReload"`
		IsSessionApp    flag `json:"isSessionApp"`

		Type            text      `json:"type"`
		CreationTime    Timestamp `json:"creationTime"`
		DurationSeconds number    `json:"durationSeconds"` // of EventReloadFinished
		Duration        number    `json:"duration"`        // milliseconds, of EventAppReloadFinished
	} `json:"data"`
}

// ParseEvent parses the body of a webhook delivery in any of the four forms. A body that is not a JSON object gives an error of
// encoding/json. A body that is not the end of a reload, or that lacks the app or the outcome, gives an *EventError.
func ParseEvent(body []byte) (*Event, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("the event is not the JSON that Qlik Cloud sends: %w", err)
	}
	event := &Event{
		ID:         first(e.ID, e.EventID),
		Type:       first(e.Type, e.EventType),
		TenantID:   first(e.TenantID, e.Extensions.TenantID, e.Data.TenantID),
		AppID:      first(e.Data.AppID, e.TopLevelResourceID, e.Extensions.TopLevelResourceID),
		SpaceID:    first(e.SpaceID, e.Extensions.SpaceID, e.Data.SpaceID),
		Time:       e.Time.Time,
		Partial:    e.Data.Partial == yes || e.Data.IsPartialReload == yes,
		SessionApp: e.Data.IsSessionApp == yes,
		Created:    e.Data.CreationTime.Time,
		Duration:   e.Data.DurationSeconds.times(time.Second),
		Trigger:    string(e.Data.Type),
	}
	if event.Time.IsZero() {
		event.Time = e.EventTime.Time
	}
	wrong := func(err error) (*Event, error) {
		return nil, &EventError{ID: event.ID, Type: event.Type, Err: err}
	}
	switch event.Type {
	case EventReloadFinished:
		event.ReloadID = string(e.Data.ID)
	case EventAppReloadFinished:
		event.Duration = e.Data.Duration.times(time.Millisecond)
	case EventAppReloadEnded:
		event.AppID = cmp.Or(event.AppID, string(e.Data.ID))
	default:
		return wrong(ErrUnknownType)
	}
	if event.AppID == "" {
		return wrong(ErrNoApp)
	}
	if event.Status = finalStatus(string(e.Data.Status), e.Data.Succeeded); event.Status == "" {
		return wrong(ErrNoOutcome)
	}
	return event, nil
}

// finalStatus maps the words of both event types to those of the Reloads API. The flag decides if the word is missing or new.
func finalStatus(word string, succeeded flag) Status {
	switch status := Status(strings.ToUpper(word)); status {
	case StatusSucceeded, StatusFailed, StatusCanceled, StatusExceededLimit:
		return status
	case "OK":
		return StatusSucceeded
	case "ERROR":
		return StatusFailed
	default: // missing, new, or not final
	}
	switch succeeded {
	case yes:
		return StatusSucceeded
	case no:
		return StatusFailed
	case absent:
	}
	return ""
}

// text is a string. Any other JSON type counts as absent: an odd value in a member must not invalidate the event.
type text string

// UnmarshalJSON keeps strings and drops other values.
func (t *text) UnmarshalJSON(data []byte) error {
	if len(data) >= 2 && data[0] == '"' && bytes.IndexByte(data, '\\') < 0 && utf8.Valid(data) { // the fast path for nearly all texts
		*t = text(data[1 : len(data)-1])
		return nil
	}
	var s string
	if json.Unmarshal(data, &s) != nil {
		*t = ""
		return nil //nolint:nilerr // see the type
	}
	*t = text(s)
	return nil
}

// flag is a boolean. Any other JSON type counts as absent.
type flag int

const (
	absent flag = iota
	no
	yes
)

// UnmarshalJSON keeps booleans and drops other values.
func (f *flag) UnmarshalJSON(data []byte) error {
	switch string(data) {
	case "true":
		*f = yes
	case "false":
		*f = no
	default:
		*f = absent
	}
	return nil
}

// number is a number. Any other JSON type counts as absent, which is 0.
type number float64

// UnmarshalJSON keeps numbers and drops other values.
func (n *number) UnmarshalJSON(data []byte) error {
	var f float64
	if json.Unmarshal(data, &f) != nil {
		f = 0
	}
	*n = number(f)
	return nil
}

// times returns the duration of that many units. It returns 0 for an impossible duration of a reload.
func (n number) times(unit time.Duration) time.Duration {
	if n < 0 || float64(n)*float64(unit) > float64(longestReload) {
		return 0
	}
	return time.Duration(float64(n) * float64(unit))
}

// longestReload is far above Qlik's limit for a reload.
const longestReload = 30 * 24 * time.Hour

func first(values ...text) string { return string(cmp.Or(values...)) }
