// SPDX-License-Identifier: MPL-2.0

package gateway

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
)

// proxyEvent is the event of an AWS_PROXY integration, version 1.0. Without a body, its body is null.
type proxyEvent struct {
	events.APIGatewayProxyRequest
	Body *string `json:"body"`
}

// proxy runs an AWS_PROXY integration: the function gets the request and returns the response.
func (e *execution) proxy(w http.ResponseWriter) *refusal {
	payload, err := json.Marshal(e.proxyEvent())
	if err != nil {
		return e.invokeFailed(err)
	}
	outcome, err := e.invoke(function.TypeRequestResponse, payload)
	if err != nil {
		return e.invokeFailed(err)
	}
	if outcome.Failed {
		e.integrationError = fmt.Errorf("the function failed: %s", outcome.Payload)
		return badGateway
	}
	if err := e.writeProxy(w, outcome.Payload); err != nil {
		e.integrationError = err
		return badGateway
	}
	return nil
}

func (e *execution) proxyEvent() proxyEvent {
	r, account := e.request, e.service.config.Account
	event := proxyEvent{APIGatewayProxyRequest: events.APIGatewayProxyRequest{
		Resource: e.resource.Path, Path: unescape(e.path), HTTPMethod: r.Method, StageVariables: e.stage.Variables,
	}}
	headers := r.Header.Clone()
	headers.Set("Host", r.Host)
	headers.Set("X-Forwarded-For", e.source)
	event.Headers, event.MultiValueHeaders = lastValues(headers), headers
	if query := r.URL.Query(); len(query) > 0 {
		event.QueryStringParameters, event.MultiValueQueryStringParameters = lastValues(query), query
	}
	if len(e.pathParams) > 0 {
		event.PathParameters = e.pathParams
	}
	if len(e.body) > 0 {
		body := strings.ToValidUTF8(string(e.body), "\uFFFD")
		if event.IsBase64Encoded = e.isBinary(r.Header.Get("Content-Type")); event.IsBase64Encoded {
			body = base64.StdEncoding.EncodeToString(e.body)
		}
		event.Body = &body
	}
	event.RequestContext = events.APIGatewayProxyRequestContext{
		AccountID: account.ID, APIID: e.api.ID, Stage: e.stage.StageName,
		ResourceID: e.resource.ID, ResourcePath: e.resource.Path, Path: "/" + e.stage.StageName + unescape(e.path), HTTPMethod: r.Method,
		Protocol: r.Proto, RequestID: e.id, ExtendedRequestID: newID(16), DomainName: r.Host, DomainPrefix: e.api.ID,
		RequestTime: e.at.UTC().Format("02/Jan/2006:15:04:05 -0700"), RequestTimeEpoch: e.at.UnixMilli(),
		Identity: events.APIGatewayRequestIdentity{SourceIP: e.source, UserAgent: r.UserAgent(), APIKey: e.key.Value, APIKeyID: e.key.ID},
	}
	if e.caller != nil {
		identity := &event.RequestContext.Identity
		identity.AccountID, identity.AccessKey, identity.UserArn = e.caller.Account, e.caller.AccessKeyID, e.caller.ARN
		identity.Caller, identity.User = e.caller.UserID, e.caller.UserID
	}
	return event
}

// lastValues returns the last of each name's values, for the event's single-value maps.
func lastValues(values map[string][]string) map[string]string {
	last := make(map[string]string, len(values))
	for name, list := range values {
		last[name] = list[len(list)-1]
	}
	return last
}

// writeProxy writes the function's response. It returns an error, and writes nothing, if the response is malformed in API Gateway's terms.
func (e *execution) writeProxy(w http.ResponseWriter, payload []byte) error {
	var response events.APIGatewayProxyResponse
	decoder := json.NewDecoder(bytes.NewReader(payload))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&response); err != nil {
		return fmt.Errorf("malformed Lambda proxy response: %w", err)
	}
	if response.StatusCode < 200 || response.StatusCode > 599 {
		return fmt.Errorf("malformed Lambda proxy response: the status code is %d", response.StatusCode)
	}
	body := []byte(response.Body)
	// The body is decoded if the first media type in Accept is one of the API's binary media types.
	accept, _, _ := strings.Cut(e.request.Header.Get("Accept"), ",")
	if response.IsBase64Encoded && e.isBinary(accept) {
		decoded, err := base64.StdEncoding.DecodeString(response.Body)
		if err != nil {
			return fmt.Errorf("malformed Lambda proxy response: %w", err)
		}
		body = decoded
	}
	header := w.Header()
	header.Set("Content-Type", "application/json")
	for name, value := range response.Headers {
		header.Set(name, value)
	}
	for name, values := range response.MultiValueHeaders {
		header.Del(name)
		for _, value := range values {
			header.Add(name, value)
		}
	}
	w.WriteHeader(response.StatusCode)
	_, _ = w.Write(body) // the status is sent; the client may have disconnected
	return nil
}
