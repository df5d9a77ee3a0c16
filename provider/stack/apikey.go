// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// apiKey is the key that callers of the REST API show. API Gateway makes its value up; it is read only to give it to Qlik Cloud. A
// rotation makes a key beside the one before, which goes when the webhook has the new one: see formerAPIKeys.
type apiKey struct {
	s       *Stack
	seen    *types.ApiKey  // nil when missing
	former  []types.ApiKey // the chain's other keys of this kind
	viewers []types.ApiKey // see viewerKey, which the same call lists
	made    string         // the id of the one that this apply has made
}

func (c *apiKey) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.Id)
}

func (c *apiKey) rotation() string { return c.seen.Tags[TagRotation] }

// find lists the keys whose names begin with the chain's, and picks the one that the state knows, else the newest.
func (c *apiKey) find(ctx context.Context) error {
	keys, err := c.list(ctx)
	if err != nil {
		return err
	}
	slices.SortFunc(keys, func(a, b types.ApiKey) int { return aws.ToTime(b.CreatedDate).Compare(aws.ToTime(a.CreatedDate)) })
	current := 0
	if known := c.s.known.APIKeyID; known != "" {
		current = slices.IndexFunc(keys, func(key types.ApiKey) bool { return aws.ToString(key.Id) == known })
	}
	if current < 0 { // its name or its tags were changed by hand
		key, err := c.get(ctx, c.s.known.APIKeyID)
		if err != nil {
			return err
		}
		if key != nil && c.s.isAnothers(key.Tags) {
			key = nil
		}
		c.seen, c.former = key, keys
		return nil
	}
	c.seen, c.former = nil, nil
	if len(keys) > 0 {
		c.seen, c.former = &keys[current], slices.Delete(slices.Clone(keys), current, current+1)
	}
	return nil
}

// list returns the chain's keys, and keeps those for viewers.
func (c *apiKey) list(ctx context.Context) ([]types.ApiKey, error) {
	var keys []types.ApiKey
	c.viewers = nil
	// The query matches beginnings of names.
	pages := apigateway.NewGetApiKeysPaginator(c.s.APIGateway, &apigateway.GetApiKeysInput{
		NameQuery: aws.String(c.s.objectName()), IncludeValues: aws.Bool(false), Limit: aws.Int32(500),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, key := range page.Items {
			id, owned := aws.ToString(key.Id), c.s.owns(key.Tags)
			if c.s.isAnothers(key.Tags) {
				continue
			}
			if aws.ToString(key.Name) == c.s.objectName() && (owned || id == c.s.known.APIKeyID) {
				keys = append(keys, key)
			}
			if aws.ToString(key.Name) == c.s.viewerKey.name() && (owned || id == c.s.known.ViewerKeyID) {
				c.viewers = append(c.viewers, key)
			}
		}
	}
	return keys, nil
}

// get returns the key with this id, or nil when there is none.
func (c *apiKey) get(ctx context.Context, id string) (*types.ApiKey, error) {
	out, err := c.s.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: aws.String(id)})
	if isNotFound(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return &types.ApiKey{Id: out.Id, Name: out.Name, Description: out.Description, Enabled: out.Enabled, Tags: out.Tags}, nil
}

// isOwn tells whether an id is that of one of the chain's keys.
func (c *apiKey) isOwn(id string) bool {
	return id == c.id() || slices.ContainsFunc(c.former, func(key types.ApiKey) bool { return aws.ToString(key.Id) == id })
}

// ours: what the id in the state leads to is the chain's, whatever became of its tags.
func (c *apiKey) ours() bool {
	return c.seen != nil && (c.id() == c.s.known.APIKeyID || c.s.owns(c.seen.Tags))
}

func (c *apiKey) description() string { return "For callers of the task chain " + c.s.chain + "." }

