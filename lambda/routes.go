// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/page"
)

// endpoint answers the requests for one path.
type endpoint struct {
	handler *handler
	method  string // the only one that the path has
	open    bool   // whether any caller may ask
	signals bool   // whether it takes signals, for which there is a key of its own
	serve   func(r *http.Request) answer
}

// signalPath is the pattern of the route for signals.
const signalPath = "/signal/{step...}"

// routes returns the endpoints by the patterns of their paths.
//
// The patterns name no method, and endpoint checks it: with methods, ServeMux would answer a HEAD as a GET, and a path that lacks its step
// with 405.
func (h *handler) routes() *http.ServeMux {
	mux := http.NewServeMux()
	get := func(path string, serve func(*http.Request, *deployed) answer) {
		mux.Handle(path, &endpoint{handler: h, method: http.MethodGet, serve: h.withDeployed(serve)})
	}
	post := func(path string, operate func(*http.Request, *deployed, operationRequest) answer, takes ...string) {
		takes = append([]string{"reason"}, takes...)
		mux.Handle(path, &endpoint{
			handler: h, method: http.MethodPost, signals: path == signalPath, serve: h.withDeployed(h.asOperation(operate, takes)),
		})
	}
	get("/{$}", h.chain)
	get("/graph", h.graph)
	get("/runs", h.runs)
	get("/runs/{run}", h.run)
	get("/history", h.history)
	get("/operations", h.operations)
	mux.Handle(page.Path, &endpoint{handler: h, method: http.MethodGet, open: true, serve: showPage})
	post("/start", h.start, "cycle", "variables", "only") // which is refused with the reason why
	post("/start/{step...}", h.start, "cycle", "variables", "only")
	post("/runs/{run}/rerun", h.rerun, "again")
	post("/runs/{run}/rerun/{step...}", h.rerun, "again")
	post("/runs/{run}/succeed/{step...}", h.mark, "again")
	post("/runs/{run}/cancel", h.cancel)
	post("/skip/{step...}", h.skip, "cycle")
	post(signalPath, h.signal, "outcome", "id", "cycle", "variables") // the cycle is refused with the reason why
	post("/pause", h.pause)
	post("/resume", h.resume)
	post("/redrive", h.redrive)
	return mux
}

// ServeHTTP answers a request of API Gateway.
func (h *handler) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	found, _ := h.mux.Handler(r)
	_, known := found.(*endpoint) // otherwise ServeMux knows no such path, or would redirect to another one
	refused := tooLong(r)
	switch {
	case refused != nil:
		h.write(w, r, *refused)
	case !known:
		h.write(w, r, refuse(http.StatusNotFound, "There is no path %s.", pathOf(r)).hint(whatThereIs))
	default:
		h.mux.ServeHTTP(w, r)
	}
}

// ServeHTTP answers a request for the endpoint's path.
func (e *endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.handler.write(w, r, e.answer(r))
}

func (e *endpoint) answer(r *http.Request) answer {
	if r.Method != e.method {
		a := refuse(http.StatusMethodNotAllowed, "%s is not possible at %s.", r.Method, pathOf(r)).hint(whatThereIs)
		a.headers = map[string]string{"allow": e.method}
		return a
	}
	if !e.open {
		if refused := e.handler.deployment.settings.admit(r, e.signals); refused != nil {
			return *refused
		}
	}
	return e.serve(r)
}

// maxText is the most bytes of a part of the path, and of a parameter. A sort key of DynamoDB takes 1,024 bytes
// (https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html), and the engine puts some before the text.
const maxText = 1000

// tooLong refuses what no key of the chain's table can hold.
func tooLong(r *http.Request) *answer {
	const format, hint = "%s has %d bytes. Send at most %d.", "GET / shows the steps, GET /runs the runs."
	for i, segment := range strings.Split(r.URL.Path[1:], "/") {
		if text := unescape(segment); len(text) > maxText {
			a := refuse(http.StatusBadRequest, format, fmt.Sprintf("Part %d of the path", i+1), len(text), maxText).hint(hint)
			return &a
		}
	}
	query := r.URL.Query()
	for _, name := range slices.Sorted(maps.Keys(query)) {
		if text := query.Get(name); len(text) > maxText {
			a := refuse(http.StatusBadRequest, format, "The parameter "+strconv.Quote(name[:min(len(name), maxText)]), len(text), maxText).
				hint(hint)
			return &a
		}
	}
	return nil
}

// withDeployed passes what is deployed.
func (h *handler) withDeployed(serve func(*http.Request, *deployed) answer) func(*http.Request) answer {
	return func(r *http.Request) answer {
		current, err := h.deployment.get(r.Context())
		if err != nil {
			return broken(r.Context(), "The chain's definition could not be read.", err)
		}
		return serve(r, current)
	}
}

// whatThereIs names the routes.
const whatThereIs = "GET / shows the chain, GET /graph its picture, GET /runs its runs, GET /runs/{run} what happened in one of them, " +
	"GET /history how the steps did in the last runs and how long they usually take, " +
	"GET /operations the latest operations, GET /page a page that draws all that. POST /start begins a run of the whole chain, " +
	"POST /start/{step} one at a step, POST /runs/{run}/rerun repeats the failed steps of a run, POST /runs/{run}/rerun/{step} one of " +
	"its steps, POST /runs/{run}/succeed/{step} counts one as succeeded, POST /skip/{step} keeps a step from starting in a cycle, " +
	"POST /signal/{step} reports the end of a step that waits for a signal, " +
	"POST /runs/{run}/cancel ends a run, POST /pause and POST /resume park and release all starts, POST /redrive handles the " +
	"dead-letter queue."

