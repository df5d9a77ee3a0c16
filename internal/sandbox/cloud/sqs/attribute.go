// SPDX-License-Identifier: MPL-2.0

package sqs

import (
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// The attributes of a queue that the service itself uses.
const (
	attributeDelay      = "DelaySeconds"
	attributeMaxSize    = "MaximumMessageSize"
	attributeRetention  = "MessageRetentionPeriod"
	attributeWait       = "ReceiveMessageWaitTimeSeconds"
	attributeVisibility = "VisibilityTimeout"
	attributeKeyReuse   = "KmsDataKeyReusePeriodSeconds"
	attributeKey        = "KmsMasterKeyId"
	attributeManagedSSE = "SqsManagedSseEnabled"
	attributePolicy     = "Policy"

	// The sandbox only stores and returns these two; it does not move messages to another queue.
	attributeRedrive      = "RedrivePolicy"
	attributeRedriveAllow = "RedriveAllowPolicy"
)

// numbers are the attributes with integer values, with their bounds and defaults. Source: SetQueueAttributes.
var numbers = map[string]struct{ least, most, standard int }{
	attributeDelay:      {0, maxDelay, 0},
	attributeMaxSize:    {1024, 1048576, 1048576},
	attributeRetention:  {60, 1209600, 345600},
	attributeWait:       {0, maxWait, 0},
	attributeVisibility: {0, maxVisibility, 30},
	attributeKeyReuse:   {60, 86400, 300},
}

// The maximum values of a message's own settings, in seconds.
const (
	maxDelay      = 900
	maxWait       = 20
	maxVisibility = 43200
)

// number returns a numeric attribute of the queue.
func (q *queue) number(name string) int {
	if n, err := strconv.Atoi(q.attributes[name]); err == nil {
		return n
	}
	return numbers[name].standard // the attribute is not set: a set value has been checked
}

// seconds returns a numeric attribute as a duration.
func (q *queue) seconds(name string) time.Duration {
	return time.Duration(q.number(name)) * time.Second
}

// apply returns the attributes with the changes. An empty value removes an optional attribute.
func apply(present, changes map[string]string) (map[string]string, error) {
	if changes[attributeKey] != "" && changes[attributeManagedSSE] == "true" {
		return nil, wire.Sender(codeInvalidAttribute,
			"You can use one type of server-side encryption (SSE) at one time. You can either enable KMS SSE or SQS SSE.")
	}
	changed := maps.Clone(present)
	if changed == nil {
		changed = map[string]string{}
	}
	for name, value := range changes {
		if err := checkAttribute(name, value); err != nil {
			return nil, err
		}
		changed[name] = value
		if value == "" {
			delete(changed, name)
		}
	}
	switch { // enabling one of the two kinds of encryption disables the other
	case changes[attributeKey] != "":
		changed[attributeManagedSSE] = "false"
	case changes[attributeManagedSSE] == "true":
		delete(changed, attributeKey)
	}
	return changed, nil
}

func checkAttribute(name, value string) error {
	if bounds, isNumber := numbers[name]; isNumber {
		if n, err := strconv.Atoi(value); err != nil || n < bounds.least || n > bounds.most {
			return invalidAttribute(name)
		}
		return nil
	}
	switch name {
	case attributeKey:
		return nil
	case attributeManagedSSE:
		if value != "true" && value != "false" {
			return invalidAttribute(name)
		}
		return nil
	case attributePolicy:
		var document struct{ Statement json.RawMessage }
		if value != "" && (json.Unmarshal([]byte(value), &document) != nil || document.Statement == nil) {
			return invalidAttribute(name)
		}
		return nil
	case attributeRedrive:
		var policy struct {
			Target string      `json:"deadLetterTargetArn"`
			Most   json.Number `json:"maxReceiveCount"` // a number or a string
		}
		if value == "" {
			return nil
		}
		err := json.Unmarshal([]byte(value), &policy)
		if most, notANumber := policy.Most.Int64(); err != nil || policy.Target == "" || notANumber != nil || most < 1 || most > 1000 {
			return invalidAttribute(name)
		}
		return nil
	case attributeRedriveAllow:
		var policy struct {
			Permission string `json:"redrivePermission"`
		}
		if value != "" && (json.Unmarshal([]byte(value), &policy) != nil ||
			!slices.Contains([]string{"allowAll", "denyAll", "byQueue"}, policy.Permission)) {
			return invalidAttribute(name)
		}
		return nil
	}
	return wire.Sender(codeUnknownAttribute, "Unknown Attribute %s.", name)
}

// differs returns the name of a requested attribute that has a different value in an existing queue, or "".
func differs(present, wanted, asked map[string]string) string {
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if !equal(name, effective(present, name), effective(wanted, name)) {
			return name
		}
	}
	return ""
}

