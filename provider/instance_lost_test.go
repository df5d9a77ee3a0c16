// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package provider_test

import (
	"context"
	"errors"
	"regexp"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// withoutInstance removes all that names the chain's instance: the tag of every object, the owner's parameter, and a part of the webhook's
// description.
func (h *harness) withoutInstance(ctx context.Context) error {
	keys := []string{"qlik-instance"}
	var errs []error
	note := func(_ any, err error) { errs = append(errs, err) }
	gateway := apigateway.NewFromConfig(h.AWS())
	api, err := h.restAPI(ctx)
	if err != nil {
		return err
	}
	plan, err := h.usagePlan(ctx)
	if err != nil {
		return err
	}
	paths := []string{"/restapis/" + api, "/usageplans/" + aws.ToString(plan.Id), "/restapis/" + api + "/stages/live"}
	for _, name := range []string{objectName, webhookKeyName} {
		if id, err := h.keyID(ctx, name); err == nil {
			paths = append(paths, "/apikeys/"+*id)
		}
	}
	for _, path := range paths {
		note(gateway.UntagResource(ctx, &apigateway.UntagResourceInput{ResourceArn: aws.String("arn:aws:apigateway:eu-central-1::" + path),
			TagKeys: keys}))
	}
	note(lambda.NewFromConfig(h.AWS()).UntagResource(ctx, &lambda.UntagResourceInput{
		Resource: aws.String("arn:aws:lambda:eu-central-1:123456789012:function:" + objectName), TagKeys: keys,
	}))
	for _, role := range []string{roleName, timerRoleName} {
		note(iam.NewFromConfig(h.AWS()).UntagRole(ctx, &iam.UntagRoleInput{RoleName: aws.String(role), TagKeys: keys}))
	}
	note(dynamodb.NewFromConfig(h.AWS()).UntagResource(ctx, &dynamodb.UntagResourceInput{
		ResourceArn: aws.String("arn:aws:dynamodb:eu-central-1:123456789012:table/" + objectName), TagKeys: keys,
	}))
	note(sqs.NewFromConfig(h.AWS()).UntagQueue(ctx, &sqs.UntagQueueInput{QueueUrl: h.queueURL(), TagKeys: keys}))
	note(scheduler.NewFromConfig(h.AWS()).UntagResource(ctx, &scheduler.UntagResourceInput{
		ResourceArn: aws.String("arn:aws:scheduler:eu-central-1:123456789012:schedule-group/" + objectName), TagKeys: keys,
	}))
	note(cloudwatchlogs.NewFromConfig(h.AWS()).UntagResource(ctx, &cloudwatchlogs.UntagResourceInput{
		ResourceArn: aws.String("arn:aws:logs:eu-central-1:123456789012:log-group:" + logGroup), TagKeys: keys,
	}))
	for _, name := range []string{"definition", "credentials", "signing-secret"} {
		note(ssm.NewFromConfig(h.AWS()).RemoveTagsFromResource(ctx, &ssm.RemoveTagsFromResourceInput{
			ResourceType: ssmtypes.ResourceTypeForTaggingParameter, ResourceId: aws.String(parameterPath(name)), TagKeys: keys,
		}))
	}
	description := regexp.MustCompile(` qlik-instance=[0-9a-f]+`).ReplaceAllString(h.Tenant.Webhooks()[0].Description, "")
	return errors.Join(append(errs, deleteParameter("owner/1")(ctx, h), patchWebhook(change("/description", description))(ctx, h))...)
}

// TestAccInstanceIsLost checks that the next apply gives a chain a new instance if nothing names its instance, not even the state.
func TestAccInstanceIsLost(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{nil, {"-refresh=false"}} {
		h := newHarness(t, nil)
		l := newLife(t, faultAnswer, 1000)
		l.configure(h.chain(shortChain))
		if err := l.apply(); err != nil {
			t.Fatal(err)
		}
		_, hash := olderCode(t)
		l.asVersion0(hash)
		if err := h.withoutInstance(t.Context()); err != nil {
			t.Fatal(err)
		}
		if err := l.apply(args...); err != nil {
			t.Error(args, err)
		}
		if id := l.instance(); len(id) != 16 {
			t.Errorf("the instance is %q", id)
		}
		if err := errors.Join(l.expectNoChange(), h.oneOfEach(t.Context()), l.destroy(), h.nothingLeft()); err != nil {
			t.Error(args, err)
		}
	}
}
