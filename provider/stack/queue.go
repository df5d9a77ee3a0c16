// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
)

// queue is the SQS queue for the events and timers with which the function failed for good.
type queue struct {
	s          *Stack
	url        string // empty when missing
	attributes map[string]string
	tags       map[string]string
}

// queueRetention is the longest that SQS keeps a message: 14 days, in seconds.
const queueRetention = "1209600"

// queueName returns the queue's name, which is at most 61 characters long. SQS allows 80.
func (s *Stack) queueName() string { return s.objectName() + "-dead-letters" }

// queueARN returns the queue's ARN, also before the queue exists.
func (s *Stack) queueARN() string {
	return fmt.Sprintf("arn:%s:sqs:%s:%s:%s", s.Partition, s.Region, s.Account, s.queueName())
}

// wanted returns the queue's attributes. A policy lets the chain's EventBridge rules send what the function did not get. The queue is
// encrypted with SQS's own key, even if the chain has a customer managed key. The policy of that key would have to admit Lambda and
// EventBridge Scheduler, which only the key's owner may decide.
func (c *queue) wanted(want *Spec) map[string]string {
	attributes := map[string]string{
		string(types.QueueAttributeNameMessageRetentionPeriod): queueRetention,
		string(types.QueueAttributeNameSqsManagedSseEnabled):   "true",
		// These are SQS's own defaults except for the size. Its default has changed, and Lambda's messages are smaller than this.
		string(types.QueueAttributeNameVisibilityTimeout):             "30",
		string(types.QueueAttributeNameDelaySeconds):                  "0",
		string(types.QueueAttributeNameReceiveMessageWaitTimeSeconds): "0",
		string(types.QueueAttributeNameMaximumMessageSize):            "262144",
	}
	var rules []string
	for _, bus := range signalBuses(want.Definition) {
		rules = append(rules, c.s.rulesOnBus(bus))
	}
	if len(rules) > 0 {
		attributes[string(types.QueueAttributeNamePolicy)] = document(policyStatement{
			Effect: "Allow", Principal: map[string]string{"Service": eventsPrincipal}, Action: []string{"sqs:SendMessage"},
			Resource: []string{c.s.queueARN()}, Condition: map[string]map[string]any{"ArnLike": {"aws:SourceArn": rules}},
		})
	}
	return attributes
}

// unwanted are the attributes that the queue does not have, but for the policy above. IAM policies of the users grant the access, and
// nothing forwards the messages.
var unwanted = []string{string(types.QueueAttributeNamePolicy), string(types.QueueAttributeNameRedrivePolicy),
	string(types.QueueAttributeNameRedriveAllowPolicy), string(types.QueueAttributeNameKmsMasterKeyId)}

func (c *queue) object() string { return c.s.queueName() }

// find looks the queue up by the URL in the state, or else by its name. For up to a minute, SQS may still return the URL of a deleted
// queue. Its attributes are not found then.
func (c *queue) find(ctx context.Context) error {
	c.url, c.attributes, c.tags = "", nil, nil
	url := c.s.known.DeadLetterQueueURL
	if url == "" {
		out, err := found(c.s.SQS.GetQueueUrl(ctx, &sqs.GetQueueUrlInput{QueueName: aws.String(c.s.queueName())}))
		if out == nil {
			return err
		}
		url = aws.ToString(out.QueueUrl)
	}
	looks := []func(context.Context) error{
		func(ctx context.Context) error {
			out, err := c.s.SQS.ListQueueTags(ctx, &sqs.ListQueueTagsInput{QueueUrl: aws.String(url)})
			if err == nil {
				c.tags = out.Tags
			}
			return err
		},
		func(ctx context.Context) error { return c.findAttributes(ctx, url) },
	}
	if c.s.brief {
		looks = looks[:1]
	}
	if err := inParallel(ctx, looks...); err != nil {
		return gone(url, err)
	}
	c.url = url
	return nil
}

func (c *queue) findAttributes(ctx context.Context, url string) error {
	out, err := c.s.SQS.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err == nil {
		c.attributes = out.Attributes
	}
	return err
}

func (c *queue) exists() bool { return c.url != "" }

