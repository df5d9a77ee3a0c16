// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"net/http"
	"net/url"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// Scope is API Gateway's name in a credential scope.
func (s *Service) Scope() string { return "apigateway" }

const (
	apisPath                = "/restapis"
	apiPath                 = apisPath + "/{restapi_id}"
	resourcesPath           = apiPath + "/resources"
	resourcePath            = resourcesPath + "/{resource_id}"
	methodPath              = resourcePath + "/methods/{http_method}"
	methodResponsePath      = methodPath + "/responses/{status_code}"
	integrationPath         = methodPath + "/integration"
	integrationResponsePath = integrationPath + "/responses/{status_code}"
	deploymentsPath         = apiPath + "/deployments"
	deploymentPath          = deploymentsPath + "/{deployment_id}"
	stagesPath              = apiPath + "/stages"
	stagePath               = stagesPath + "/{stage_name}"
	keysPath                = "/apikeys"
	keyPath                 = keysPath + "/{api_key}"
	plansPath               = "/usageplans"
	planPath                = plansPath + "/{usageplan_id}"
	planKeysPath            = planPath + "/keys"
	planKeyPath             = planKeysPath + "/{key_id}"
	tagsPath                = "/tags/{resource_arn}"
	accountPath             = "/account"
)

func (s *Service) operations() wire.RESTRoutes {
	return wire.RESTRoutes{
		{Name: "CreateRestApi", Method: http.MethodPost, Path: apisPath, Run: s.createRestAPI},
		{Name: "GetRestApis", Method: http.MethodGet, Path: apisPath, Run: s.getRestAPIs},
		{Name: "GetRestApi", Method: http.MethodGet, Path: apiPath, Run: s.getRestAPI},
		{Name: "UpdateRestApi", Method: http.MethodPatch, Path: apiPath, Run: s.updateRestAPI},
		{Name: "DeleteRestApi", Method: http.MethodDelete, Path: apiPath, Run: s.deleteRestAPI},

		{Name: "GetResources", Method: http.MethodGet, Path: resourcesPath, Run: s.getResources},
		{Name: "CreateResource", Method: http.MethodPost, Path: resourcePath, Run: s.createResource},
		{Name: "GetResource", Method: http.MethodGet, Path: resourcePath, Run: s.getResource},
		{Name: "DeleteResource", Method: http.MethodDelete, Path: resourcePath, Run: s.deleteResource},

		{Name: "PutMethod", Method: http.MethodPut, Path: methodPath, Run: s.putMethod},
		{Name: "GetMethod", Method: http.MethodGet, Path: methodPath, Run: s.getMethod},
		{Name: "UpdateMethod", Method: http.MethodPatch, Path: methodPath, Run: s.updateMethod},
		{Name: "DeleteMethod", Method: http.MethodDelete, Path: methodPath, Run: s.deleteMethod},
		{Name: "PutMethodResponse", Method: http.MethodPut, Path: methodResponsePath, Run: s.putMethodResponse},
		{Name: "GetMethodResponse", Method: http.MethodGet, Path: methodResponsePath, Run: s.getMethodResponse},
		{Name: "DeleteMethodResponse", Method: http.MethodDelete, Path: methodResponsePath, Run: s.deleteMethodResponse},

		{Name: "PutIntegration", Method: http.MethodPut, Path: integrationPath, Run: s.putIntegration},
		{Name: "GetIntegration", Method: http.MethodGet, Path: integrationPath, Run: s.getIntegration},
		{Name: "UpdateIntegration", Method: http.MethodPatch, Path: integrationPath, Run: s.updateIntegration},
		{Name: "DeleteIntegration", Method: http.MethodDelete, Path: integrationPath, Run: s.deleteIntegration},
		{Name: "PutIntegrationResponse", Method: http.MethodPut, Path: integrationResponsePath, Run: s.putIntegrationResponse},
		{Name: "GetIntegrationResponse", Method: http.MethodGet, Path: integrationResponsePath, Run: s.getIntegrationResponse},
		{Name: "UpdateIntegrationResponse", Method: http.MethodPatch, Path: integrationResponsePath, Run: s.updateIntegrationResponse},
		{Name: "DeleteIntegrationResponse", Method: http.MethodDelete, Path: integrationResponsePath, Run: s.deleteIntegrationResponse},

		{Name: "CreateDeployment", Method: http.MethodPost, Path: deploymentsPath, Run: s.createDeployment},
		{Name: "GetDeployments", Method: http.MethodGet, Path: deploymentsPath, Run: s.getDeployments},
		{Name: "GetDeployment", Method: http.MethodGet, Path: deploymentPath, Run: s.getDeployment},
		{Name: "UpdateDeployment", Method: http.MethodPatch, Path: deploymentPath, Run: s.updateDeployment},
		{Name: "DeleteDeployment", Method: http.MethodDelete, Path: deploymentPath, Run: s.deleteDeployment},
		{Name: "CreateStage", Method: http.MethodPost, Path: stagesPath, Run: s.createStage},
		{Name: "GetStages", Method: http.MethodGet, Path: stagesPath, Run: s.getStages},
		{Name: "GetStage", Method: http.MethodGet, Path: stagePath, Run: s.getStage},
		{Name: "UpdateStage", Method: http.MethodPatch, Path: stagePath, Run: s.updateStage},
		{Name: "DeleteStage", Method: http.MethodDelete, Path: stagePath, Run: s.deleteStage},

		{Name: "CreateApiKey", Method: http.MethodPost, Path: keysPath, Run: s.createAPIKey},
		{Name: "GetApiKeys", Method: http.MethodGet, Path: keysPath, Run: s.getAPIKeys},
		{Name: "GetApiKey", Method: http.MethodGet, Path: keyPath, Run: s.getAPIKey},
		{Name: "UpdateApiKey", Method: http.MethodPatch, Path: keyPath, Run: s.updateAPIKey},
		{Name: "DeleteApiKey", Method: http.MethodDelete, Path: keyPath, Run: s.deleteAPIKey},
		{Name: "CreateUsagePlan", Method: http.MethodPost, Path: plansPath, Run: s.createUsagePlan},
		{Name: "GetUsagePlans", Method: http.MethodGet, Path: plansPath, Run: s.getUsagePlans},
		{Name: "GetUsagePlan", Method: http.MethodGet, Path: planPath, Run: s.getUsagePlan},
		{Name: "UpdateUsagePlan", Method: http.MethodPatch, Path: planPath, Run: s.updateUsagePlan},
		{Name: "DeleteUsagePlan", Method: http.MethodDelete, Path: planPath, Run: s.deleteUsagePlan},
		{Name: "CreateUsagePlanKey", Method: http.MethodPost, Path: planKeysPath, Run: s.createUsagePlanKey},
		{Name: "GetUsagePlanKeys", Method: http.MethodGet, Path: planKeysPath, Run: s.getUsagePlanKeys},
		{Name: "GetUsagePlanKey", Method: http.MethodGet, Path: planKeyPath, Run: s.getUsagePlanKey},
		{Name: "DeleteUsagePlanKey", Method: http.MethodDelete, Path: planKeyPath, Run: s.deleteUsagePlanKey},

		{Name: "GetAccount", Method: http.MethodGet, Path: accountPath, Run: s.getAccount},
		{Name: "UpdateAccount", Method: http.MethodPatch, Path: accountPath, Run: s.updateAccount},

		{Name: "GetTags", Method: http.MethodGet, Path: tagsPath, Run: s.getTags},
		{Name: "TagResource", Method: http.MethodPut, Path: tagsPath, Run: s.tagResource},
		{Name: "UntagResource", Method: http.MethodDelete, Path: tagsPath, Run: s.untagResource},
	}
}

