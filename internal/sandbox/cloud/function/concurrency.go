// SPDX-License-Identifier: MPL-2.0

package function

import (
	"golang.org/x/sync/semaphore"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxReserved is the maximum reserved concurrency of all functions together: an account's 1,000 executions without the 100 that stay
// unreserved. Source: AWS Lambda developer guide, "Configuring reserved concurrency for a function".
const maxReserved = 900

type concurrencyAnswer struct {
	ReservedConcurrentExecutions *int `json:",omitempty"`
}

// concurrency returns the reserved concurrency, or nil if the function has none.
func (f *function) concurrency() *concurrencyAnswer {
	if f.reserved == nil {
		return nil
	}
	return &concurrencyAnswer{f.reserved}
}

// reserve limits a function's invocations that begin from now on; nil removes the limit. The sandbox's own limit also applies.
func (s *Service) reserve(f *function, executions *int) {
	f.reserved = executions
	limit := s.config.Concurrency
	if executions != nil {
		limit = min(limit, *executions)
	}
	f.slots = semaphore.NewWeighted(int64(limit))
}

type concurrencyInput struct {
	functionInput
	concurrencyAnswer
}

func (s *Service) putConcurrency(_ *wire.Call, in *concurrencyInput) ([]string, func() (any, error)) {
	return s.onFunction(in.functionInput, func(f *function) (any, error) {
		total := *in.ReservedConcurrentExecutions
		for _, other := range s.functions {
			if other != f && other.reserved != nil {
				total += *other.reserved
			}
		}
		if total > maxReserved {
			return nil, invalidParameter("Specified ReservedConcurrentExecutions for function decreases account's " +
				"UnreservedConcurrentExecution below its minimum value of [100].")
		}
		s.reserve(f, in.ReservedConcurrentExecutions)
		return concurrencyAnswer{f.reserved}, nil
	})
}

func (s *Service) deleteConcurrency(_ *wire.Call, in *functionInput) ([]string, func() (any, error)) {
	return s.onFunction(*in, func(f *function) (any, error) {
		s.reserve(f, nil)
		return nil, nil
	})
}
