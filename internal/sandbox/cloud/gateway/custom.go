// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/gateway/template"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/wire"
)

// custom runs an AWS integration: templates build the event and the answer.
func (e *execution) custom(w http.ResponseWriter) *refusal {
	payload, refused := e.event()
	if refused != nil {
		return refused
	}
	outcome, err := e.invoke(e.invocationType(), payload)
	var lambda *wire.Error
	switch {
	case errors.As(err, &lambda) && lambda.Status == http.StatusBadRequest:
		// Lambda refused the event itself. API Gateway maps this like any answer of the integration.
		body, err := json.Marshal(map[string]string{"Type": "User", "message": lambda.Message})
		if err != nil {
			return e.invokeFailed(err)
		}
		return e.respond(w, strconv.Itoa(lambda.Status), body)
	case err != nil:
		return e.invokeFailed(err)
	}
	return e.respond(w, errorMessage(outcome), outcome.Payload)
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
	rendered, err := e.render(text, e.body)
	if err != nil {
		return nil, e.invokeFailed(err)
	}
	return rendered, nil
}

// render evaluates a template. API Gateway treats a body that is not declared binary as text: bytes that are not UTF-8 are lost.
func (e *execution) render(text string, body []byte) ([]byte, error) {
	parsed, err := template.Parse(text)
	if err != nil {
		return nil, err
	}
	return []byte(parsed.Execute(template.Input{
		Body: strings.ToValidUTF8(string(body), "\uFFFD"), RequestID: e.id, APIKeyID: e.key.ID, Param: e.param,
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
	for name, expression := range e.method.MethodIntegration.RequestParameters {
		if !strings.EqualFold(name, invocationTypeParameter) {
			continue
		}
		if value, static := staticValue(expression); static {
			return value
		}
		in, name, _ := strings.Cut(strings.TrimPrefix(expression, "method.request."), ".")
		switch in {
		case "header":
			return e.header(name)
		case "querystring":
			return e.request.URL.Query().Get(name)
		case "path":
			return e.pathParams[name]
		}
	}
	return function.TypeRequestResponse
}

// errorMessage returns the text that selection patterns are matched against: a function error's errorMessage, else "".
func errorMessage(outcome *function.Outcome) string {
	var failure struct {
		ErrorMessage string `json:"errorMessage"`
	}
	if !outcome.Failed {
		return ""
	}
	if err := json.Unmarshal(outcome.Payload, &failure); err != nil {
		return string(outcome.Payload)
	}
	return failure.ErrorMessage
}

// respond maps the integration's answer to a method response.
func (e *execution) respond(w http.ResponseWriter, text string, body []byte) *refusal {
	i := e.method.MethodIntegration
	selected := i.selectResponse(text)
	if selected == nil {
		return e.invokeFailed(errors.New("no match for output mapping and no default endpoint mapping configured"))
	}
	if text, there := selected.ResponseTemplates["application/json"]; there {
		var err error
		if body, err = e.render(text, body); err != nil {
			return e.invokeFailed(err)
		}
	}
	status, err := strconv.Atoi(selected.StatusCode)
	if err != nil {
		return e.invokeFailed(err)
	}
	w.Header().Set("Content-Type", "application/json")
	for name, expression := range selected.ResponseParameters {
		if value, static := staticValue(expression); static {
			w.Header().Set(strings.TrimPrefix(name, methodResponseHeader), value)
		}
	}
	w.WriteHeader(status)
	_, _ = w.Write(body) // the status is sent; the client may have disconnected
	return nil
}

// selectResponse returns the response with a pattern that matches the text, else the one without a pattern, else nil.
func (i *integration) selectResponse(text string) *integrationResponse {
	var fallback *integrationResponse
	for _, status := range slices.Sorted(maps.Keys(i.IntegrationResponses)) {
		response := i.IntegrationResponses[status]
		if response.SelectionPattern == "" {
			fallback = &response
			continue
		}
		if compiled, err := pattern(response.SelectionPattern); err == nil && text != "" && compiled.MatchString(text) {
			return &response
		}
	}
	return fallback
}
