// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"net/http"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
)

// eventTypes are the types of events that the tenant's webhooks can deliver. They are read only for a chain that runs more than apps. Qlik
// documents the events of the other kinds, but not that webhooks deliver them; without an event, the function asks for the end of a run.
type eventTypes struct {
	s    *Stack
	read bool
	all  []qlik.EventType
}

// runEvents returns the types of the events about the ends of runs that steps of the kind start. Reloads have their own: Spec.EventType.
func runEvents(kind chain.Kind) []string {
	switch kind {
	case chain.KindAutomation:
		return []string{qlik.EventAutomationRunEnded}
	case chain.KindDataTask:
		return []string{qlik.EventDataTaskCompleted, qlik.EventDataTaskFailed, qlik.EventDataTaskStopped}
	default:
		return nil
	}
}

// isRunEvent reports whether the type is one of an event about the end of a run.
func isRunEvent(name string) bool {
	return slices.ContainsFunc(chain.Kinds(), func(kind chain.Kind) bool { return slices.Contains(runEvents(kind), name) })
}

// neededRunEvents returns the types of the events about runs that the definition's steps start.
func neededRunEvents(d *chain.Definition) []string {
	var needed []string
	if d == nil {
		return nil
	}
	for _, kind := range chain.Kinds() {
		for _, step := range d.Steps {
			if step.Kind() == kind {
				needed = append(needed, runEvents(kind)...)
				break
			}
		}
	}
	return needed
}

// find reads the types if the deployed chain needs more than the events of reloads.
func (c *eventTypes) find(ctx context.Context) error {
	c.read, c.all = false, nil
	stored, err := c.s.definition.stored()
	if err != nil || c.s.brief { // a definition that cannot be read shows as a difference
		return nil //nolint:nilerr // see above
	}
	return c.readFor(ctx, stored)
}

func (c *eventTypes) ensure(ctx context.Context, want *Spec) error {
	return c.readFor(ctx, want.Definition)
}

func (c *eventTypes) readFor(ctx context.Context, d *chain.Definition) error {
	if c.read || len(neededRunEvents(d)) == 0 {
		return nil
	}
	all, err := c.s.Qlik.EventTypes(ctx)
	var refusal *qlik.Error
	switch {
	case errors.As(err, &refusal) && (refusal.Status == http.StatusForbidden || refusal.Status == http.StatusNotFound):
		// Which right the list takes is not documented. The chain does without these events.
	case err != nil:
		return err
	}
	c.read, c.all = true, all
	return nil
}

// wanted returns the types of the events about runs that the webhook is to deliver.
func (c *eventTypes) wanted(want *Spec) []string {
	return qlik.Deliverable(c.all, want.WebhookLevel, neededRunEvents(want.Definition)...)
}
