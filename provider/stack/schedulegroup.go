// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	smithytime "github.com/aws/smithy-go/time"
)

// scheduleGroup is the EventBridge Scheduler group in which the function creates its timers.
type scheduleGroup struct {
	s     *Stack
	there bool
	tags  map[string]string
}

// scheduleGroupName returns the group's name, which is at most 48 characters long. EventBridge Scheduler allows 64.
func (s *Stack) scheduleGroupName() string { return s.objectName() }

// scheduleGroupARN returns the group's ARN, also before the group exists.
func (s *Stack) scheduleGroupARN() string {
	return fmt.Sprintf("arn:%s:scheduler:%s:%s:schedule-group/%s", s.Partition, s.Region, s.Account, s.scheduleGroupName())
}

// find looks up the group and its schedules. Without a group there are neither schedules nor tags. A chain's group always has the schedule
// of the sweeps. If that is not found, the group may be one that is being deleted, which its tags do not show.
func (c *scheduleGroup) find(ctx context.Context) error {
	c.tags, c.there = nil, false
	c.s.schedules.forget()
	summaries, err := c.s.schedules.list(ctx)
	if err != nil {
		return gone(summaries, err)
	}
	look := func(ctx context.Context) error { return c.s.schedules.look(ctx, summaries) }
	if err := inParallel(ctx, c.findTags, look); err != nil || !c.there || c.s.schedules.seen[sweepName] != nil {
		return err
	}
	out, err := c.get(ctx)
	c.there = out != nil && out.State != types.ScheduleGroupStateDeleting
	return err
}

func (c *scheduleGroup) findTags(ctx context.Context) error {
	list, err := found(c.s.Scheduler.ListTagsForResource(ctx,
		&scheduler.ListTagsForResourceInput{ResourceArn: aws.String(c.s.scheduleGroupARN())}))
	if list == nil {
		return err
	}
	c.there, c.tags = true, tagMap(list.Tags, func(t types.Tag) (key, value *string) { return t.Key, t.Value })
	return nil
}

// get returns the group, or nil when it does not exist.
func (c *scheduleGroup) get(ctx context.Context) (*scheduler.GetScheduleGroupOutput, error) {
	return found(c.s.Scheduler.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: aws.String(c.s.scheduleGroupName())}))
}

func (c *scheduleGroup) exists() bool { return c.there }

func (c *scheduleGroup) diff(want *Spec) []Difference {
	if !c.there {
		return []Difference{{Setting: "schedule_group", Have: missing}}
	}
	return c.s.diffTags("schedule_group", c.tags, want)
}

func (c *scheduleGroup) ensure(ctx context.Context, want *Spec) error {
	if !c.there {
		// EventBridge Scheduler reports a conflict while an earlier group of the same name is being deleted.
		err := create(ctx, c, func(ctx context.Context) error {
			_, err := c.s.Scheduler.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{
				Name: aws.String(c.s.scheduleGroupName()), Tags: tagList(c.s.tags(want), scheduleGroupTag),
			})
			if err == nil {
				c.there, c.tags = true, c.s.tags(want)
				c.s.schedules.forget() // these were found in the group that was being deleted
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if !c.s.ours(c.tags) {
		return c.s.foreign("EventBridge Scheduler group", c.s.scheduleGroupName())
	}
	return c.s.syncTags(ctx, c, &c.tags, want)
}

func scheduleGroupTag(key, value *string) types.Tag { return types.Tag{Key: key, Value: value} }

func (c *scheduleGroup) tag(ctx context.Context, set map[string]string) error {
	return done(c.s.Scheduler.TagResource(ctx, &scheduler.TagResourceInput{
		ResourceArn: aws.String(c.s.scheduleGroupARN()), Tags: tagList(set, scheduleGroupTag),
	}))
}

func (c *scheduleGroup) untag(ctx context.Context, keys []string) error {
	return done(c.s.Scheduler.UntagResource(ctx, &scheduler.UntagResourceInput{ResourceArn: aws.String(c.s.scheduleGroupARN()),
		TagKeys: keys}))
}

// errDeleting means that EventBridge Scheduler still deletes the group. It deletes the group's schedules first.
var errDeleting = errors.New("the group is still being deleted")

// remove deletes the group with its waiting timers, and returns when the group is gone.
func (c *scheduleGroup) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	_, err := c.s.Scheduler.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: aws.String(c.s.scheduleGroupName())})
	if err != nil && !isNotFound(err) && !isAlreadyThere(err) { // a conflict: the deletion is already running
		return err
	}
	if err := smithytime.SleepWithContext(ctx, firstLook); err != nil {
		return err
	}
	err = retry(ctx, createTimeout, func(err error) bool { return errors.Is(err, errDeleting) }, func(ctx context.Context) error {
		if out, err := c.get(ctx); out == nil {
			return err
		}
		return errDeleting
	})
	if err != nil {
		return err
	}
	c.there = false
	return nil
}

func (c *scheduleGroup) ours() bool { return c.there && c.s.ours(c.tags) }

func (c *scheduleGroup) report(state *State) {
	if state.note(c.ours()) {
		state.ScheduleGroupName = c.s.scheduleGroupName()
	}
}
