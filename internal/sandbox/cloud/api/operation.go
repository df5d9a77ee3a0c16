// SPDX-License-Identifier: MPL-2.0

// Package api declares the operations of the sandbox's services in the same way for all of AWS's protocols.
//
// A service names its operations as AWS's model does. That model also defines the method and path, the place of each member in a request,
// and the members' constraints. An operation is a function of its input:
//
//	func (s *Service) deleteQueue(c *wire.Call, in *queueInput) ([]string, func() (any, error))
//
// It returns the ARNs that the caller needs permission for, and a function that carries the operation out. The input has a field for each
// member that the sandbox acts on. A request with any other member is refused: the sandbox must not pretend to act on it.
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
	status int // of a successful answer
	begin  func(c *wire.Call, in *constraint.Input) ([]string, func() (any, error), error)
}

// Operations are a service's operations, by their names in AWS's model.
type Operations map[string]Operation

// Of returns an operation for a function that takes the operation's input. The status of a successful answer is 200, unless another one is
// given.
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

// decode sets an operation's input. It refuses a member without a field.
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

// Service answers the requests to one AWS service. The services embed it.
type Service struct {
	scope      string
	protocol   Protocol
	operations Operations

	// Action returns the action of an operation in IAM policies. Nil means the scope and the operation's name: ssm:PutParameter.
	Action func(c *wire.Call) string
	// Finish, if not nil, completes a successful answer.
	Finish func(*wire.Response)
}

// New returns a service with the given name in a credential scope.
func New(scope string, protocol Protocol, operations Operations) *Service {
	return &Service{scope: scope, protocol: protocol, operations: operations}
}

// Scope returns the service's name in a credential scope.
func (s *Service) Scope() string { return s.scope }

// Offers returns the names of the service's operations.
func (s *Service) Offers() []string { return slices.Sorted(maps.Keys(s.operations)) }

// Call finds the operation that a request asks for, reads its input and checks it against AWS's constraints.
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

// answer carries an operation out and writes its result. A result of the type *wire.Response is the answer itself.
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
