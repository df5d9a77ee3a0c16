// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	apitypes "github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/shape"
)

// clients holds the tool's own clients, separate from the provider's: what it finds and removes does not depend on what it checks.
type clients struct {
	apigateway *apigateway.Client
	cloudwatch *cloudwatch.Client
	dynamodb   *dynamodb.Client
	iam        *iam.Client
	lambda     *lambda.Client
	logs       *cloudwatchlogs.Client
	scheduler  *scheduler.Client
	sqs        *sqs.Client
	ssm        *ssm.Client
	qlik       *qlik.Client
	region     string
}

// newClients connects to a place. record may be nil.
func newClients(p *place, record *shape.Recorder) (*clients, error) {
	config := p.aws.Copy()
	config.APIOptions = append(slices.Clone(config.APIOptions), record.AWS)
	config.RetryMaxAttempts = 10
	c := &clients{
		apigateway: apigateway.NewFromConfig(config), cloudwatch: cloudwatch.NewFromConfig(config), dynamodb: dynamodb.NewFromConfig(config),
		iam: iam.NewFromConfig(config), lambda: lambda.NewFromConfig(config), logs: cloudwatchlogs.NewFromConfig(config),
		scheduler: scheduler.NewFromConfig(config), sqs: sqs.NewFromConfig(config), ssm: ssm.NewFromConfig(config), region: config.Region,
	}
	tenant := p.qlik
	tenant.UserAgent = "terraform-provider-qlik/verify-cloud"
	tenant.HTTPClient = recordedClient(record)
	var err error
	c.qlik, err = qlik.NewClient(tenant)
	return c, err
}

// object is one of a chain's objects, in AWS or in the tenant.
type object struct {
	kind   string
	id     string
	remove func(ctx context.Context) error
}

// String returns the kind and the id.
func (o object) String() string { return o.kind + " " + o.id }

// The kinds of objects that each chain of this command has. A search must find all of them while the chain exists. Otherwise an empty
// result afterwards proves nothing.
var kinds = []string{
	"webhook", "app", "Lambda function", "usage plan", "API key", "REST API", "schedule " +
		"group", "queue", "table", "parameter", "role", "log group",
}

// namePrefix begins the name of each chain of this command. The command never touches another chain.
const namePrefix = "verify-cloud-"

