// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// receiptHandle names one receipt of a message.
func receiptHandle(q *queue, m *message) string {
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %d", q.name, m.id, m.received))
}

// receipt is a receipt handle taken apart.
type receipt struct {
	queue   string
	message string
	number  int
}

func (q *queue) receiptOf(handle string) (receipt, error) {
	var r receipt
	raw, err := base64.URLEncoding.DecodeString(handle)
	if err == nil {
		_, err = fmt.Sscanf(string(raw), "%s %s %d", &r.queue, &r.message, &r.number)
	}
	if err != nil || r.queue != q.name {
		return receipt{}, wire.Errorf(http.StatusNotFound, codeInvalidHandle, "The input receipt handle \"%s\" is not a valid receipt handle.", handle)
	}
	return r, nil
}

type deleteInput struct {
	queueInput
	ReceiptHandle string
}

func (s *Service) deleteMessage(_ *wire.Request, in *deleteInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) { return nil, q.remove(in.ReceiptHandle) })
}

// remove deletes a message. Only its latest handle does; an older one, or that of a message that is gone, does nothing.
// Source: DeleteMessage.
func (q *queue) remove(handle string) error {
	r, err := q.receiptOf(handle)
	if err != nil {
		return err
	}
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.id == r.message && m.received == r.number })
	return nil
}

type deleteBatchInput struct {
	queueInput
	Entries []struct {
		ID            string `json:"Id"`
		ReceiptHandle string
	}
}

type batchSuccess struct {
	ID string `json:"Id"`
}

type batchFailure struct {
	ID          string `json:"Id"`
	Code        string
	Message     string
	SenderFault bool
}

type batchOutput struct {
	Successful []batchSuccess
	Failed     []batchFailure
}

// maxEntries is the most entries that a batch has.
const maxEntries = 10

func (s *Service) deleteMessageBatch(_ *wire.Request, in *deleteBatchInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		switch {
		case len(in.Entries) == 0:
			return nil, wire.Sender(codeEmptyBatch, "There should be at least one DeleteMessageBatchRequestEntry in the request.")
		case len(in.Entries) > maxEntries:
			return nil, wire.Sender(codeTooManyEntries, "Maximum number of entries per request are %d. You have sent %d.", maxEntries, len(in.Entries))
		}
		seen := map[string]bool{}
		for _, entry := range in.Entries {
			if seen[entry.ID] {
				return nil, wire.Sender(codeEntryIDs, "Id %s repeated.", entry.ID)
			}
			seen[entry.ID] = true
		}
		out := batchOutput{Successful: []batchSuccess{}, Failed: []batchFailure{}}
		for _, entry := range in.Entries {
			if err := q.remove(entry.ReceiptHandle); err != nil {
				out.Failed = append(out.Failed, batchFailure{entry.ID, codeInvalidHandle, "The input receipt handle is invalid.", true})
				continue
			}
			out.Successful = append(out.Successful, batchSuccess{entry.ID})
		}
		return out, nil
	})
}

type visibilityInput struct {
	deleteInput
	VisibilityTimeout *int
}

func (s *Service) changeMessageVisibility(_ *wire.Request, in *visibilityInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		if in.VisibilityTimeout == nil {
			return nil, missingParameter("VisibilityTimeout")
		}
		if err := checkVisibility(in.VisibilityTimeout); err != nil {
			return nil, err
		}
		r, err := q.receiptOf(in.ReceiptHandle)
		if err != nil {
			return nil, err
		}
		now := s.config.Clock.Now()
		for _, m := range q.messages {
			if m.id != r.message || m.received != r.number {
				continue
			}
			if !m.visibleAt.After(now) {
				return nil, wire.Sender(codeNotInflight, "The message referred to is not in flight.")
			}
			m.visibleAt = now.Add(time.Duration(*in.VisibilityTimeout) * time.Second)
			q.wake()
			return nil, nil
		}
		return nil, invalidParameter("ReceiptHandle", in.ReceiptHandle, "Message does not exist or is not available for visibility timeout change.")
	})
}

// purgeEvery is how often a queue can be purged. Source: PurgeQueue.
const purgeEvery = 60 * time.Second

func (s *Service) purgeQueue(_ *wire.Request, in *queueInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		now := s.config.Clock.Now()
		if !q.purged.IsZero() && now.Before(q.purged.Add(purgeEvery)) {
			return nil, wire.Errorf(http.StatusForbidden, codePurgeInProgress, "Only one PurgeQueue operation on %s is allowed every %s seconds.",
				q.name, strconv.Itoa(int(purgeEvery.Seconds())))
		}
		q.messages, q.purged = nil, now
		return nil, nil
	})
}
