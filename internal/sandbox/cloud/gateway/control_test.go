// SPDX-License-Identifier: MPL-2.0

package gateway_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigateway"
	"github.com/aws/aws-sdk-go-v2/service/apigateway/types"
)

func TestRestAPIs(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	var ids []string
	for range 3 {
		id, _ := s.createAPI(t)
		ids = append(ids, id)
	}
	got := must[*apigateway.GetRestApiOutput](t)(s.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &ids[0]}))
	if aws.ToString(got.Name) != "nightly" || got.EndpointConfiguration.Types[0] != types.EndpointTypeRegional ||
		got.Tags["qlik-task-chain"] != "nightly" ||
		got.ApiKeySource != types.ApiKeySourceTypeHeader || aws.ToString(got.RootResourceId) == "" || !got.CreatedDate.Equal(s.clock.Now()) {
		t.Errorf("got %+v", got)
	}
	found := map[string]bool{}
	pages := 0
	for paginator := apigateway.NewGetRestApisPaginator(s.Client,
		&apigateway.GetRestApisInput{Limit: aws.Int32(2)}); paginator.HasMorePages(); pages++ {
		for _, item := range must[*apigateway.GetRestApisOutput](t)(paginator.NextPage(ctx)).Items {
			found[aws.ToString(item.Id)] = true
		}
	}
	if len(found) != 3 || pages != 2 {
		t.Errorf("%d APIs on %d pages, want 3 on 2", len(found), pages)
	}
	updated := must[*apigateway.UpdateRestApiOutput](t)(s.UpdateRestApi(ctx,
		&apigateway.UpdateRestApiInput{RestApiId: &ids[0], PatchOperations: []types.PatchOperation{
			op(types.OpReplace, "/description", "changed"), op(types.OpAdd, "/binaryMediaTypes/image~1png", ""),
		}}))
	if aws.ToString(updated.Description) != "changed" || strings.Join(updated.BinaryMediaTypes, ",") != "image/png" {
		t.Errorf("got %+v", updated)
	}
	_, err := s.UpdateRestApi(ctx, &apigateway.UpdateRestApiInput{RestApiId: &ids[0],
		PatchOperations: []types.PatchOperation{op(types.OpReplace, "/id", "x")}})
	wantError[*types.BadRequestException](t, err, "Invalid patch path  '/id' specified for op 'replace'")
	for _, id := range ids {
		must[*apigateway.DeleteRestApiOutput](t)(s.DeleteRestApi(ctx, &apigateway.DeleteRestApiInput{RestApiId: &id}))
	}
	_, err = s.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &ids[0]})
	wantError[*types.NotFoundException](t, err, "Invalid API identifier specified 123456789012:"+ids[0])
	if objects := s.service.Objects(); len(objects) != 0 {
		t.Errorf("left: %q", objects)
	}
}

func TestResources(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, root := s.createAPI(t)
	create := func(parent *string, part string) (*apigateway.CreateResourceOutput, error) {
		return s.CreateResource(ctx, &apigateway.CreateResourceInput{RestApiId: &api, ParentId: parent, PathPart: &part})
	}
	runs := must[*apigateway.CreateResourceOutput](t)(create(&root, "runs"))
	run := must[*apigateway.CreateResourceOutput](t)(create(runs.Id, "{id}"))
	if aws.ToString(run.Path) != "/runs/{id}" || aws.ToString(run.ParentId) != aws.ToString(runs.Id) {
		t.Errorf("got %+v", run)
	}
	_, err := create(&root, "runs")
	wantError[*types.ConflictException](t, err, "Another resource with the same parent already has this name: runs")
	_, err = create(runs.Id, "{other}")
	wantError[*types.BadRequestException](t, err, "A sibling ({id}) of this resource already has a variable path part")
	_, err = create(&root, "a b")
	wantError[*types.BadRequestException](t, err, "Resource's path part only allow")
	_, err = create(aws.String("none"), "x")
	wantError[*types.NotFoundException](t, err, "Invalid Resource identifier specified")
	_, err = s.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: &api, ResourceId: &root})
	wantError[*types.BadRequestException](t, err, "Root resource cannot be deleted")

	s.put(t, api, aws.ToString(run.Id), "GET", true, types.IntegrationTypeAwsProxy, nil)
	plain := must[*apigateway.GetResourceOutput](t)(s.GetResource(ctx, &apigateway.GetResourceInput{RestApiId: &api, ResourceId: run.Id}))
	if m, there := plain.ResourceMethods["GET"]; !there || m.HttpMethod != nil {
		t.Errorf("without embed the methods should be named and not shown: %+v", plain.ResourceMethods)
	}
	all := must[*apigateway.GetResourcesOutput](t)(s.GetResources(ctx,
		&apigateway.GetResourcesInput{RestApiId: &api, Embed: []string{"methods"}}))
	if len(all.Items) != 3 || aws.ToString(all.Items[2].ResourceMethods["GET"].MethodIntegration.Uri) != integrationURI {
		t.Errorf("got %+v", all.Items)
	}
	must[*apigateway.DeleteResourceOutput](t)(s.DeleteResource(ctx, &apigateway.DeleteResourceInput{RestApiId: &api, ResourceId: runs.Id}))
	if all := must[*apigateway.GetResourcesOutput](t)(s.GetResources(ctx,
		&apigateway.GetResourcesInput{RestApiId: &api})); len(all.Items) != 1 {
		t.Errorf("the resources below a deleted one are left: %+v", all.Items)
	}
}

