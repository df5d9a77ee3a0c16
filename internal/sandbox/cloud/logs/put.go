// SPDX-License-Identifier: MPL-2.0

package logs

import (
	"cmp"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// event is one log event. Times are milliseconds since 1970.
type event struct {
	sequence  int // over the whole service, in the order of arrival
	timestamp int64
	ingested  int64
	message   string
}

const (
	maxBatchBytes = 1 << 20
	maxBatchSpan  = 24 * time.Hour
	maxAge        = 14 * 24 * time.Hour
	maxAhead      = 2 * time.Hour
	// sequenceToken is in the answers because old clients read it. It has had no meaning since 2023: "The sequence token is
	// now ignored in PutLogEvents actions" (API Reference).
	sequenceToken = "49617030213567890123456789012345678901234567890123456789"
)

type putEventsInput struct {
	Group         string       `json:"logGroupName"`
	Stream        string       `json:"logStreamName"`
	Events        []inputEvent `json:"logEvents"`
	SequenceToken string       `json:"sequenceToken"`
}

type inputEvent struct {
	Timestamp int64  `json:"timestamp"`
	Message   string `json:"message"`
}

type putEventsOutput struct {
	NextSequenceToken string    `json:"nextSequenceToken"`
	Rejected          *rejected `json:"rejectedLogEventsInfo,omitempty"`
}

// rejected tells which events of a batch were left out: those before TooOldEnd or ExpiredEnd, and those from TooNewStart on.
type rejected struct {
	TooNewStart *int `json:"tooNewLogEventStartIndex,omitempty"`
	TooOldEnd   *int `json:"tooOldLogEventEndIndex,omitempty"`
	ExpiredEnd  *int `json:"expiredLogEventEndIndex,omitempty"`
}

func (s *Service) putLogEvents(_ *wire.Request, in *putEventsInput) ([]string, func() (any, error)) {
	return s.on(in.Group, in.Stream), s.withGroup(in.Group, func(g *group) (any, error) {
		if err := checkBatch(in.Events); err != nil {
			return nil, err
		}
		st, err := g.stream(in.Stream)
		if err != nil {
			return nil, err
		}
		now := s.now()
		first, last, rejected := accepted(in.Events, now, g.retention)
		for _, e := range in.Events[first:last] {
			s.add(st, e, now)
		}
		return putEventsOutput{NextSequenceToken: sequenceToken, Rejected: rejected}, nil
	})
}

// add puts an event into a stream; the caller holds the lock.
func (s *Service) add(st *stream, e inputEvent, now time.Time) {
	s.sequence++
	at, _ := slices.BinarySearchFunc(st.events, e.Timestamp+1, func(old event, t int64) int { return cmp.Compare(old.timestamp, t) })
	st.events = slices.Insert(st.events, at, event{sequence: s.sequence, timestamp: e.Timestamp, ingested: now.UnixMilli(), message: e.Message})
}

func checkBatch(events []inputEvent) error {
	size := 0
	for i, e := range events {
		size += len(e.Message) + eventOverhead
		if i > 0 && e.Timestamp < events[i-1].Timestamp {
			return invalid("Log events in a single PutLogEvents request must be in chronological order.")
		}
	}
	switch span := events[len(events)-1].Timestamp - events[0].Timestamp; {
	case size > maxBatchBytes:
		return invalid("Upload too large: %d bytes exceeds limit of %d", size, maxBatchBytes)
	case time.Duration(span)*time.Millisecond > maxBatchSpan:
		return invalid("The batch of log events in a single PutLogEvents request cannot span more than 24 hours.")
	}
	return nil
}

// accepted finds the events of a batch that are taken: those from first on and before last.
func accepted(events []inputEvent, now time.Time, retention int) (first, last int, out *rejected) {
	before := func(t time.Time) int {
		i, _ := slices.BinarySearchFunc(events, t.UnixMilli(), func(e inputEvent, t int64) int { return cmp.Compare(e.Timestamp, t) })
		return i
	}
	out = &rejected{}
	if tooOld := before(now.Add(-maxAge)); tooOld > 0 {
		first, out.TooOldEnd = tooOld, &tooOld
	}
	if retention > 0 {
		if expired := before(now.AddDate(0, 0, -retention)); expired > first {
			first, out.ExpiredEnd = expired, &expired
		}
	}
	last = len(events)
	if tooNew := before(now.Add(maxAhead)); tooNew < last {
		last, out.TooNewStart = tooNew, &tooNew
	}
	if *out == (rejected{}) {
		return first, last, nil
	}
	return first, last, out
}
