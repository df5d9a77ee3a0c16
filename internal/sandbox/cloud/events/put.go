// SPDX-License-Identifier: MPL-2.0

package events

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// maxEntries is the size limit of the entries of PutEvents in bytes.
const maxEntries = 256 << 10

// event is an event on a bus.
type event struct {
	id       string
	arrived  time.Time
	document map[string]any // as targets see it
}

// Event is an event on a bus: a function has put it there, or a test, as an AWS service or a partner does.
type Event struct {
	ID         string // made up when empty
	Source     string // aws.s3
	DetailType string
	Detail     string // JSON
	Resources  []string
}

// Emit puts an event on a bus. Unlike PutEvents it may have a source of AWS. It returns the event's id.
func (s *Service) Emit(bus string, e Event) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry := entry{Source: e.Source, DetailType: e.DetailType, Detail: e.Detail, Resources: e.Resources, EventBusName: bus}
	if e.ID == "" {
		e.ID = uuid.NewString()
	}
	return e.ID, s.accept(e.ID, &entry)
}

// Put returns the events that came to a bus, oldest first.
func (s *Service) Put(bus string) []Event {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buses[bus]
	if b == nil {
		return nil
	}
	return slices.Clone(b.events)
}

type entry struct {
	Source, DetailType, Detail, EventBusName string
	Resources                                []string
	Time                                     float64 // seconds since 1970
}

type entriesInput struct{ Entries []entry }

type entryResult struct {
	EventID      string `json:"EventId,omitempty"`
	ErrorCode    string `json:",omitempty"`
	ErrorMessage string `json:",omitempty"`
}

type entriesOutput struct {
	FailedEntryCount int
	Entries          []entryResult
}

// putEvents puts events on buses. An entry that is refused does not keep the others from being accepted.
func (s *Service) putEvents(_ *wire.Call, in *entriesInput) ([]string, func() (any, error)) {
	var buses []string
	for _, e := range in.Entries {
		buses = append(buses, s.busARN(s.busName(e.EventBusName)))
	}
	return buses, func() (any, error) {
		size := 0
		for i := range in.Entries {
			size += in.Entries[i].size()
		}
		if size > maxEntries {
			return nil, validation("Total size of the entries in the request is over the limit.")
		}
		s.mu.Lock()
		defer s.mu.Unlock()
		output := entriesOutput{Entries: []entryResult{}}
		for i := range in.Entries {
			e := &in.Entries[i]
			id := uuid.NewString()
			result := entryResult{EventID: id}
			if refused := e.refusal(); refused != nil {
				result = *refused
			} else if err := s.accept(id, e); err != nil {
				result = entryResult{ErrorCode: "MalformedDetail", ErrorMessage: "Detail is malformed."}
			}
			if result.ErrorCode != "" {
				output.FailedEntryCount++
			}
			output.Entries = append(output.Entries, result)
		}
		return output, nil
	}
}

// size returns an entry's size. Source: User Guide, "Calculating PutEvents event entry size".
func (e *entry) size() int {
	size := len(e.Source) + len(e.DetailType) + len(e.Detail)
	if e.Time != 0 {
		size += 14
	}
	for _, resource := range e.Resources {
		size += len(resource)
	}
	return size
}

// refusal returns the error of an entry that EventBridge does not take. Source: User Guide, "Handling failures with PutEvents".
func (e *entry) refusal() *entryResult {
	for _, member := range []struct{ name, value string }{{"Source", e.Source}, {"DetailType", e.DetailType}, {"Detail", e.Detail}} {
		if member.value == "" {
			return &entryResult{
				ErrorCode:    "InvalidArgument",
				ErrorMessage: "Parameter " + member.name + " is not valid. Reason: " + member.name + " is a required argument.",
			}
		}
	}
	if strings.HasPrefix(e.Source, "aws.") {
		return &entryResult{ErrorCode: "NotAuthorizedForSource", ErrorMessage: "Not authorized for the source."}
	}
	return nil
}

// accept sends an event to the targets of the rules that match. AWS does not document what becomes of an event for a bus that does not
// exist: here it is dropped without an error. The caller holds the lock.
func (s *Service) accept(id string, from *entry) error {
	decoder := json.NewDecoder(strings.NewReader(from.Detail))
	decoder.UseNumber()
	var detail map[string]any
	if err := decoder.Decode(&detail); err != nil {
		return err
	}
	now := s.config.Clock.Now()
	happened := now
	if from.Time != 0 {
		happened = time.UnixMilli(int64(from.Time * 1000))
	}
	resources := []any{}
	for _, resource := range from.Resources {
		resources = append(resources, resource)
	}
	e := &event{id: id, arrived: now, document: map[string]any{
		"version": "0", "id": id, "detail-type": from.DetailType, "source": from.Source, "account": s.config.Account.ID,
		"time": happened.UTC().Format(time.RFC3339), "region": s.config.Account.Region, "resources": resources, "detail": detail,
	}}
	name := s.busName(from.EventBusName)
	b := s.buses[name]
	if b == nil {
		s.config.Logger.Warn("EventBridge dropped an event: the bus does not exist", "bus", name, "event", id)
		return nil
	}
	b.events = append(b.events, Event{
		ID: id, Source: from.Source, DetailType: from.DetailType, Detail: from.Detail, Resources: from.Resources,
	})
	for _, name := range slices.Sorted(maps.Keys(b.rules)) {
		if r := b.rules[name]; r.State == stateEnabled && r.pattern.Match(e.document) {
			s.enqueue(r, e)
		}
	}
	return nil
}