func TestMethods(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, root := s.createAPI(t)
	post := aws.String("POST")
	put := func(in apigateway.PutMethodInput) error {
		in.RestApiId, in.ResourceId = &api, &root
		_, err := s.PutMethod(ctx, &in)
		return err
	}
	wantError[*types.BadRequestException](t, put(apigateway.PutMethodInput{HttpMethod: post, AuthorizationType: aws.String("CUSTOM")}),
		"The sandbox emulates methods of the authorization types NONE and AWS_IAM")
	wantError[*types.BadRequestException](t, put(apigateway.PutMethodInput{HttpMethod: aws.String("FETCH"),
		AuthorizationType: aws.String("NONE")}), "Invalid HttpMethod specified")
	in := apigateway.PutMethodInput{HttpMethod: post, AuthorizationType: aws.String("NONE"), ApiKeyRequired: true}
	if err := put(in); err != nil {
		t.Fatal(err)
	}
	wantError[*types.ConflictException](t, put(in), "Method already exists for this resource")
	_, err := s.UpdateMethod(ctx, &apigateway.UpdateMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: post,
		PatchOperations: []types.PatchOperation{
			op(types.OpReplace, "/apiKeyRequired", "false"), op(types.OpAdd, "/requestParameters/method.request.header.X-Type", "false"),
		}})
	if err != nil {
		t.Fatal(err)
	}
	got := must[*apigateway.GetMethodOutput](t)(s.GetMethod(ctx,
		&apigateway.GetMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: post}))
	if _, there := got.RequestParameters["method.request.header.X-Type"]; !there || aws.ToBool(got.ApiKeyRequired) ||
		aws.ToString(got.AuthorizationType) != "NONE" {
		t.Errorf("got %+v", got)
	}

	response := &apigateway.PutMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, StatusCode: aws.String("202"),
		ResponseParameters: map[string]bool{"method.response.header.X-Ok": true}}
	must[*apigateway.PutMethodResponseOutput](t)(s.PutMethodResponse(ctx, response))
	_, err = s.PutMethodResponse(ctx, response)
	wantError[*types.ConflictException](t, err, "Response already exists for this resource")
	stated := func() map[string]types.MethodResponse {
		return must[*apigateway.GetMethodOutput](t)(s.GetMethod(ctx,
			&apigateway.GetMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: post})).MethodResponses
	}
	if got := stated()["202"]; !got.ResponseParameters["method.response.header.X-Ok"] {
		t.Errorf("got %+v", got)
	}
	must[*apigateway.DeleteMethodResponseOutput](t)(s.DeleteMethodResponse(ctx,
		&apigateway.DeleteMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, StatusCode: aws.String("202")}))
	if left := stated(); len(left) != 0 {
		t.Errorf("left: %+v", left)
	}
	_, err = s.DeleteMethodResponse(ctx, &apigateway.DeleteMethodResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: post,
		StatusCode: aws.String("202")})
	wantError[*types.NotFoundException](t, err, "Invalid Response status code specified")
	must[*apigateway.DeleteMethodOutput](t)(s.DeleteMethod(ctx,
		&apigateway.DeleteMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: post}))
	_, err = s.GetMethod(ctx, &apigateway.GetMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: post})
	wantError[*types.NotFoundException](t, err, "Invalid Method identifier specified")
}

