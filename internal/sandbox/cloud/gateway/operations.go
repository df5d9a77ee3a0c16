// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/api"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

func (s *Service) operations() api.Operations {
	return api.Operations{
		"CreateRestApi": of(s, s.createRestAPI, http.StatusCreated),
		"GetRestApis":   of(s, s.getRestAPIs),
		"GetRestApi":    of(s, s.getRestAPI),
		"UpdateRestApi": of(s, s.updateRestAPI),
		"DeleteRestApi": of(s, s.deleteRestAPI, http.StatusAccepted),

		"GetResources":   of(s, s.getResources),
		"CreateResource": of(s, s.createResource, http.StatusCreated),
		"GetResource":    of(s, s.getResource),
		"DeleteResource": of(s, s.deleteResource, http.StatusAccepted),

		"PutMethod":            of(s, s.putMethod, http.StatusCreated),
		"GetMethod":            of(s, s.getMethod),
		"UpdateMethod":         of(s, s.updateMethod),
		"DeleteMethod":         of(s, s.deleteMethod, http.StatusNoContent),
		"PutMethodResponse":    of(s, s.putMethodResponse, http.StatusCreated),
		"DeleteMethodResponse": of(s, s.deleteMethodResponse, http.StatusNoContent),

		"PutIntegration":            of(s, s.putIntegration, http.StatusCreated),
		"GetIntegration":            of(s, s.getIntegration),
		"UpdateIntegration":         of(s, s.updateIntegration),
		"PutIntegrationResponse":    of(s, s.putIntegrationResponse, http.StatusCreated),
		"UpdateIntegrationResponse": of(s, s.updateIntegrationResponse),

		"CreateDeployment": of(s, s.createDeployment, http.StatusCreated),
		"GetDeployments":   of(s, s.getDeployments),
		"GetDeployment":    of(s, s.getDeployment),
		"DeleteDeployment": of(s, s.deleteDeployment, http.StatusAccepted),
		"CreateStage":      of(s, s.createStage, http.StatusCreated),
		"GetStage":         of(s, s.getStage),
		"UpdateStage":      of(s, s.updateStage),
		"DeleteStage":      of(s, s.deleteStage, http.StatusAccepted),

		"CreateApiKey":       of(s, s.createAPIKey, http.StatusCreated),
		"GetApiKeys":         of(s, s.getAPIKeys),
		"GetApiKey":          of(s, s.getAPIKey),
		"UpdateApiKey":       of(s, s.updateAPIKey),
		"DeleteApiKey":       of(s, s.deleteAPIKey, http.StatusAccepted),
		"CreateUsagePlan":    of(s, s.createUsagePlan, http.StatusCreated),
		"GetUsagePlans":      of(s, s.getUsagePlans),
		"GetUsagePlan":       of(s, s.getUsagePlan),
		"UpdateUsagePlan":    of(s, s.updateUsagePlan),
		"DeleteUsagePlan":    of(s, s.deleteUsagePlan, http.StatusAccepted),
		"CreateUsagePlanKey": of(s, s.createUsagePlanKey, http.StatusCreated),
		"GetUsagePlanKeys":   of(s, s.getUsagePlanKeys),
		"GetUsagePlanKey":    of(s, s.getUsagePlanKey),
		"DeleteUsagePlanKey": of(s, s.deleteUsagePlanKey, http.StatusAccepted),

		"UpdateAccount": of(s, s.updateAccount),
		"TagResource":   of(s, s.changeTags, http.StatusNoContent),
		"UntagResource": of(s, s.changeTags, http.StatusNoContent),
	}
}

// of returns an operation that runs under the lock. In IAM policies, API Gateway's resources are the paths of its API:
// arn:aws:apigateway:eu-central-1::/restapis.
func of[In any](s *Service, run func(in *In) (any, error), status ...int) api.Operation {
	return api.Of(func(c *wire.Call, in *In) ([]string, func() (any, error)) {
		if needs, ok := any(in).(interface{ permission() string }); ok && needs.permission() != "" {
			c.Also = append(c.Also, wire.Permission{Action: needs.permission(), Resource: s.arn(c.HTTP.URL.EscapedPath())})
		}
		// Creating an object with tags requires the permission for TagResource on all objects of the kind, because the object has no id
		// yet. Source: the denial in https://github.com/mattclay/aws-terminator/pull/284.
		if tagged, ok := any(in).(interface{ tags() map[string]string }); ok && len(tagged.tags()) > 0 {
			c.Also = append(c.Also, wire.Each("apigateway:PUT", s.arn("/tags/"+url.QueryEscape(s.arn(c.HTTP.URL.Path+"/"))+"*"))...)
		}
		return []string{s.arn(c.HTTP.URL.EscapedPath())}, func() (any, error) {
			s.mu.Lock()
			defer s.mu.Unlock()
			result, err := run(in)
			if err != nil || result == nil {
				return nil, err
			}
			encoded, err := json.Marshal(result) // under the lock, while nothing changes it
			return json.RawMessage(encoded), err
		}
	}, status...)
}

// ref names an object by the members in a request's path.
type ref struct {
	RestAPIID, ResourceID, HTTPMethod, StatusCode, DeploymentID, StageName, APIKey, UsagePlanID, KeyID string
}

// newTags are the tags of a new object.
type newTags struct{ Tags map[string]string }

func (t *newTags) tags() map[string]string { return t.Tags }

// list is a list in the API's format.
type list[T any] struct {
	Position string `json:"position,omitempty"`
	Item     []T    `json:"item"`
}

// pageInput selects a page of a list.
type pageInput struct {
	ref
	Position string
	Limit    *int
}

// page returns a page of items: 25 by default, at most 500.
func page[T any](in *pageInput, items []T) (any, error) {
	size := 25
	if in.Limit != nil {
		if *in.Limit < 1 {
			return nil, badRequest("Invalid limit: %d", *in.Limit)
		}
		size = min(*in.Limit, 500)
	}
	items, next, ok := wire.Page(items, in.Position, size)
	if !ok {
		return nil, badRequest("Invalid position parameter.")
	}
	return list[T]{Position: next, Item: append([]T{}, items...)}, nil
}
