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

// The event types for the end of a reload, of an automation's run and of a data task's run.
const (
	EventReloadFinished    = "com.qlik.v1.reload.finished"     // the final outcome, once per reload, after the app was saved
	EventAppReloadFinished = "com.qlik.v1.app.reload.finished" // one attempt of the engine; also reloads inside the app
	EventAppReloadEnded    = "com.qlik.app.reload.ended"       // the engine event's name from 2020 to 2023

	EventAutomationRunEnded = "com.qlik.v1.automation.run.ended"
	EventDataTaskCompleted  = "com.qlik.v1.di-projects.di-tasks.completed"
	EventDataTaskFailed     = "com.qlik.v1.di-projects.di-tasks.failed"
	EventDataTaskStopped    = "com.qlik.v1.di-projects.di-tasks.stopped"
)

// Problems of an event. An *EventError wraps one of these.
var (
	ErrUnknownType  = errors.New("the event is not about the end of a reload, of an automation's run or of a data task's run")
	ErrNoApp        = errors.New("the event does not contain the reloaded app")
	ErrNoAutomation = errors.New("the event does not say which automation has run")
	ErrNoTask       = errors.New("the event does not say which data task of which project has run")
	ErrNoRun        = errors.New("the event does not say which run has ended")
	ErrNoOutcome    = errors.New("the event does not contain how the reload ended")
)

// EventError reports a well-formed body that is not an event about an end that chains know, or lacks a required value.
type EventError struct {
	ID   string // the event's id, if it has one
	Type string // the event's type, if it has one
	Err  error
}

// Error returns the problem with the event's id and type.
func (e *EventError) Error() string {
	return fmt.Sprintf("event %q of type %q: %v", e.ID, e.Type, e.Err)
}

// Unwrap returns ErrUnknownType, ErrNoApp, ErrNoAutomation, ErrNoTask, ErrNoRun or ErrNoOutcome.
func (e *EventError) Unwrap() error { return e.Err }

// Event is the end of a reload, of an automation's run or of a data task's run. Exactly one of AppID, AutomationID and
// TaskID is not empty.
type Event struct {
	ID       string // the same if Qlik sends the event again
	Type     string // one of the constants
	TenantID string // empty in events of 2020

	AppID    string
	ReloadID string // as in the Reloads API; empty for the engine's events, which have an id of their own

	AutomationID string
	RunID        string // of the automation; never empty with an AutomationID

	ProjectID string // of the data task; never empty with a TaskID
	TaskID    string

	SpaceID      string        // empty in a personal space
	Time         time.Time     // when the event was made; zero if unknown
	Created      time.Time     // when the run was requested; zero if unknown
	Started      time.Time     // when the run began; zero if unknown, but never of a data task: it identifies the run
	Duration     time.Duration // of the run; 0 if unknown
	Trigger      string        // who requested the reload, as Reload.Type; empty if unknown, and for other kinds
	Status       Status        // one of the final ones
	ErrorCode    string        // why a reload failed; empty if unknown
	ErrorMessage string        // the same in a sentence; empty if unknown, and for an automation
	Partial      bool
	SessionApp   bool // a session app was reloaded, not the app itself
	TestRun      bool // of an automation: a test run does not process everything
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

	Data eventData `json:"data"`
}

// eventData holds the members of all kinds of events. Sources: https://qlik.dev/apis/event/reloads/, apps/, automations/ and di-projects/.
type eventData struct {
	ID              text `json:"id"` // of the reload, of the automation's run, and of the app in EventAppReloadEnded
	AppID           text `json:"appId"`
	SpaceID         text `json:"spaceId"`
	TenantID        text `json:"tenantId"`
	Status          text `json:"status"`
	Succeeded       flag `json:"succeeded"`
	Partial         flag `json:"partial"`
	IsPartialReload flag `json:"isPartialReload"`
	IsSessionApp    flag `json:"isSessionApp"`
	ErrorCode       text `json:"errorCode"`
	ErrorMessage    text `json:"errorMessage"`

	Type            text      `json:"type"`
	CreationTime    Timestamp `json:"creationTime"`
	StartTime       Timestamp `json:"startTime"`
	DurationSeconds number    `json:"durationSeconds"` // of EventReloadFinished
	Duration        number    `json:"duration"`        // milliseconds, of EventAppReloadFinished

	// Of an automation's run.
	CreatedAt Timestamp `json:"createdAt"`
	StopTime  Timestamp `json:"stopTime"`
	TestRun   flag      `json:"testRun"`
	IsTestRun flag      `json:"isTestRun"`

	// Of a data task's run.
	DataTask    dataTaskMember `json:"dataTask"`
	EndTime     Timestamp      `json:"endTime"`
	StoppedTime Timestamp      `json:"stoppedTime"`
}

// dataTaskMember is the data task of an event. Any other JSON type counts as absent.
type dataTaskMember struct{ id, projectID, spaceID text }