func TestIntegrations(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, root := s.createAPI(t)
	post := aws.String("POST")
	must[*apigateway.PutMethodOutput](t)(s.PutMethod(ctx,
		&apigateway.PutMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, AuthorizationType: aws.String("NONE")}))
	get := &apigateway.GetIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: post}
	_, err := s.GetIntegration(ctx, get)
	wantError[*types.NotFoundException](t, err, "Invalid Integration identifier specified")

	for message, change := range map[string]func(*apigateway.PutIntegrationInput){
		"The sandbox emulates integrations of the types": func(in *apigateway.PutIntegrationInput) { in.Type = types.IntegrationTypeMock },
		"Invalid ARN specified in the request": func(in *apigateway.PutIntegrationInput) {
			in.Uri = aws.String("arn:aws:apigateway:eu-central-1:sqs:path/q")
		},
		"Enumeration value for HttpMethod":       func(in *apigateway.PutIntegrationInput) { in.IntegrationHttpMethod = nil },
		"Invalid passthrough behavior specified": func(in *apigateway.PutIntegrationInput) { in.PassthroughBehavior = aws.String("ALWAYS") },
		"Timeout should be between":              func(in *apigateway.PutIntegrationInput) { in.TimeoutInMillis = aws.Int32(30000) },
		"Invalid mapping template for application/json": func(in *apigateway.PutIntegrationInput) {
			in.RequestTemplates = map[string]string{"application/json": "#set($x = 1)"}
		},
		"The sandbox emulates the request parameter": func(in *apigateway.PutIntegrationInput) {
			in.RequestParameters = map[string]string{"integration.request.header.X-Other": "'1'"}
		},
		"The sandbox emulates request parameters with": func(in *apigateway.PutIntegrationInput) {
			in.RequestParameters = map[string]string{"integration.request.header.X-Amz-Invocation-Type": "method.request.header.X-Type"}
		},
	} {
		in := &apigateway.PutIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, Type: types.IntegrationTypeAws,
			IntegrationHttpMethod: post, Uri: aws.String(integrationURI)}
		change(in)
		_, err := s.PutIntegration(ctx, in)
		wantError[*types.BadRequestException](t, err, message)
	}
	in := &apigateway.PutIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, Type: types.IntegrationTypeAws,
		IntegrationHttpMethod: post, Uri: aws.String(integrationURI)}
	asynchronous(in)
	must[*apigateway.PutIntegrationOutput](t)(s.PutIntegration(ctx, in))
	must[*apigateway.UpdateIntegrationOutput](t)(s.UpdateIntegration(ctx,
		&apigateway.UpdateIntegrationInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, PatchOperations: []types.PatchOperation{
			op(types.OpReplace, "/timeoutInMillis", "5000"), op(types.OpAdd, "/requestTemplates/text~1plain", "$input.body"),
			op(types.OpReplace, "/passthroughBehavior", "WHEN_NO_TEMPLATES"),
		}}))
	got := must[*apigateway.GetIntegrationOutput](t)(s.GetIntegration(ctx, get))
	if got.TimeoutInMillis != 5000 || got.RequestTemplates["text/plain"] != "$input.body" ||
		got.RequestTemplates["application/json"] != deliveryTemplate ||
		aws.ToString(got.PassthroughBehavior) != "WHEN_NO_TEMPLATES" || aws.ToString(got.HttpMethod) != "POST" ||
		aws.ToString(got.CacheNamespace) != root {
		t.Errorf("got %+v", got)
	}

	response := &apigateway.PutIntegrationResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, StatusCode: aws.String("202")}
	_, err = s.PutIntegrationResponse(ctx, response)
	wantError[*types.BadRequestException](t, err, "Invalid mapping expression specified: Validation Result: warnings : [], errors : "+
		"[Output mapping refers to an invalid method response: 202]")
	s.answers(t, api, root, "POST", "202", "")
	must[*apigateway.UpdateIntegrationResponseOutput](t)(s.UpdateIntegrationResponse(ctx,
		&apigateway.UpdateIntegrationResponseInput{RestApiId: &api, ResourceId: &root, HttpMethod: post, StatusCode: aws.String("202"),
			PatchOperations: []types.PatchOperation{op(types.OpReplace, "/selectionPattern", "a.*"),
				op(types.OpAdd, "/responseTemplates/application~1json", "{}")}}))
	if got := must[*apigateway.GetIntegrationOutput](t)(s.GetIntegration(ctx,
		get)).IntegrationResponses["202"]; aws.ToString(got.SelectionPattern) != "a.*" || got.ResponseTemplates["application/json"] != "{}" {
		t.Errorf("got %+v", got)
	}
}