func (h *handler) chain(_ *http.Request, d *deployed) answer {
	return answer{content: engine.NewView(d.definition, d.sha256, h.deployment.settings.tenantURL)}
}

func showPage(*http.Request) answer {
	return answer{body: page.HTML(), mediaType: "text/html", headers: page.Headers()}
}

// A page of runs.
const (
	defaultRuns = 20
	maxRuns     = 100
)

// statuses are the statuses of runs.
var statuses = []string{
	string(run.StatusQueued), string(run.StatusUnderWay), string(run.StatusWaiting), string(run.StatusSucceeded), string(run.StatusRecovered),
	string(run.StatusFailed), string(run.StatusCanceled), string(run.StatusSkipped),
}

// runsPage is the answer of GET /runs.
type runsPage struct {
	Runs     []engine.RunRecord `json:"runs"`     // the newest first
	Timezone string             `json:"timezone"` // the chain's, for people
	Next     string             `json:"next"`     // the parameter before of the next page; empty on the last one
}

func (h *handler) runs(r *http.Request, d *deployed) answer {
	query := r.URL.Query()
	limit, refused := limitOf(r, defaultRuns)
	if refused != nil {
		return *refused
	}
	status := query.Get("status")
	if status != "" && !slices.Contains(statuses, status) {
		return refuse(http.StatusBadRequest, "The parameter status is %q. Use one of %s.", status, strings.Join(statuses, ", "))
	}
	cycle := query.Get("cycle")
	if cycle != "" && !run.NamesCycle(cycle) {
		return refuse(http.StatusBadRequest, "The parameter cycle is %q. Use the date of a cycle, such as 2026-11-24, or the id of one.", cycle)
	}
	found := runsPage{Timezone: d.engine.Timezone()}
	var err error
	found.Runs, found.Next, err = d.engine.ListRuns(r.Context(), engine.RunFilter{
		Before: query.Get("before"), Limit: limit, Status: run.Status(status), Cycle: cycle,
	})
	if err != nil {
		return broken(r.Context(), "The runs could not be read.", err)
	}
	return answer{content: found}
}

// limitOf reads how many runs a request wants.
func limitOf(r *http.Request, limit int) (int, *answer) {
	text := r.URL.Query().Get("limit")
	if text == "" {
		return limit, nil
	}
	limit, err := strconv.Atoi(text)
	if err != nil || limit < 1 || limit > maxRuns {
		a := refuse(http.StatusBadRequest, "The parameter limit is %q. Use a number from 1 to %d.", text, maxRuns)
		return 0, &a
	}
	return limit, nil
}

// history shows how the steps did in the last runs.
func (h *handler) history(r *http.Request, d *deployed) answer {
	limit, refused := limitOf(r, engine.HistoryRuns)
	if refused != nil {
		return *refused
	}
	found, err := d.engine.History(r.Context(), limit)
	if err != nil {
		return broken(r.Context(), "The runs could not be read.", err)
	}
	return answer{content: found}
}

func (h *handler) run(r *http.Request, d *deployed) answer {
	id := pathValue(r, "run")
	found, err := d.engine.Run(r.Context(), id)
	switch {
	case err != nil:
		return broken(r.Context(), "The run could not be read.", err)
	case found == nil:
		return noRun(id)
	default:
		return answer{content: found}
	}
}

func noRun(id string) answer {
	a := refuse(http.StatusNotFound, "There is no run %q, or its record is no longer kept.", id)
	return a.of(engine.RefusalRun, "").hint("GET /runs lists the existing ones.")
}

// graph draws the chain, with what has happened in the run that the parameter run names, or else in the latest runs.
func (h *handler) graph(r *http.Request, d *deployed) answer {
	format, refused := formatOf(r)
	if refused != nil {
		return *refused
	}
	id := r.URL.Query().Get("run")
	picture, err := d.engine.Picture(r.Context(), id, h.deployment.settings.tenantURL)
	switch {
	case errors.Is(err, engine.ErrNoRun):
		return noRun(id)
	case err != nil:
		return broken(r.Context(), "The runs could not be read.", err)
	default:
		return format.render(picture)
	}
}

// broken answers a request that failed. The cause is only in the log: it may contain what the caller must not know.
func broken(ctx context.Context, what string, err error) answer {
	a := refuse(http.StatusInternalServerError, "%s The function's log says why, in the line with the gateway_request_id %s.",
		what, gatewayEvent(ctx).RequestContext.RequestID)
	a.cause = err
	return a
}

func refuse(status int, format string, args ...any) answer {
	return answer{status: status, content: apiError{Error: fmt.Sprintf(format, args...)}}
}

// hint adds what to request instead. Only clients of the API see it: the page and the command have other ways.
func (a answer) hint(format string, args ...any) answer {
	return a.with(func(e *apiError) { e.Hint = fmt.Sprintf(format, args...) })
}

// of adds the check that failed, and the run that is concerned.
func (a answer) of(refusal engine.Refusal, run string) answer {
	return a.with(func(e *apiError) { e.Refusal, e.Run = refusal, run })
}

// with changes an answer that reports an error.
func (a answer) with(change func(*apiError)) answer {
	if e, ok := a.content.(apiError); ok {
		change(&e)
		a.content = e
	}
	return a
}
