// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// App is an app with the caller's privileges.
type App struct {
	Attributes struct {
		ID             string    `json:"id"`
		Name           string    `json:"name"`
		OwnerID        string    `json:"ownerId"`
		LastReloadTime Timestamp `json:"lastReloadTime"`
		Usage          string    `json:"usage"`
	} `json:"attributes"`
	Privileges []string `json:"privileges"` // read, update, reload, …
}

// CanReload reports whether the caller may reload the app.
func (a *App) CanReload() bool { return slices.Contains(a.Privileges, "reload") }

// App reads an app. The answer does not contain its space: use Items for that.
func (c *Client) App(ctx context.Context, id string) (*App, error) {
	name, err := segment(id)
	if err != nil {
		return nil, fmt.Errorf("reading an app: %w", err)
	}
	var app App
	if err := c.do(ctx, request{method: http.MethodGet, path: "/api/v1/apps/" + name}, &app); err != nil {
		return nil, err
	}
	return &app, nil
}