func TestDeploymentsAndStages(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, root := s.createAPI(t)
	create := &apigateway.CreateDeploymentInput{RestApiId: &api, Description: aws.String("first")}
	_, err := s.CreateDeployment(ctx, create)
	wantError[*types.BadRequestException](t, err, "The REST API doesn't contain any methods")
	s.put(t, api, root, "GET", true, types.IntegrationTypeAwsProxy, nil)
	must[*apigateway.PutMethodOutput](t)(s.PutMethod(ctx,
		&apigateway.PutMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("POST"), AuthorizationType: aws.String("NONE")}))
	_, err = s.CreateDeployment(ctx, create)
	wantError[*types.BadRequestException](t, err, "No integration defined for method")
	must[*apigateway.DeleteMethodOutput](t)(s.DeleteMethod(ctx,
		&apigateway.DeleteMethodInput{RestApiId: &api, ResourceId: &root, HttpMethod: aws.String("POST")}))
	first := must[*apigateway.CreateDeploymentOutput](t)(s.CreateDeployment(ctx, create))
	second := must[*apigateway.CreateDeploymentOutput](t)(s.CreateDeployment(ctx, create))
	got := must[*apigateway.GetDeploymentOutput](t)(s.GetDeployment(ctx,
		&apigateway.GetDeploymentInput{RestApiId: &api, DeploymentId: first.Id}))
	if aws.ToString(got.Description) != "first" {
		t.Errorf("got %+v", got)
	}
	if all := must[*apigateway.GetDeploymentsOutput](t)(s.GetDeployments(ctx,
		&apigateway.GetDeploymentsInput{RestApiId: &api})); len(all.Items) != 2 {
		t.Errorf("got %d deployments", len(all.Items))
	}

	stage := &apigateway.CreateStageInput{RestApiId: &api, StageName: aws.String("v1"), DeploymentId: first.Id,
		Tags: map[string]string{"t": "1"}}
	must[*apigateway.CreateStageOutput](t)(s.CreateStage(ctx, stage))
	_, err = s.CreateStage(ctx, stage)
	wantError[*types.ConflictException](t, err, "Stage already exists")
	_, err = s.CreateStage(ctx, &apigateway.CreateStageInput{RestApiId: &api, StageName: aws.String("v2"), DeploymentId: aws.String("none")})
	wantError[*types.NotFoundException](t, err, "Invalid Deployment identifier specified")
	_, err = s.DeleteDeployment(ctx, &apigateway.DeleteDeploymentInput{RestApiId: &api, DeploymentId: first.Id})
	wantError[*types.BadRequestException](t, err, "Active stages pointing to this deployment must be moved or deleted")
	update := func(ops ...types.PatchOperation) error {
		_, err := s.UpdateStage(ctx, &apigateway.UpdateStageInput{RestApiId: &api, StageName: aws.String("v1"), PatchOperations: ops})
		return err
	}
	wantError[*types.NotFoundException](t, update(op(types.OpReplace, "/deploymentId", "none")), "Invalid Deployment identifier specified")
	wantError[*types.BadRequestException](t, update(op(types.OpReplace, "/*/*/logging/loglevel", "INFO")),
		"CloudWatch Logs role ARN must be set in account settings to enable logging")
	wantError[*types.BadRequestException](t, update(op(types.OpReplace, "/*/*/colour/enabled", "true")), "Invalid patch path")
	if err := update(op(types.OpReplace, "/deploymentId", aws.ToString(second.Id)), op(types.OpReplace, "/*/*/throttling/rateLimit", "7.5"),
		op(types.OpRemove, "/variables/a", "")); err != nil {
		t.Fatal(err)
	}
	got2 := must[*apigateway.GetStageOutput](t)(s.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: aws.String("v1")}))
	if aws.ToString(got2.DeploymentId) != aws.ToString(second.Id) || got2.MethodSettings["*/*"].ThrottlingRateLimit != 7.5 ||
		len(got2.Variables) != 0 || got2.Tags["t"] != "1" {
		t.Errorf("got %+v", got2)
	}
	must[*apigateway.DeleteDeploymentOutput](t)(s.DeleteDeployment(ctx,
		&apigateway.DeleteDeploymentInput{RestApiId: &api, DeploymentId: first.Id}))
	must[*apigateway.DeleteStageOutput](t)(s.DeleteStage(ctx, &apigateway.DeleteStageInput{RestApiId: &api, StageName: aws.String("v1")}))
	_, err = s.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: aws.String("v1")})
	wantError[*types.NotFoundException](t, err, "Invalid stage identifier specified")
	_, err = s.GetDeployment(ctx, &apigateway.GetDeploymentInput{RestApiId: &api, DeploymentId: first.Id})
	wantError[*types.NotFoundException](t, err, "Invalid Deployment identifier specified")
}