// Call finds out what the request asks for. In IAM policies API Gateway's actions are HTTP methods, and its resources the
// paths of its API: apigateway:POST on arn:aws:apigateway:eu-central-1::/restapis.
func (s *Service) Call(r *wire.Request) (*wire.Call, error) {
	operation, call, found := s.routes.Find(r)
	if !found {
		return nil, wire.Errorf(http.StatusNotFound, "UnknownOperationException",
			"The sandbox does not offer API Gateway's %s %s.", r.HTTP.Method, r.HTTP.URL.Path)
	}
	return &wire.Call{
		Operation: operation.Name,
		Action:    "apigateway:" + r.HTTP.Method,
		Resources: []string{s.arn(r.HTTP.URL.EscapedPath())},
		Also:      append(s.policyPermissions(operation.Name, call), s.tagPermissions(operation.Name, call)...),
		Run: func() (*wire.Response, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			return operation.Run(call)
		},
	}, nil
}

// tagPermissions is what a caller needs besides to give tags to what it creates: the method of TagResource, on all objects of the kind, as
// they have no ids yet. Source: the denial in https://github.com/mattclay/aws-terminator/pull/284.
func (s *Service) tagPermissions(operation string, call *wire.RESTCall) []wire.Permission {
	switch operation {
	case "CreateRestApi", "CreateStage", "CreateApiKey", "CreateUsagePlan":
		return wire.TagPermission(call.Body, "apigateway:PUT", s.arn("/tags/"+url.QueryEscape(s.arn(call.HTTP.URL.Path+"/"))+"*"))
	}
	return nil
}

// answer writes what an operation returns.
func answer(status int, v any) (*wire.Response, error) { return wire.RESTJSONResponse(status, v) }

// done is the answer of an operation that returns nothing.
func done(status int) (*wire.Response, error) { return &wire.Response{Status: status}, nil }
