// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"crypto/md5" //nolint:gosec // the API's checksums are MD5
	"encoding/hex"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type sendInput struct {
	queueInput
	MessageBody string
}

type sendOutput struct {
	MessageID        string `json:"MessageId"`
	MD5OfMessageBody string
}

func (s *Service) sendMessage(_ *wire.Call, in *sendInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		if err := checkMessage(in.MessageBody, nil, q.number(attributeMaxSize)); err != nil {
			return nil, err
		}
		m := s.put(q, in.MessageBody, nil)
		return sendOutput{MessageID: m.id, MD5OfMessageBody: md5OfBody(m.body)}, nil
	})
}

// checkMessage checks the rules for a message. Source: SendMessage.
func checkMessage(body string, attributes map[string]string, maxSize int) error {
	size := len(body)
	for name, value := range attributes {
		if value == "" {
			return wire.Sender(codeInvalidParameter, "The message attribute '%s' must have a value.", name)
		}
		size += len(name) + len("String") + len(value)
	}
	switch {
	case body == "":
		return missingParameter("MessageBody")
	case len(attributes) > 10:
		return wire.Sender(codeInvalidParameter, "Number of message attributes [%d] exceeds the allowed maximum [10].", len(attributes))
	case size > maxSize:
		return wire.Sender(codeInvalidParameter, "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", maxSize)
	case strings.ContainsFunc(body, isForbidden):
		return wire.Sender(codeInvalidContents, "Invalid characters found. Valid unicode characters are "+
			"#x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	}
	return nil
}

// isForbidden reports whether a message body must not contain a character. Source: SendMessage.
func isForbidden(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r > 0xFFFD && r < 0x10000
}

func md5OfBody(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // the API's checksums are MD5
	return hex.EncodeToString(sum[:])
}