func TestTagsAndObjects(t *testing.T) {
	t.Parallel()
	s := start(t)
	ctx := t.Context()
	api, root := s.createAPI(t)
	s.put(t, api, root, "GET", false, types.IntegrationTypeAwsProxy, nil)
	s.deploy(t, api)
	key := must[*apigateway.CreateApiKeyOutput](t)(s.CreateApiKey(ctx, &apigateway.CreateApiKeyInput{Name: aws.String("k")}))
	plan := must[*apigateway.CreateUsagePlanOutput](t)(s.CreateUsagePlan(ctx, &apigateway.CreateUsagePlanInput{Name: aws.String("p")}))
	tags := map[string]func() map[string]string{
		"/restapis/" + api: func() map[string]string {
			all := must[*apigateway.GetRestApiOutput](t)(s.GetRestApi(ctx, &apigateway.GetRestApiInput{RestApiId: &api})).Tags
			delete(all, "qlik-task-chain")
			return all
		},
		"/restapis/" + api + "/stages/v1": func() map[string]string {
			return must[*apigateway.GetStageOutput](t)(s.GetStage(ctx, &apigateway.GetStageInput{RestApiId: &api, StageName: aws.String("v1")})).Tags
		},
		"/apikeys/" + aws.ToString(key.Id): func() map[string]string {
			return must[*apigateway.GetApiKeyOutput](t)(s.GetApiKey(ctx, &apigateway.GetApiKeyInput{ApiKey: key.Id})).Tags
		},
		"/usageplans/" + aws.ToString(plan.Id): func() map[string]string {
			return must[*apigateway.GetUsagePlanOutput](t)(s.GetUsagePlan(ctx, &apigateway.GetUsagePlanInput{UsagePlanId: plan.Id})).Tags
		},
	}
	for path := range tags {
		arn := "arn:aws:apigateway:eu-central-1::" + path
		must[*apigateway.TagResourceOutput](t)(s.TagResource(ctx,
			&apigateway.TagResourceInput{ResourceArn: &arn, Tags: map[string]string{"x": "1", "y": "2", "z": "ü"}}))
		must[*apigateway.UntagResourceOutput](t)(s.UntagResource(ctx,
			&apigateway.UntagResourceInput{ResourceArn: &arn, TagKeys: []string{"x", "y"}}))
		if got := tags[path](); fmt.Sprint(got) != "map[z:ü]" {
			t.Errorf("%s has the tags %v", arn, got)
		}
	}
	_, err := s.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: aws.String("arn:aws:apigateway:eu-central-1::/restapis/none"),
		Tags: map[string]string{"x": "1"}})
	wantError[*types.NotFoundException](t, err, "Invalid API identifier specified")
	_, err = s.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: aws.String("arn:aws:apigateway:us-east-1::/restapis/" + api),
		Tags: map[string]string{"x": "1"}})
	wantError[*types.BadRequestException](t, err, "Invalid ARN specified in the request")
	_, err = s.TagResource(ctx, &apigateway.TagResourceInput{ResourceArn: aws.String("arn:aws:apigateway:eu-central-1::/restapis/" + api),
		Tags: map[string]string{"aws:x": "1"}})
	wantError[*types.BadRequestException](t, err, "Tag keys beginning with aws:")
	if objects := s.service.Objects(); len(objects) != 3 || !strings.HasSuffix(objects[1], "/restapis/"+api+" nightly") {
		t.Errorf("got %q", objects)
	}
}
