// SPDX-License-Identifier: MPL-2.0

package aws

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// Bus puts a chain's events on an event bus of EventBridge. It implements engine.Events. It is safe for concurrent use.
type Bus struct {
	client *client
	bus    string
}

var _ engine.Events = (*Bus)(nil)

// NewBus returns the bus with this name or ARN, with the region, the credentials, the endpoint and the HTTP client of config.
func NewBus(config aws.Config, bus string) *Bus {
	return &Bus{newClient(config, service{id: "EventBridge", scope: "events", target: "AWSEvents", version: "1.1"}), bus}
}

// Put implements engine.Events. It tries once more if EventBridge fails, or does not answer in time for another try.
func (b *Bus) Put(ctx context.Context, e engine.Event) error {
	detail, err := json.Marshal(e)
	if err != nil {
		return err
	}
	// Source: https://docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html
	body, err := json.Marshal(map[string]any{"Entries": []map[string]any{{
		"EventBusName": b.bus, "Source": chain.EventSource, "DetailType": string(e.Type), "Detail": string(detail),
		"Time": e.EndedAt.Unix(),
	}}})
	if err != nil {
		return err
	}
	err = twice(ctx, func(ctx context.Context) error { return b.try(ctx, body) })
	if err != nil {
		return &smithy.OperationError{ServiceID: b.client.id, OperationName: "PutEvents", Err: fmt.Errorf("on %s: %w", b.bus, err)}
	}
	return nil
}

// try sends the request once. EventBridge answers 200 also if it refuses the entry.
func (b *Bus) try(ctx context.Context, body []byte) error {
	var out struct {
		FailedEntryCount int
		Entries          []entryError
	}
	if err := b.client.attempt(ctx, "/", "PutEvents", body, &out); err != nil {
		return err
	}
	for i := range out.Entries {
		if out.Entries[i].ErrorCode != "" {
			return &out.Entries[i]
		}
	}
	if out.FailedEntryCount > 0 {
		return &entryError{ErrorCode: "UnknownError"}
	}
	return nil
}

// entryError is EventBridge's refusal of one entry.
type entryError struct{ ErrorCode, ErrorMessage string }

// Error describes the refusal.
func (e *entryError) Error() string { return e.ErrorCode + ": " + e.ErrorMessage }

// mayPass reports whether another try may succeed. Source: User Guide, "Handling failures with PutEvents".
func (e *entryError) mayPass() bool {
	return e.ErrorCode == "ThrottlingException" || e.ErrorCode == "InternalFailure" || e.ErrorCode == "InternalException"
}
