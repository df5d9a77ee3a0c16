// SPDX-License-Identifier: MPL-2.0

package function

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// eventSource is an event source of a function. The sandbox stores and returns it, and reads no events from it.
type eventSource struct {
	id       string
	function string // ARN; the mapping outlives the function
	source   string // ARN
	modified time.Time
}

type eventSourceAnswer struct {
	UUID                  string
	EventSourceMappingArn string
	FunctionArn           string
	EventSourceArn        string
	BatchSize             int
	State                 string
	StateTransitionReason string
	LastModified          float64 // seconds since 1970
}

// eventSourceAnswer describes the mapping. The state may be that of a running change.
func (s *Service) eventSourceAnswer(e *eventSource, state string) eventSourceAnswer {
	return eventSourceAnswer{
		UUID: e.id, EventSourceMappingArn: s.sourceARN(e.id), FunctionArn: e.function,
		EventSourceArn: e.source, BatchSize: 10, State: state, StateTransitionReason: "USER_INITIATED",
		LastModified: float64(e.modified.UnixMilli()) / 1000,
	}
}

type eventSourceInput struct{ FunctionName, EventSourceArn string }

func (s *Service) createEventSource(_ *wire.Call, in *eventSourceInput) ([]string, func() (any, error)) {
	return s.onFunction(functionInput{FunctionName: in.FunctionName}, func(f *function) (any, error) {
		if in.EventSourceArn == "" {
			return nil, invalidParameter("Unrecognized event source.")
		}
		e := &eventSource{id: uuid.NewString(), function: f.arn, source: in.EventSourceArn, modified: s.config.Now()}
		for _, other := range s.sources {
			if other.function == e.function && other.source == e.source {
				return nil, conflict("An event source mapping with event source arn (%q) and function name (%q) already exists. "+
					"Please update or delete the existing mapping with UUID %s", e.source, f.name, other.id)
			}
		}
		s.sources = append(s.sources, e)
		return s.eventSourceAnswer(e, "Creating"), nil
	})
}

type listSourcesInput struct{ FunctionName string }

func (s *Service) listEventSources(_ *wire.Call, in *listSourcesInput) ([]string, func() (any, error)) {
	return nil, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		of := s.resources(functionInput{FunctionName: in.FunctionName})[0]
		list := []eventSourceAnswer{}
		for _, e := range s.sources {
			if in.FunctionName == "" || of == e.function {
				list = append(list, s.eventSourceAnswer(e, "Enabled"))
			}
		}
		return struct{ EventSourceMappings []eventSourceAnswer }{list}, nil
	}
}

type deleteSourceInput struct{ UUID string }

func (s *Service) deleteEventSource(_ *wire.Call, in *deleteSourceInput) ([]string, func() (any, error)) {
	return []string{s.sourceARN(in.UUID)}, func() (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		i := slices.IndexFunc(s.sources, func(e *eventSource) bool { return e.id == in.UUID })
		if i < 0 {
			return nil, notFound("The resource you requested does not exist.")
		}
		e := s.sources[i]
		s.sources = slices.Delete(s.sources, i, i+1)
		return s.eventSourceAnswer(e, "Deleting"), nil
	}
}

func (s *Service) sourceARN(id string) string {
	return s.config.Account.ARN("lambda", "event-source-mapping:"+id)
}
