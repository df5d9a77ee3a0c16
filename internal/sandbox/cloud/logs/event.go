// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// event is one log event. Times are milliseconds since 1970.
type event struct {
	sequence  int // number in order of arrival, unique in the service
	timestamp int64
	ingested  int64
	message   string
}

// maxEvents is the maximum number of events on a page.
const maxEvents = 10_000

// Exists reports whether a group exists, and whether it has the stream.
func (s *Service) Exists(groupName, streamName string) (groupExists, streamExists bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.groups[groupName]
	if !found {
		return false, false
	}
	_, streamExists = g.streams[streamName]
	return true, streamExists
}

// Append adds one event for a service that logs, without a check of permissions. It creates a missing group and stream. A name that
// CloudWatch Logs does not accept is an error.
func (s *Service) Append(groupName, streamName string, at time.Time, message string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	g, found := s.groups[groupName]
	if !found {
		var err error
		if g, err = s.create(groupName); err != nil {
			return err
		}
	}
	st, err := g.streamToAppend(streamName, s.now())
	if err != nil {
		return err
	}
	s.sequence++
	e := event{sequence: s.sequence, timestamp: at.UnixMilli(), ingested: s.now().UnixMilli(), message: message}
	i, _ := slices.BinarySearchFunc(st.events, e.timestamp+1, func(old event, t int64) int { return cmp.Compare(old.timestamp, t) })
	st.events = slices.Insert(st.events, i, e)
	return nil
}

type getEventsInput struct {
	Group         string `json:"logGroupName"`
	Stream        string `json:"logStreamName"`
	StartFromHead bool   `json:"startFromHead"`
}

type getEventsOutput struct {
	Events   []outputEvent `json:"events"`
	Forward  string        `json:"nextForwardToken"`
	Backward string        `json:"nextBackwardToken"`
}

type outputEvent struct {
	Timestamp     int64  `json:"timestamp"`
	Message       string `json:"message"`
	IngestionTime int64  `json:"ingestionTime"`
}

// getLogEvents returns the first page, or the last one. The sandbox has no paging here.
func (s *Service) getLogEvents(_ *wire.Call, in *getEventsInput) ([]string, func() (any, error)) {
	return s.on(in.Group, in.Stream), s.withGroup(in.Group, func(g *group) (any, error) {
		st, err := g.stream(in.Stream)
		if err != nil {
			return nil, err
		}
		from, to := max(0, len(st.events)-maxEvents), len(st.events)
		if in.StartFromHead {
			from, to = 0, min(maxEvents, len(st.events))
		}
		out := getEventsOutput{Events: []outputEvent{}, Forward: fmt.Sprintf("f/%056d/s", to), Backward: fmt.Sprintf("b/%056d/s", from)}
		for _, e := range st.events[from:to] {
			out.Events = append(out.Events, outputEvent{Timestamp: e.timestamp, Message: e.message, IngestionTime: e.ingested})
		}
		return out, nil
	})
}

type filterInput struct {
	Group     string `json:"logGroupName"`
	StartTime int64  `json:"startTime"` // events before it are left out
	NextToken string `json:"nextToken"`
	Limit     *int   `json:"limit"`
}

type filterOutput struct {
	Events          []filteredEvent `json:"events"`
	SearchedStreams []struct{}      `json:"searchedLogStreams"` // always empty, as AWS's
	NextToken       string          `json:"nextToken,omitempty"`
}

type filteredEvent struct {
	EventID   string `json:"eventId"`
	Stream    string `json:"logStreamName"`
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
	Ingestion int64  `json:"ingestionTime"`
}

// filterLogEvents lists the events of all streams of a group by time, then by arrival.
func (s *Service) filterLogEvents(_ *wire.Call, in *filterInput) ([]string, func() (any, error)) {
	return s.on(in.Group, ""), s.withGroup(in.Group, func(g *group) (any, error) {
		all := []filteredEvent{}
		for name, st := range g.streams {
			for _, e := range st.events {
				if e.timestamp < in.StartTime {
					continue
				}
				id := fmt.Sprintf("%056d", e.sequence)
				all = append(all, filteredEvent{EventID: id, Stream: name, Timestamp: e.timestamp, Message: e.message, Ingestion: e.ingested})
			}
		}
		slices.SortFunc(all, func(a, b filteredEvent) int {
			return cmp.Or(cmp.Compare(a.Timestamp, b.Timestamp), cmp.Compare(a.EventID, b.EventID))
		})
		part, next, err := page(all, in.NextToken, in.Limit, maxEvents)
		return filterOutput{Events: part, SearchedStreams: []struct{}{}, NextToken: next}, err
	})
}
