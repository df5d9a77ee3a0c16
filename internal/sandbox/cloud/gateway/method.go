// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"maps"
	"net/http"
	"regexp"
	"slices"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// method is one HTTP method of a resource.
type method struct {
	HTTPMethod        string                    `json:"httpMethod"`
	AuthorizationType string                    `json:"authorizationType"`
	APIKeyRequired    bool                      `json:"apiKeyRequired"`
	OperationName     string                    `json:"operationName,omitempty"`
	RequestParameters map[string]bool           `json:"requestParameters,omitempty"`
	RequestModels     map[string]string         `json:"requestModels,omitempty"`
	MethodResponses   map[string]methodResponse `json:"methodResponses,omitempty"`
	MethodIntegration *integration              `json:"methodIntegration,omitempty"`
}

// methodResponse is a status that a method may answer.
type methodResponse struct {
	StatusCode         string            `json:"statusCode"`
	ResponseParameters map[string]bool   `json:"responseParameters,omitempty"`
	ResponseModels     map[string]string `json:"responseModels,omitempty"`
}

// clone copies what a later call could change.
func (m *method) clone() *method {
	copied := *m
	copied.MethodResponses = maps.Clone(m.MethodResponses)
	if m.MethodIntegration != nil {
		copied.MethodIntegration = m.MethodIntegration.clone()
	}
	return &copied
}

func (m *method) validate() error {
	methods := []string{"ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"}
	switch {
	case !slices.Contains(methods, m.HTTPMethod):
		return badRequest("Invalid HttpMethod specified. Valid options are %s", "DELETE,GET,HEAD,OPTIONS,PATCH,POST,PUT,ANY")
	case m.AuthorizationType != "NONE" && m.AuthorizationType != authorizationIAM:
		return badRequest("The sandbox emulates methods of the authorization types NONE and AWS_IAM, not %q.", m.AuthorizationType)
	}
	for name := range m.RequestParameters {
		if !methodRequestParameter.MatchString(name) {
			return badRequest("Invalid mapping expression parameter specified: %s", name)
		}
	}
	return nil
}

var methodRequestParameter = regexp.MustCompile(`^method\.request\.(header|querystring|path)\.[^\s]+$`)

// method returns the resource and the method in the call's path.
func (s *Service) method(call *wire.RESTCall) (*resource, *method, error) {
	_, r, err := s.resource(call)
	if err != nil {
		return nil, nil, err
	}
	if m := r.methods[call.Params["http_method"]]; m != nil {
		return r, m, nil
	}
	return nil, nil, notFound("Invalid Method identifier specified")
}

func (s *Service) putMethod(call *wire.RESTCall) (*wire.Response, error) {
	var in struct {
		AuthorizationType string            `json:"authorizationType"`
		APIKeyRequired    bool              `json:"apiKeyRequired"`
		OperationName     string            `json:"operationName"`
		RequestParameters map[string]bool   `json:"requestParameters"`
		RequestModels     map[string]string `json:"requestModels"`
	}
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	_, r, err := s.resource(call)
	if err != nil {
		return nil, err
	}
	m := &method{
		HTTPMethod: call.Params["http_method"], AuthorizationType: in.AuthorizationType, APIKeyRequired: in.APIKeyRequired,
		OperationName: in.OperationName, RequestParameters: in.RequestParameters, RequestModels: in.RequestModels,
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	if r.methods[m.HTTPMethod] != nil {
		return nil, conflict("Method already exists for this resource")
	}
	r.methods[m.HTTPMethod] = m
	return answer(http.StatusCreated, m)
}

func (s *Service) getMethod(call *wire.RESTCall) (*wire.Response, error) {
	_, m, err := s.method(call)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, m)
}

func (s *Service) updateMethod(call *wire.RESTCall) (*wire.Response, error) {
	_, m, err := s.method(call)
	if err != nil {
		return nil, err
	}
	changed := *m
	err = patches{
		"authorizationType": replaceString(&changed.AuthorizationType), "apiKeyRequired": replaceBool(&changed.APIKeyRequired),
		"operationName": replaceString(&changed.OperationName), "requestParameters": boolEntries(&changed.RequestParameters),
		"requestModels": stringEntries(&changed.RequestModels),
	}.apply(call)
	if err == nil {
		err = changed.validate()
	}
	if err != nil {
		return nil, err
	}
	*m = changed
	return answer(http.StatusOK, m)
}

func (s *Service) deleteMethod(call *wire.RESTCall) (*wire.Response, error) {
	r, m, err := s.method(call)
	if err != nil {
		return nil, err
	}
	delete(r.methods, m.HTTPMethod)
	return done(http.StatusNoContent)
}

var statusCode = regexp.MustCompile(`^[1-5]\d\d$`)

func (s *Service) putMethodResponse(call *wire.RESTCall) (*wire.Response, error) {
	var in methodResponse
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	_, m, err := s.method(call)
	if err != nil {
		return nil, err
	}
	in.StatusCode = cmp.Or(call.Params["status_code"], in.StatusCode)
	if !statusCode.MatchString(in.StatusCode) {
		return nil, badRequest("Invalid status code specified: %s", in.StatusCode)
	}
	if _, there := m.MethodResponses[in.StatusCode]; there {
		return nil, conflict("Response already exists for this resource")
	}
	if m.MethodResponses == nil {
		m.MethodResponses = map[string]methodResponse{}
	}
	m.MethodResponses[in.StatusCode] = in
	return answer(http.StatusCreated, in)
}

// methodResponse returns the method and its response in the call's path.
func (s *Service) methodResponse(call *wire.RESTCall) (*method, methodResponse, error) {
	_, m, err := s.method(call)
	if err != nil {
		return nil, methodResponse{}, err
	}
	response, there := m.MethodResponses[call.Params["status_code"]]
	if !there {
		return nil, methodResponse{}, notFound("Invalid Response status code specified")
	}
	return m, response, nil
}

func (s *Service) getMethodResponse(call *wire.RESTCall) (*wire.Response, error) {
	_, response, err := s.methodResponse(call)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, response)
}

func (s *Service) deleteMethodResponse(call *wire.RESTCall) (*wire.Response, error) {
	m, response, err := s.methodResponse(call)
	if err != nil {
		return nil, err
	}
	delete(m.MethodResponses, response.StatusCode)
	return done(http.StatusNoContent)
}