func (c *queue) diff(want *Spec) []Difference {
	if c.url == "" {
		return []Difference{{Setting: "dead_letter_queue", Have: missing}}
	}
	var all []Difference
	for _, attribute := range []struct{ setting, name string }{
		{"message_retention_seconds", string(types.QueueAttributeNameMessageRetentionPeriod)},
		{"sqs_managed_sse", string(types.QueueAttributeNameSqsManagedSseEnabled)},
		{"visibility_timeout_seconds", string(types.QueueAttributeNameVisibilityTimeout)},
		{"delay_seconds", string(types.QueueAttributeNameDelaySeconds)},
		{"receive_wait_time_seconds", string(types.QueueAttributeNameReceiveMessageWaitTimeSeconds)},
		{"max_message_size", string(types.QueueAttributeNameMaximumMessageSize)},
		{"policy", string(types.QueueAttributeNamePolicy)},
		{"redrive_policy", string(types.QueueAttributeNameRedrivePolicy)},
		{"redrive_allow_policy", string(types.QueueAttributeNameRedriveAllowPolicy)},
		{"kms_key", string(types.QueueAttributeNameKmsMasterKeyId)},
	} {
		if have, wanted := c.attributes[attribute.name], c.wanted(want)[attribute.name]; !sameAttribute(attribute.name, have, wanted) {
			all = append(all, Difference{Setting: "dead_letter_queue." + attribute.setting, Have: orNone(have), Want: orNone(wanted)})
		}
	}
	return append(all, c.s.diffTags("dead_letter_queue", c.tags, want)...)
}

func (c *queue) ensure(ctx context.Context, want *Spec) error {
	if c.url == "" {
		c.s.known.DeadLetterQueueURL = "" // the URL leads nowhere
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.SQS.CreateQueue(ctx, &sqs.CreateQueueInput{
				QueueName: aws.String(c.s.queueName()), Attributes: c.wanted(want), Tags: c.s.tags(want),
			})
			if err == nil {
				c.url, c.attributes, c.tags = aws.ToString(out.QueueUrl), c.wanted(want), c.s.tags(want)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("SQS queue", c.s.queueName())
	}
	if err := c.setAttributes(ctx, want); err != nil {
		return err
	}
	return c.s.syncTags(ctx, c, &c.tags, want)
}

func (c *queue) tag(ctx context.Context, set map[string]string) error {
	return done(c.s.SQS.TagQueue(ctx, &sqs.TagQueueInput{QueueUrl: aws.String(c.url), Tags: set}))
}

func (c *queue) untag(ctx context.Context, keys []string) error {
	return done(c.s.SQS.UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: aws.String(c.url), TagKeys: keys}))
}

// errOtherAttributes means that SQS still shows the previous attributes. It takes up to a minute to show changes to every reader, or longer
// for the retention.
var errOtherAttributes = errors.New("SQS has taken the queue's new attributes and still shows other ones; apply again in some minutes")

func (c *queue) setAttributes(ctx context.Context, want *Spec) error {
	if c.asWanted(want) {
		return nil
	}
	set := c.wanted(want)
	for _, name := range unwanted {
		if c.attributes[name] != "" && set[name] == "" {
			set[name] = "" // including the key: SQS accepts only one kind of encryption
		}
	}
	if _, err := c.s.SQS.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: aws.String(c.url), Attributes: set}); err != nil {
		return err
	}
	return retry(ctx, propagationTimeout, func(err error) bool { return errors.Is(err, errOtherAttributes) }, func(ctx context.Context) error {
		if err := c.findAttributes(ctx, c.url); err != nil || c.asWanted(want) {
			return err
		}
		return errOtherAttributes
	})
}

func (c *queue) asWanted(want *Spec) bool {
	wanted := c.wanted(want)
	for name, value := range wanted {
		if !sameAttribute(name, c.attributes[name], value) {
			return false
		}
	}
	return !slices.ContainsFunc(unwanted, func(name string) bool { return c.attributes[name] != "" && wanted[name] == "" })
}

// sameAttribute reports whether two values of an attribute mean the same.
func sameAttribute(name, a, b string) bool {
	return a == b || name == string(types.QueueAttributeNamePolicy) && a != "" && b != "" && samePolicy(a, b)
}

func (c *queue) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := gone(c.s.SQS.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: aws.String(c.url)})); err != nil {
		return err
	}
	c.url = ""
	return nil
}

func (c *queue) ours() bool { return c.url != "" && c.s.ours(c.tags) }

func (c *queue) report(state *State) {
	if state.note(c.ours()) {
		state.DeadLetterQueueURL = c.url
	}
}
