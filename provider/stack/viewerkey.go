// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// viewerKey is a second API key, for those who may look at the chain and change nothing. API Gateway lets every key of the usage plan call every
// method, so it is the function that refuses this one, by its id. Hence the order: the function knows the key before the plan has it, and no
// longer when the key is gone.
type viewerKey struct {
	s     *Stack
	seen  *types.ApiKey  // nil when missing
	extra []types.ApiKey // more than one of them: somebody's, or of a create that was cut off
	made  string         // the id of the one that this apply has made
}

func (c *viewerKey) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.Id)
}

// A dot is in no chain's name, so this is no other chain's key.
func (c *viewerKey) name() string { return c.s.objectName() + ".viewers" }

func (c *viewerKey) description() string {
	return "For those who may look at the task chain " + c.s.chain + " and change nothing."
}

// find leaves the listing to the API key, whose name this one's begins with.
func (c *viewerKey) find(context.Context) error {
	c.pick()
	return nil
}

func (c *viewerKey) pick() {
	c.seen, c.extra = nil, nil
	if keys := c.s.apiKey.viewers; len(keys) > 0 {
		current := max(0, slices.IndexFunc(keys, func(key types.ApiKey) bool { return aws.ToString(key.Id) == c.s.known.ViewerKeyID }))
		c.seen, c.extra = &keys[current], slices.Delete(slices.Clone(keys), current, current+1)
	}
}

// isOwn tells whether an id is that of one of the chain's keys for viewers.
func (c *viewerKey) isOwn(id string) bool { return id != "" && id == c.id() }

func (c *viewerKey) diff(want *Spec) []Difference {
	var all []Difference
	switch {
	case want.ViewerKey && c.seen == nil:
		all = append(all, Difference{Setting: "viewer_key", Have: missing})
	case !want.ViewerKey && c.seen != nil:
		all = append(all, Difference{Setting: "viewer_key", Have: "there", Want: "none"})
	case c.seen != nil:
		enabled := "true"
		if !c.seen.Enabled {
			enabled = "false"
		}
		all = append(all, unequal("viewer_key.", []Difference{
			{"enabled", enabled, "true"}, {"description", aws.ToString(c.seen.Description), c.description()},
		})...)
		all = append(all, c.s.diffTags("viewer_key", c.seen.Tags, want)...)
	}
	if len(c.extra) > 0 {
		all = append(all, Difference{Setting: "viewer_key.other", Have: "there", Want: "none"})
	}
	return all
}

func (c *viewerKey) ensure(ctx context.Context, want *Spec) error {
	for len(c.extra) > 0 {
		if err := c.s.apiKey.delete(ctx, c.extra[0].Id); err != nil {
			return err
		}
		c.extra = c.extra[1:]
	}
	if !want.ViewerKey {
		return c.remove(ctx)
	}
	if c.seen == nil {
		if err := create(ctx, newViewerKey{c}, func(ctx context.Context) error { return c.create(ctx, want) }); err != nil {
			return err
		}
	}
	var patches []types.PatchOperation
	if !c.seen.Enabled {
		patches = append(patches, replace("/enabled", "true"))
	}
	if aws.ToString(c.seen.Description) != c.description() {
		patches = append(patches, replace("/description", c.description()))
	}
	if len(patches) > 0 {
		if _, err := c.s.APIGateway.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: c.seen.Id, PatchOperations: patches}); err != nil {
			return err
		}
	}
	return c.s.tagGateway(ctx, "/apikeys/"+c.id(), c.seen.Tags, want)
}

func (c *viewerKey) create(ctx context.Context, want *Spec) error {
	out, err := c.s.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{
		Name: aws.String(c.name()), Description: aws.String(c.description()), Enabled: true, Tags: c.s.tags(want),
	})
	if err == nil {
		c.seen = &types.ApiKey{Id: out.Id, Name: aws.String(c.name()), Description: aws.String(c.description()), Enabled: true, Tags: c.s.tags(want)}
		c.made = aws.ToString(out.Id)
	}
	return err
}

// newViewerKey looks for the key that a create whose answer got lost may have made.
type newViewerKey struct{ *viewerKey }

func (c newViewerKey) find(ctx context.Context) error {
	if _, err := c.s.apiKey.list(ctx); err != nil {
		return err
	}
	c.pick()
	return nil
}

func (c newViewerKey) exists() bool { return c.seen != nil }

func (c *viewerKey) remove(ctx context.Context) error {
	if c.seen == nil {
		return nil
	}
	if err := c.s.apiKey.delete(ctx, c.seen.Id); err != nil {
		return err
	}
	c.seen = nil
	return nil
}

func (c *viewerKey) publish(state *State) {
	state.setPresent("viewer_key", c.seen != nil)
	state.ViewerKeyID = c.id()
}

// viewerAccess is the place in the usage plan of the key for viewers.
type viewerAccess struct{ s *Stack }

// find leaves it to the usage plan, which finds its keys.
func (c *viewerAccess) find(context.Context) error { return nil }

func (c *viewerAccess) diff(want *Spec) []Difference {
	if !want.ViewerKey || c.s.usagePlan.seen == nil || slices.Contains(c.s.usagePlan.keyIDs, c.s.viewerKey.id()) {
		return nil // a missing plan is a difference of its own
	}
	return []Difference{{Setting: "usage_plan.viewer_key", Have: missing}}
}

func (c *viewerAccess) ensure(ctx context.Context, want *Spec) error {
	if len(c.diff(want)) == 0 {
		return nil
	}
	return c.s.usagePlan.add(ctx, c.s.viewerKey.id())
}

// remove leaves it to the key's own removal.
func (c *viewerAccess) remove(context.Context) error { return nil }

func (c *viewerAccess) publish(*State) {}
