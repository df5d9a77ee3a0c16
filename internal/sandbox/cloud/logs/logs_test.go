// SPDX-License-Identifier: MPL-2.0

package logs_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
)

const (
	groupName = "/aws/lambda/chain"
	groupARN  = "arn:aws:logs:eu-central-1:123456789012:log-group:" + groupName
)

var (
	group  = aws.String(groupName)
	stream = aws.String("2026/01/02/[$LATEST]abc")
)

func start(t *testing.T) (*cloud.Cloud, *cloudwatchlogs.Client) {
	t.Helper()
	c := cloudtest.Start(t, cloud.Config{})
	return c, cloudwatchlogs.NewFromConfig(cloudtest.UserConfig(c))
}

// startWithStream has a group with events in a stream, by their times.
func startWithStream(t *testing.T, events map[time.Time]string) (*cloud.Cloud, *cloudwatchlogs.Client) {
	t.Helper()
	c, client := start(t)
	_, err := client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	check(t, "CreateLogGroup", err)
	for at, message := range events {
		check(t, "Append", c.Logs().Append(groupName, *stream, at, message))
	}
	return c, client
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func TestGroup(t *testing.T) {
	t.Parallel()
	c, client := start(t)
	ctx := t.Context()
	create := &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group, Tags: map[string]string{"chain": "nightly", "b": "2"}}
	_, err := client.CreateLogGroup(ctx, create)
	check(t, "CreateLogGroup", err)
	_, err = client.CreateLogGroup(ctx, create)
	cloudtest.WantError(t, err, 400, "ResourceAlreadyExistsException", "The specified log group already exists")
	_, err = client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String(groupName + "-other")})
	check(t, "CreateLogGroup", err)
	_, err = client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(14)})
	check(t, "PutRetentionPolicy", err)
	_, err = client.PutRetentionPolicy(ctx, &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(2)})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "enum value set: [1, 3, 5")

	both, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group})
	if err != nil || len(both.LogGroups) != 2 {
		t.Fatalf("groups %+v, %v", both, err)
	}
	got := both.LogGroups[0]
	if *got.LogGroupName != groupName || *got.Arn != groupARN+":*" || *got.LogGroupArn != groupARN || *got.RetentionInDays != 14 ||
		got.LogGroupClass != types.LogGroupClassStandard || time.Since(time.UnixMilli(*got.CreationTime)) > time.Minute {
		t.Errorf("group %+v", got)
	}
	if both.LogGroups[1].RetentionInDays != nil {
		t.Errorf("retention %d of a group that keeps its events", *both.LogGroups[1].RetentionInDays)
	}
	_, err = client.DeleteRetentionPolicy(ctx, &cloudwatchlogs.DeleteRetentionPolicyInput{LogGroupName: group})
	check(t, "DeleteRetentionPolicy", err)
	one, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group, Limit: aws.Int32(1)})
	if err != nil || one.LogGroups[0].RetentionInDays != nil || one.NextToken == nil {
		t.Errorf("the first page is %+v, %v", one, err)
	}

	describe := func() types.LogGroup {
		t.Helper()
		out, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: group})
		check(t, "DescribeLogGroups", err)
		return out.LogGroups[0]
	}
	const key = "arn:aws:kms:eu-central-1:123456789012:key/1234abcd-12ab-34cd-56ef-1234567890ab"
	_, err = client.AssociateKmsKey(ctx, &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: group, KmsKeyId: aws.String("alias/mine")})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "alias/mine")
	_, err = client.AssociateKmsKey(ctx, &cloudwatchlogs.AssociateKmsKeyInput{LogGroupName: group, KmsKeyId: aws.String(key)})
	check(t, "AssociateKmsKey", err)
	_, err = client.PutLogGroupDeletionProtection(ctx,
		&cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: group, DeletionProtectionEnabled: aws.Bool(true)})
	check(t, "PutLogGroupDeletionProtection", err)
	if got := describe(); aws.ToString(got.KmsKeyId) != key || !aws.ToBool(got.DeletionProtectionEnabled) {
		t.Errorf("with a key and protected: %+v", got)
	}
	_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	cloudtest.WantError(t, err, 400, "ValidationException", "Disable deletion protection first")
	_, err = client.DisassociateKmsKey(ctx, &cloudwatchlogs.DisassociateKmsKeyInput{LogGroupName: group})
	check(t, "DisassociateKmsKey", err)
	_, err = client.PutLogGroupDeletionProtection(ctx,
		&cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: aws.String(groupARN), DeletionProtectionEnabled: aws.Bool(false)})
	check(t, "PutLogGroupDeletionProtection", err)
	if got := describe(); got.KmsKeyId != nil || aws.ToBool(got.DeletionProtectionEnabled) {
		t.Errorf("without the key, unprotected: %+v", got)
	}
	_, err = client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String("secret"), KmsKeyId: aws.String(key), DeletionProtectionEnabled: aws.Bool(true),
		LogGroupClass: types.LogGroupClassInfrequentAccess,
	})
	check(t, "CreateLogGroup", err)
	secret, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("secret")})
	if err != nil || aws.ToString(secret.LogGroups[0].KmsKeyId) != key || !aws.ToBool(secret.LogGroups[0].DeletionProtectionEnabled) ||
		secret.LogGroups[0].LogGroupClass != types.LogGroupClassInfrequentAccess {
		t.Errorf("made with a key and protected: %+v, %v", secret, err)
	}
	_, err = client.PutLogGroupDeletionProtection(ctx,
		&cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: aws.String("secret"), DeletionProtectionEnabled: aws.Bool(false)})
	check(t, "PutLogGroupDeletionProtection", err)

	arn := aws.String(groupARN)
	_, err = client.TagResource(ctx, &cloudwatchlogs.TagResourceInput{ResourceArn: arn, Tags: map[string]string{"chain": "weekly"}})
	check(t, "TagResource", err)
	_, err = client.UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{ResourceArn: arn, TagKeys: []string{"b"}})
	check(t, "UntagResource", err)
	tags, err := client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: arn})
	if err != nil || len(tags.Tags) != 1 || tags.Tags["chain"] != "weekly" {
		t.Errorf("tags %v, %v", tags, err)
	}
	_, err = client.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: aws.String(groupARN + ":*")})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "'resourceArn' failed to satisfy constraint")

	for _, name := range []string{groupName, groupName + "-other", "secret"} {
		_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: aws.String(name)})
		check(t, "DeleteLogGroup", err)
	}
	_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "The specified log group does not exist.")
	var missing *types.ResourceNotFoundException
	if !errors.As(err, &missing) {
		t.Errorf("the SDK does not know the error %v", err)
	}
	if len(c.Objects()) != 0 {
		t.Errorf("objects %v are left", c.Objects())
	}
}

