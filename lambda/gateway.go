// SPDX-License-Identifier: MPL-2.0

package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/page"
)

// respond answers a request of API Gateway's proxy integration: it is the adapter between the gateway's words and net/http's. The gateway
// has checked the API key, which it requires everywhere but for the page, or the signature of an operator's request.
func (h *handler) respond(ctx context.Context, event events.APIGatewayProxyRequest) ([]byte, error) {
	w := &responseWriter{header: http.Header{}}
	h.ServeHTTP(w, httpRequest(ctx, event))
	payload, err := json.Marshal(w.response())
	if err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	return payload, nil
}

// gatewayKey is the key of a context's request as API Gateway has sent it.
type gatewayKey struct{}

// gatewayEvent returns a request as API Gateway has sent it. It is empty if the invocation is of another kind.
func gatewayEvent(ctx context.Context) events.APIGatewayProxyRequest {
	event, _ := ctx.Value(gatewayKey{}).(events.APIGatewayProxyRequest)
	return event
}

// httpRequest returns the request of an event. Of several parameters of one name the last one counts, as in the event.
//
// The segments of URL.Path are escaped, and ServeMux sees them escaped twice. Otherwise it would take a segment %2F for the end of the
// path, and clean a segment "..". pathValue and pathOf undo it.
func httpRequest(ctx context.Context, event events.APIGatewayProxyRequest) *http.Request {
	var path strings.Builder
	for _, segment := range segments(event) {
		path.WriteString("/" + strings.ReplaceAll(url.PathEscape(segment), ".", "%2E"))
	}
	if path.Len() == 0 {
		path.WriteByte('/')
	}
	query := url.Values{}
	for name, value := range event.QueryStringParameters {
		query.Set(name, value)
	}
	header := http.Header{}
	for name, values := range event.MultiValueHeaders {
		for _, value := range values {
			header.Add(name, value)
		}
	}
	for name, value := range event.Headers {
		if header.Get(name) == "" {
			header.Set(name, value)
		}
	}
	body := io.Reader(strings.NewReader(event.Body))
	if event.IsBase64Encoded {
		body = base64.NewDecoder(base64.StdEncoding, body)
	}
	r := &http.Request{
		Method: event.HTTPMethod, URL: &url.URL{Path: path.String(), RawQuery: query.Encode()}, Header: header, Body: io.NopCloser(body),
	}
	return r.WithContext(context.WithValue(ctx, gatewayKey{}, event))
}

// segments returns the segments of a path. It reads the resource and the proxy's parameter, which unlike the path have neither the stage
// nor the base path of a custom domain name.
//
// A slash in a step's name may come as it is, or as %2F: in general API Gateway decodes parameters
// (https://docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html), but users report some that it did not
// decode (https://github.com/dherault/serverless-offline/pull/271). An empty segment is such a slash too, unless it is at an end of the
// path.
func segments(event events.APIGatewayProxyRequest) []string {
	if event.Resource == page.Path {
		return []string{strings.Trim(page.Path, "/")}
	}
	var all []string
	slashes := ""
	for segment := range strings.SplitSeq(strings.Trim(event.PathParameters["proxy"], "/"), "/") {
		if segment == "" {
			slashes += "/"
			continue
		}
		if unescaped, err := url.PathUnescape(segment); err == nil {
			segment = unescaped
		}
		all = append(all, slashes+segment)
		slashes = ""
	}
	return all
}

// pathOf returns the path of a request for people.
func pathOf(r *http.Request) string { return unescape(r.URL.Path) }

// pathValue returns a value of the path, such as the run in /runs/{run}; "" if the path has none.
func pathValue(r *http.Request, name string) string { return unescape(r.PathValue(name)) }

// unescape undoes what httpRequest has escaped.
func unescape(text string) string {
	unescaped, err := url.PathUnescape(text)
	if err != nil {
		return text
	}
	return unescaped
}

// responseWriter is an http.ResponseWriter that keeps what it is given.
type responseWriter struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *responseWriter) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter.
func (w *responseWriter) WriteHeader(status int) { w.status = status }

// Write implements http.ResponseWriter.
func (w *responseWriter) Write(p []byte) (int, error) { return w.body.Write(p) }

// response returns what was written in the proxy integration's words.
func (w *responseWriter) response() events.APIGatewayProxyResponse {
	response := events.APIGatewayProxyResponse{StatusCode: w.status, Body: w.body.String(), Headers: map[string]string{}}
	for name := range w.header {
		response.Headers[strings.ToLower(name)] = w.header.Get(name)
	}
	return response
}
