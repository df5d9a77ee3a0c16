// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/page"
)

// respond answers a request of API Gateway's proxy integration, in one line of the log too. The gateway has checked the API
// key, which it asks for everywhere but for the page, or the signature of an operator's request.
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
	attrs := append([]slog.Attr{
		slog.String("method", request.HTTPMethod), slog.String("path", request.Path), slog.Int("status", response.StatusCode),
	}, a.attrs...)
	if a.cause != nil {
		attrs = append(attrs, slog.String("reason", a.cause.Error()))
	}
	h.log.LogAttrs(ctx, level, "request", append(attrs, requestIDs(ctx, request.RequestContext.RequestID)...)...)
	return marshalResponse(response)
}

// endpoint is what there is at a path.
type endpoint struct {
	method string
	open   bool // whether anyone may ask for it
	serve  func(ctx context.Context, request events.APIGatewayProxyRequest) answer
}

// route answers what a request asks for.
func (h *handler) route(ctx context.Context, request events.APIGatewayProxyRequest) answer {
	path := pathOf(request)
	there, found := h.endpoint(path)
	refused := tooLong(path, request.QueryStringParameters)
	switch {
	case refused != nil:
		return *refused
	case !found:
		return refuse(http.StatusNotFound, "There is nothing at /%s. %s", strings.Join(path, "/"), whatThereIs)
	case request.HTTPMethod != there.method:
		a := refuse(http.StatusMethodNotAllowed, "%s is not possible at /%s. %s", request.HTTPMethod, strings.Join(path, "/"), whatThereIs)
		a.headers = map[string]string{"allow": there.method}
		return a
	}
	if !there.open {
		if refused := h.deployment.settings.admit(request); refused != nil {
			return *refused
		}
	}
	return there.serve(ctx, request)
}

// pathOf is the path in parts. It goes by the resource and the proxy's parameter, which unlike the path are free of the stage and of the base
// path of a custom domain name. A step's name may have a slash in it: as %2F, or as it is where API Gateway has decoded it.
func pathOf(request events.APIGatewayProxyRequest) []string {
	if request.Resource == page.Path {
		return []string{strings.Trim(page.Path, "/")}
	}
	var parts []string
	for part := range strings.SplitSeq(request.PathParameters["proxy"], "/") {
		if name, err := url.PathUnescape(part); err == nil {
			part = name
		}
		if part != "" {
			parts = append(parts, part)
		}
	}
	return parts
}

// endpoint finds what is at a path.
func (h *handler) endpoint(path []string) (there endpoint, found bool) {
	get := func(serve func(context.Context, *deployed, events.APIGatewayProxyRequest) answer) (endpoint, bool) {
		return endpoint{method: http.MethodGet, serve: h.withDeployed(serve)}, true
	}
	post := func(serve func(context.Context, *deployed, asked, events.APIGatewayProxyRequest) answer) (endpoint, bool) {
		asking := func(ctx context.Context, d *deployed, request events.APIGatewayProxyRequest) answer {
			who, refused := h.asked(request)
			if refused != nil {
				return *refused
			}
			return h.once(ctx, "POST /"+strings.Join(path, "/"), who, request, func(who asked) answer { return serve(ctx, d, who, request) })
		}
		return endpoint{method: http.MethodPost, serve: h.withDeployed(asking)}, true
	}
	first, second, third := part(path, 0), part(path, 1), part(path, 2)
	switch {
	case len(path) == 0:
		return get(h.chain)
	case len(path) == 1 && first == "runs":
		return get(h.runs)
	case len(path) == 1 && first == "graph":
		return get(h.graph)
	case len(path) == 1 && "/"+first == page.Path:
		return endpoint{method: http.MethodGet, open: true, serve: showPage}, true
	case len(path) == 2 && first == "runs":
		return get(func(ctx context.Context, d *deployed, request events.APIGatewayProxyRequest) answer {
			return h.run(ctx, d, second, request)
		})
	case len(path) == 1 && first == "operations":
		return get(h.operations)
	case len(path) == 1 && first == "pause":
		return post(h.pause)
	case len(path) == 1 && first == "resume":
		return post(h.resume)
	case len(path) == 1 && first == "redrive":
		return post(h.redrive)
	case len(path) >= 1 && first == "start":
		return post(func(ctx context.Context, d *deployed, asked asked, request events.APIGatewayProxyRequest) answer {
			return h.start(ctx, d, strings.Join(path[1:], "/"), asked, request)
		})
	case len(path) == 3 && first == "runs" && third == "cancel":
		return post(func(ctx context.Context, d *deployed, asked asked, request events.APIGatewayProxyRequest) answer {
			return h.cancel(ctx, d, second, asked, request)
		})
	case len(path) >= 3 && first == "runs" && third == "rerun":
		return post(func(ctx context.Context, d *deployed, asked asked, request events.APIGatewayProxyRequest) answer {
			return h.rerun(ctx, d, second, strings.Join(path[3:], "/"), asked, request)
		})
	case len(path) >= 4 && first == "runs" && third == "succeed":
		return post(func(ctx context.Context, d *deployed, asked asked, request events.APIGatewayProxyRequest) answer {
			return h.mark(ctx, d, second, strings.Join(path[3:], "/"), asked, request)
		})
	case len(path) >= 2 && first == "skip":
		return post(func(ctx context.Context, d *deployed, asked asked, request events.APIGatewayProxyRequest) answer {
			return h.skip(ctx, d, strings.Join(path[1:], "/"), asked, request)
		})
	default:
		return endpoint{}, false
	}
}

