// SPDX-License-Identifier: MPL-2.0

package qlik

import (
	"context"
	"net/http"
	"slices"
)

// EventType is a type of event that the tenant's webhooks can deliver.
type EventType struct {
	Name   string   `json:"name"`
	Levels []string `json:"levels"` // LevelTenant, LevelUser
}

// EventTypes lists the types of events that the tenant's webhooks can deliver.
func (c *Client) EventTypes(ctx context.Context) ([]EventType, error) {
	var answer struct {
		Data []EventType `json:"data"`
	}
	err := c.doMoved(ctx, &c.webhooks, request{method: http.MethodGet}, &answer, "event-types")
	return answer.Data, err
}

// Deliverable returns those of the wanted types that are among the types for webhooks of the level, in the same order.
func Deliverable(types []EventType, level string, wanted ...string) []string {
	return slices.DeleteFunc(slices.Clone(wanted), func(name string) bool {
		return !slices.ContainsFunc(types, func(t EventType) bool { return t.Name == name && slices.Contains(t.Levels, level) })
	})
}