// equal reports whether two values of an attribute are equal. It compares policies as JSON.
func equal(name, a, b string) bool {
	if a == b || !slices.Contains([]string{attributePolicy, attributeRedrive, attributeRedriveAllow}, name) {
		return a == b
	}
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return reflect.DeepEqual(x, y)
}

// effective returns the value of a settable attribute, or its default if it is not set.
func effective(attributes map[string]string, name string) string {
	if value, set := attributes[name]; set {
		return value
	}
	if bounds, isNumber := numbers[name]; isNumber {
		return strconv.Itoa(bounds.standard)
	}
	if name == attributeManagedSSE {
		return "true"
	}
	return ""
}

// all returns every attribute that the queue has at a time.
func (q *queue) all(arn string, now time.Time) map[string]string {
	visible, invisible, delayed := q.count(now)
	list := map[string]string{
		"QueueArn":                              arn,
		"ApproximateNumberOfMessages":           strconv.Itoa(visible),
		"ApproximateNumberOfMessagesNotVisible": strconv.Itoa(invisible),
		"ApproximateNumberOfMessagesDelayed":    strconv.Itoa(delayed),
		"CreatedTimestamp":                      strconv.FormatInt(q.created.Unix(), 10),
		"LastModifiedTimestamp":                 strconv.FormatInt(q.modified.Unix(), 10),
		attributeManagedSSE:                     effective(q.attributes, attributeManagedSSE),
	}
	for name := range numbers {
		if name != attributeKeyReuse || q.attributes[attributeKey] != "" {
			list[name] = effective(q.attributes, name)
		}
	}
	for _, name := range []string{attributeKey, attributePolicy, attributeRedrive, attributeRedriveAllow} {
		if value := q.attributes[name]; value != "" {
			list[name] = value
		}
	}
	return list
}

// readOnly are the attributes that cannot be set.
var readOnly = []string{
	"QueueArn", "ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed",
	"CreatedTimestamp", "LastModifiedTimestamp",
}

// known reports whether GetQueueAttributes accepts a name. The answer omits attributes that the queue does not have.
func known(name string) bool {
	_, isNumber := numbers[name]
	return isNumber || slices.Contains(readOnly, name) ||
		slices.Contains([]string{"All", attributeKey, attributeManagedSSE, attributePolicy, attributeRedrive, attributeRedriveAllow}, name)
}

type getAttributesInput struct {
	queueInput
	AttributeNames []string
}

type attributesOutput struct {
	Attributes map[string]string `json:",omitempty"`
}

func (s *Service) getQueueAttributes(_ *wire.Call, in *getAttributesInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		all := q.all(s.arn(q.name), s.config.Clock.Now())
		out := attributesOutput{map[string]string{}}
		for _, name := range in.AttributeNames {
			if !known(name) {
				return nil, wire.Sender(codeUnknownAttribute, "Unknown Attribute %s.", name)
			}
			if name == "All" {
				maps.Copy(out.Attributes, all)
			} else if value, has := all[name]; has {
				out.Attributes[name] = value
			}
		}
		return out, nil
	})
}

type setAttributesInput struct {
	queueInput
	Attributes map[string]string
}

func (s *Service) setQueueAttributes(_ *wire.Call, in *setAttributesInput) ([]string, func() (any, error)) {
	return s.onQueue(in.QueueURL, func(q *queue) (any, error) {
		attributes, err := apply(q.attributes, in.Attributes)
		if err != nil {
			return nil, err
		}
		q.attributes, q.modified = attributes, s.config.Now()
		return nil, nil
	})
}
