// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type stream struct {
	name    string
	created time.Time
	events  []event // by time, then by arrival
}

// eventOverhead is the size of each event in addition to its message. Source: PutLogEvents.
const eventOverhead = 26

func (st *stream) bytes() int {
	total := 0
	for i := range st.events {
		total += len(st.events[i].message) + eventOverhead
	}
	return total
}

var streamPattern = regexp.MustCompile(`^[^:*]{1,512}$`)

// stream returns a stream of the group; the caller holds the lock.
func (g *group) stream(name string) (*stream, error) {
	st, found := g.streams[name]
	if !found {
		return nil, wire.Sender("ResourceNotFoundException", "The specified log stream does not exist.")
	}
	return st, nil
}

// streamToAppend returns a stream of the group and creates it if it is missing; the caller holds the lock.
func (g *group) streamToAppend(name string, now time.Time) (*stream, error) {
	if !streamPattern.MatchString(name) {
		return nil, wire.Validation("InvalidParameterException", name, "logStreamName", "Member must satisfy regular expression pattern: [^:*]*")
	}
	if g.streams[name] == nil {
		g.streams[name] = &stream{name: name, created: now}
	}
	return g.streams[name], nil
}

// byTime is the order by time; the other order is by name.
const byTime = "LastEventTime"

type describeStreamsInput struct {
	Group      string `json:"logGroupName"`
	OrderBy    string `json:"orderBy"`
	Descending bool   `json:"descending"`
	NextToken  string `json:"nextToken"`
	Limit      *int   `json:"limit"`
}

type describeStreamsOutput struct {
	Streams   []streamOutput `json:"logStreams"`
	NextToken string         `json:"nextToken,omitempty"`
}

type streamOutput struct {
	ARN                 string `json:"arn"`
	Name                string `json:"logStreamName"`
	CreationTime        int64  `json:"creationTime"` // milliseconds since 1970, as all times here
	FirstEventTimestamp int64  `json:"firstEventTimestamp,omitempty"`
	LastEventTimestamp  int64  `json:"lastEventTimestamp,omitempty"`
	LastIngestionTime   int64  `json:"lastIngestionTime,omitempty"`
	StoredBytes         int    `json:"storedBytes"`
}

func (s *Service) describeLogStreams(_ *wire.Call, in *describeStreamsInput) ([]string, func() (any, error)) {
	return s.on(in.Group, ""), s.withGroup(in.Group, func(g *group) (any, error) {
		all := []streamOutput{}
		for _, name := range slices.Sorted(maps.Keys(g.streams)) {
			all = append(all, s.streamOutput(g, g.streams[name]))
		}
		if in.OrderBy == byTime {
			slices.SortStableFunc(all, func(a, b streamOutput) int { return cmp.Compare(a.LastEventTimestamp, b.LastEventTimestamp) })
		}
		if in.Descending {
			slices.Reverse(all)
		}
		part, next, err := page(all, in.NextToken, in.Limit, 50)
		return describeStreamsOutput{Streams: part, NextToken: next}, err
	})
}

func (s *Service) streamOutput(g *group, st *stream) streamOutput {
	out := streamOutput{
		ARN:          s.StreamARN(g.name, st.name),
		Name:         st.name,
		CreationTime: st.created.UnixMilli(),
	}
	for i := range st.events {
		out.LastIngestionTime = max(out.LastIngestionTime, st.events[i].ingested)
	}
	if n := len(st.events); n > 0 {
		out.FirstEventTimestamp, out.LastEventTimestamp = st.events[0].timestamp, st.events[n-1].timestamp
	}
	return out
}
