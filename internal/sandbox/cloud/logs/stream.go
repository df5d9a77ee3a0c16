// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type stream struct {
	name    string
	created time.Time
	events  []event // by time, and in the order of arrival where the time is the same
}

// eventOverhead is what each event counts besides its message. Source: PutLogEvents.
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

// create makes a stream; the caller holds the lock.
func (g *group) create(name string, now time.Time) (*stream, error) {
	if !streamPattern.MatchString(name) {
		return nil, wire.Validation("InvalidParameterException", name, "logStreamName", "Member must satisfy regular expression pattern: [^:*]*")
	}
	if _, exists := g.streams[name]; exists {
		return nil, wire.Sender("ResourceAlreadyExistsException", "The specified log stream already exists")
	}
	st := &stream{name: name, created: now}
	g.streams[name] = st
	return st, nil
}

type createStreamInput struct {
	Group  string `json:"logGroupName"`
	Stream string `json:"logStreamName"`
}

func (s *Service) createLogStream(_ *wire.Request, in *createStreamInput) ([]string, func() (any, error)) {
	return s.on(in.Group, in.Stream), s.withGroup(in.Group, func(g *group) (any, error) {
		_, err := g.create(in.Stream, s.now())
		return nil, err
	})
}

// byTime is the order other than by name.
const byTime = "LastEventTime"

type describeStreamsInput struct {
	Group      string `json:"logGroupName"`
	Identifier string `json:"logGroupIdentifier"`
	Prefix     string `json:"logStreamNamePrefix"`
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
	UploadSequenceToken string `json:"uploadSequenceToken"`
	StoredBytes         int    `json:"storedBytes"`
}

func (s *Service) describeLogStreams(_ *wire.Request, in *describeStreamsInput) ([]string, func() (any, error)) {
	name := groupName(in.Group, in.Identifier)
	return s.on(name, ""), s.withGroup(name, func(g *group) (any, error) {
		if in.OrderBy == byTime && in.Prefix != "" {
			return nil, invalid("Cannot order by LastEventTime with a logStreamNamePrefix.")
		}
		size, err := limit(in.Limit, 50, 50)
		if err != nil {
			return nil, err
		}
		all := []streamOutput{}
		for _, name := range slices.Sorted(maps.Keys(g.streams)) {
			if strings.HasPrefix(name, in.Prefix) {
				all = append(all, s.streamOutput(g, g.streams[name]))
			}
		}
		if in.OrderBy == byTime {
			slices.SortStableFunc(all, func(a, b streamOutput) int { return cmp.Compare(a.LastEventTimestamp, b.LastEventTimestamp) })
		}
		if in.Descending {
			slices.Reverse(all)
		}
		part, next, err := page(all, in.NextToken, size)
		return describeStreamsOutput{Streams: part, NextToken: next}, err
	})
}

func (s *Service) streamOutput(g *group, st *stream) streamOutput {
	out := streamOutput{
		ARN:                 s.StreamARN(g.name, st.name),
		Name:                st.name,
		CreationTime:        st.created.UnixMilli(),
		UploadSequenceToken: sequenceToken,
	}
	for i := range st.events {
		out.LastIngestionTime = max(out.LastIngestionTime, st.events[i].ingested)
	}
	if n := len(st.events); n > 0 {
		out.FirstEventTimestamp, out.LastEventTimestamp = st.events[0].timestamp, st.events[n-1].timestamp
	}
	return out
}
