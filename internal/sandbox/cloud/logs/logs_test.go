// SPDX-License-Identifier: MPL-2.0

package logs_test

import (
	"errors"
	"fmt"
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

// startWithStream has a group with a stream.
func startWithStream(t *testing.T) (*cloud.Cloud, *cloudwatchlogs.Client) {
	t.Helper()
	c, client := start(t)
	_, err := client.CreateLogGroup(t.Context(), &cloudwatchlogs.CreateLogGroupInput{LogGroupName: group})
	check(t, "CreateLogGroup", err)
	_, err = client.CreateLogStream(t.Context(), &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	check(t, "CreateLogStream", err)
	return c, client
}

func check(t *testing.T, what string, err error) {
	t.Helper()
	if err != nil {
		t.Errorf("%s: %v", what, err)
	}
}

func put(t *testing.T, client *cloudwatchlogs.Client, events ...types.InputLogEvent) (*cloudwatchlogs.PutLogEventsOutput, error) {
	t.Helper()
	return client.PutLogEvents(t.Context(), &cloudwatchlogs.PutLogEventsInput{LogGroupName: group, LogStreamName: stream, LogEvents: events})
}

func at(t time.Time, message string) types.InputLogEvent {
	return types.InputLogEvent{Timestamp: aws.Int64(t.UnixMilli()), Message: aws.String(message)}
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
	_, err = client.PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: group, DeletionProtectionEnabled: aws.Bool(true)})
	check(t, "PutLogGroupDeletionProtection", err)
	if got := describe(); aws.ToString(got.KmsKeyId) != key || !aws.ToBool(got.DeletionProtectionEnabled) {
		t.Errorf("with a key and protected: %+v", got)
	}
	_, err = client.DeleteLogGroup(ctx, &cloudwatchlogs.DeleteLogGroupInput{LogGroupName: group})
	cloudtest.WantError(t, err, 400, "ValidationException", "Disable deletion protection first")
	_, err = client.DisassociateKmsKey(ctx, &cloudwatchlogs.DisassociateKmsKeyInput{LogGroupName: group})
	check(t, "DisassociateKmsKey", err)
	_, err = client.PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: aws.String(groupARN), DeletionProtectionEnabled: aws.Bool(false)})
	check(t, "PutLogGroupDeletionProtection", err)
	if got := describe(); got.KmsKeyId != nil || aws.ToBool(got.DeletionProtectionEnabled) {
		t.Errorf("without the key, unprotected: %+v", got)
	}
	_, err = client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{
		LogGroupName: aws.String("secret"), KmsKeyId: aws.String(key), DeletionProtectionEnabled: aws.Bool(true), LogGroupClass: types.LogGroupClassInfrequentAccess,
	})
	check(t, "CreateLogGroup", err)
	secret, err := client.DescribeLogGroups(ctx, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: aws.String("secret")})
	if err != nil || aws.ToString(secret.LogGroups[0].KmsKeyId) != key || !aws.ToBool(secret.LogGroups[0].DeletionProtectionEnabled) ||
		secret.LogGroups[0].LogGroupClass != types.LogGroupClassInfrequentAccess {
		t.Errorf("made with a key and protected: %+v, %v", secret, err)
	}
	_, err = client.PutLogGroupDeletionProtection(ctx, &cloudwatchlogs.PutLogGroupDeletionProtectionInput{LogGroupIdentifier: aws.String("secret"), DeletionProtectionEnabled: aws.Bool(false)})
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
	legacy, err := client.ListTagsLogGroup(ctx, &cloudwatchlogs.ListTagsLogGroupInput{LogGroupName: group}) //nolint:staticcheck // deprecated, and still in use
	if err != nil || legacy.Tags["chain"] != "weekly" {
		t.Errorf("tags by the older operation: %v, %v", legacy, err)
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
	_, client := startWithStream(t)
	now := time.Now()
	var batch []types.InputLogEvent
	for i := range 5 {
		batch = append(batch, at(now.Add(time.Duration(i)*time.Second), fmt.Sprint("line ", i)))
	}
	_, err := put(t, client, batch...)
	check(t, "PutLogEvents", err)
	get := func(change func(*cloudwatchlogs.GetLogEventsInput)) (string, *cloudwatchlogs.GetLogEventsOutput) {
		in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, Limit: aws.Int32(2)}
		change(in)
		out, err := client.GetLogEvents(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		var lines []string
		for _, e := range out.Events {
			lines = append(lines, strings.TrimPrefix(*e.Message, "line "))
		}
		return strings.Join(lines, " "), out
	}
	head := func(in *cloudwatchlogs.GetLogEventsInput) { in.StartFromHead = aws.Bool(true) }
	if lines, _ := get(head); lines != "0 1" {
		t.Errorf("from the head: %s", lines)
	}
	lines, tail := get(func(*cloudwatchlogs.GetLogEventsInput) {})
	if lines != "3 4" {
		t.Errorf("from the tail: %s", lines)
	}
	if lines, _ = get(func(in *cloudwatchlogs.GetLogEventsInput) { in.NextToken = tail.NextBackwardToken }); lines != "1 2" {
		t.Errorf("backward: %s", lines)
	}
	lines, end := get(func(in *cloudwatchlogs.GetLogEventsInput) { in.NextToken = tail.NextForwardToken })
	if lines != "" || *end.NextForwardToken != *tail.NextForwardToken {
		t.Errorf("at the end: %q, token %s after %s", lines, *end.NextForwardToken, *tail.NextForwardToken)
	}
	lines, _ = get(func(in *cloudwatchlogs.GetLogEventsInput) {
		in.StartTime, in.EndTime = aws.Int64(now.Add(time.Second).UnixMilli()), aws.Int64(now.Add(3*time.Second).UnixMilli())
	})
	if lines != "1 2" {
		t.Errorf("between two times: %s", lines)
	}
	lines, _ = get(func(in *cloudwatchlogs.GetLogEventsInput) {
		head(in)
		in.LogGroupName, in.LogGroupIdentifier = nil, aws.String(groupARN)
	})
	if lines != "0 1" {
		t.Errorf("by the group's ARN: %s", lines)
	}
	_, err = client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, NextToken: aws.String("x/1/s")})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "nextToken")
	_, err = client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: aws.String("none")})
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "The specified log stream does not exist.")
}

