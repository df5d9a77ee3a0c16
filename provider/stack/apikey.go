package stack

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// apiKey is the key that callers of the REST API show. API Gateway makes its value up; it is read only to give it to Qlik Cloud.
type apiKey struct {
	s    *Stack
	seen *types.ApiKey // nil when missing
}

func (c *apiKey) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.Id)
}

func (c *apiKey) find(ctx context.Context) error {
	c.seen = nil
	if c.s.known.APIKeyID != "" {
		out, err := c.s.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: aws.String(c.s.known.APIKeyID)})
		if isNotFound(err) {
			return nil
		}
		if err != nil {
			return err
		}
		c.seen = &types.ApiKey{Id: out.Id, Name: out.Name, Enabled: out.Enabled, Tags: out.Tags}
		return nil
	}
	// The query matches beginnings of names.
	pages := apigateway.NewGetApiKeysPaginator(c.s.APIGateway, &apigateway.GetApiKeysInput{
		NameQuery: aws.String(c.s.objectName()), IncludeValues: aws.Bool(false), Limit: aws.Int32(500),
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, key := range page.Items {
			if aws.ToString(key.Name) == c.s.objectName() && c.s.owns(key.Tags) {
				c.seen = &key
				return nil
			}
		}
	}
	return nil
}

func (c *apiKey) exists() bool { return c.seen != nil }

// ours: what the id in the state leads to is the chain's, whatever became of its tags.
func (c *apiKey) ours() bool {
	return c.seen != nil && (c.id() == c.s.known.APIKeyID || c.s.owns(c.seen.Tags))
}

func (c *apiKey) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "api_key", Have: missing}}
	}
	var all []Difference
	if !c.seen.Enabled {
		all = append(all, Difference{Setting: "api_key.enabled", Have: "false", Want: "true"})
	}
	return append(all, c.s.diffTags("api_key", c.seen.Tags, want)...)
}

func (c *apiKey) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		c.s.known.APIKeyID = "" // it leads nowhere; from now on the name and the tags do
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.APIGateway.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{
				Name: aws.String(c.s.objectName()), Description: aws.String("For callers of the task chain " + c.s.chain + "."),
				Enabled: true, Tags: c.s.tags(want),
			})
			if err == nil {
				c.seen = &types.ApiKey{Id: out.Id, Name: out.Name, Enabled: true, Tags: c.s.tags(want)}
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if !c.seen.Enabled {
		_, err := c.s.APIGateway.UpdateApiKey(ctx, &apigateway.UpdateApiKeyInput{
			ApiKey: c.seen.Id, PatchOperations: []types.PatchOperation{replace("/enabled", "true")},
		})
		if err != nil {
			return err
		}
		c.seen.Enabled = true
	}
	return c.s.tagGateway(ctx, "/apikeys/"+c.id(), c.seen.Tags, want)
}

// value reads the key itself.
func (c *apiKey) value(ctx context.Context) (string, error) {
	out, err := c.s.APIGateway.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: aws.String(c.id()), IncludeValue: aws.Bool(true)})
	if err != nil {
		return "", err
	}
	return aws.ToString(out.Value), nil
}

func (c *apiKey) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	_, err := c.s.APIGateway.DeleteApiKey(ctx, &apigateway.DeleteApiKeyInput{ApiKey: c.seen.Id})
	if err != nil && !isNotFound(err) {
		return err
	}
	c.seen = nil
	return nil
}

func (c *apiKey) publish(state *State) {
	state.setPresent("api_key", c.ours())
	state.APIKeyID = c.id()
}
