// SPDX-License-Identifier: MPL-2.0

package function

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function/execution"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// The invocation types of the API.
const (
	TypeRequestResponse = "RequestResponse"
	TypeEvent           = "Event"
)

// The largest payloads in bytes (AWS Lambda quotas): 6 MB synchronous, 1 MB asynchronous.
const (
	maxPayload      = 6 * 1024 * 1024
	maxEventPayload = 1024 * 1024
)

// Invocation is a call of a function.
type Invocation struct {
	Function  string // its name or ARN
	Qualifier string // $LATEST or empty
	Type      string // empty means RequestResponse
	RequestID string // generated if empty
	Payload   []byte
	// Source is the calling AWS service, which the function's resource policy must allow. It is nil for a caller that IAM has allowed.
	Source *Source
}

// Outcome is the answer to an invocation.
type Outcome struct {
	Status int // 200, or 202 for an event that was accepted
	execution.Result
}

// Invoke calls a function. A refusal is a *wire.Error. If ctx ends first, Invoke returns its error and the invocation continues, as in AWS.
func (s *Service) Invoke(ctx context.Context, in Invocation) (*Outcome, error) {
	if in.Type == "" {
		in.Type = TypeRequestResponse
	}
	if in.RequestID == "" {
		in.RequestID = uuid.NewString()
	}
	f, err := s.admit(&in)
	if err != nil {
		return nil, err
	}
	if in.Type == TypeEvent {
		if !s.enqueue(in) { //nolint:contextcheck // an event outlives the call that brought it
			return nil, errClosing()
		}
		return &Outcome{Status: http.StatusAccepted}, nil
	}
	return s.respond(ctx, f, in)
}

// admit checks an invocation and returns its function.
func (s *Service) admit(in *Invocation) (*function, error) {
	if in.Type != TypeRequestResponse && in.Type != TypeEvent {
		return nil, invalidParameter("The sandbox does not offer the invocation type %s.", in.Type)
	}
	limit := maxPayload
	if in.Type == TypeEvent {
		limit = maxEventPayload
	}
	if len(in.Payload) > limit {
		return nil, wire.Errorf(http.StatusRequestEntityTooLarge, codeTooLarge,
			"%d byte payload is too large for the %s invocation type (limit %d bytes)", len(in.Payload), in.Type, limit)
	}
	if len(in.Payload) == 0 {
		in.Payload = []byte("{}")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(functionInput{in.Function, in.Qualifier})
	if err != nil {
		return nil, err
	}
	if in.Source != nil && !f.allows(*in.Source) {
		return nil, wire.Errorf(http.StatusForbidden, codeAccessDenied, "User: %s is not authorized to perform: lambda:InvokeFunction "+
			"on resource: %s because no resource-based policy allows the lambda:InvokeFunction action", in.Source.Service, f.arn)
	}
	if f.pending(s.config.Now()) {
		return nil, conflict("The operation cannot be performed at this time. The function is currently in the following state: Pending")
	}
	if f.failed {
		return nil, wire.Errorf(http.StatusBadGateway, "ResourceNotReadyException", "The function is in the state Failed.")
	}
	if !json.Valid(in.Payload) {
		return nil, wire.Sender(codeInvalidContent, "Could not parse request body into json: the payload is not valid JSON")
	}
	return f, nil
}

func (f *function) allows(source Source) bool {
	for i := range f.policy {
		if f.policy[i].allows(source) {
			return true
		}
	}
	return false
}

// respond runs a synchronous invocation.
func (s *Service) respond(ctx context.Context, f *function, in Invocation) (*Outcome, error) {
	s.mu.Lock()
	slots := f.slots
	s.mu.Unlock()
	if !slots.TryAcquire(1) {
		return nil, wire.Errorf(http.StatusTooManyRequests, codeThrottled, "Rate Exceeded.")
	}
	if _, ok := s.activity.begin(); !ok {
		slots.Release(1)
		return nil, errClosing()
	}
	type answer struct {
		result execution.Result
		err    error
	}
	done := make(chan answer, 1)
	go func() {
		defer s.activity.end()
		defer slots.Release(1)
		result, err := s.run(f, in)
		done <- answer{result, err}
	}()
	select {
	case a := <-done:
		if a.err != nil {
			return nil, errClosing()
		}
		return &Outcome{Status: http.StatusOK, Result: a.result}, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// run runs one invocation in the current version.
func (s *Service) run(f *function, in Invocation) (execution.Result, error) {
	s.mu.Lock()
	pool, retire := f.pool(s.config.Now())
	s.mu.Unlock()
	if retire != nil {
		retire()
	}
	return pool.Invoke(execution.Invocation{RequestID: in.RequestID, Payload: in.Payload})
}

func errClosing() *wire.Error {
	return wire.Errorf(http.StatusServiceUnavailable, codeService, "The sandbox is closing.")
}

type invokeInput struct {
	functionInput
	InvocationType string
}

// invokeFunction implements the API's operation Invoke.
func (s *Service) invokeFunction(c *wire.Call, in *invokeInput) ([]string, func() (any, error)) {
	return s.resources(in.functionInput), func() (any, error) {
		outcome, err := s.Invoke(c.HTTP.Context(), Invocation{
			Function: in.FunctionName, Qualifier: in.Qualifier, Type: in.InvocationType,
			RequestID: c.ID, Payload: c.Body,
		})
		if err != nil {
			return nil, err
		}
		response := &wire.Response{Status: outcome.Status, Header: http.Header{}, Body: outcome.Payload}
		if outcome.Status == http.StatusOK {
			response.Header.Set("Content-Type", "application/json")
			response.Header.Set("X-Amz-Executed-Version", "$LATEST")
			if outcome.Failed {
				response.Header.Set("X-Amz-Function-Error", "Unhandled")
			}
		}
		return response, nil
	}
}
