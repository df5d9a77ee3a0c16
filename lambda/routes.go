package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// apiError is the body of every answer but 200.
type apiError struct {
	Error string `json:"error"`
}

// respond answers a request of API Gateway's proxy integration. The gateway has checked the API key.
func (h *handler) respond(ctx context.Context, request events.APIGatewayProxyRequest) ([]byte, error) {
	status, content, reason := h.route(ctx, request)
	level := slog.LevelInfo
	if status >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("method", request.HTTPMethod), slog.String("path", request.Path), slog.Int("status", status),
	}
	if reason != nil {
		attrs = append(attrs, slog.String("reason", reason.Error()))
	}
	h.log.LogAttrs(ctx, level, "request", append(attrs, requestIDs(ctx, request.RequestContext.RequestID)...)...)

	var body bytes.Buffer
	encoder := json.NewEncoder(&body)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(content); err != nil {
		return nil, fmt.Errorf("writing the answer: %w", err)
	}
	response := events.APIGatewayProxyResponse{
		StatusCode: status, Body: body.String(),
		Headers: map[string]string{"content-type": "application/json; charset=utf-8", "cache-control": "no-store"},
	}
	if status == http.StatusMethodNotAllowed {
		response.Headers["allow"] = http.MethodGet
	}
	return json.Marshal(response)
}

// route returns the status and the content of the answer, and the error behind it for the log. It goes by the resource, which
// unlike the path is free of the base path of a custom domain name.
func (h *handler) route(ctx context.Context, request events.APIGatewayProxyRequest) (int, any, error) {
	if request.Resource != "/" {
		return http.StatusNotFound, apiError{fmt.Sprintf("There is nothing at %s. GET / shows the chain.", request.Path)}, nil
	}
	if request.HTTPMethod != http.MethodGet {
		return http.StatusMethodNotAllowed, apiError{fmt.Sprintf("%s is not possible here. GET / shows the chain.", request.HTTPMethod)}, nil
	}
	current, err := h.deployment.get(ctx)
	if err != nil {
		return http.StatusInternalServerError, apiError{fmt.Sprintf("The chain's definition could not be read. "+
			"The function's log says why, in the line with the gateway_request_id %s.", request.RequestContext.RequestID)}, err
	}
	return http.StatusOK, engine.NewView(current.definition, current.sha256, h.deployment.settings.tenantURL), nil
}