func TestFilterLogEvents(t *testing.T) {
	t.Parallel()
	c, client := startWithStream(t)
	now := time.Now()
	_, err := put(t, client, at(now, `started "reload" 1`), at(now.Add(2*time.Second), "ERROR not found"))
	check(t, "PutLogEvents", err)
	check(t, "Append", c.Logs().Append(groupName, "second", now.Add(time.Second), "started reload 2"))
	tests := map[string]struct{ pattern, want string }{
		"nothing":       {"", `started "reload" 1|started reload 2|ERROR not found`},
		"a word":        {"started", `started "reload" 1|started reload 2`},
		"two words":     {"started 2", "started reload 2"},
		"case":          {"error", ""},
		"a phrase":      {`"not found"`, "ERROR not found"},
		"quotes":        {`"\"reload\""`, `started "reload" 1`},
		"without":       {"started -2", `started "reload" 1`},
		"either":        {"?ERROR ?2", "started reload 2|ERROR not found"},
		"no such thing": {"canceled", ""},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group, Limit: aws.Int32(2)}
			if tt.pattern != "" {
				in.FilterPattern = aws.String(tt.pattern)
			}
			var lines []string
			pages := cloudwatchlogs.NewFilterLogEventsPaginator(client, in)
			for pages.HasMorePages() {
				page, err := pages.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, e := range page.Events {
					lines = append(lines, *e.Message)
				}
			}
			if got := strings.Join(lines, "|"); got != tt.want {
				t.Errorf("got %s, want %s", got, tt.want)
			}
		})
	}
	filter := func(change func(*cloudwatchlogs.FilterLogEventsInput)) (*cloudwatchlogs.FilterLogEventsOutput, error) {
		in := &cloudwatchlogs.FilterLogEventsInput{LogGroupName: group}
		change(in)
		return client.FilterLogEvents(t.Context(), in)
	}
	got, err := filter(func(in *cloudwatchlogs.FilterLogEventsInput) { in.LogStreamNames = []string{"second"} })
	if err != nil || len(got.Events) != 1 || *got.Events[0].LogStreamName != "second" || *got.Events[0].EventId == "" {
		t.Errorf("one stream: %+v, %v", got, err)
	}
	_, err = filter(func(in *cloudwatchlogs.FilterLogEventsInput) { in.LogStreamNames = []string{"none"} })
	cloudtest.WantError(t, err, 400, "ResourceNotFoundException", "log stream")
	for _, pattern := range []string{`{ $.level = "error" }`, "[a, b]", "%x%", `"open`} {
		_, err = filter(func(in *cloudwatchlogs.FilterLogEventsInput) { in.FilterPattern = aws.String(pattern) })
		cloudtest.WantError(t, err, 400, "InvalidParameterException", "pattern")
	}
}