// maxText is how many bytes a part of a path and a parameter may have: what a sort key of DynamoDB takes, 1,024
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html), less what the engine puts before it.
const maxText = 1000

// tooLong refuses what no key of the chain's table can hold.
func tooLong(path []string, query map[string]string) *answer {
	const format = "%s has %d bytes. Send at most %d; GET / shows the steps, GET /runs the runs."
	for i, text := range path {
		if len(text) > maxText {
			a := refuse(http.StatusBadRequest, format, fmt.Sprintf("Part %d of the path", i+1), len(text), maxText)
			return &a
		}
	}
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if text := query[name]; len(text) > maxText {
			a := refuse(http.StatusBadRequest, format, "The parameter "+strconv.Quote(name[:min(len(name), maxText)]), len(text), maxText)
			return &a
		}
	}
	return nil
}

func part(path []string, i int) string {
	if i < len(path) {
		return path[i]
	}
	return ""
}

// withDeployed reads what is deployed first.
func (h *handler) withDeployed(
	serve func(context.Context, *deployed, events.APIGatewayProxyRequest) answer,
) func(context.Context, events.APIGatewayProxyRequest) answer {
	return func(ctx context.Context, request events.APIGatewayProxyRequest) answer {
		current, err := h.deployment.get(ctx)
		if err != nil {
			return broken("The chain's definition could not be read.", request, err)
		}
		return serve(ctx, current, request)
	}
}

// whatThereIs names the routes.
const whatThereIs = "GET / shows the chain, GET /graph its picture, GET /runs its runs, GET /runs/{run} what happened in one of them, " +
	"GET /operations what people did, GET /page a page that draws all that. POST /start begins a run of the whole chain, POST /start/{step} one " +
	"at a step, POST /runs/{run}/rerun repeats the failed steps of a run, POST /runs/{run}/rerun/{step} one of its steps, " +
	"POST /runs/{run}/succeed/{step} counts one as succeeded, POST /skip/{step} keeps a step from starting in a cycle, " +
	"POST /runs/{run}/cancel ends a run, POST /pause and POST /resume hold and release all starts, POST /redrive handles the dead-letter queue."

func (h *handler) chain(_ context.Context, d *deployed, _ events.APIGatewayProxyRequest) answer {
	return answer{content: engine.NewView(d.definition, d.sha256, h.deployment.settings.tenantURL)}
}

func showPage(context.Context, events.APIGatewayProxyRequest) answer {
	return answer{body: page.HTML(), mediaType: "text/html", headers: page.Headers()}
}

// A page of runs.
const (
	defaultRuns = 20
	maxRuns     = 100
)

// statuses are those of runs.
var statuses = []string{
	string(run.StatusQueued), string(run.StatusUnderWay), string(run.StatusWaiting), string(run.StatusSucceeded), string(run.StatusRecovered),
	string(run.StatusFailed), string(run.StatusCanceled), string(run.StatusSkipped),
}

// runsPage is the answer of GET /runs.
type runsPage struct {
	Runs []engine.RunRecord `json:"runs"` // the newest first
	Next string             `json:"next"` // the parameter before of the next page; empty on the last one. A page of a filter may have few
}

func (h *handler) runs(ctx context.Context, d *deployed, request events.APIGatewayProxyRequest) answer {
	limit := defaultRuns
	if text := request.QueryStringParameters["limit"]; text != "" {
		number, err := strconv.Atoi(text)
		if limit = number; err != nil || limit < 1 || limit > maxRuns {
			return refuse(http.StatusBadRequest, "The parameter limit is %q. Use a number from 1 to %d.", text, maxRuns)
		}
	}
	status := request.QueryStringParameters["status"]
	if status != "" && !slices.Contains(statuses, status) {
		return refuse(http.StatusBadRequest, "The parameter status is %q. Use one of %s.", status, strings.Join(statuses, ", "))
	}
	found := runsPage{}
	var err error
	found.Runs, found.Next, err = d.engine.ListRuns(ctx, engine.RunFilter{
		Before: request.QueryStringParameters["before"], Limit: limit, Status: run.Status(status), Cycle: request.QueryStringParameters["cycle"],
	})
	if err != nil {
		return broken("The runs could not be read.", request, err)
	}
	return answer{content: found}
}

func (h *handler) run(ctx context.Context, d *deployed, id string, request events.APIGatewayProxyRequest) answer {
	found, err := d.engine.Run(ctx, id)
	switch {
	case err != nil:
		return broken("The run could not be read.", request, err)
	case found == nil:
		return noRun(id)
	default:
		return answer{content: found}
	}
}

func noRun(id string) answer {
	return refuse(http.StatusNotFound, "There is no run %q, or its record is not kept any more. GET /runs lists those that there are.", id)
}

// graph draws the chain, with what has happened in the run that the parameter run names; without it, in the latest ones.
func (h *handler) graph(ctx context.Context, d *deployed, request events.APIGatewayProxyRequest) answer {
	format, refused := formatOf(request)
	if refused != nil {
		return *refused
	}
	id := request.QueryStringParameters["run"]
	picture, err := d.engine.Picture(ctx, id, h.deployment.settings.tenantURL)
	switch {
	case errors.Is(err, engine.ErrNoRun):
		return noRun(id)
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
