// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

// restAPI is the API Gateway REST API itself. Its methods and its stage are separate components.
type restAPI struct {
	s    *Stack
	seen *types.RestApi // nil when missing
	made string         // the id of the API that this apply has created
}

func (c *restAPI) id() string {
	if c.seen == nil {
		return ""
	}
	return aws.ToString(c.seen.Id)
}

// find looks the API up by the id in the state. Without an id, it looks for the chain's name and tag among all APIs.
func (c *restAPI) find(ctx context.Context) error {
	c.seen = nil
	if c.s.known.RestAPIID != "" {
		out, err := c.s.APIGateway.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: aws.String(c.s.known.RestAPIID)})
		if isNotFound(err) || err == nil && c.s.isAnothers(out.Tags) {
			return nil
		}
		if err != nil {
			return err
		}
		c.seen = &types.RestApi{Id: out.Id, Name: out.Name, Description: out.Description, ApiKeySource: out.ApiKeySource,
			RootResourceId:            out.RootResourceId,
			DisableExecuteApiEndpoint: out.DisableExecuteApiEndpoint, MinimumCompressionSize: out.MinimumCompressionSize,
			BinaryMediaTypes: out.BinaryMediaTypes, Policy: out.Policy, EndpointConfiguration: out.EndpointConfiguration, Tags: out.Tags}
		return nil
	}
	apis, err := listed(ctx, apigateway.NewGetRestApisPaginator(c.s.APIGateway, &apigateway.GetRestApisInput{Limit: aws.Int32(500)}),
		func(page *apigateway.GetRestApisOutput) []types.RestApi { return page.Items })
	for _, api := range apis {
		// API Gateway allows several APIs of the same name. Another owner's API with this name does not matter.
		if aws.ToString(api.Name) == c.s.objectName() && c.s.owns(api.Tags) {
			c.seen = &api
			break
		}
	}
	return err
}

// knownAPI returns the id by which the API's parts are looked up. It is the state's while the API itself is still being looked up.
func (s *Stack) knownAPI() string {
	if s.known.RestAPIID != "" {
		return s.known.RestAPIID
	}
	return s.restAPI.id()
}

func (c *restAPI) exists() bool { return c.seen != nil }

// ours reports whether the API is the chain's. An API that was found by the id in the state is, even without its tags.
func (c *restAPI) ours() bool {
	return c.seen != nil && (c.id() == c.s.known.RestAPIID || c.s.owns(c.seen.Tags))
}

func (c *restAPI) diff(want *Spec) []Difference {
	if c.seen == nil {
		return []Difference{{Setting: "rest_api", Have: missing}}
	}
	all, _ := split(c.changes(want))
	return append(all, c.s.diffTags("rest_api", c.seen.Tags, want)...)
}

func (c *restAPI) changes(want *Spec) []settingChange {
	var binary []string
	for _, mediaType := range c.seen.BinaryMediaTypes {
		binary = append(binary, strings.ReplaceAll(mediaType, "/", "~1"))
	}
	name, header := c.s.objectName(), string(types.ApiKeySourceTypeHeader)
	return slices.Concat(changed("rest_api.",
		setting("name", aws.ToString(c.seen.Name), name, replace("/name", name)),
		setting("description", aws.ToString(c.seen.Description), c.description(), replace("/description", c.description())),
		setting("api_key_source", string(c.seen.ApiKeySource), header, replace("/apiKeySource", header)),
		setting("disable_execute_api_endpoint", strconv.FormatBool(c.seen.DisableExecuteApiEndpoint), "false",
			replace("/disableExecuteApiEndpoint", "false")),
		setting("minimum_compression_size", number(c.seen.MinimumCompressionSize), number(nil),
			types.PatchOperation{Op: types.OpReplace, Path: aws.String("/minimumCompressionSize")}), // no value: off
		setting("binary_media_types", orNone(strings.Join(c.seen.BinaryMediaTypes, ", ")), orNone(""),
			removals("/binaryMediaTypes/", binary...)...),
	), c.endpointChanges(), c.policyChanges(want))
}

func (c *restAPI) ensure(ctx context.Context, want *Spec) error {
	if c.seen == nil {
		c.s.known.RestAPIID = "" // the id leads nowhere; from now on the API is found by its name and tags
		err := create(ctx, c, func(ctx context.Context) error {
			out, err := c.s.APIGateway.CreateRestApi(ctx, &apigateway.CreateRestApiInput{
				Name: aws.String(c.s.objectName()), Description: aws.String(c.description()),
				ApiKeySource: types.ApiKeySourceTypeHeader, EndpointConfiguration: wantEndpoint(), Tags: c.s.tags(want),
			})
			if err == nil {
				c.seen = &types.RestApi{Id: out.Id, Name: out.Name, Description: out.Description, ApiKeySource: out.ApiKeySource,
					RootResourceId: out.RootResourceId, EndpointConfiguration: out.EndpointConfiguration, Tags: c.s.tags(want)}
				c.made = aws.ToString(out.Id)
			}
			return err
		})
		if err != nil {
			return err
		}
	}
	if _, patches := split(c.changes(want)); len(patches) > 0 {
		_, err := c.s.APIGateway.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: c.seen.Id, PatchOperations: patches})
		if err != nil {
			return err
		}
		c.seen.Policy, c.seen.EndpointConfiguration = aws.String(c.wantPolicy(want.SourceIPRanges, want.OperatorAuth)), wantEndpoint()
	}
	return c.s.syncTags(ctx, gatewayObject{c.s, "/restapis/" + c.id()}, &c.seen.Tags, want)
}

func (c *restAPI) description() string {
	return "Takes Qlik Cloud's events for the task chain " + c.s.chain + "."
}

// gatewayObject is an API Gateway object by its path, as in the API's URLs.
type gatewayObject struct {
	s    *Stack
	path string
}

func (o gatewayObject) arn() *string {
	return aws.String(fmt.Sprintf("arn:%s:apigateway:%s::%s", o.s.Partition, o.s.Region, o.path))
}

func (o gatewayObject) tag(ctx context.Context, set map[string]string) error {
	return done(o.s.APIGateway.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: o.arn(), Tags: set}))
}

func (o gatewayObject) untag(ctx context.Context, keys []string) error {
	return done(o.s.APIGateway.UntagResource(ctx, &apigateway.UntagResourceInput{ResourceArn: o.arn(), TagKeys: keys}))
}

// remove deletes the API together with its methods, deployments and stage.
func (c *restAPI) remove(ctx context.Context) error {
	if !c.ours() {
		return nil
	}
	if err := gone(c.s.APIGateway.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: c.seen.Id})); err != nil {
		return err
	}
	c.seen = nil
	return nil
}

func (c *restAPI) report(state *State) {
	state.note(c.ours())
	state.RestAPIID, state.SourceIPRanges = c.id(), c.sourceIPRanges()
}
