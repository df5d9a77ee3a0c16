// SPDX-License-Identifier: MPL-2.0

package scheduler_test

import (
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

func createQueue(t *testing.T, c *cloud.Cloud, name string) {
	t.Helper()
	if _, err := sqs.NewFromConfig(cloudtest.UserConfig(c)).CreateQueue(t.Context(),
		&sqs.CreateQueueInput{QueueName: aws.String(name)}); err != nil {
		t.Fatal(err)
	}
}

// TestGroup makes a group, looks at it and deletes it; it stays DELETING for some time.
func TestGroup(t *testing.T) {
	t.Parallel()
	var ahead atomic.Int64 // of the clock of time stamps
	config := cloud.Config{Now: func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }}
	config.Scheduler.DeletingFor = 30 * time.Second
	c, clk, client := start(t, config)
	get := func(name string) (*scheduler.GetScheduleGroupOutput, error) {
		return client.GetScheduleGroup(t.Context(), &scheduler.GetScheduleGroupInput{Name: aws.String(name)})
	}
	out, err := get("chain")
	if err != nil || *out.Arn != groupARN || *out.Name != "chain" || out.State != types.ScheduleGroupStateActive ||
		time.Since(*out.CreationDate) > time.Minute {
		t.Errorf("group %+v, %v", out, err)
	}
	if out, err = get("default"); err != nil || out.State != types.ScheduleGroupStateActive {
		t.Errorf("group %+v, %v", out, err)
	}
	_, err = get("none")
	cloudtest.WantError(t, err, 404, "ResourceNotFoundException", "Schedule group none does not exist.")
	create(t, client, at("a", time.Hour))
	create(t, client, inGroup(at("b", time.Hour), ""))
	if objects := c.Objects()["scheduler"]; !slices.Equal(objects, []string{
		"arn:aws:scheduler:eu-central-1:123456789012:schedule-group/chain",
		"arn:aws:scheduler:eu-central-1:123456789012:schedule/chain/a",
		"arn:aws:scheduler:eu-central-1:123456789012:schedule/default/b",
	}) {
		t.Errorf("objects %v", objects)
	}

	remove := func(name string) error {
		_, err := client.DeleteScheduleGroup(t.Context(), &scheduler.DeleteScheduleGroupInput{Name: aws.String(name)})
		return err
	}
	cloudtest.WantError(t, remove("default"), 400, "ValidationException", "default schedule group")
	if err := remove("chain"); err != nil {
		t.Fatal(err)
	}
	if out, err = get("chain"); err != nil || out.State != types.ScheduleGroupStateDeleting {
		t.Errorf("group %+v, %v", out, err)
	}
	cloudtest.WantError(t, remove("chain"), 409, "ConflictException", "being deleted")
	_, err = client.CreateSchedule(t.Context(), at("a", time.Hour))
	cloudtest.WantError(t, err, 409, "ConflictException", "being deleted")
	_, err = client.CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{Name: aws.String("chain")})
	cloudtest.WantError(t, err, 409, "ConflictException", "being deleted")
	clk.Advance(time.Hour)
	idle(t, c.Scheduler())
	if pending := c.Scheduler().Pending(); len(pending) != 1 || pending[0].Name != "b" || pending[0].Attempt != 1 {
		t.Errorf("pending %+v: the group's schedule has to be gone", pending)
	}

	ahead.Store(int64(31 * time.Second))
	_, err = get("chain")
	cloudtest.WantError(t, err, 404, "ResourceNotFoundException", "")
	cloudtest.WantError(t, remove("chain"), 404, "ResourceNotFoundException", "")
	_, err = client.CreateSchedule(t.Context(), at("a", 2*time.Hour))
	cloudtest.WantError(t, err, 404, "ResourceNotFoundException", "Schedule group chain does not exist.")
	createGroup(t, client, "chain")
}

func TestCreateGroupAgain(t *testing.T) {
	t.Parallel()
	_, _, client := start(t, cloud.Config{})
	in := &scheduler.CreateScheduleGroupInput{Name: aws.String("more"), ClientToken: aws.String("token")}
	for range 2 {
		out, err := client.CreateScheduleGroup(t.Context(), in)
		if err != nil || !strings.HasSuffix(*out.ScheduleGroupArn, ":schedule-group/more") {
			t.Errorf("%+v, %v", out, err)
		}
	}
	in.ClientToken = aws.String("another")
	_, err := client.CreateScheduleGroup(t.Context(), in)
	cloudtest.WantError(t, err, 409, "ConflictException", "Schedule group more already exists.")
	for _, name := range []string{"a b", strings.Repeat("a", 65)} {
		_, err := client.CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{Name: aws.String(name)})
		cloudtest.WantError(t, err, 400, "ValidationException", "'name' failed to satisfy constraint")
	}
}

func TestGroupTags(t *testing.T) {
	t.Parallel()
	_, _, client := start(t, cloud.Config{})
	tag := func(arn, key, value string) error {
		_, err := client.TagResource(t.Context(), &scheduler.TagResourceInput{ResourceArn: aws.String(arn),
			Tags: []types.Tag{{Key: aws.String(key), Value: aws.String(value)}}})
		return err
	}
	for key, value := range map[string]string{"a": "1", "b": "2", "c": "3"} {
		if err := tag(groupARN, key, value); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := client.UntagResource(t.Context(), &scheduler.UntagResourceInput{ResourceArn: aws.String(groupARN),
		TagKeys: []string{"a", "c"}}); err != nil {
		t.Fatal(err)
	}
	out, err := client.ListTagsForResource(t.Context(), &scheduler.ListTagsForResourceInput{ResourceArn: aws.String(groupARN)})
	if err != nil || len(out.Tags) != 1 || *out.Tags[0].Key != "b" || *out.Tags[0].Value != "2" {
		t.Errorf("tags %+v, %v", out, err)
	}
	cloudtest.WantError(t, tag(groupARN, "aws:a", "1"), 400, "ValidationException", "reserved")
	cloudtest.WantError(t, tag(groupARN+"s", "a", "1"), 404, "ResourceNotFoundException", "chains")
	cloudtest.WantError(t, tag("arn:aws:scheduler:eu-central-1:123456789012:schedule/chain/a", "a", "1"), 400, "ValidationException",
		"'resourceArn' failed to satisfy constraint")
	_, err = client.CreateScheduleGroup(t.Context(), &scheduler.CreateScheduleGroupInput{Name: aws.String("b"),
		Tags: []types.Tag{{Key: aws.String("aws:a"), Value: aws.String("1")}}})
	cloudtest.WantError(t, err, 400, "ValidationException", "reserved")
}
