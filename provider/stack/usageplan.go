package stack

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// usagePlan ties the API key to the stage: without one no key opens a method that requires a key.
type usagePlan struct {
	s      *Stack
	seen   *types.UsagePlan // nil when missing
	keyIDs []string         // the API keys in the plan
}

func (c *usagePlan) find(ctx context.Context) error {
	c.seen, c.keyIDs = nil, nil
	if err := c.findPlan(ctx); err != nil || c.seen == nil {
		return err
	}
	return c.findKeys(ctx)
}

func (c *usagePlan) findKeys(ctx context.Context) error {
	c.keyIDs = nil
	pages := apigateway.NewGetUsagePlanKeysPaginator(c.s.APIGateway, &apigateway.GetUsagePlanKeysInput{UsagePlanId: c.seen.Id, Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, key := range page.Items {
			c.keyIDs = append(c.keyIDs, aws.ToString(key.Id))
		}
	}
	return nil
}

func (c *usagePlan) findPlan(ctx context.Context) error {
	if c.s.known.UsagePlanID != "" {
		out, err := c.s.APIGateway.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: aws.String(c.s.known.UsagePlanID)})
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		c.seen = &types.UsagePlan{Id: out.Id, Name: out.Name, ApiStages: out.ApiStages, Tags: out.Tags}
		return nil
	}
	pages := apigateway.NewGetUsagePlansPaginator(c.s.APIGateway, &apigateway.GetUsagePlansInput{Limit: aws.Int32(500)})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, plan := range page.Items {
			if aws.ToString(plan.Name) == c.s.objectName() && c.s.owns(plan.Tags) {
				c.seen = &plan
				return nil
			}
		}
	}
	return nil
}

func (c *usagePlan) exists() bool { return c.seen != nil }

// ours: what the id in the state leads to is the chain's, whatever became of its tags.
func (c *usagePlan) ours() bool {
	return c.seen != nil && (aws.ToString(c.seen.Id) == c.s.known.UsagePlanID || c.s.owns(c.seen.Tags))
}

// isOurStage tells whether the plan's entry is for the chain's stage.
func (c *usagePlan) isOurStage(stage types.ApiStage) bool {
	return aws.ToString(stage.ApiId) == c.s.restAPI.id() && aws.ToString(stage.Stage) == stageName
}

func (c *usagePlan) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "usage_plan", Have: missing}}
	}
	var all []Difference
	if !slices.ContainsFunc(c.seen.ApiStages, c.isOurStage) {
		all = append(all, Difference{Setting: "usage_plan.stage", Have: missing})
	}
	if !slices.Contains(c.keyIDs, c.s.apiKey.id()) {
		all = append(all, Difference{Setting: "usage_plan.key", Have: missing})
	}
	return append(all, c.s.diffTags("usage_plan", c.seen.Tags, want)...)
}

func (c *usagePlan) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		c.s.known.UsagePlanID = "" // it leads nowhere; from now on the name and the tags do
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.APIGateway.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{
				Name: aws.String(c.s.objectName()), Description: aws.String("Lets the API key of the task chain " + c.s.chain + " call its stage."),
				ApiStages: []types.ApiStage{{ApiId: aws.String(c.s.restAPI.id()), Stage: aws.String(stageName)}}, Tags: c.s.tags(want),
			})
			if err == nil {
				c.seen = &types.UsagePlan{Id: out.Id, Name: out.Name, ApiStages: out.ApiStages, Tags: c.s.tags(want)}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if !slices.ContainsFunc(c.seen.ApiStages, c.isOurStage) {
		if err := c.patchStage(ctx, types.OpAdd, c.s.restAPI.id()+":"+stageName); err != nil {
			return err
		}
	}
	if !slices.Contains(c.keyIDs, c.s.apiKey.id()) {
		err := create(ctx, planKey{c}, func(ctx context.Context) error {
			_, err := c.s.APIGateway.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{
				UsagePlanId: c.seen.Id, KeyId: aws.String(c.s.apiKey.id()), KeyType: aws.String("API_KEY"),
			})
			return err
		})
		if err != nil {
			return err
		}
	}
	return c.s.tagGateway(ctx, "/usageplans/"+aws.ToString(c.seen.Id), c.seen.Tags, want)
}

// planKey is the API key's place in the usage plan.
type planKey struct{ *usagePlan }

func (c planKey) find(ctx context.Context) error { return c.findKeys(ctx) }

func (c planKey) exists() bool { return slices.Contains(c.keyIDs, c.s.apiKey.id()) }

func (c *usagePlan) patchStage(ctx context.Context, op types.Op, stage string) error {
	_, err := c.s.APIGateway.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: c.seen.Id, PatchOperations: []types.PatchOperation{
		{Op: op, Path: aws.String("/apiStages"), Value: aws.String(stage)},
	}})
	return err
}

// remove detaches every stage first: API Gateway deletes no plan that has one. If one cannot be detached because it is gone, the
// deletion itself tells whether that matters.
func (c *usagePlan) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	for _, stage := range c.seen.ApiStages {
		err := c.patchStage(ctx, types.OpRemove, aws.ToString(stage.ApiId)+":"+aws.ToString(stage.Stage))
		if err != nil && !isNotFound(err) && !hasCode(err, "BadRequestException") {
			return err
		}
	}
	_, err := c.s.APIGateway.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: c.seen.Id})
	if err != nil && !isNotFound(err) {
		return err
	}
	c.seen = nil
	return nil
}

func (c *usagePlan) publish(state *State) {
	state.setPresent("usage_plan", c.ours())
	state.UsagePlanID = ""
	if c.seen != nil {
		state.UsagePlanID = aws.ToString(c.seen.Id)
	}
}
