// SPDX-License-Identifier: MPL-2.0

// Package api declares the operations of the sandbox's services, in one way for all of AWS's protocols.
//
// A service names its operations as AWS's model does. Method and path, where each member stands in a request, and what it must look like
// come from that model. An operation is a function of its input:
//
//	func (s *Service) deleteQueue(c *wire.Call, in *queueInput) ([]string, func() (any, error))
//
// It returns the ARNs that the caller needs permission for, and what carries it out. The input has a field for each member that the sandbox
// acts on. A request with any other member is refused: the sandbox must not pretend to act on it.
package api

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Operation is one operation of a service.
type Operation struct {
	status int // of a good answer
	begin  func(c *wire.Call, in *constraint.Input) ([]string, func() (any, error), error)
}

// Operations are a service's operations, by their names in AWS's model.
type Operations map[string]Operation

// Of makes an operation of a function that takes the operation's input. A good answer has the status 200, unless another one is given.
func Of[In any](begin func(c *wire.Call, in *In) ([]string, func() (any, error)), status ...int) Operation {
	o := Operation{status: http.StatusOK}
	if len(status) > 0 {
		o.status = status[0]
	}
	o.begin = func(c *wire.Call, read *constraint.Input) ([]string, func() (any, error), error) {
		in := new(In)
		if err := decode(read, in); err != nil {
			return nil, nil, err
		}
		resources, run := begin(c, in)
		return resources, run, nil
	}
	return o
}

// decode fills in an operation's input. A member that it has no field for is refused.
func decode(read *constraint.Input, in any) error {
	if err := wire.DecodeJSON(read.Body, in); err != nil || len(read.Outside) == 0 {
		return err
	}
	outside, err := json.Marshal(read.Outside)
	if err != nil {
		return err
	}
	return wire.DecodeJSON(outside, in)
}

// Service answers the requests to one of AWS's services. The services embed it.
type Service struct {
	scope      string
	protocol   Protocol
	operations Operations

	// Action is the action of an operation in IAM policies. Nil stands for the scope and the operation's name: ssm:PutParameter.
	Action func(c *wire.Call) string
	// Finish, unless nil, completes a good answer.
	Finish func(*wire.Response)
}

// New makes a service with the given name in a credential scope.
func New(scope string, protocol Protocol, operations Operations) *Service {
	return &Service{scope: scope, protocol: protocol, operations: operations}
}

// Scope returns the service's name in a credential scope.
func (s *Service) Scope() string { return s.scope }

// Offers names the service's operations.
func (s *Service) Offers() []string { return slices.Sorted(maps.Keys(s.operations)) }

// Call finds the operation that a request asks for, reads its input and holds it against AWS's constraints.
func (s *Service) Call(r *wire.Request) (*wire.Call, error) {
	name, err := s.protocol.name(s, r)
	if err != nil {
		return nil, err
	}
	operation, found := s.operations[name]
	if !found {
		return nil, s.protocol.unknown(r, name)
	}
	c := &wire.Call{Request: r, Operation: name, Action: s.scope + ":" + name}
	if s.Action != nil {
		c.Action = s.Action(c)
	}
	in, refusal := constraint.Read(s.scope, name, r)
	c.Refusal = refusal
	var run func() (any, error)
	c.Resources, run, err = operation.begin(c, in)
	c.Run = func() (*wire.Response, error) {
		if err := errors.Join(refusal, err); err != nil {
			return nil, err
		}
		return s.answer(c, operation.status, run)
	}
	return c, nil
}

// answer carries an operation out and writes its result. A result that is a *wire.Response already is the answer.
func (s *Service) answer(c *wire.Call, status int, run func() (any, error)) (*wire.Response, error) {
	result, err := run()
	if err != nil {
		return nil, err
	}
	response, written := result.(*wire.Response)
	if !written {
		if response, err = s.protocol.write(c, result); err != nil {
			return nil, err
		}
		response.Status = status
	}
	if s.Finish != nil {
		s.Finish(response)
	}
	return response, nil
}

// WriteError writes an error in the service's protocol.
func (s *Service) WriteError(w http.ResponseWriter, r *wire.Request, err error) {
	s.protocol.fail(w, r, err)
}
