// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"time"

	"github.com/google/uuid"
)

// emit sends the events of a reload that has ended to the webhooks that want them. The engine sends an event only if it ran. The caller
// holds mu.
func (t *Tenant) emit(r *reload) {
	if !r.Started.IsZero() {
		t.send(t.engineEvent(r))
	}
	t.send(t.reloadEvent(r))
}

func (t *Tenant) newEvent(r *reload, kind, source string) *event {
	e := &event{
		id: uuid.NewString(), kind: kind, source: source, time: r.Ended, userID: r.UserID, owner: t.ownerOf(r.app).id,
		about: t.appSubject(r.app.App), status: "error",
	}
	if r.Status == statusSucceeded {
		e.status = "ok"
	}
	return e
}

// appSubject returns an app as the subject of an event. Webhooks of level user get no event of an app that has been removed.
func (t *Tenant) appSubject(a App) subject {
	return subject{a.ID, a.SpaceID, func(u *user) bool {
		found := t.findApp(a.ID)
		return found != nil && t.visibleTo(found, u)
	}}
}

// reloadEvent returns an event with the members of https://qlik.dev/apis/event/reloads/.
func (t *Tenant) reloadEvent(r *reload) *event {
	e := t.newEvent(r, typeReloadFinished, "com.qlik/reloads")
	e.data = map[string]any{
		"id": r.ID, "appId": r.AppID, "userId": r.UserID, "tenantId": t.id, "type": r.Type, "status": r.Status, "appUsage": r.app.Usage,
		"succeeded": r.Status == statusSucceeded, "partial": r.Partial, "weight": r.Weight,
		"creationTime": timestamp(r.Created), "durationSeconds": r.Ended.Sub(r.Created).Seconds(),
	}
	if !r.Started.IsZero() {
		e.data["startTime"] = timestamp(r.Started)
		e.data["durationSeconds"] = r.Ended.Sub(r.Started).Seconds()
	}
	if r.Status == statusSucceeded {
		e.data["lastReloadTime"] = timestamp(r.Ended)
	}
	for name, value := range map[string]string{
		"resourceId": r.ResourceID, "resourceType": r.ResourceType, "errorCode": r.ErrorCode, "errorMessage": r.ErrorMessage,
	} {
		if value != "" {
			e.data[name] = value
		}
	}
	return e
}

// engineEvent returns an event with the members of https://qlik.dev/apis/event/apps/. Its reload id is the engine's own.
func (t *Tenant) engineEvent(r *reload) *event {
	e := t.newEvent(r, typeAppReloadFinished, "com.qlik/engine")
	failures := []any{}
	if r.ErrorMessage != "" {
		failures = append(failures, map[string]any{"message": r.ErrorMessage})
	}
	e.data = map[string]any{
		"name": r.AppName, "status": e.status, "duration": r.Ended.Sub(r.Started).Milliseconds(), "endTime": timestamp(r.Ended),
		"reloadId": uuid.NewString(), "errors": failures, "warnings": []any{}, "statements": []any{},
		"isPartialReload": r.Partial, "isSessionApp": false, "isSkipStore": false, "isDirectQueryMode": false,
	}
	return e
}

func timestamp(moment time.Time) string { return moment.UTC().Format(time.RFC3339Nano) }