// UnmarshalJSON reads an object and drops other values.
func (m *dataTaskMember) UnmarshalJSON(data []byte) error {
	var object struct {
		ID        text `json:"id"`
		ProjectID text `json:"projectId"`
		SpaceID   text `json:"spaceId"`
	}
	if json.Unmarshal(data, &object) != nil {
		*m = dataTaskMember{}
		return nil //nolint:nilerr // see the type
	}
	*m = dataTaskMember{object.ID, object.ProjectID, object.SpaceID}
	return nil
}

// ParseEvent parses the body of a webhook delivery in any of the four forms. A body that is not a JSON object gives an error of
// encoding/json. A body that is not the end of a reload or a run, or that lacks what ran or the outcome, gives an *EventError.
func ParseEvent(body []byte) (*Event, error) {
	var e envelope
	if err := json.Unmarshal(body, &e); err != nil {
		return nil, fmt.Errorf("the event is not the JSON that Qlik Cloud sends: %w", err)
	}
	event := &Event{
		ID:           first(e.ID, e.EventID),
		Type:         first(e.Type, e.EventType),
		TenantID:     first(e.TenantID, e.Extensions.TenantID, e.Data.TenantID),
		SpaceID:      first(e.SpaceID, e.Extensions.SpaceID, e.Data.SpaceID, e.Data.DataTask.spaceID),
		Time:         e.Time.Time,
		Started:      e.Data.StartTime.Time,
		ErrorCode:    string(e.Data.ErrorCode),
		ErrorMessage: string(e.Data.ErrorMessage),
	}
	if event.Time.IsZero() {
		event.Time = e.EventTime.Time
	}
	if err := event.fill(&e); err != nil {
		return nil, &EventError{ID: event.ID, Type: event.Type, Err: err}
	}
	if event.Status == "" {
		return nil, &EventError{ID: event.ID, Type: event.Type, Err: ErrNoOutcome}
	}
	return event, nil
}

// fill sets what the kind of event has of its own.
func (event *Event) fill(e *envelope) error {
	switch event.Type {
	case EventReloadFinished, EventAppReloadFinished, EventAppReloadEnded:
		return event.reload(e)
	case EventAutomationRunEnded:
		return event.automation(e)
	case EventDataTaskCompleted:
		return event.dataTask(e, StatusSucceeded, e.Data.EndTime)
	case EventDataTaskFailed:
		return event.dataTask(e, StatusFailed, e.Data.EndTime)
	case EventDataTaskStopped:
		return event.dataTask(e, StatusCanceled, e.Data.StoppedTime)
	default:
		return ErrUnknownType
	}
}

func (event *Event) reload(e *envelope) error {
	event.AppID = first(e.Data.AppID, e.TopLevelResourceID, e.Extensions.TopLevelResourceID)
	event.Partial = e.Data.Partial == yes || e.Data.IsPartialReload == yes
	event.SessionApp = e.Data.IsSessionApp == yes
	event.Created = e.Data.CreationTime.Time
	event.Duration = e.Data.DurationSeconds.times(time.Second)
	event.Trigger = string(e.Data.Type)
	switch event.Type {
	case EventReloadFinished:
		event.ReloadID = string(e.Data.ID)
	case EventAppReloadFinished:
		event.Duration = e.Data.Duration.times(time.Millisecond)
	case EventAppReloadEnded:
		event.AppID = cmp.Or(event.AppID, string(e.Data.ID))
	}
	if event.AppID == "" {
		return ErrNoApp
	}
	event.Status = finalStatus(string(e.Data.Status), e.Data.Succeeded)
	return nil
}

func (event *Event) automation(e *envelope) error {
	event.AutomationID = first(e.TopLevelResourceID, e.Extensions.TopLevelResourceID)
	event.RunID = string(e.Data.ID)
	event.Created = e.Data.CreatedAt.Time
	event.Duration = between(event.Started, e.Data.StopTime)
	event.TestRun = e.Data.TestRun == yes || e.Data.IsTestRun == yes
	switch {
	case event.AutomationID == "":
		return ErrNoAutomation
	case event.RunID == "":
		return ErrNoRun
	}
	event.Status = AutomationStatus(e.Data.Status).Outcome()
	return nil
}

// dataTask sets the data task's identity. The event has no id of the run, so a start time is required.
func (event *Event) dataTask(e *envelope, status Status, ended Timestamp) error {
	event.ProjectID, event.TaskID = string(e.Data.DataTask.projectID), string(e.Data.DataTask.id)
	event.Duration = between(event.Started, ended)
	event.Status = status
	switch {
	case event.ProjectID == "" || event.TaskID == "":
		return ErrNoTask
	case event.Started.IsZero():
		return ErrNoRun
	}
	return nil
}

// between returns the time from a start to an end, 0 if one of them is unknown or the duration is impossible.
func between(start time.Time, end Timestamp) time.Duration {
	if start.IsZero() || end.IsZero() {
		return 0
	}
	return number(end.Sub(start)).times(time.Nanosecond)
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

// longestReload is far above Qlik's limit for a reload or a run.
const longestReload = 30 * 24 * time.Hour

func first(values ...text) string { return string(cmp.Or(values...)) }
