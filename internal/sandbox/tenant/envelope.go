// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"time"
)

// Envelope is one of the forms that Qlik Cloud's events have had.
type Envelope int

// The forms.
const (
	EnvelopeCloudEvents Envelope = iota // 2026
	EnvelopeHybrid                      // 2025: the legacy members and the CloudEvents members together
	EnvelopeLegacy                      // 2023
	Envelope2020                        // com.qlik.app.reload.ended; the app's id is data.id
)

// The types of the events about reloads.
const (
	typeReloadFinished    = "com.qlik.v1.reload.finished"
	typeAppReloadFinished = "com.qlik.v1.app.reload.finished"
	typeAppReloadEnded    = "com.qlik.app.reload.ended"
)

// event is an event before it is put into an envelope.
type event struct {
	id     string
	kind   string
	source string
	time   time.Time
	userID string
	owner  string
	about  subject
	status string         // ok or error, for the engine's event
	data   map[string]any // without the members that only the 2020 form has
}

// subject is what an event is about.
type subject struct {
	id      string // toplevelresourceid; empty for a data task: its events have none
	spaceID string
	seenBy  func(*user) bool // whether a webhook of level user gets the event
}

// body returns the event in an envelope.
func (e *event) body(tenantID string, form Envelope) map[string]any {
	body := map[string]any{}
	if form == Envelope2020 && e.kind != typeReloadFinished && e.kind != typeAppReloadFinished {
		form = EnvelopeCloudEvents // events that did not exist in 2020
	}
	moment := e.time.UTC().Format(time.RFC3339)
	if form == Envelope2020 {
		// Qlik never published this form. These are the members that receivers of that time read.
		body["cloudEventsVersion"], body["eventType"], body["eventId"], body["eventTime"] = "0.1", typeAppReloadEnded, e.id, moment
		body["source"] = "com.qlik/engine"
		body["data"] = map[string]any{"id": e.about.id, "spaceId": e.about.spaceID, "status": e.status, "statements": []any{}}
		return body
	}
	body["source"], body["data"] = e.source, e.data
	if form == EnvelopeHybrid || form == EnvelopeCloudEvents {
		body["id"], body["type"], body["time"], body["specversion"] = e.id, e.kind, moment, "1.0"
		body["tenantid"], body["userid"], body["ownerid"], body["toplevelresourceid"] = tenantID, e.userID, e.owner, e.about.id
		if e.about.spaceID != "" {
			body["spaceid"] = e.about.spaceID
		}
	}
	if form == EnvelopeCloudEvents {
		body["datacontenttype"] = "application/json"
	}
	if form == EnvelopeHybrid || form == EnvelopeLegacy {
		body["cloudEventsVersion"], body["contentType"], body["eventTypeVersion"] = "0.1", "application/json", "1.0.0"
		body["eventId"], body["eventType"], body["eventTime"] = e.id, e.kind, moment
		extensions := map[string]any{"tenantId": tenantID, "userId": e.userID, "ownerId": e.owner, "topLevelResourceId": e.about.id}
		if e.about.spaceID != "" {
			extensions["spaceId"] = e.about.spaceID
		}
		body["extensions"] = extensions
	}
	if e.about.id == "" {
		e.asDataIntegration(body)
	}
	return body
}

// asDataIntegration gives an event the envelope of https://qlik.dev/apis/event/di-projects/: no ids beside the tenant's and the user's, and
// extensions with other members.
func (e *event) asDataIntegration(body map[string]any) {
	for _, name := range []string{"ownerid", "spaceid", "toplevelresourceid"} {
		delete(body, name)
	}
	if extensions, legacy := body["extensions"].(map[string]any); legacy {
		delete(extensions, "topLevelResourceId")
		return
	}
	body["extensions"] = map[string]any{"actor": map[string]any{}, "updates": []any{}}
}