// find returns the existing objects of a chain, in the order of removal. It finds them by their documented names.
func (c *clients) find(ctx context.Context, chain string) ([]object, error) {
	if !strings.HasPrefix(chain, namePrefix) {
		return nil, fmt.Errorf("%s is no chain of this command", chain)
	}
	name := "qlik-task-chain-" + chain
	var all []object
	var errs []error
	for _, find := range []func(context.Context, string) ([]object, error){
		c.findWebhooks, c.findApps, c.findFunction, c.findUsagePlans, c.findAPIKeys, c.findAPIs, c.findSchedules, c.findQueue, c.findTable,
		c.findAlarms, c.findParameters, c.findRoles, c.findLogGroups,
	} {
		found, err := find(ctx, name)
		all, errs = append(all, found...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// isGone reports whether an error means that the object does not exist.
func isGone(err error) bool {
	var e smithy.APIError
	if !errors.As(err, &e) {
		return qlik.IsNotFound(err)
	}
	return slices.Contains([]string{
		"ResourceNotFoundException", "NotFoundException", "NoSuchEntity", "ParameterNotFound", "QueueDoesNotExist",
		"AWS.SimpleQueueService.NonExistentQueue",
	}, e.ErrorCode())
}

// one returns a list with the object that was looked up by its name, or an empty list if there is none.
func one(o object, err error) ([]object, error) {
	if isGone(err) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("looking for the %s: %w", o, err)
	}
	return []object{o}, nil
}

func (c *clients) findWebhooks(ctx context.Context, name string) ([]object, error) {
	webhooks, err := c.qlik.ListWebhooks(ctx, name)
	var all []object
	for _, w := range webhooks {
		if w.Name == name {
			all = append(all, object{"webhook", w.ID, func(ctx context.Context) error { return c.qlik.DeleteWebhook(ctx, w.ID) }})
		}
	}
	return all, err
}

func (c *clients) findApps(ctx context.Context, name string) ([]object, error) {
	items, err := c.qlik.Items(ctx, qlik.ItemFilter{Name: name})
	var all []object
	for _, item := range items {
		if strings.HasPrefix(item.Name, name+" ") {
			all = append(all, object{"app", item.ResourceID, func(ctx context.Context) error { return c.qlik.DeleteApp(ctx, item.ResourceID) }})
		}
	}
	return all, err
}

func (c *clients) findFunction(ctx context.Context, name string) ([]object, error) {
	_, err := c.lambda.GetFunction(ctx, &lambda.GetFunctionInput{FunctionName: &name})
	return one(object{"Lambda function", name, func(ctx context.Context) error {
		_, err := c.lambda.DeleteFunction(ctx, &lambda.DeleteFunctionInput{FunctionName: &name})
		return err
	}}, err)
}

func (c *clients) findUsagePlans(ctx context.Context, name string) ([]object, error) {
	var all []object
	pages := apigateway.NewGetUsagePlansPaginator(c.apigateway, &apigateway.GetUsagePlansInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, err
		}
		for _, plan := range page.Items {
			if aws.ToString(plan.Name) == name {
				all = append(all, object{"usage plan", aws.ToString(plan.Id), func(ctx context.Context) error { return c.removeUsagePlan(ctx, plan) }})
			}
		}
	}
	return all, nil
}

// removeUsagePlan removes the stages first: API Gateway does not delete a plan with stages.
func (c *clients) removeUsagePlan(ctx context.Context, plan apitypes.UsagePlan) error {
	var patches []apitypes.PatchOperation
	for _, stage := range plan.ApiStages {
		patches = append(patches, apitypes.PatchOperation{
			Op: apitypes.OpRemove, Path: aws.String("/apiStages"), Value: aws.String(aws.ToString(stage.ApiId) + ":" + aws.ToString(stage.Stage)),
		})
	}
	if len(patches) > 0 {
		if _, err := c.apigateway.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: plan.Id,
			PatchOperations: patches}); err != nil {
			return err
		}
	}
	_, err := c.apigateway.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: plan.Id})
	return err
}

func (c *clients) findAPIKeys(ctx context.Context, name string) ([]object, error) {
	var all []object
	pages := apigateway.NewGetApiKeysPaginator(c.apigateway, &apigateway.GetApiKeysInput{NameQuery: &name, IncludeValues: aws.Bool(false),
		Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, err
		}
		for _, key := range page.Items {
			if strings.HasPrefix(aws.ToString(key.Name), name) {
				all = append(all, object{"API key", aws.ToString(key.Id), func(ctx context.Context) error {
					_, err := c.apigateway.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: key.Id})
					return err
				}})
			}
		}
	}
	return all, nil
}

func (c *clients) findAPIs(ctx context.Context, name string) ([]object, error) {
	var all []object
	pages := apigateway.NewGetRestApisPaginator(c.apigateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return all, err
		}
		for _, api := range page.Items {
			if aws.ToString(api.Name) == name {
				all = append(all, object{"REST API", aws.ToString(api.Id), func(ctx context.Context) error {
					_, err := c.apigateway.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: api.Id})
					return err
				}})
			}
		}
	}
	return all, nil
}

func (c *clients) findSchedules(ctx context.Context, name string) ([]object, error) {
	_, err := c.scheduler.GetScheduleGroup(ctx, &scheduler.GetScheduleGroupInput{Name: &name})
	return one(object{"schedule group", name, func(ctx context.Context) error {
		_, err := c.scheduler.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: &name})
		return err
	}}, err)
}
