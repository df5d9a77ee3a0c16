// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"maps"
	"regexp"
	"slices"
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

// methodResponse is a status that a method may return.
type methodResponse struct {
	StatusCode         string            `json:"statusCode"`
	ResponseParameters map[string]bool   `json:"responseParameters,omitempty"`
	ResponseModels     map[string]string `json:"responseModels,omitempty"`
}

// clone copies the parts that a later call could change.
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

// method returns the resource and the method that a request names.
func (s *Service) method(in *ref) (*resource, *method, error) {
	_, r, err := s.resource(in)
	if err != nil {
		return nil, nil, err
	}
	if m := r.methods[in.HTTPMethod]; m != nil {
		return r, m, nil
	}
	return nil, nil, notFound("Invalid Method identifier specified")
}

type putMethodInput struct {
	ref
	AuthorizationType, OperationName string
	APIKeyRequired                   bool
	RequestParameters                map[string]bool
	RequestModels                    map[string]string
}

func (s *Service) putMethod(in *putMethodInput) (any, error) {
	_, r, err := s.resource(&in.ref)
	if err != nil {
		return nil, err
	}
	m := &method{
		HTTPMethod: in.HTTPMethod, AuthorizationType: in.AuthorizationType, APIKeyRequired: in.APIKeyRequired,
		OperationName: in.OperationName, RequestParameters: in.RequestParameters, RequestModels: in.RequestModels,
	}
	if err := m.validate(); err != nil {
		return nil, err
	}
	if r.methods[m.HTTPMethod] != nil {
		return nil, conflict("Method already exists for this resource")
	}
	r.methods[m.HTTPMethod] = m
	return m, nil
}

func (s *Service) getMethod(in *ref) (any, error) {
	_, m, err := s.method(in)
	return m, err
}

func (s *Service) updateMethod(in *updateInput) (any, error) {
	_, m, err := s.method(&in.ref)
	return m, change(m, err, in, func(changed *method) patches {
		return patches{
			"authorizationType": replaceString(&changed.AuthorizationType), "apiKeyRequired": replaceBool(&changed.APIKeyRequired),
			"operationName": replaceString(&changed.OperationName), "requestParameters": boolEntries(&changed.RequestParameters),
			"requestModels": stringEntries(&changed.RequestModels),
		}
	}, (*method).validate)
}

func (s *Service) deleteMethod(in *ref) (any, error) {
	r, m, err := s.method(in)
	if err == nil {
		delete(r.methods, m.HTTPMethod)
	}
	return nil, err
}

type putMethodResponseInput struct {
	ref
	ResponseParameters map[string]bool
	ResponseModels     map[string]string
}

func (s *Service) putMethodResponse(in *putMethodResponseInput) (any, error) {
	_, m, err := s.method(&in.ref)
	if err != nil {
		return nil, err
	}
	if _, there := m.MethodResponses[in.StatusCode]; there {
		return nil, conflict("Response already exists for this resource")
	}
	if m.MethodResponses == nil {
		m.MethodResponses = map[string]methodResponse{}
	}
	m.MethodResponses[in.StatusCode] = methodResponse{in.StatusCode, in.ResponseParameters, in.ResponseModels}
	return m.MethodResponses[in.StatusCode], nil
}

func (s *Service) deleteMethodResponse(in *ref) (any, error) {
	_, m, err := s.method(in)
	if err != nil {
		return nil, err
	}
	if _, there := m.MethodResponses[in.StatusCode]; !there {
		return nil, notFound("Invalid Response status code specified")
	}
	delete(m.MethodResponses, in.StatusCode)
	return nil, nil
}