func TestStreams(t *testing.T) {
	t.Parallel()
	c, client := startWithStream(t)
	ctx := t.Context()
	now := time.Now()
	check(t, "Append", c.Logs().Append(groupName, "b", now, "new"))
	check(t, "Append", c.Logs().Append(groupName, "c", now.Add(-time.Hour), "old"))
	describe := func(change func(*cloudwatchlogs.DescribeLogStreamsInput)) ([]string, error) {
		in := &cloudwatchlogs.DescribeLogStreamsInput{LogGroupName: group}
		change(in)
		out, err := client.DescribeLogStreams(ctx, in)
		if err != nil {
			return nil, err
		}
		var names []string
		for _, s := range out.LogStreams {
			names = append(names, *s.LogStreamName)
			if *s.Arn != groupARN+":log-stream:"+*s.LogStreamName {
				t.Errorf("ARN %s of %s", *s.Arn, *s.LogStreamName)
			}
		}
		return names, nil
	}
	names, err := describe(func(*cloudwatchlogs.DescribeLogStreamsInput) {})
	if want := []string{*stream, "b", "c"}; err != nil || !slices.Equal(names, want) {
		t.Errorf("streams %v, want %v (%v)", names, want, err)
	}
	names, err = describe(func(in *cloudwatchlogs.DescribeLogStreamsInput) {
		in.OrderBy, in.Descending = types.OrderByLastEventTime, aws.Bool(true)
	})
	if want := []string{"b", "c", *stream}; err != nil || !slices.Equal(names, want) {
		t.Errorf("streams, the newest first: %v, want %v (%v)", names, want, err)
	}
	names, err = describe(func(in *cloudwatchlogs.DescribeLogStreamsInput) { in.LogStreamNamePrefix = aws.String("2026/") })
	if err != nil || !slices.Equal(names, []string{*stream}) {
		t.Errorf("streams of 2026: %v (%v)", names, err)
	}
	_, err = describe(func(in *cloudwatchlogs.DescribeLogStreamsInput) {
		in.OrderBy, in.LogStreamNamePrefix = types.OrderByLastEventTime, aws.String("2026/")
	})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "Cannot order by LastEventTime")
	_, err = client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: stream})
	cloudtest.WantError(t, err, 400, "ResourceAlreadyExistsException", "The specified log stream already exists")
	_, err = client.CreateLogStream(ctx, &cloudwatchlogs.CreateLogStreamInput{LogGroupName: group, LogStreamName: aws.String("a:b")})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "[^:*]*")
	_, err = client.CreateLogGroup(ctx, &cloudwatchlogs.CreateLogGroupInput{LogGroupName: aws.String("a b")})
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "logGroupName")
}

func TestPutLogEvents(t *testing.T) {
	t.Parallel()
	_, client := startWithStream(t)
	now := time.Now()
	day := 24 * time.Hour
	out, err := put(t, client, at(now.Add(-15*day), "too old"))
	if err != nil || out.RejectedLogEventsInfo == nil || *out.RejectedLogEventsInfo.TooOldLogEventEndIndex != 1 {
		t.Errorf("an old event: %+v, %v", out, err)
	}
	out, err = put(t, client, at(now, "now"), at(now.Add(3*time.Hour), "too new"))
	if err != nil || out.RejectedLogEventsInfo == nil || *out.RejectedLogEventsInfo.TooNewLogEventStartIndex != 1 {
		t.Errorf("an event of the future: %+v, %v", out, err)
	}
	_, err = client.PutRetentionPolicy(t.Context(), &cloudwatchlogs.PutRetentionPolicyInput{LogGroupName: group, RetentionInDays: aws.Int32(1)})
	check(t, "PutRetentionPolicy", err)
	out, err = put(t, client, at(now.Add(-25*time.Hour), "expired"), at(now.Add(-23*time.Hour), "kept"))
	if err != nil || out.RejectedLogEventsInfo == nil || *out.RejectedLogEventsInfo.ExpiredLogEventEndIndex != 1 {
		t.Errorf("an expired event: %+v, %v", out, err)
	}
	got, err := client.GetLogEvents(t.Context(), &cloudwatchlogs.GetLogEventsInput{LogGroupName: group, LogStreamName: stream, StartFromHead: aws.Bool(true)})
	if err != nil || len(got.Events) != 2 || *got.Events[0].Message != "kept" || *got.Events[1].Message != "now" {
		t.Errorf("events %+v, %v", got, err)
	}

	_, err = put(t, client, at(now, "second"), at(now.Add(-time.Second), "first"))
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "chronological order")
	_, err = put(t, client, at(now.Add(-25*time.Hour), "a"), at(now, "b"))
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "span more than 24 hours")
	_, err = put(t, client, at(now, ""))
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "logEvents.1.member.message")
	half := strings.Repeat("x", 1<<19)
	_, err = put(t, client, at(now, half), at(now, half))
	cloudtest.WantError(t, err, 400, "InvalidParameterException", "Upload too large: 1048628 bytes")
}
