// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"slices"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

// logGroup is the function's CloudWatch log group. It is created before the function and deleted after it. The function may not create one:
// otherwise Lambda would recreate it without retention and tags.
type logGroup struct {
	s    *Stack
	seen *types.LogGroup // nil when missing
	tags map[string]string
}

// logGroupName returns the name that Lambda writes to by default.
func (s *Stack) logGroupName() string { return "/aws/lambda/" + s.objectName() }

// logGroupARN returns the ARN in the form that tagging requires. Log streams are below it.
func (s *Stack) logGroupARN() string {
	return fmt.Sprintf("arn:%s:logs:%s:%s:log-group:%s", s.Partition, s.Region, s.Account, s.logGroupName())
}

func (c *logGroup) object() string { return c.s.logGroupName() }

func (c *logGroup) find(ctx context.Context) error {
	c.seen, c.tags = nil, nil
	groups, err := listed(ctx, cloudwatchlogs.NewDescribeLogGroupsPaginator(c.s.Logs, &cloudwatchlogs.DescribeLogGroupsInput{
		LogGroupNamePrefix: aws.String(c.s.logGroupName()),
	}), func(page *cloudwatchlogs.DescribeLogGroupsOutput) []types.LogGroup { return page.LogGroups })
	i := slices.IndexFunc(groups, func(g types.LogGroup) bool { return aws.ToString(g.LogGroupName) == c.s.logGroupName() })
	if i < 0 {
		return err
	}
	tags, err := found(c.s.Logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(c.s.logGroupARN())}))
	if tags != nil { // nil: it was deleted between the two calls
		c.seen, c.tags = &groups[i], tags.Tags
	}
	return err
}

func (c *logGroup) exists() bool { return c.seen != nil }

func (c *logGroup) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "log_group", Have: missing}}
	}
	var all []Difference
	if have := aws.ToInt32(c.seen.RetentionInDays); have != want.LogRetentionInDays {
		all = append(all, Difference{Setting: "log_group.retention_in_days", Have: days(have), Want: days(want.LogRetentionInDays)})
	}
	if have := aws.ToString(c.seen.KmsKeyId); have != want.LogGroupKMSKeyARN {
		all = append(all, Difference{Setting: "log_group.kms_key", Have: orNone(have), Want: orNone(want.LogGroupKMSKeyARN)})
	}
	if aws.ToBool(c.seen.DeletionProtectionEnabled) {
		all = append(all, Difference{Setting: "log_group.deletion_protection", Have: "on", Want: "off"})
	}
	return append(all, c.s.diffTags("log_group", c.tags, want)...)
}

func (c *logGroup) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		err := create(ctx, c, func(ctx context.Context) error {
			_, err := c.s.Logs.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
				LogGroupName: aws.String(c.s.logGroupName()), KmsKeyId: setOrNil(want.LogGroupKMSKeyARN), Tags: c.s.tags(want),
			})
			if err == nil {
				c.seen = &types.LogGroup{LogGroupName: aws.String(c.s.logGroupName()), KmsKeyId: setOrNil(want.LogGroupKMSKeyARN)}
				c.tags = c.s.tags(want)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("log group", c.s.logGroupName())
	}
	if aws.ToInt32(c.seen.RetentionInDays) != want.LogRetentionInDays {
		if err := c.setRetention(ctx, want.LogRetentionInDays); err != nil {
			return err
		}
	}
	if err := c.setProtection(ctx, want); err != nil {
		return err
	}
	return c.s.syncTags(ctx, c, &c.tags, want)
}

func (c *logGroup) tag(ctx context.Context, set map[string]string) error {
	return done(c.s.Logs.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: aws.String(c.s.logGroupARN()), Tags: set}))
}

func (c *logGroup) untag(ctx context.Context, keys []string) error {
	return done(c.s.Logs.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: aws.String(c.s.logGroupARN()), TagKeys: keys}))
}

// setProtection sets how the group is encrypted, and switches its deletion protection off.
func (c *logGroup) setProtection(ctx context.Context, want *Spec) error {
	if aws.ToString(c.seen.KmsKeyId) != want.LogGroupKMSKeyARN {
		var err error
		if want.LogGroupKMSKeyARN == "" {
			_, err = c.s.Logs.DisassociateKmsKey(ctx, &cloudwatchlogs.DisassociateKmsKeyInput{LogGroupName: c.seen.LogGroupName})
		} else {
			_, err = c.s.Logs.AssociateKmsKey(ctx, &cloudwatchlogs.AssociateKmsKeyInput{
				LogGroupName: c.seen.LogGroupName, KmsKeyId: aws.String(want.LogGroupKMSKeyARN),
			})
		}
		if err != nil {
			return err
		}
		c.seen.KmsKeyId = setOrNil(want.LogGroupKMSKeyARN)
	}
	if !aws.ToBool(c.seen.DeletionProtectionEnabled) {
		return nil
	}
	_, err := c.s.Logs.PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{
		LogGroupIdentifier: c.seen.LogGroupName, DeletionProtectionEnabled: aws.Bool(false),
	})
	if err == nil {
		c.seen.DeletionProtectionEnabled = aws.Bool(false)
	}
	return err
}

// setRetention sets how long log lines are kept. 0 means forever, which is a separate call.
func (c *logGroup) setRetention(ctx context.Context, want int32) error {
	var err error
	if want == 0 {
		_, err = c.s.Logs.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: c.seen.LogGroupName})
	} else {
		_, err = c.s.Logs.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{
			LogGroupName: c.seen.LogGroupName, RetentionInDays: aws.Int32(want),
		})
	}
	if err == nil {
		c.seen.RetentionInDays = aws.Int32(want)
	}
	return err
}

func (c *logGroup) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := gone(c.s.Logs.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: c.seen.LogGroupName})); err != nil {
		return err
	}
	c.seen = nil
	return nil
}

func days(n int32) string {
	if n == 0 {
		return "for ever"
	}
	return strconv.Itoa(int(n))
}

func (c *logGroup) ours() bool { return c.seen != nil && c.s.ours(c.tags) }

func (c *logGroup) report(state *State) {
	if state.note(c.ours()) {
		state.LogGroupName, state.LogRetentionInDays = aws.ToString(c.seen.LogGroupName), aws.ToInt32(c.seen.RetentionInDays)
		state.LogGroupKMSKeyARN = aws.ToString(c.seen.KmsKeyId)
	}
}
