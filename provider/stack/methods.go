// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
	"golang.org/x/sync/errgroup"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// methods are the REST API's methods with their integrations and resources. POST / takes events. GET / and GET and POST of everything below
// are for users. The page opens without the API key, because it asks for the key itself. Operators send the POSTs below: these require the
// API key, or instead a signature with AWS credentials.
type methods struct {
	s         *Stack
	resources map[string]string // ids by path
	seen      map[route]methodShape
}

const (
	rootPath  = "/"
	proxyPart = "{proxy+}" // every path below the root; the function distinguishes them
	proxyPath = rootPath + proxyPart
	pagePart  = "page"
	pagePath  = rootPath + pagePart
)

// These are the methods' authorization types. The SDK has no constants for them.
const (
	authorizationNone = "NONE"
	authorizationIAM  = "AWS_IAM"
)

// childParts are the path parts of the resources below the root.
var childParts = []string{pagePart, proxyPart}

// isOurs reports whether the chain has a resource at a path.
func isOurs(path string) bool {
	return path == rootPath || slices.Contains(childParts, strings.TrimPrefix(path, rootPath))
}

// route is an HTTP method of one resource.
type route struct{ Method, Path string }

// String returns the route as, for example, "POST /".
func (r route) String() string { return r.Method + " " + r.Path }

// MarshalText returns the route as a key in JSON.
func (r route) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// deliveryTemplate converts a request to a chain.Delivery, see there. $input.params finds a header only by the spelling in which it was
// sent (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html).
const deliveryTemplate = `{"source":"` + chain.DeliverySource + `",` +
	`"request_id":"$context.requestId","api_key_id":"$context.identity.apiKeyId",` +
	`"body":"$util.base64Encode($input.body)",` +
	`"signature":"$util.base64Encode($input.params('Qlik-Signature'))",` +
	`"signature_lower":"$util.base64Encode($input.params('qlik-signature'))"}`

// wanted returns the API's definition.
func (c *methods) wanted(want *Spec) map[route]methodShape {
	uri := fmt.Sprintf("arn:%s:apigateway:%s:lambda:path/2015-03-31/functions/%s/invocations", c.s.Partition, c.s.Region, c.s.functionARN())
	shown := methodShape{
		AuthorizationType: authorizationNone, APIKeyRequired: true, MethodParameters: []string{}, Responses: []string{},
		Type: types.IntegrationTypeAwsProxy, URI: uri, IntegrationMethod: "POST", TimeoutMillis: integrationTimeoutMillis,
		RequestParameters: map[string]string{}, RequestTemplates: map[string]string{}, PassthroughBehavior: "WHEN_NO_MATCH",
		ResponsePatterns: map[string]string{},
	}
	open := shown
	open.APIKeyRequired = false
	operated := shown
	if want.OperatorAuth == chain.OperatorAuthIAM {
		operated.AuthorizationType, operated.APIKeyRequired = authorizationIAM, false
	}
	return map[route]methodShape{
		// The integration is asynchronous. Qlik gets its 202 at once, and Lambda keeps the event and retries when the function fails.
		{"POST", rootPath}: {
			AuthorizationType: authorizationNone, APIKeyRequired: true, MethodParameters: []string{}, Responses: []string{"202"},
			Type: types.IntegrationTypeAws, URI: uri, IntegrationMethod: "POST", TimeoutMillis: integrationTimeoutMillis,
			RequestParameters: map[string]string{"integration.request.header.X-Amz-Invocation-Type": "'Event'"},
			RequestTemplates:  deliveryTemplates(),
			// If API Gateway passed a body through, the caller would determine the whole event. For example, it could claim to be a timer.
			PassthroughBehavior: "NEVER",
			ResponsePatterns:    map[string]string{"202": ""},
		},
		{"GET", rootPath}:   shown,
		{"GET", proxyPath}:  shown,
		{"GET", pagePath}:   open, // the same for every visitor, and without data
		{"POST", proxyPath}: operated,
	}
}

// definitionHash returns a hash of the API's definition and its policy. It is in a deployment's description, and shows whether the stage is
// up to date. Any change of the hash makes every chain deploy again.
func (c *methods) definitionHash(want *Spec) string {
	text, err := json.Marshal(c.wanted(want))
	if err != nil {
		panic(err) // strings and maps of strings always marshal
	}
	sum := sha256.Sum256([]byte(string(text) + strings.Join(want.SourceIPRanges, " ")))
	return "sha256:" + hex.EncodeToString(sum[:])
}

