// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

const maxRequestBody = 1 << 20 // bytes

// service is the part of a Qlik API that affects the format of its answers.
type service struct {
	traced    bool // its errors carry a trace id
	anonymous bool // needs no credentials
}

var (
	oauthService   = service{anonymous: true}
	webhookService = service{traced: true}
	reloadService  = service{}
	itemService    = service{}
	appService     = service{}
	spaceService   = service{traced: true}
	userService    = service{traced: true}
)

// request is an authenticated request with its body.
type request struct {
	*http.Request
	user *user
	body []byte
}

// decode reads the body into out. It refuses members that out does not have: they are typing errors.
func (r *request) decode(code string, out any) error {
	decoder := json.NewDecoder(bytes.NewReader(r.body))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(out); err != nil {
		return badRequest(code, "the body cannot be read: %v", err)
	}
	return nil
}

type response struct {
	status int
	header http.Header
	body   any // nil for none
}

func ok(body any) *response { return &response{status: http.StatusOK, body: body} }

type handler func(*request) (*response, error)

// operation is an operation of the tenant's API. It refuses all other query parameters, even those that Qlik Cloud has. name allows any
// value, name=value only this one.
type operation struct {
	service
	tier       tier
	handler    handler
	parameters []string
}

func (o operation) checkQuery(query url.Values) error {
	for name, values := range query {
		if len(values) != 1 || !slices.Contains(o.parameters, name) && !slices.Contains(o.parameters, name+"="+values[0]) {
			return badRequest("HTTP-400", "the sandbox does not support the parameter %s=%s here", name, strings.Join(values, ","))
		}
	}
	return nil
}

func (t *Tenant) routes() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, s service, tier tier, h handler, parameters ...string) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			t.serve(w, r, operation{s, tier, h, parameters}) //nolint:contextcheck // the request carries it
		})
	}
	handle("POST /oauth/token", oauthService, unlimited, t.issueToken)
	handle("GET /api/v1/users/me", userService, tier1, t.getMe)
	handle("GET /api/v1/users/{id}", userService, tier1, t.getUser)
	handle("GET /api/v1/items", itemService, tier1, t.listItems,
		"resourceType", "noActions", "name", "spaceId", "resourceIds", "limit", "next")
	handle("GET /api/v1/spaces", spaceService, tier1, t.listSpaces, "name", "type", "limit", "next")
	handle("POST /api/v1/apps", appService, tier2, t.postApp)
	handle("GET /api/v1/apps/{id}", appService, tier1, t.getApp)
	handle("DELETE /api/v1/apps/{id}", appService, tier2, t.deleteApp)
	handle("POST /api/v1/apps/{id}/scripts", appService, tier2, t.postScript)
	handle("GET /api/v1/reloads", reloadService, tier1, t.listReloads, "appId", "filter", "sort=-creationTime", "limit", "next")
	handle("POST /api/v1/reloads", reloadService, special, t.postReload)
	handle("GET /api/v1/apps/{id}/reloads/logs/{reload}", appService, tier1, t.getReloadLog)
	handle("GET /api/v1/reloads/{id}", reloadService, tier1, t.getReload)
	handle("POST /api/v1/reloads/{id}/actions/cancel", reloadService, special, t.cancelReload)
	t.handleAutomations(handle)
	t.handleDataTasks(handle)
	t.handleScheduledTasks(handle)
	for _, api := range t.webhookAPIs() {
		handle("GET "+api.base+"/event-types", webhookService, tier1, t.listEventTypes)
		handle("GET "+api.base, webhookService, tier1, api.list, "name", "limit", "next")
		handle("POST "+api.base, webhookService, tier2, api.create)
		handle("GET "+api.base+"/{id}", webhookService, tier1, api.get)
		handle("PUT "+api.base+"/{id}", webhookService, tier2, api.put)
		handle("PATCH "+api.base+"/{id}", webhookService, tier2, api.patch)
		handle("DELETE "+api.base+"/{id}", webhookService, tier2, api.remove)
		handle("GET "+api.base+"/{id}/deliveries", webhookService, tier1, api.listDeliveries, "status", "sort=-triggeredAt", "limit", "next")
	}
	handle("/", webhookService, tier1, func(r *request) (*response, error) {
		return nil, &apiError{status: http.StatusNotFound, code: "HTTP-404", title: "Not found", detail: "nothing is served at " + r.URL.Path}
	})
	return mux
}

// serve applies the checks of Qlik's gateway before a service gets the request.
func (t *Tenant) serve(w http.ResponseWriter, r *http.Request, o operation) {
	if !t.enter() {
		panic(http.ErrAbortHandler) // closes the connection
	}
	defer t.tasks.Done()
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxRequestBody))
	if err != nil {
		o.writeError(w, badRequest("HTTP-400", "the body cannot be read: %v", err))
		return
	}
	fault, place := t.record(r)
	call := outside.Call{Function: callingFunction(r), Service: "qlik", Operation: r.Pattern}
	if t.config.UserFault != nil && call.Function == "" {
		if planned := t.config.UserFault(call); planned != nil {
			fault = planned
		}
	}
	recorded := &statusWriter{ResponseWriter: w}
	defer func() { t.recordStatus(place, recorded.status) }()
	var answer func(http.ResponseWriter)
	do := func() { answer = t.carryOut(&request{Request: r, body: body}, o, fault) }
	if t.config.Outside == nil || call.Function == "" {
		do()
	} else if !t.config.Outside(call, do) {
		panic(http.ErrAbortHandler)
	}
	answer(recorded)
}

// carryOut carries a request out, unless the fault prevents it. It returns a function that writes the answer.
func (t *Tenant) carryOut(r *request, o operation, fault *Fault) func(http.ResponseWriter) {
	faulty := func(w http.ResponseWriter) { fault.answer(w, r.Request, o.service) }
	if fault.before() {
		return faulty
	}
	answer, err := t.handle(r, o)
	if fault != nil && fault.Delay != nil && fault.Delay(r.Context()) != nil {
		return func(http.ResponseWriter) { panic(http.ErrAbortHandler) }
	}
	switch {
	case fault.replaces():
		return faulty
	case err != nil:
		return func(w http.ResponseWriter) { o.writeError(w, err) }
	default:
		return answer.write
	}
}

func (a *response) write(w http.ResponseWriter) {
	for name, values := range a.header {
		w.Header()[name] = values
	}
	if a.body == nil {
		w.WriteHeader(a.status)
		return
	}
	if text, is := a.body.(plainText); is {
		w.Header().Set("Content-Type", "text/plain; charset=UTF-8")
		w.WriteHeader(a.status)
		_, _ = io.WriteString(w, string(text)) // the caller has gone away
		return
	}
	writeJSON(w, a.status, a.body)
}

// enter counts a request as running, unless the tenant is closed.
func (t *Tenant) enter() bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if !t.closed {
		t.tasks.Add(1)
	}
	return !t.closed
}

func (t *Tenant) handle(r *request, o operation) (*response, error) {
	if !o.anonymous {
		u, err := t.authenticate(r.Request)
		if err != nil {
			return nil, err
		}
		if err := t.countAgainstLimit(u, o.tier); err != nil {
			return nil, err
		}
		r.user = u
	}
	if r.Pattern != "/" {
		if err := o.checkQuery(r.URL.Query()); err != nil {
			return nil, err
		}
	}
	return o.handler(r)
}
