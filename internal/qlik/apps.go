// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"net/http"
	"slices"
)

// App is an app and what the caller may do with it.
type App struct {
	Attributes struct {
		ID             string    `json:"id"`
		Name           string    `json:"name"`
		Description    string    `json:"description"`
		OwnerID        string    `json:"ownerId"`
		LastReloadTime Timestamp `json:"lastReloadTime"`
		PublishTime    Timestamp `json:"publishTime"`
		Usage          string    `json:"usage"`
	} `json:"attributes"`
	Privileges []string `json:"privileges"` // read, update, reload, …
}

// CanReload tells whether the caller may reload the app.
func (a *App) CanReload() bool { return slices.Contains(a.Privileges, "reload") }

// App reads an app. Its space is not part of the answer: Items has it.
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
