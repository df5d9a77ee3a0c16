// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// receiptHandle returns the handle of a message's latest receipt.
func receiptHandle(q *queue, m *message) string {
	return base64.URLEncoding.EncodeToString(fmt.Appendf(nil, "%s %s %d", q.name, m.id, m.received))
}

// receipt is a parsed receipt handle.
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
		return receipt{}, wire.Errorf(http.StatusNotFound, codeInvalidHandle,
			"The input receipt handle \"%s\" is not a valid receipt handle.", handle)
	}
	return r, nil
}

type deleteInput struct {
	queueInput
	ReceiptHandle string
}

func (s *Service) deleteMessage(_ *wire.Call, in *deleteInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) { return nil, q.remove(in.ReceiptHandle) })
}

// remove deletes a message, given its latest handle. An older handle, or the handle of a deleted message, has no effect. Source:
// DeleteMessage.
func (q *queue) remove(handle string) error {
	r, err := q.receiptOf(handle)
	if err != nil {
		return err
	}
	q.messages = slices.DeleteFunc(q.messages, func(m *message) bool { return m.id == r.message && m.received == r.number })
	return nil
}