func (c *methods) find(ctx context.Context) error {
	c.seen, c.resources = nil, nil
	if c.s.knownAPI() == "" || c.s.brief {
		return nil
	}
	embedded, err := c.findResources(ctx)
	if err != nil {
		return err
	}
	c.seen = map[route]methodShape{}
	var mu sync.Mutex // guards seen
	all, ctx := errgroup.WithContext(ctx)
	for r, method := range embedded {
		all.Go(func() error {
			if !isWhole(method) {
				var err error
				if method, err = c.getMethod(ctx, r); method == nil {
					return err
				}
			}
			mu.Lock()
			defer mu.Unlock()
			c.seen[r] = shapeOf(method)
			return nil
		})
	}
	return all.Wait()
}

// findResources reads the API's resources, and returns the methods of the chain's own.
func (c *methods) findResources(ctx context.Context) (map[route]*types.Method, error) {
	c.resources = map[string]string{}
	resources, err := listed(ctx, apigateway.NewGetResourcesPaginator(c.s.APIGateway, &apigateway.GetResourcesInput{
		RestApiId: aws.String(c.s.knownAPI()), Limit: aws.Int32(500), Embed: []string{"methods"},
	}), func(page *apigateway.GetResourcesOutput) []types.Resource { return page.Items })
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	methods := map[route]*types.Method{}
	for _, resource := range resources {
		path := aws.ToString(resource.Path)
		c.resources[path] = aws.ToString(resource.Id)
		for name, method := range resource.ResourceMethods {
			if isOurs(path) {
				methods[route{name, path}] = &method
			}
		}
	}
	return methods, nil
}

// isWhole reports whether a method came with its integration and, unless that is a proxy, with the integration's responses. API Gateway
// returns all of this with the resource, but AWS documents it only for the methods.
func isWhole(method *types.Method) bool {
	integration := method.MethodIntegration
	return integration != nil &&
		(integration.Type != types.IntegrationTypeAws || len(method.MethodResponses) > 0 && len(integration.IntegrationResponses) > 0)
}

// getMethod reads one method with its integration. It returns nil when the method no longer exists.
func (c *methods) getMethod(ctx context.Context, r route) (*types.Method, error) {
	out, err := found(c.s.APIGateway.GetMethod(ctx, &apigateway.GetMethodInput{
		RestApiId: aws.String(c.s.knownAPI()), ResourceId: aws.String(c.resources[r.Path]), HttpMethod: aws.String(r.Method),
	}))
	if out == nil {
		return nil, err
	}
	return &types.Method{
		ApiKeyRequired: out.ApiKeyRequired, AuthorizationScopes: out.AuthorizationScopes, AuthorizationType: out.AuthorizationType,
		AuthorizerId: out.AuthorizerId, HttpMethod: out.HttpMethod, MethodIntegration: out.MethodIntegration, RequestModels: out.RequestModels,
		MethodResponses: out.MethodResponses, OperationName: out.OperationName, RequestParameters: out.RequestParameters,
		RequestValidatorId: out.RequestValidatorId,
	}, nil
}

// strays returns the paths of the resources that do not belong to the chain.
func (c *methods) strays() []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.resources)), isOurs)
}

func (c *methods) diff(want *Spec) []Difference {
	if c.s.restAPI.seen == nil {
		return nil // the missing API is reported by its own component
	}
	var all []Difference
	wanted := c.wanted(want)
	for _, r := range sortedRoutes(wanted) {
		have, there := c.seen[r]
		if !there {
			all = append(all, Difference{Setting: "rest_api.method." + r.String(), Have: missing})
			continue
		}
		all = append(all, have.differences(r, wanted[r])...)
	}
	for _, r := range sortedRoutes(c.seen) {
		if _, ok := wanted[r]; !ok {
			all = append(all, Difference{Setting: "rest_api.method." + r.String(), Have: "there", Want: missing})
		}
	}
	if strays := c.strays(); len(strays) > 0 {
		all = append(all, Difference{Setting: "rest_api.resources", Have: strings.Join(strays, ", ") + " too",
			Want: strings.Join([]string{rootPath, pagePath, proxyPath}, ", ")})
	}
	return all
}

func sortedRoutes(methods map[route]methodShape) []route {
	return slices.SortedFunc(maps.Keys(methods), func(a, b route) int { return strings.Compare(a.String(), b.String()) })
}