func TestGetLogEvents(t *testing.T) {
	t.Parallel()
	now := time.Now()
	_, client := startWithStream(t, map[time.Time]string{now: "1", now.Add(time.Second): "2", now.Add(-time.Second): "0"})
	for _, fromHead := range []*bool{nil, aws.Bool(true)} {
		out, err := client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream,
			StartFromHead: fromHead})
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range out.Events {
			lines = append(lines, *e.Message)
		}
		if !slices.Equal(lines, []string{"0", "1", "2"}) || *out.Events[1].Timestamp != now.UnixMilli() ||
			aws.ToString(out.NextForwardToken) == "" {
			t.Errorf("events %v: %+v", lines, out)
		}
	}
	_, err := client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream,
		NextToken: aws.String("f/1/s")})
	cloudtest.WantError(t, err, 400, "ValidationException", "does not support the field \"nextToken\"")
	_, err = client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: aws.String("none")})
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "The specified log stream does not exist.")
}

func TestFilterLogEvents(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c, client := startWithStream(t, map[time.Time]string{now: "first", now.Add(2 * time.Second): "third"})
	check(t, "Append", c.Logs().Append(groupName, "second", now.Add(time.Second), "second"))
	var lines []string
	pages := cloudwatchlogs.NewFilterLogEventsPaginator(client, &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, Limit: aws.Int32(2)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range page.Events {
			lines = append(lines, *e.Message)
		}
	}
	later, err := client.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{
		LogGroupName: group, StartTime: aws.Int64(now.Add(time.Second).UnixMilli()),
	})
	if err != nil || len(later.Events) != 2 || *later.Events[0].Message != "second" {
		t.Errorf("from a second on: %+v, %v", later, err)
	}
	if !slices.Equal(lines, []string{"first", "second", "third"}) {
		t.Errorf("events %v", lines)
	}
	_, err = client.FilterLogEvents(t.Context(), &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group,
		FilterPattern: aws.String("first")})
	cloudtest.WantError(t, err, 400, "ValidationException", "does not support the field \"filterPattern\"")
}

func TestStreams(t *testing.T) {
	t.Parallel()
	now := time.Now()
	c, client := startWithStream(t, nil)
	ctx := t.Context()
	check(t, "Append", c.Logs().Append(groupName, "b", now, "new"))
	check(t, "Append", c.Logs().Append(groupName, "c", now.Add(-time.Hour), "old"))
	for _, tt := range []struct {
		in   cloudwatchlogs.DescribeLogStreamsInput
		want []string
	}{
		{cloudwatchlogs.DescribeLogStreamsInput{}, []string{"b", "c"}},
		{cloudwatchlogs.DescribeLogStreamsInput{Descending: aws.Bool(true)}, []string{"c", "b"}},
		{cloudwatchlogs.DescribeLogStreamsInput{OrderBy: types.OrderByLastEventTime}, []string{"c", "b"}},
	} {
		tt.in.LogGroupName = group
		out, err := client.DescribeLogStreams(ctx, &tt.in)
		if err != nil {
			t.Fatal(err)
		}
		var names []string
		for _, s := range out.LogStreams {
			names = append(names, *s.LogStreamName)
			if *s.Arn != groupARN+":log-stream:"+*s.LogStreamName {
				t.Errorf("ARN %s of %s", *s.Arn, *s.LogStreamName)
			}
		}
		if !slices.Equal(names, tt.want) {
			t.Errorf("streams %v, want %v", names, tt.want)
		}
	}
	if err := c.Logs().Append(groupName, "a:b", now, "x"); err == nil || !strings.Contains(err.Error(), "[^:*]*") {
		t.Errorf("a bad name of a stream: %v", err)
	}
	_, err := client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("a b")})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "logGroupName")
}
