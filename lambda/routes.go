package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

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

// route returns the status and the content of the answer, and the error behind it for the log. It goes by the proxy's parameter, which
// unlike the path is free of the stage and of the base path of a custom domain name.
func (h *handler) route(ctx context.Context, request events.APIGatewayProxyRequest) (int, any, error) {
	path := "/" + strings.Trim(request.PathParameters["proxy"], "/")
	run, isRun := strings.CutPrefix(path, "/runs/")
	if path != "/" && path != "/runs" && !isRun {
		return http.StatusNotFound, apiError{fmt.Sprintf("There is nothing at %s. %s", path, whatThereIs)}, nil
	}
	if request.HTTPMethod != http.MethodGet {
		return http.StatusMethodNotAllowed, apiError{fmt.Sprintf("%s is not possible here. %s", request.HTTPMethod, whatThereIs)}, nil
	}
	current, err := h.deployment.get(ctx)
	if err != nil {
		return h.broken("The chain's definition could not be read.", request, err)
	}
	switch {
	case isRun:
		return h.run(ctx, current.engine, run, request)
	case path == "/runs":
		return h.runs(ctx, current.engine, request)
	default:
		return http.StatusOK, engine.NewView(current.definition, current.sha256, h.deployment.settings.tenantURL), nil
	}
}

// whatThereIs names the routes.
const whatThereIs = "GET / shows the chain, GET /runs its runs, GET /runs/{run} what happened in one of them."

func (h *handler) broken(what string, request events.APIGatewayProxyRequest, err error) (int, any, error) {
	return http.StatusInternalServerError, apiError{fmt.Sprintf("%s The function's log says why, in the line with the gateway_request_id %s.",
		what, request.RequestContext.RequestID)}, err
}

// A page of runs.
const (
	defaultRuns = 20
	maxRuns     = 100
)

// runsPage is the answer of GET /runs.
type runsPage struct {
	Runs []engine.RunRecord `json:"runs"` // the newest first
	Next string             `json:"next"` // the parameter before of the next page; empty on the last one
}

func (h *handler) runs(ctx context.Context, e *engine.Engine, request events.APIGatewayProxyRequest) (int, any, error) {
	limit := defaultRuns
	if text := request.QueryStringParameters["limit"]; text != "" {
		number, err := strconv.Atoi(text)
		if limit = number; err != nil || limit < 1 || limit > maxRuns {
			//nolint:nilerr // the answer says what is wrong with it
			return http.StatusBadRequest, apiError{fmt.Sprintf("The parameter limit is %q. Use a number from 1 to %d.", text, maxRuns)}, nil
		}
	}
	page := runsPage{}
	var more bool
	var err error
	if page.Runs, more, err = e.Runs(ctx, request.QueryStringParameters["before"], limit); err != nil {
		return h.broken("The runs could not be read.", request, err)
	}
	if more {
		page.Next = page.Runs[len(page.Runs)-1].ID
	}
	return http.StatusOK, page, nil
}

func (h *handler) run(ctx context.Context, e *engine.Engine, id string, request events.APIGatewayProxyRequest) (int, any, error) {
	if name, err := url.PathUnescape(id); err == nil {
		id = name
	}
	run, err := e.Run(ctx, id)
	switch {
	case err != nil:
		return h.broken("The run could not be read.", request, err)
	case run == nil:
		return http.StatusNotFound, apiError{fmt.Sprintf("There is no run %q, or its record is not kept any more. GET /runs lists those that there are.", id)}, nil
	default:
		return http.StatusOK, run, nil
	}
}
