// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	smithytime "github.com/aws/smithy-go/time"
)

// usagePlan connects the API keys with the stage. Without a plan, no key opens a method that requires a key.
type usagePlan struct {
	s      *Stack
	seen   *types.UsagePlan // nil when missing
	keyIDs []string         // the API keys in the plan
	made   string           // the id of the plan that this apply has created
}

func (c *usagePlan) find(ctx context.Context) error {
	c.seen, c.keyIDs = nil, nil
	if err := c.findPlan(ctx); err != nil || c.seen == nil || c.s.brief {
		return err
	}
	return c.findKeys(ctx)
}

func (c *usagePlan) findKeys(ctx context.Context) error {
	keys, err := listed(ctx, apigateway.NewGetUsagePlanKeysPaginator(c.s.APIGateway, &apigateway.GetUsagePlanKeysInput{
		UsagePlanId: c.seen.Id, Limit: aws.Int32(500),
	}), func(page *apigateway.GetUsagePlanKeysOutput) []types.UsagePlanKey { return page.Items })
	c.keyIDs = nil
	for _, key := range keys {
		c.keyIDs = append(c.keyIDs, aws.ToString(key.Id))
	}
	return err
}

func (c *usagePlan) findPlan(ctx context.Context) error {
	if c.s.known.UsagePlanID != "" {
		out, err := c.s.APIGateway.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: aws.String(c.s.known.UsagePlanID)})
		if isNotFound(err) || err == nil && c.s.isAnothers(out.Tags) {
			return nil
		}
		if err != nil {
			return err
		}
		c.seen = &types.UsagePlan{Id: out.Id, Name: out.Name, Description: out.Description, ApiStages: out.ApiStages,
			Throttle: out.Throttle, Quota: out.Quota, Tags: out.Tags}
		return nil
	}
	// The plan is created after the API and the keys, and deleted before them: where none of them exists, it does not either.
	if c.s.restAPI.seen == nil && !slices.ContainsFunc(c.s.keys(), func(key *apiKey) bool { return key.seen != nil }) {
		return nil
	}
	plans, err := listed(ctx, apigateway.NewGetUsagePlansPaginator(c.s.APIGateway, &apigateway.GetUsagePlansInput{Limit: aws.Int32(500)}),
		func(page *apigateway.GetUsagePlansOutput) []types.UsagePlan { return page.Items })
	for _, plan := range plans {
		if aws.ToString(plan.Name) == c.s.objectName() && c.s.owns(plan.Tags) {
			c.seen = &plan
			break
		}
	}
	return err
}

func (c *usagePlan) exists() bool { return c.seen != nil }

// ours reports whether the plan is the chain's. A plan that was found by the id in the state is, even without its tags.
func (c *usagePlan) ours() bool {
	return c.seen != nil && (aws.ToString(c.seen.Id) == c.s.known.UsagePlanID || c.s.owns(c.seen.Tags))
}

func (c *usagePlan) description() string {
	return "Lets the API keys of the task chain " + c.s.chain + " call its stage."
}

// strangers returns the keys in the plan that are not the chain's, sorted.
func (c *usagePlan) strangers() []string {
	strangers := slices.DeleteFunc(slices.Clone(c.keyIDs), func(id string) bool {
		return slices.ContainsFunc(c.s.keys(), func(key *apiKey) bool { return key.isOwn(id) })
	})
	slices.Sort(strangers)
	return strangers
}

// absent returns the wanted keys that are not in the plan.
func (c *usagePlan) absent(want *Spec) []*apiKey {
	return slices.DeleteFunc(c.s.keys(), func(key *apiKey) bool { return !key.wanted(want) || slices.Contains(c.keyIDs, key.id()) })
}

// otherStages returns the stages in the plan that are not the chain's.
func (c *usagePlan) otherStages() []types.ApiStage {
	return slices.DeleteFunc(slices.Clone(c.seen.ApiStages), c.isOurStage)
}

func (c *usagePlan) limits() string {
	var words []string
	if t := c.seen.Throttle; t != nil {
		words = append(words, fmt.Sprintf("%v requests a second, %d at once", t.RateLimit, t.BurstLimit))
	}
	if q := c.seen.Quota; q != nil {
		words = append(words, fmt.Sprintf("%d requests a %s", q.Limit, strings.ToLower(string(q.Period))))
	}
	return strings.Join(words, "; ")
}

// isOurStage reports whether the plan's entry is the chain's stage.
func (c *usagePlan) isOurStage(stage types.ApiStage) bool {
	return aws.ToString(stage.ApiId) == c.s.restAPI.id() && aws.ToString(stage.Stage) == liveStage
}

func (c *usagePlan) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "usage_plan", Have: missing}}
	}
	var all []Difference
	if !slices.ContainsFunc(c.seen.ApiStages, c.isOurStage) {
		all = append(all, Difference{Setting: "usage_plan.stage", Have: missing})
	}
	for _, key := range c.absent(want) {
		all = append(all, Difference{Setting: "usage_plan." + key.setting, Have: missing})
	}
	var others []string
	for _, stage := range c.otherStages() {
		others = append(others, stageName(stage))
	}
	settings, _ := split(c.changes())
	all = append(all, settings...)
	all = append(all, unequal("", []Difference{
		{"usage_plan.other_keys", orNone(strings.Join(c.strangers(), ", ")), orNone("")},
		{"usage_plan.other_stages", orNone(strings.Join(others, ", ")), orNone("")},
	})...)
	return append(all, c.s.diffTags("usage_plan", c.seen.Tags, want)...)
}

