// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"errors"
	"net/http"
	"strconv"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway/template"
)

// custom runs an AWS integration: a template builds the event, and the integration's only response is the answer.
func (e *execution) custom(w http.ResponseWriter) *refusal {
	payload, refused := e.event()
	if refused != nil {
		return refused
	}
	outcome, err := e.invoke(e.invocationType(), payload)
	if err != nil {
		return e.invokeFailed(err)
	}
	status, err := e.method.MethodIntegration.answer()
	if err != nil {
		return e.invokeFailed(err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(outcome.Payload) // the status is sent; the client may have disconnected
	return nil
}

// event builds the function's event from the request's body.
func (e *execution) event() ([]byte, *refusal) {
	i := e.method.MethodIntegration
	text, there := e.service.templateMatching().find(i.RequestTemplates, e.request.Header.Get("Content-Type"))
	if !there {
		if i.PassthroughBehavior == passthroughNever || i.PassthroughBehavior == passthroughNoTemplates && len(i.RequestTemplates) > 0 {
			return nil, unsupportedMedia
		}
		return e.body, nil
	}
	parsed, err := template.Parse(text)
	if err != nil {
		return nil, e.invokeFailed(err)
	}
	// API Gateway treats a body that is not declared binary as text: bytes that are not UTF-8 are lost.
	return []byte(parsed.Execute(template.Input{
		Body: strings.ToValidUTF8(string(e.body), "\uFFFD"), RequestID: e.id, APIKeyID: e.key.ID, Param: e.param,
	})), nil
}

// param finds a parameter as $input.params does: in the path, the query string, the headers.
func (e *execution) param(name string) string {
	if value, there := e.pathParams[name]; there {
		return value
	}
	if query := e.request.URL.Query(); query.Has(name) {
		return query.Get(name)
	}
	return e.header(name)
}

// header returns the value of the header with exactly this spelling. DataPlane's comment describes the spellings.
func (e *execution) header(name string) string {
	arrived := http.CanonicalHeaderKey(name)
	if e.request.ProtoMajor >= 2 {
		arrived = strings.ToLower(name)
	}
	if name != arrived {
		return ""
	}
	return e.request.Header.Get(name)
}

// invocationType returns the invocation type from the request parameter, which PutIntegration has checked.
func (e *execution) invocationType() string {
	for _, expression := range e.method.MethodIntegration.RequestParameters {
		if value, static := staticValue(expression); static {
			return value
		}
	}
	return function.TypeRequestResponse
}

// answer returns the status of the integration's response. The sandbox has no patterns that select one of several, and maps nothing.
func (i *integration) answer() (status int, err error) {
	for _, response := range i.IntegrationResponses {
		if len(i.IntegrationResponses) > 1 || response.SelectionPattern != "" || len(response.ResponseParameters) > 0 ||
			len(response.ResponseTemplates) > 0 {
			return 0, errors.New("the sandbox answers with an integration's only response, without a pattern, parameters and templates")
		}
		return strconv.Atoi(response.StatusCode)
	}
	return 0, errors.New("no match for output mapping and no default endpoint mapping configured")
}
