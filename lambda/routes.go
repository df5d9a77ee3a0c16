package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/page"
)

// respond answers a request of API Gateway's proxy integration. The gateway has checked the API key, which it asks for everywhere but for
// the page.
func (h *handler) respond(ctx context.Context, request events.APIGatewayProxyRequest) ([]byte, error) {
	a := h.route(ctx, request)
	response, err := a.response(request)
	if err != nil {
		return nil, err
	}
	level := slog.LevelInfo
	if response.StatusCode >= http.StatusInternalServerError {
		level = slog.LevelError
	}
	attrs := []slog.Attr{
		slog.String("method", request.HTTPMethod), slog.String("path", request.Path), slog.Int("status", response.StatusCode),
	}
	if a.cause != nil {
		attrs = append(attrs, slog.String("reason", a.cause.Error()))
	}
	h.log.LogAttrs(ctx, level, "request", append(attrs, requestIDs(ctx, request.RequestContext.RequestID)...)...)
	return marshalResponse(response)
}

// route finds what a request asks for. It goes by the resource and the proxy's parameter, which unlike the path are free of the stage and
// of the base path of a custom domain name.
func (h *handler) route(ctx context.Context, request events.APIGatewayProxyRequest) answer {
	path := "/" + strings.Trim(request.PathParameters["proxy"], "/")
	if request.Resource == page.Path {
		path = page.Path
	}
	run, isRun := strings.CutPrefix(path, "/runs/")
	switch {
	case path != "/" && path != "/runs" && path != "/graph" && path != page.Path && !isRun:
		return refuse(http.StatusNotFound, "There is nothing at %s. %s", path, whatThereIs)
	case request.HTTPMethod != http.MethodGet:
		a := refuse(http.StatusMethodNotAllowed, "%s is not possible here. %s", request.HTTPMethod, whatThereIs)
		a.headers = map[string]string{"allow": http.MethodGet}
		return a
	case path == page.Path:
		return showPage()
	}
	current, err := h.deployment.get(ctx)
	if err != nil {
		return broken("The chain's definition could not be read.", request, err)
	}
	switch {
	case isRun:
		return h.run(ctx, current.engine, run, request)
	case path == "/runs":
		return h.runs(ctx, current.engine, request)
	case path == "/graph":
		return h.graph(ctx, current.engine, request)
	default:
		return answer{content: engine.NewView(current.definition, current.sha256, h.deployment.settings.tenantURL)}
	}
}

// whatThereIs names the routes.
const whatThereIs = "GET / shows the chain, GET /graph its picture, GET /runs its runs, GET /runs/{run} what happened in one of them, " +
	"GET /page a page that draws all that."

func showPage() answer {
	return answer{body: page.HTML(), mediaType: "text/html", headers: page.Headers()}
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

func (h *handler) runs(ctx context.Context, e *engine.Engine, request events.APIGatewayProxyRequest) answer {
	limit := defaultRuns
	if text := request.QueryStringParameters["limit"]; text != "" {
		number, err := strconv.Atoi(text)
		if limit = number; err != nil || limit < 1 || limit > maxRuns {
			return refuse(http.StatusBadRequest, "The parameter limit is %q. Use a number from 1 to %d.", text, maxRuns)
		}
	}
	found := runsPage{}
	var more bool
	var err error
	if found.Runs, more, err = e.Runs(ctx, request.QueryStringParameters["before"], limit); err != nil {
		return broken("The runs could not be read.", request, err)
	}
	if more {
		found.Next = found.Runs[len(found.Runs)-1].ID
	}
	return answer{content: found}
}

func (h *handler) run(ctx context.Context, e *engine.Engine, id string, request events.APIGatewayProxyRequest) answer {
	if name, err := url.PathUnescape(id); err == nil {
		id = name
	}
	run, err := e.Run(ctx, id)
	switch {
	case err != nil:
		return broken("The run could not be read.", request, err)
	case run == nil:
		return noRun(id)
	default:
		return answer{content: run}
	}
}

func noRun(id string) answer {
	return refuse(http.StatusNotFound, "There is no run %q, or its record is not kept any more. GET /runs lists those that there are.", id)
}

// graph draws the chain, with what has happened in the run that the parameter run names; without it, in the latest ones.
func (h *handler) graph(ctx context.Context, e *engine.Engine, request events.APIGatewayProxyRequest) answer {
	format, refused := formatOf(request)
	if refused != nil {
		return *refused
	}
	run := request.QueryStringParameters["run"]
	picture, err := e.Picture(ctx, run, h.deployment.settings.tenantURL)
	switch {
	case errors.Is(err, engine.ErrNoRun):
		return noRun(run)
	case err != nil:
		return broken("The runs could not be read.", request, err)
	default:
		return format.render(picture)
	}
}

func broken(what string, request events.APIGatewayProxyRequest, err error) answer {
	a := refuse(http.StatusInternalServerError, "%s The function's log says why, in the line with the gateway_request_id %s.",
		what, request.RequestContext.RequestID)
	a.cause = err
	return a
}

func refuse(status int, format string, args ...any) answer {
	return answer{status: status, content: apiError{fmt.Sprintf(format, args...)}}
}