// stageName returns a stage's name in a patch of the plan.
func stageName(stage types.ApiStage) string {
	return aws.ToString(stage.ApiId) + ":" + aws.ToString(stage.Stage)
}

func (c *usagePlan) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		c.s.known.UsagePlanID = "" // the id leads nowhere; from now on the plan is found by its name and tags
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.APIGateway.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{
				Name: aws.String(c.s.objectName()), Description: aws.String(c.description()),
				ApiStages: []types.ApiStage{{ApiId: aws.String(c.s.restAPI.id()), Stage: aws.String(liveStage)}}, Tags: c.s.tags(want),
			})
			if err == nil {
				c.seen = &types.UsagePlan{Id: out.Id, Name: out.Name, Description: out.Description, ApiStages: out.ApiStages, Tags: c.s.tags(want)}
				c.made = aws.ToString(out.Id)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if err := c.patch(ctx); err != nil {
		return err
	}
	if err := c.detach(ctx, c.otherStages()); err != nil {
		return err
	}
	for _, stranger := range c.strangers() {
		if err := gone(c.s.APIGateway.DeleteUsagePlanKey(ctx, &apigateway.DeleteUsagePlanKeyInput{UsagePlanId: c.seen.Id,
			KeyId: aws.String(stranger)})); err != nil {
			return err
		}
	}
	for _, key := range c.absent(want) {
		if err := c.add(ctx, key.id()); err != nil {
			return err
		}
		if key.shared && len(key.others) > 0 { // a rotation: the webhook gets the new key after API Gateway accepts it everywhere
			if err := smithytime.SleepWithContext(ctx, c.s.KeyOverlap); err != nil {
				return err
			}
		}
	}
	return c.s.syncTags(ctx, gatewayObject{c.s, "/usageplans/" + aws.ToString(c.seen.Id)}, &c.seen.Tags, want)
}

// add puts an API key into the plan.
func (c *usagePlan) add(ctx context.Context, id string) error {
	return create(ctx, planKey{c, id}, func(ctx context.Context) error {
		return done(c.s.APIGateway.CreateUsagePlanKey(ctx, &apigateway.CreateUsagePlanKeyInput{
			UsagePlanId: c.seen.Id, KeyId: aws.String(id), KeyType: aws.String("API_KEY"),
		}))
	})
}

// planKey is an API key in the usage plan.
type planKey struct {
	*usagePlan
	id string
}

func (c planKey) find(ctx context.Context) error { return c.findKeys(ctx) }

func (c planKey) exists() bool { return slices.Contains(c.keyIDs, c.id) }

// changes returns all changes for one call: API Gateway allows an account one call in 20 s.
func (c *usagePlan) changes() []settingChange {
	var limits []string
	if c.seen.Throttle != nil {
		limits = append(limits, "/throttle")
	}
	if c.seen.Quota != nil {
		limits = append(limits, "/quota")
	}
	name := c.s.objectName()
	return changed("usage_plan.",
		setting("method_limits", orNone(c.methodLimits()), orNone(""), c.methodLimitPatches()...),
		setting("name", aws.ToString(c.seen.Name), name, replace("/name", name)),
		setting("description", aws.ToString(c.seen.Description), c.description(), replace("/description", c.description())),
		setting("limits", orNone(c.limits()), orNone(""), removals("", limits...)...))
}

func (c *usagePlan) patch(ctx context.Context) error {
	_, patches := split(c.changes())
	if !slices.ContainsFunc(c.seen.ApiStages, c.isOurStage) {
		patches = append(patches, change(types.OpAdd, "/apiStages", c.s.restAPI.id()+":"+liveStage))
	}
	if len(patches) == 0 {
		return nil
	}
	return done(c.s.APIGateway.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{UsagePlanId: c.seen.Id, PatchOperations: patches}))
}

// detach takes stages out of the plan. A stage that no longer exists cannot be detached, which is harmless. If a failure matters, the
// plan's own deletion fails too.
func (c *usagePlan) detach(ctx context.Context, stages []types.ApiStage) error {
	for _, stage := range stages {
		err := gone(c.s.APIGateway.UpdateUsagePlan(ctx, &apigateway.UpdateUsagePlanInput{
			UsagePlanId: c.seen.Id, PatchOperations: []types.PatchOperation{change(types.OpRemove, "/apiStages", stageName(stage))},
		}))
		if err != nil && !hasCode(err, "BadRequestException") {
			return err
		}
	}
	return nil
}

// remove detaches every stage first: API Gateway does not delete a plan with a stage.
func (c *usagePlan) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := c.detach(ctx, c.seen.ApiStages); err != nil {
		return err
	}
	if err := gone(c.s.APIGateway.DeleteUsagePlan(ctx, &apigateway.DeleteUsagePlanInput{UsagePlanId: c.seen.Id})); err != nil {
		return err
	}
	c.seen = nil
	return nil
}

func (c *usagePlan) report(state *State) {
	if state.note(c.ours()); c.seen != nil {
		state.UsagePlanID = aws.ToString(c.seen.Id)
	}
}
