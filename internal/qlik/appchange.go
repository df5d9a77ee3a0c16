// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"fmt"
	"net/http"
)

// CreateApp makes an app in a space. If spaceID is empty, it uses the caller's personal space.
func (c *Client) CreateApp(ctx context.Context, name, spaceID string) (*App, error) {
	attributes := map[string]string{"name": name}
	if spaceID != "" {
		attributes["spaceId"] = spaceID
	}
	var app App
	err := c.do(ctx, request{method: http.MethodPost, path: "/api/v1/apps", body: map[string]any{"attributes": attributes}}, &app)
	if err != nil {
		return nil, err
	}
	return &app, nil
}

// SetScript sets an app's load script.
func (c *Client) SetScript(ctx context.Context, appID, script string) error {
	name, err := segment(appID)
	if err != nil {
		return fmt.Errorf("setting the script of an app: %w", err)
	}
	// The script replaces the previous one, so sending it twice is harmless.
	return c.do(ctx, request{
		method: http.MethodPost, path: "/api/v1/apps/" + name + "/scripts", repeatable: true,
		body: map[string]string{"script": script, "versionMessage": "set by terraform-provider-qlik"},
	}, nil)
}

// DeleteApp deletes an app.
func (c *Client) DeleteApp(ctx context.Context, id string) error {
	name, err := segment(id)
	if err != nil {
		return fmt.Errorf("deleting an app: %w", err)
	}
	return c.do(ctx, request{method: http.MethodDelete, path: "/api/v1/apps/" + name}, nil)
}
