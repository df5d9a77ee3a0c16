// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"fmt"
	"net/http"
	"slices"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"
)

type reloadAnswer struct {
	ID           string      `json:"id"`
	AppID        string      `json:"appId"`
	TenantID     string      `json:"tenantId"`
	UserID       string      `json:"userId"`
	Type         string      `json:"type"`
	Status       string      `json:"status"`
	CreationTime time.Time   `json:"creationTime"`
	StartTime    *time.Time  `json:"startTime,omitempty"`
	EndTime      *time.Time  `json:"endTime,omitempty"`
	EngineTime   *time.Time  `json:"engineTime,omitempty"`
	Partial      bool        `json:"partial"`
	Weight       int         `json:"weight"`
	ErrorCode    string      `json:"errorCode,omitempty"`
	ErrorMessage string      `json:"errorMessage,omitempty"`
	ResourceID   string      `json:"resourceId,omitempty"`
	ResourceType string      `json:"resourceType,omitempty"`
	Links        reloadLinks `json:"links"`
}

type reloadLinks struct {
	Self link `json:"self"`
}

func (t *Tenant) reloadAnswer(r *reload) reloadAnswer {
	answer := reloadAnswer{
		ID: r.ID, AppID: r.AppID, TenantID: t.id, UserID: r.UserID, Type: r.Type, Status: r.Status,
		CreationTime: r.Created.UTC(), StartTime: timeOrNil(r.Started), EndTime: timeOrNil(r.Ended),
		Partial: r.Partial, Weight: r.Weight, ErrorCode: r.ErrorCode, ErrorMessage: r.ErrorMessage,
		ResourceID: r.ResourceID, ResourceType: r.ResourceType,
		Links: reloadLinks{Self: link{t.url + "/api/v1/reloads/" + r.ID}},
	}
	if r.Status == statusSucceeded {
		answer.EngineTime = answer.EndTime
	}
	return answer
}

type reloadBody struct {
	AppID        string            `json:"appId"`
	Partial      bool              `json:"partial"`
	Weight       *int              `json:"weight"`
	Variables    map[string]string `json:"variables"`
	ResourceID   string            `json:"resourceId"`
	ResourceType string            `json:"resourceType"`
}

func (b *reloadBody) check() error {
	if uuid.Validate(b.AppID) != nil {
		return badRequest("RELOADS-002", "appId must be a UUID, not %q", b.AppID)
	}
	if b.Weight != nil && (*b.Weight < 1 || *b.Weight > 10) {
		return badRequest("RELOADS-002", "weight must be from 1 to 10, not %d", *b.Weight)
	}
	if b.ResourceType != "" && !slices.Contains([]string{"api", "reload-tasks", "tasks", "automate"}, b.ResourceType) {
		return badRequest("RELOADS-002", "resourceType %q is not known", b.ResourceType)
	}
	if len(b.Variables) > 20 {
		return badRequest("RELOADS-002", "%d variables are more than 20", len(b.Variables))
	}
	for name, value := range b.Variables {
		if utf8.RuneCountInString(name) > 256 || utf8.RuneCountInString(value) > 256 {
			return badRequest("RELOADS-002", "a variable's name and value have 256 characters at most")
		}
	}
	return nil
}

// postReload starts a reload. Qlik does not document the answer for an unknown app: here it is 403, as for an app that the caller may not
// reload.
func (t *Tenant) postReload(r *request) (*response, error) {
	var body reloadBody
	if err := r.decode("RELOADS-002", &body); err != nil {
		return nil, err
	}
	if err := body.check(); err != nil {
		return nil, err
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.findApp(body.AppID)
	if a == nil || !t.mayReload(a, r.user) {
		return nil, forbidden("RELOADS-003", "the caller may not reload the app "+body.AppID)
	}
	weight := 1
	if body.Weight != nil && a.SpaceID != "" { // in a personal space the weight is always 1
		weight = *body.Weight
	}
	started, err := t.start(a, Reload{
		UserID: r.user.id, Type: "external", Partial: body.Partial, Weight: weight, Variables: body.Variables,
		ResourceID: body.ResourceID, ResourceType: body.ResourceType,
	})
	if err != nil {
		return nil, err
	}
	return &response{status: http.StatusCreated, body: t.reloadAnswer(started)}, nil
}

// listReloads lists reloads, newest first. It can filter them by app and by statuses.
func (t *Tenant) listReloads(r *request) (*response, error) {
	query := r.URL.Query()
	appID := query.Get("appId")
	if appID == "" && !r.user.admin() {
		return nil, badRequest("RELOADS-002", "appId is required")
	}
	statuses, err := parseFilter(query.Get("filter"), "status")
	if err != nil {
		return nil, badRequest("RELOADS-002", "the filter cannot be read: %v", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found := []reloadAnswer{}
	for _, candidate := range slices.Backward(t.reloads) {
		if (appID == "" || candidate.AppID == appID) && t.visibleTo(candidate.app, r.user) &&
			(statuses == nil || slices.Contains(statuses, candidate.Status)) {
			found = append(found, t.reloadAnswer(candidate))
		}
	}
	p, err := paginate(t, r, "RELOADS-002", found, 10)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

// findReload returns the reload in the request's path. The caller holds mu.
func (t *Tenant) findReload(r *request) (*reload, error) {
	id := r.PathValue("id")
	for _, candidate := range t.reloads {
		if candidate.ID == id && t.visibleTo(candidate.app, r.user) {
			return candidate, nil
		}
	}
	return nil, notFound("RELOADS-004", "reload", id)
}

func (t *Tenant) getReload(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, err := t.findReload(r)
	if err != nil {
		return nil, err
	}
	return ok(t.reloadAnswer(found)), nil
}

// getReloadLog returns the script's log of a reload that has ended, as plain text. The API describes no error for it: an unknown one is
// 404. Source: getAppReloadLog in @qlik/api 2.19.0.
func (t *Tenant) getReloadLog(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, candidate := range t.reloads {
		named := candidate.ID == r.PathValue("reload") && candidate.AppID == r.PathValue("id")
		if named && candidate.final() && t.visibleTo(candidate.app, r.user) {
			log := fmt.Sprintf("%s Execution started.\r\n", candidate.Started.UTC().Format("20060102T150405.000Z"))
			if candidate.ErrorMessage != "" {
				log += fmt.Sprintf("%s Error: %s\r\n", candidate.Ended.UTC().Format("20060102T150405.000Z"), candidate.ErrorMessage)
			}
			return ok(plainText(log)), nil
		}
	}
	return nil, notFound("APPS-404", "log of the reload", r.PathValue("reload"))
}

// plainText is a body that is no JSON.
type plainText string

// cancelReload cancels a reload that has not ended. As in Qlik Cloud, the reload first has the status CANCELING.
func (t *Tenant) cancelReload(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	found, err := t.findReload(r)
	if err != nil {
		return nil, err
	}
	if found.final() || found.Status == statusCanceling {
		return nil, &apiError{
			status: http.StatusConflict, code: "RELOADS-008", title: "Conflict",
			detail: "the reload can no longer be canceled: it is " + found.Status,
		}
	}
	found.Status, found.due = statusCanceling, t.now()
	found.cancel()
	t.announceReload(found)
	return &response{status: http.StatusAccepted, body: struct {
		Status string `json:"status"`
	}{found.Status}}, nil
}
