// SPDX-License-Identifier: MPL-2.0

package function

import (
	"net/http"
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// eventSource is what a function would read events from. It is kept and told; nothing is read.
type eventSource struct {
	id       string
	function string // ARN; the mapping outlives the function
	source   string // ARN
	enabled  bool
	batch    int
	start    string
	modified time.Time
}

type eventSourceAnswer struct {
	UUID                  string
	EventSourceMappingArn string
	FunctionArn           string
	EventSourceArn        string
	BatchSize             int
	StartingPosition      string `json:",omitempty"`
	State                 string
	StateTransitionReason string
	LastModified          float64 // seconds since 1970
}

// eventSourceAnswer describes the mapping. state is that of a change under way, empty for none.
func (s *Service) eventSourceAnswer(e *eventSource, state string) eventSourceAnswer {
	switch {
	case state != "":
	case e.enabled:
		state = "Enabled"
	default:
		state = "Disabled"
	}
	return eventSourceAnswer{
		UUID: e.id, EventSourceMappingArn: s.config.Account.ARN("lambda", "event-source-mapping:"+e.id), FunctionArn: e.function,
		EventSourceArn: e.source, BatchSize: e.batch, StartingPosition: e.start, State: state, StateTransitionReason: "USER_INITIATED",
		LastModified: float64(e.modified.UnixMilli()) / 1000,
	}
}

func (s *Service) createEventSource(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		FunctionName, EventSourceArn, StartingPosition string
		Enabled                                        *bool
		BatchSize                                      *int
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	if in.EventSourceArn == "" {
		return nil, invalidParameter("Unrecognized event source.")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	f, err := s.lookup(in.FunctionName, "")
	if err != nil {
		return nil, err
	}
	e := &eventSource{
		id: uuid.NewString(), function: f.arn, source: in.EventSourceArn, enabled: in.Enabled == nil || *in.Enabled, batch: 10,
		start: in.StartingPosition, modified: s.config.Now(),
	}
	set(&e.batch, in.BatchSize)
	for _, other := range s.sources {
		if other.function == e.function && other.source == e.source {
			return nil, conflict("An event source mapping with event source arn (%q) and function name (%q) already exists. "+
				"Please update or delete the existing mapping with UUID %s", e.source, f.name, other.id)
		}
	}
	s.sources = append(s.sources, e)
	return wire.RESTJSONResponse(http.StatusAccepted, s.eventSourceAnswer(e, "Creating"))
}

func (s *Service) listEventSources(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	of := ""
	if reference := call.Query.Get("FunctionName"); reference != "" {
		name, _ := splitReference(reference)
		of = s.arn(name)
	}
	list := []eventSourceAnswer{}
	for _, e := range s.sources {
		if source := call.Query.Get("EventSourceArn"); (of == "" || of == e.function) && (source == "" || source == e.source) {
			list = append(list, s.eventSourceAnswer(e, ""))
		}
	}
	page, next, ok := wire.Page(list, call.Query.Get("Marker"), 100)
	if !ok {
		return nil, invalidParameter("Invalid Marker.")
	}
	return wire.RESTJSONResponse(http.StatusOK, struct {
		EventSourceMappings []eventSourceAnswer
		NextMarker          string `json:",omitempty"`
	}{page, next})
}

func (s *Service) deleteEventSource(call *wire.RESTCall) (*wire.Response, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.sources, func(e *eventSource) bool { return e.id == call.Params["UUID"] })
	if i < 0 {
		return nil, notFound("The resource you requested does not exist.")
	}
	e := s.sources[i]
	s.sources = slices.Delete(s.sources, i, i+1)
	return wire.RESTJSONResponse(http.StatusAccepted, s.eventSourceAnswer(e, "Deleting"))
}
