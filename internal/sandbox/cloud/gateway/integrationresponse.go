// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"cmp"
	"net/http"
	"regexp"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway/template"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// integrationResponse says how an integration's answer becomes one of the method's responses.
type integrationResponse struct {
	StatusCode         string            `json:"statusCode"`
	SelectionPattern   string            `json:"selectionPattern,omitempty"`
	ResponseParameters map[string]string `json:"responseParameters,omitempty"`
	ResponseTemplates  map[string]string `json:"responseTemplates,omitempty"`
	ContentHandling    string            `json:"contentHandling,omitempty"` // kept and told
}

const methodResponseHeader = "method.response.header."

func (r *integrationResponse) validate(m *method) error {
	const invalid = "Invalid mapping expression specified: Validation Result: warnings : [], errors : "
	response, there := m.MethodResponses[r.StatusCode]
	if !there {
		return badRequest(invalid+"[Output mapping refers to an invalid method response: %s]", r.StatusCode)
	}
	if err := checkContentHandling(r.ContentHandling); err != nil {
		return err
	}
	if _, err := pattern(r.SelectionPattern); err != nil {
		return badRequest("Invalid selection pattern specified: %v", err)
	}
	for name, value := range r.ResponseParameters {
		if _, declared := response.ResponseParameters[name]; !declared || !strings.HasPrefix(name, methodResponseHeader) {
			return badRequest(invalid+"[Invalid mapping expression parameter specified: %s]", name)
		}
		if _, static := staticValue(value); !static {
			return badRequest("The sandbox emulates response parameters with constant values, 'in single quotes', not %s.", value)
		}
	}
	for contentType, text := range r.ResponseTemplates {
		if _, err := template.Parse(text); err != nil {
			return badRequest("Invalid mapping template for %s: %v", contentType, err)
		}
	}
	return nil
}

// pattern compiles a selection pattern. It has to match the whole text.
func pattern(text string) (*regexp.Regexp, error) { return regexp.Compile(`^(?:` + text + `)$`) }

func (s *Service) putIntegrationResponse(call *wire.RESTCall) (*wire.Response, error) {
	var in integrationResponse
	if err := call.Decode(&in); err != nil {
		return nil, err
	}
	m, i, err := s.integration(call)
	if err != nil {
		return nil, err
	}
	in.StatusCode = cmp.Or(call.Params["status_code"], in.StatusCode)
	if err := in.validate(m); err != nil {
		return nil, err
	}
	if i.IntegrationResponses == nil {
		i.IntegrationResponses = map[string]integrationResponse{}
	}
	i.IntegrationResponses[in.StatusCode] = in
	return answer(http.StatusCreated, in)
}

// integrationResponse returns the method, its integration and the integration's response in the call's path.
func (s *Service) integrationResponse(call *wire.RESTCall) (*method, *integration, integrationResponse, error) {
	m, i, err := s.integration(call)
	if err != nil {
		return nil, nil, integrationResponse{}, err
	}
	response, there := i.IntegrationResponses[call.Params["status_code"]]
	if !there {
		return nil, nil, integrationResponse{}, notFound("Invalid Integration Response identifier specified")
	}
	return m, i, response, nil
}

func (s *Service) getIntegrationResponse(call *wire.RESTCall) (*wire.Response, error) {
	_, _, response, err := s.integrationResponse(call)
	if err != nil {
		return nil, err
	}
	return answer(http.StatusOK, response)
}

func (s *Service) updateIntegrationResponse(call *wire.RESTCall) (*wire.Response, error) {
	m, i, response, err := s.integrationResponse(call)
	if err != nil {
		return nil, err
	}
	err = patches{
		"selectionPattern": replaceString(&response.SelectionPattern), "responseParameters": stringEntries(&response.ResponseParameters),
		"responseTemplates": stringEntries(&response.ResponseTemplates), "contentHandling": replaceString(&response.ContentHandling),
	}.apply(call)
	if err == nil {
		err = response.validate(m)
	}
	if err != nil {
		return nil, err
	}
	i.IntegrationResponses[response.StatusCode] = response
	return answer(http.StatusOK, response)
}

func (s *Service) deleteIntegrationResponse(call *wire.RESTCall) (*wire.Response, error) {
	_, i, response, err := s.integrationResponse(call)
	if err != nil {
		return nil, err
	}
	delete(i.IntegrationResponses, response.StatusCode)
	return done(http.StatusNoContent)
}
