// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

const maxEvents = 10_000

type getEventsInput struct {
	Group         string `json:"logGroupName"`
	Identifier    string `json:"logGroupIdentifier"`
	Stream        string `json:"logStreamName"`
	StartTime     *int64 `json:"startTime"`
	EndTime       *int64 `json:"endTime"`
	NextToken     string `json:"nextToken"`
	Limit         *int   `json:"limit"`
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

func (s *Service) getLogEvents(_ *wire.Request, in *getEventsInput) ([]string, func() (any, error)) {
	name := groupName(in.Group, in.Identifier)
	return s.on(name, in.Stream), s.withGroup(name, func(g *group) (any, error) {
		st, err := g.stream(in.Stream)
		if err != nil {
			return nil, err
		}
		size, err := limit(in.Limit, maxEvents, maxEvents)
		if err != nil {
			return nil, err
		}
		matching := between(st.events, in.StartTime, in.EndTime)
		from, to, err := window(len(matching), size, in.NextToken, in.StartFromHead)
		if err != nil {
			return nil, err
		}
		out := getEventsOutput{Events: []outputEvent{}, Forward: token("f", to), Backward: token("b", from)}
		for _, e := range matching[from:to] {
			out.Events = append(out.Events, outputEvent{Timestamp: e.timestamp, Message: e.message, IngestionTime: e.ingested})
		}
		return out, nil
	})
}

// between returns the events from start on and before end; nil is no limit.
func between(events []event, start, end *int64) []event {
	at := func(t int64) int {
		i, _ := slices.BinarySearchFunc(events, t, func(e event, t int64) int { return cmp.Compare(e.timestamp, t) })
		return i
	}
	first, last := 0, len(events)
	if start != nil {
		first = at(*start)
	}
	if end != nil {
		last = max(first, at(*end))
	}
	return events[first:last]
}

// window finds the events of one page out of n. Tokens go forward and backward from a position; at either end the same
// token comes back. Without a token the page is the newest, or the oldest.
func window(n, size int, next string, fromHead bool) (from, to int, err error) {
	if next == "" {
		if fromHead {
			return 0, min(size, n), nil
		}
		return max(0, n-size), n, nil
	}
	var direction string
	var position int
	if _, err := fmt.Sscanf(strings.ReplaceAll(next, "/", " "), "%1s %d s", &direction, &position); err != nil || position < 0 {
		return 0, 0, invalid("The specified nextToken is invalid.")
	}
	position = min(position, n)
	switch direction {
	case "f":
		return position, min(position+size, n), nil
	case "b":
		return max(0, position-size), position, nil
	default:
		return 0, 0, invalid("The specified nextToken is invalid.")
	}
}

func token(direction string, position int) string {
	return fmt.Sprintf("%s/%056d/s", direction, position)
}