func (c *apiKey) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "api_key", Have: missing}}
	}
	var all []Difference
	if !c.seen.Enabled {
		all = append(all, Difference{Setting: "api_key.enabled", Have: "false", Want: "true"})
	}
	all = append(all, unequal("", []Difference{
		{"api_key.name", aws.ToString(c.seen.Name), c.s.objectName()},
		{"api_key.description", aws.ToString(c.seen.Description), c.description()},
		{"api_key.rotation", orNone(c.rotation()), orNone(want.APIKeyRotation)},
	})...)
	return append(all, c.s.diffTags("api_key", c.seen.Tags, want)...)
}

func (c *apiKey) ensure(ctx context.Context, want *Spec) error {
	if c.seen != nil && c.rotation() != want.APIKeyRotation {
		c.rotate(want)
	}
	if c.seen == nil {
		c.s.known.APIKeyID = "" // it leads nowhere, or to a former key; from now on the name and the tags do
		if err := create(ctx, wantedKey{c, want}, func(ctx context.Context) error { return c.create(ctx, want) }); err != nil {
			return err
		}
	}
	var patches []types.PatchOperation
	for _, d := range c.diff(want) {
		switch d.Setting {
		case "api_key.enabled":
			patches = append(patches, replace("/enabled", "true"))
		case "api_key.name":
			patches = append(patches, replace("/name", c.s.objectName()))
		case "api_key.description":
			patches = append(patches, replace("/description", c.description()))
		}
	}
	if len(patches) > 0 {
		if _, err := c.s.APIGateway.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{ApiKey: c.seen.Id, PatchOperations: patches}); err != nil {
			return err
		}
		c.seen.Enabled = true
	}
	return c.s.tagGateway(ctx, "/apikeys/"+c.id(), c.seen.Tags, want)
}

// rotate makes the key a former one. One that an apply which was cut off has made for the rotation takes its place.
func (c *apiKey) rotate(want *Spec) {
	others := c.former
	c.former, c.seen = append(c.former, *c.seen), nil
	for i, key := range others {
		if key.Tags[TagRotation] == want.APIKeyRotation && want.APIKeyRotation != "" {
			c.seen, c.former = &key, slices.Delete(slices.Clone(c.former), i, i+1)
			return
		}
	}
}

func (c *apiKey) create(ctx context.Context, want *Spec) error {
	tags := withRotation(c.s.tags(want), map[string]string{TagRotation: want.APIKeyRotation})
	out, err := c.s.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{
		Name: aws.String(c.s.objectName()), Description: aws.String(c.description()), Enabled: true, Tags: tags,
	})
	if err == nil {
		c.seen = &types.ApiKey{Id: out.Id, Name: out.Name, Description: aws.String(c.description()), Enabled: true, Tags: tags}
		c.made = aws.ToString(out.Id)
	}
	return err
}

// wantedKey looks for the key that a create whose answer got lost may have made.
type wantedKey struct {
	*apiKey
	want *Spec
}

func (c wantedKey) find(ctx context.Context) error {
	keys, err := c.list(ctx)
	if err != nil {
		return err
	}
	for _, key := range keys {
		isFormer := slices.ContainsFunc(c.former, func(f types.ApiKey) bool { return aws.ToString(f.Id) == aws.ToString(key.Id) })
		if !isFormer && key.Tags[TagRotation] == c.want.APIKeyRotation {
			c.seen = &key
		}
	}
	return nil
}

func (c wantedKey) exists() bool { return c.seen != nil }

// value reads the key itself.
func (c *apiKey) value(ctx context.Context) (string, error) { return c.valueOf(ctx, c.id()) }

func (c *apiKey) valueOf(ctx context.Context, id string) (string, error) {
	out, err := c.s.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: aws.String(id), IncludeValue: aws.Bool(true)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Value), nil
}

func (c *apiKey) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := c.delete(ctx, c.seen.Id); err != nil {
		return err
	}
	c.seen = nil
	return nil
}

func (c *apiKey) delete(ctx context.Context, id *string) error {
	_, err := c.s.APIGateway.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: id})
	if isNotFound(err) {
		return nil
	}
	return err
}

func (c *apiKey) publish(state *State) {
	state.setPresent("api_key", c.ours())
	state.APIKeyID, state.APIKeyRotation = c.id(), ""
	if c.seen != nil {
		state.APIKeyRotation = c.rotation()
	}
}
