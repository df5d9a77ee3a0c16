// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"crypto/md5" //nolint:gosec // the API's checksums are MD5
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

type sendInput struct {
	queueInput
	MessageBody       string
	DelaySeconds      *int
	MessageAttributes map[string]messageAttribute
}

type sendOutput struct {
	MessageID        string `json:"MessageId"`
	MD5OfMessageBody string
	MD5OfAttributes  string `json:"MD5OfMessageAttributes,omitempty"`
}

func (s *Service) sendMessage(c *wire.Call, in *sendInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		if err := checkMessage(in.MessageBody, in.MessageAttributes, q.number(attributeMaxSize)); err != nil {
			return nil, err
		}
		delay := q.number(attributeDelay)
		if in.DelaySeconds != nil {
			delay = *in.DelaySeconds
		}
		if delay < 0 || delay > maxDelay {
			return nil, invalidParameter("DelaySeconds", strconv.Itoa(delay), "DelaySeconds must be >= 0 and <= 900.")
		}
		m := &message{body: in.MessageBody, attributes: in.MessageAttributes, sender: c.Caller.UserID}
		s.put(q, m, time.Duration(delay)*time.Second)
		return sendOutput{MessageID: m.id, MD5OfMessageBody: md5OfBody(m.body), MD5OfAttributes: md5OfAttributes(m.attributes)}, nil
	})
}

// maxAttributes is how many attributes a message can have.
const maxAttributes = 10

var attributeType = regexp.MustCompile(`^(String|Number|Binary)(\..{1,249})?$`)

// checkMessage applies the rules for a message. Source: SendMessage.
func checkMessage(body string, attributes map[string]messageAttribute, maxSize int) error {
	size := len(body)
	for name, attribute := range attributes {
		if !attributeType.MatchString(attribute.DataType) || (attribute.StringValue == "") == (len(attribute.BinaryValue) == 0) {
			return wire.Sender(codeInvalidParameter, "The message attribute '%s' must have a data type String, Number or Binary and one value.", name)
		}
		size += len(name) + len(attribute.DataType) + len(attribute.StringValue) + len(attribute.BinaryValue)
	}
	switch {
	case body == "":
		return missingParameter("MessageBody")
	case len(attributes) > maxAttributes:
		return wire.Sender(codeInvalidParameter, "Number of message attributes [%d] exceeds the allowed maximum [%d].", len(attributes), maxAttributes)
	case size > maxSize:
		return wire.Sender(codeInvalidParameter, "One or more parameters are invalid. Reason: Message must be shorter than %d bytes.", maxSize)
	case strings.ContainsFunc(body, isForbidden):
		return wire.Sender(codeInvalidContents, "Invalid characters found. Valid unicode characters are #x9 | #xA | #xD | #x20 to #xD7FF | #xE000 to #xFFFD | #x10000 to #x10FFFF")
	}
	return nil
}

// isForbidden tells which characters no message body has. Source: SendMessage.
func isForbidden(r rune) bool {
	return r < 0x20 && r != '\t' && r != '\n' && r != '\r' || r > 0xFFFD && r < 0x10000
}

func md5OfBody(body string) string {
	sum := md5.Sum([]byte(body)) //nolint:gosec // the API's checksums are MD5
	return hex.EncodeToString(sum[:])
}

// md5OfAttributes is the checksum that SDKs compare; "" for none. Source: Amazon SQS Developer Guide, "Calculating the MD5
// message digest for message attributes".
func md5OfAttributes(attributes map[string]messageAttribute) string {
	if len(attributes) == 0 {
		return ""
	}
	sum := md5.New() //nolint:gosec // the API's checksums are MD5
	for _, name := range slices.Sorted(maps.Keys(attributes)) {
		a := attributes[name]
		writeWithLength(sum, []byte(name))
		writeWithLength(sum, []byte(a.DataType))
		if strings.HasPrefix(a.DataType, "Binary") {
			sum.Write([]byte{2})
			writeWithLength(sum, a.BinaryValue)
		} else {
			sum.Write([]byte{1})
			writeWithLength(sum, []byte(a.StringValue))
		}
	}
	return hex.EncodeToString(sum.Sum(nil))
}

func writeWithLength(h hash.Hash, value []byte) {
	h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(value)))) //nolint:gosec // a message is smaller than 4 GiB
	h.Write(value)
}