func (c *methods) ensure(ctx context.Context, want *Spec) error {
	if c.resources[rootPath] == "" { // the API has just been created
		root := aws.ToString(c.s.restAPI.seen.RootResourceId)
		if c.resources = map[string]string{rootPath: root}; root == "" { // an emulator's API
			if err := c.find(ctx); err != nil {
				return err
			}
		}
	}
	if err := c.ensureResources(ctx); err != nil {
		return err
	}
	wanted := c.wanted(want)
	all, ctx := errgroup.WithContext(ctx)
	for r := range c.seen {
		if _, ok := wanted[r]; !ok {
			all.Go(func() error { return c.delete(ctx, r) })
		}
	}
	for r, want := range wanted {
		all.Go(func() error { return c.ensureMethod(ctx, r, want) })
	}
	if err := all.Wait(); err != nil {
		return err
	}
	c.seen = wanted
	return nil
}

// ensureMethod creates a method as wanted. It replaces an existing one instead of patching it: nothing is live before the next deployment.
func (c *methods) ensureMethod(ctx context.Context, r route, want methodShape) error {
	have, there := c.seen[r]
	if there && len(have.differences(r, want)) == 0 {
		return nil
	}
	if there {
		if err := c.delete(ctx, r); err != nil {
			return err
		}
	}
	return c.put(ctx, r, want)
}

func (c *methods) ensureResources(ctx context.Context) error {
	for _, path := range c.strays() {
		if err := gone(c.s.APIGateway.DeleteResource(ctx, &apigateway.DeleteResourceInput{
			RestApiId: aws.String(c.s.restAPI.id()), ResourceId: aws.String(c.resources[path]),
		})); err != nil { // a resource is deleted with its parent
			return err
		}
		delete(c.resources, path)
	}
	for _, part := range childParts {
		path := rootPath + part
		if c.resources[path] != "" {
			continue
		}
		if err := create(ctx, childResource{c, path}, func(ctx context.Context) error {
			out, err := c.s.APIGateway.CreateResource(ctx, &apigateway.CreateResourceInput{
				RestApiId: aws.String(c.s.restAPI.id()), ParentId: aws.String(c.resources[rootPath]), PathPart: aws.String(part),
			})
			if err == nil {
				c.resources[path] = aws.ToString(out.Id)
			}
			return err
		}); err != nil {
			return err
		}
	}
	return nil
}

// childResource is a resource below the root.
type childResource struct {
	*methods
	path string
}

func (c childResource) find(ctx context.Context) error {
	_, err := c.findResources(ctx)
	return err
}

func (c childResource) exists() bool { return c.resources[c.path] != "" }

func (c *methods) delete(ctx context.Context, r route) error {
	return gone(c.s.APIGateway.DeleteMethod(ctx, &apigateway.DeleteMethodInput{
		RestApiId: aws.String(c.s.restAPI.id()), ResourceId: aws.String(c.resources[r.Path]), HttpMethod: aws.String(r.Method),
	}))
}

func (c *methods) put(ctx context.Context, r route, want methodShape) error {
	api, resource, method := aws.String(c.s.restAPI.id()), aws.String(c.resources[r.Path]), aws.String(r.Method)
	if _, err := c.s.APIGateway.PutMethod(ctx, &apigateway.PutMethodInput{
		RestApiId: api, ResourceId: resource, HttpMethod: method,
		AuthorizationType: aws.String(want.AuthorizationType), ApiKeyRequired: want.APIKeyRequired,
	}); err != nil && !repeated(err) {
		return err
	}
	for _, status := range want.Responses {
		if _, err := c.s.APIGateway.PutMethodResponse(ctx, &apigateway.PutMethodResponseInput{
			RestApiId: api, ResourceId: resource, HttpMethod: method, StatusCode: aws.String(status),
		}); err != nil && !repeated(err) {
			return err
		}
	}
	if _, err := c.s.APIGateway.PutIntegration(ctx, &apigateway.PutIntegrationInput{
		RestApiId: api, ResourceId: resource, HttpMethod: method, Type: want.Type, Uri: aws.String(want.URI),
		IntegrationHttpMethod: aws.String(want.IntegrationMethod), PassthroughBehavior: aws.String(want.PassthroughBehavior),
		TimeoutInMillis:   aws.Int32(want.TimeoutMillis),
		RequestParameters: want.RequestParameters, RequestTemplates: want.RequestTemplates,
	}); err != nil {
		return err
	}
	for status, pattern := range want.ResponsePatterns {
		input := &apigateway.PutIntegrationResponseInput{RestApiId: api, ResourceId: resource, HttpMethod: method, StatusCode: aws.String(status)}
		if pattern != "" { // a response without a pattern is the default one
			input.SelectionPattern = aws.String(pattern)
		}
		if _, err := c.s.APIGateway.PutIntegrationResponse(ctx, input); err != nil {
			return err
		}
	}
	return nil
}

// repeated reports whether the object exists because the SDK has repeated a call after its answer got lost. The object did not exist before
// put.
func repeated(err error) bool { return isAlreadyThere(err) && !isTransient(err) }
