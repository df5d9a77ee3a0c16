// SPDX-License-Identifier: MPL-2.0

package function

import (
	"net/http"
	"strconv"

	"golang.org/x/sync/semaphore"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxReserved is how much concurrency all functions may reserve together: an account's 1,000 executions, of which 100 stay
// unreserved. Source: AWS Lambda developer guide, "Configuring reserved concurrency for a function".
const maxReserved = 900

type concurrencyAnswer struct {
	ReservedConcurrentExecutions *int `json:",omitempty"`
}

// concurrency is nil when the function has no reserved concurrency.
func (f *function) concurrency() *concurrencyAnswer {
	if f.reserved == nil {
		return nil
	}
	return &concurrencyAnswer{f.reserved}
}

// reserve limits the invocations of a function that begin from now on; nil takes the limit away. The sandbox's own limit
// holds besides.
func (s *Service) reserve(f *function, executions *int) {
	f.reserved = executions
	limit := s.config.Concurrency
	if executions != nil {
		limit = min(limit, *executions)
	}
	f.slots = semaphore.NewWeighted(int64(limit))
}

func (s *Service) putConcurrency(call *wire.RESTCall) (*wire.Response, error) {
	var in concurrencyAnswer
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	n := in.ReservedConcurrentExecutions
	if n == nil || *n < 0 {
		value := "null"
		if n != nil {
			value = strconv.Itoa(*n)
		}
		return nil, constraint("reservedConcurrentExecutions", value, "Member must have value greater than or equal to 0")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	total := *n
	for _, other := range s.functions {
		if other != f && other.reserved != nil {
			total += *other.reserved
		}
	}
	if total > maxReserved {
		return nil, invalidParameter("Specified ReservedConcurrentExecutions for function decreases account's " +
			"UnreservedConcurrentExecution below its minimum value of [100].")
	}
	s.reserve(f, n)
	return wire.RESTJSONResponse(http.StatusOK, concurrencyAnswer{f.reserved})
}

func (s *Service) getConcurrency(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	return wire.RESTJSONResponse(http.StatusOK, concurrencyAnswer{f.reserved})
}

func (s *Service) deleteConcurrency(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.called(call)
	if err != nil {
		return nil, err
	}
	s.reserve(f, nil)
	return &wire.Response{Status: http.StatusNoContent}, nil
}
