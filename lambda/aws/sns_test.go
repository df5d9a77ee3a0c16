// SPDX-License-Identifier: MPL-2.0

package aws_test

import (
	"errors"
	"strings"
	"testing"

	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/cloudtest"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
)

var message = aws.TopicMessage{Subject: "a failed", Default: `{"text": "ü & =+%"}`, Email: "line\nline", SMS: "short"}

func publisher(t *testing.T, c *cloud.Cloud) *aws.Topics {
	t.Helper()
	return aws.NewTopics(cloudtest.UserConfig(c))
}

func TestPublish(t *testing.T) {
	t.Parallel()
	for name, fault := range map[string]*cloud.Fault{
		"well": nil, "failed": {Kind: cloud.FaultServer}, "cut off": {Kind: cloud.FaultCutBefore},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.Start(t, cloud.Config{})
			arn := c.SNS().AddTopic("oncall")
			if fault != nil {
				fault.Service, fault.Times = "sns", 1
				c.Faults().Add(*fault)
			}
			if err := publisher(t, c).Publish(t.Context(), arn, message); err != nil {
				t.Fatal(err)
			}
			got := c.SNS().Messages(arn)
			if len(got) != 1 || got[0].Subject != message.Subject || got[0].Default != message.Default ||
				got[0].Of["email"] != message.Email || got[0].Of["sms"] != message.SMS {
				t.Errorf("published was %+v", got)
			}
		})
	}
}

func TestPublishFails(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		arn   string
		fault *cloud.Fault
		code  string
		calls int
	}{
		"no topic":     {"arn:aws:sns:eu-central-1:123456789012:none", nil, "NotFound", 1},
		"may not":      {"arn:aws:sns:eu-central-1:123456789012:oncall", &cloud.Fault{Kind: cloud.FaultAccessDenied}, "AccessDenied", 1},
		"always fails": {"arn:aws:sns:eu-central-1:123456789012:oncall", &cloud.Fault{Kind: cloud.FaultServer}, "InternalFailure", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c := cloudtest.Start(t, cloud.Config{})
			c.SNS().AddTopic("oncall")
			if tt.fault != nil {
				c.Faults().Add(*tt.fault)
			}
			err := publisher(t, c).Publish(t.Context(), tt.arn, message)
			var api smithy.APIError
			var response *awshttp.ResponseError
			if !errors.As(err, &api) || api.ErrorCode() != tt.code || !errors.As(err, &response) || response.RequestID == "" ||
				!strings.Contains(err.Error(), tt.arn) {
				t.Errorf("Publish() = %v, want %s, a request id and the topic", err, tt.code)
			}
			if calls := c.Calls(); len(calls) != tt.calls {
				t.Errorf("there were the calls %+v, want %d", calls, tt.calls)
			}
		})
	}
}

// TestSubjects: the sandbox takes the subjects that SNS takes. "Subjects must be ASCII text that begins with a letter, number, or
// punctuation mark; must not include line breaks or control characters; and must be less than 100 characters long."
// Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
func TestSubjects(t *testing.T) {
	t.Parallel()
	c := cloudtest.Start(t, cloud.Config{})
	arn := c.SNS().AddTopic("oncall")
	for subject, taken := range map[string]bool{
		strings.Repeat("x", 99): true, strings.Repeat("x", 100): false, "(a) failed": true,
		"": false, " a": false, "a\nb": false, "\x7fa": false, "ä": false,
	} {
		err := publisher(t, c).Publish(t.Context(), arn, aws.TopicMessage{Subject: subject, Default: "{}", Email: "e", SMS: "s"})
		if (err == nil) != taken {
			t.Errorf("the subject %q: %v", subject, err)
		}
	}
}
