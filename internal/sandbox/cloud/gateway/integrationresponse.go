// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"regexp"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway/template"
)

// integrationResponse maps an integration's answer to a method response.
type integrationResponse struct {
	StatusCode         string            `json:"statusCode"`
	SelectionPattern   string            `json:"selectionPattern,omitempty"`
	ResponseParameters map[string]string `json:"responseParameters,omitempty"`
	ResponseTemplates  map[string]string `json:"responseTemplates,omitempty"`
	ContentHandling    string            `json:"contentHandling,omitempty"` // stored and returned
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
	if _, err := regexp.Compile(r.SelectionPattern); err != nil {
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

type putResponseInput struct {
	ref
	SelectionPattern, ContentHandling     string
	ResponseParameters, ResponseTemplates map[string]string
}

func (s *Service) putIntegrationResponse(in *putResponseInput) (any, error) {
	m, i, err := s.integration(&in.ref)
	if err != nil {
		return nil, err
	}
	response := integrationResponse{in.StatusCode, in.SelectionPattern, in.ResponseParameters, in.ResponseTemplates, in.ContentHandling}
	if err := response.validate(m); err != nil {
		return nil, err
	}
	if i.IntegrationResponses == nil {
		i.IntegrationResponses = map[string]integrationResponse{}
	}
	i.IntegrationResponses[in.StatusCode] = response
	return response, nil
}

func (s *Service) updateIntegrationResponse(in *updateInput) (any, error) {
	m, i, err := s.integration(&in.ref)
	if err != nil {
		return nil, err
	}
	response, there := i.IntegrationResponses[in.StatusCode]
	if !there {
		return nil, notFound("Invalid Integration Response identifier specified")
	}
	err = change(&response, nil, in, func(changed *integrationResponse) patches {
		return patches{
			"selectionPattern": replaceString(&changed.SelectionPattern), "responseParameters": stringEntries(&changed.ResponseParameters),
			"responseTemplates": stringEntries(&changed.ResponseTemplates), "contentHandling": replaceString(&changed.ContentHandling),
		}
	}, func(changed *integrationResponse) error { return changed.validate(m) })
	if err == nil {
		i.IntegrationResponses[in.StatusCode] = response
	}
	return response, err
}
