// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
)

const reloadsPath = "/api/v1/reloads"

// Status is a reload's status in the words of the Reloads API.
type Status string

// The statuses of a reload. The first three are not final, the others are.
const (
	StatusQueued        Status = "QUEUED"
	StatusReloading     Status = "RELOADING"
	StatusCanceling     Status = "CANCELING"
	StatusSucceeded     Status = "SUCCEEDED"
	StatusFailed        Status = "FAILED"
	StatusCanceled      Status = "CANCELED"
	StatusExceededLimit Status = "EXCEEDED_LIMIT"
)

// Final reports whether a reload with this status has ended.
func (s Status) Final() bool {
	switch s {
	case StatusSucceeded, StatusFailed, StatusCanceled, StatusExceededLimit:
		return true
	default:
		return false
	}
}

// ReloadRequest is a request for a reload of an app.
type ReloadRequest struct {
	AppID   string `json:"appId"`
	Partial bool   `json:"partial,omitempty"`
	// 1 to 10, higher goes first within the tenant; 0 means Qlik's default, which is 1
	Weight       int               `json:"weight,omitempty"`
	Variables    map[string]string `json:"variables,omitempty"` // for the load script: at most 20, names and values of at most 256 characters
	ResourceID   string            `json:"resourceId,omitempty"`
	ResourceType string            `json:"resourceType,omitempty"` // api, reload-tasks, tasks or automate
}

// Reload is the record of a reload.
type Reload struct {
	ID           string    `json:"id"` // 24 hex digits
	AppID        string    `json:"appId"`
	TenantID     string    `json:"tenantId"`
	UserID       string    `json:"userId"`
	Type         string    `json:"type"` // requested by: hub, external (API), chronos (schedule), automations, data-refresh, choreographer
	Status       Status    `json:"status"`
	CreationTime Timestamp `json:"creationTime"`
	StartTime    Timestamp `json:"startTime"` // when it left the queue
	EndTime      Timestamp `json:"endTime"`
	ErrorCode    string    `json:"errorCode"`
	ErrorMessage string    `json:"errorMessage"`
	Partial      bool      `json:"partial"`
	Weight       int       `json:"weight"`
	ResourceID   string    `json:"resourceId"`
}

// ReloadFilter narrows a list of reloads.
type ReloadFilter struct {
	AppID    string   // required unless the caller is a TenantAdmin
	Statuses []Status // any of these; empty for all
	Limit    int      // maximum number, newest first; 0 for all
}

// StartReload requests a reload and returns its record, which is QUEUED. Qlik supports no idempotency key: two calls are two reloads. So it
// sends the request once, and repeats it only to renew an expired access token. After a connection error or a 5xx, the caller must check
// whether the reload exists.
func (c *Client) StartReload(ctx context.Context, r ReloadRequest) (*Reload, error) {
	var reload Reload
	if err := c.do(ctx, request{method: http.MethodPost, path: reloadsPath, body: r, once: true}, &reload); err != nil {
		return nil, err
	}
	if reload.ID == "" { // not usable
		url := c.base.JoinPath(reloadsPath).String()
		return nil, &Error{Method: http.MethodPost, URL: url, Status: http.StatusCreated, Attempts: 1, Err: errNoID}
	}
	return &reload, nil
}

var errNoID = errors.New("the answer has no id of a reload")

// GetReload reads one reload's record.
func (c *Client) GetReload(ctx context.Context, id string) (*Reload, error) {
	name, err := segment(id)
	if err != nil {
		return nil, fmt.Errorf("reading a reload: %w", err)
	}
	var reload Reload
	if err := c.do(ctx, request{method: http.MethodGet, path: reloadsPath + "/" + name}, &reload); err != nil {
		return nil, err
	}
	return &reload, nil
}

// ReloadLogTail reads the last bytes of a reload's script log, at most so many. The log may contain data. It reads the whole log from Qlik
// Cloud and keeps its end, since no documented request asks for a part.
func (c *Client) ReloadLogTail(ctx context.Context, appID, reloadID string, most int) ([]byte, error) {
	path, err := join("/api/v1/apps", []string{appID, "reloads", "logs", reloadID})
	if err != nil {
		return nil, fmt.Errorf("reading the log of a reload: %w", err)
	}
	log := tail{most: most}
	err = c.do(ctx, request{method: http.MethodGet, path: path}, &log)
	return log.kept, err
}

// ListReloads lists reloads, newest first.
func (c *Client) ListReloads(ctx context.Context, f ReloadFilter) ([]Reload, error) {
	query := url.Values{"sort": {"-creationTime"}, "limit": {pageSize(f.Limit)}}
	if f.AppID != "" {
		query.Set("appId", f.AppID)
	}
	if len(f.Statuses) > 0 {
		query.Set("filter", anyOf("status", f.Statuses))
	}
	return list[Reload](ctx, c, reloadsPath, query, f.Limit)
}

// CancelReload requests the cancellation of a reload. The answer comes before the reload has ended. A 409 means that it is too late. It
// sends the request once, because it shares the rate limit of starting reloads: the caller decides about a retry.
func (c *Client) CancelReload(ctx context.Context, id string) error {
	name, err := segment(id)
	if err != nil {
		return fmt.Errorf("canceling a reload: %w", err)
	}
	return c.do(ctx, request{method: http.MethodPost, path: reloadsPath + "/" + name + "/actions/cancel", once: true}, nil)
}

// pageSize returns the largest page size of the APIs, or limit if that is smaller.
func pageSize(limit int) string {
	if limit > 0 && limit < 100 {
		return strconv.Itoa(limit)
	}
	return "100"
}
