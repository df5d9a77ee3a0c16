// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"net/http"
	"slices"
	"time"
)

// The error codes of the Automations API are our choice: the documentation lists none.
const (
	codeInvalidAutomation   = "AUTOMATIONS-400"
	codeForbiddenAutomation = "AUTOMATIONS-403"
	codeUnknownAutomation   = "AUTOMATIONS-404"
)

var automationService = service{traced: true}

// runningRoles are the roles that may run a space's automations, by type of space: the documentation says "editor or operator in shared
// space". A user who can manage a space can do the same.
var runningRoles = map[string][]string{"shared": {"facilitator", "producer", "operator"}}

// automationPaging is the pages of automations and of runs. An answer has no link to itself.
func automationPaging(byDefault int) paging {
	return paging{code: codeInvalidAutomation, cursor: "cursor", byDefault: byDefault, maximum: 200, withoutSelf: true}
}

// handleAutomations serves the Automations API at each path that the tenant has.
func (t *Tenant) handleAutomations(handle func(string, service, tier, handler, ...string)) {
	var bases []string
	if !t.config.WithoutWorkflows {
		bases = append(bases, "/api/workflows/automations")
	}
	if !t.config.WithoutAutomationsV1 {
		bases = append(bases, "/api/v1/automations")
	}
	for _, base := range bases {
		handle("GET "+base, automationService, tier1, t.listAutomations, "filter", "sort=id", "limit", "cursor")
		handle("GET "+base+"/{id}/runs", automationService, tier1, t.listAutomationRuns, "filter", "sort=-startTime", "limit", "cursor")
		handle("POST "+base+"/{id}/runs", automationService, tier2, t.postAutomationRun)
		handle("GET "+base+"/{id}/runs/{run}", automationService, tier1, t.getAutomationRun)
		handle("POST "+base+"/{id}/runs/{run}/actions/stop", automationService, tier2, t.stopAutomationRun)
	}
}

type automationAnswer struct {
	ID                string  `json:"id"`
	Name              string  `json:"name"`
	Description       string  `json:"description"`
	OwnerID           string  `json:"ownerId"`
	SpaceID           string  `json:"spaceId"`
	State             string  `json:"state"`
	RunMode           string  `json:"runMode"`
	MaxConcurrentRuns int     `json:"maxConcurrentRuns"`
	CreatedAt         string  `json:"createdAt"`
	UpdatedAt         string  `json:"updatedAt"`
	LastRunAt         *string `json:"lastRunAt,omitempty"`
	LastRunStatus     *string `json:"lastRunStatus,omitempty"`
}

func (t *Tenant) automationAnswer(a *automation) automationAnswer {
	answer := automationAnswer{
		ID: a.ID, Name: a.Name, OwnerID: a.owner.id, SpaceID: a.SpaceID, State: "available", RunMode: "manual",
		MaxConcurrentRuns: a.MaxConcurrentRuns, CreatedAt: automationTime(a.created), UpdatedAt: automationTime(a.created),
	}
	if a.Disabled {
		answer.State = "disabled"
	}
	for _, r := range slices.Backward(t.automationRuns) {
		if r.automation == a && r.over {
			answer.LastRunAt, answer.LastRunStatus = automationTimeOrNil(r.Stopped), &r.Status
			break
		}
	}
	return answer
}

type automationRunAnswer struct {
	ID           string  `json:"id"`
	Title        string  `json:"title"`
	Status       string  `json:"status"`
	Context      string  `json:"context"`
	OwnerID      string  `json:"ownerId"`
	ExecutedByID string  `json:"executedById"`
	SpaceID      string  `json:"spaceId"`
	CreatedAt    string  `json:"createdAt"`
	UpdatedAt    string  `json:"updatedAt"`
	StartTime    *string `json:"startTime,omitempty"`
	StopTime     *string `json:"stopTime,omitempty"`
	TestRun      bool    `json:"testRun"`
	IsTestRun    bool    `json:"isTestRun"`
	Archived     bool    `json:"archived"`
	IsArchived   bool    `json:"isArchived"`
}

func (r *automationRun) answer() automationRunAnswer {
	return automationRunAnswer{
		ID: r.ID, Status: r.Status, Context: r.Context, OwnerID: r.automation.owner.id, ExecutedByID: r.UserID, SpaceID: r.automation.SpaceID,
		CreatedAt: automationTime(r.Created), UpdatedAt: automationTime(r.Created),
		StartTime: automationTimeOrNil(r.Started), StopTime: automationTimeOrNil(r.Stopped),
	}
}

func automationTimeOrNil(moment time.Time) *string {
	if moment.IsZero() {
		return nil
	}
	text := automationTime(moment)
	return &text
}

// listAutomations lists the automations that the user can see, filtered by exact name and by space.
func (t *Tenant) listAutomations(r *request) (*response, error) {
	terms, err := parseTerms(r.URL.Query().Get("filter"), "and", "name", "spaceId")
	if err != nil {
		return nil, badRequest(codeInvalidAutomation, "the filter cannot be read: %v", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	found := []automationAnswer{}
	for _, a := range t.automations {
		matches := !slices.ContainsFunc(terms, func(wanted term) bool {
			return wanted.attribute == "name" && wanted.value != a.Name || wanted.attribute == "spaceId" && wanted.value != a.SpaceID
		})
		if matches && t.seenBy(r.user, a.SpaceID, a.owner) {
			found = append(found, t.automationAnswer(a))
		}
	}
	p, err := paginateBy(t, r, automationPaging(100), found)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

// visibleAutomation returns the automation in the request's path. The caller holds mu.
func (t *Tenant) visibleAutomation(r *request) (*automation, error) {
	a := t.findAutomation(r.PathValue("id"))
	if a == nil || !t.seenBy(r.user, a.SpaceID, a.owner) {
		return nil, notFound(codeUnknownAutomation, "automation", r.PathValue("id"))
	}
	return a, nil
}

// mayRun reports whether the user may run the automation: its owner in a personal space, members with a suitable role in a shared space.
func (t *Tenant) mayRun(a *automation, u *user) bool {
	if a.SpaceID == "" {
		return u == a.owner
	}
	return t.hasRole(u, a.SpaceID, runningRoles)
}

// runnableAutomation returns the automation in the request's path if the user may run it. The caller holds mu.
func (t *Tenant) runnableAutomation(r *request) (*automation, error) {
	a, err := t.visibleAutomation(r)
	if err != nil {
		return nil, err
	}
	if !t.mayRun(a, r.user) {
		return nil, forbidden(codeForbiddenAutomation, "the caller may not run the automation "+a.ID)
	}
	return a, nil
}

// postAutomationRun starts a run. Qlik does not document the answer for a disabled automation: here it is 403.
func (t *Tenant) postAutomationRun(r *request) (*response, error) {
	var body struct {
		Context string `json:"context"`
	}
	if err := r.decode(codeInvalidAutomation, &body); err != nil {
		return nil, err
	}
	if body.Context != "api" {
		return nil, badRequest(codeInvalidAutomation, "context must be api, not %q", body.Context)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.runnableAutomation(r)
	if err != nil {
		return nil, err
	}
	if a.Disabled {
		return nil, forbidden(codeForbiddenAutomation, "the automation "+a.ID+" is disabled")
	}
	started, err := t.startAutomation(a, r.user, automationContextAPI)
	if err != nil {
		return nil, err
	}
	return &response{status: http.StatusCreated, body: started.answer()}, nil
}

// listAutomationRuns lists the runs of an automation, latest start first. The documentation names the owner, admins and scopes that members
// of the space can have. Qlik does not document where runs without a start time are: here they are last.
func (t *Tenant) listAutomationRuns(r *request) (*response, error) {
	statuses, err := parseFilter(r.URL.Query().Get("filter"), "status")
	if err != nil {
		return nil, badRequest(codeInvalidAutomation, "the filter cannot be read: %v", err)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	a, err := t.visibleAutomation(r)
	if err != nil {
		return nil, err
	}
	if r.user != a.owner && !r.user.admin() && !t.mayRun(a, r.user) {
		return nil, forbidden(codeForbiddenAutomation, "the caller may not list the runs of the automation "+a.ID)
	}
	var runs []*automationRun
	for _, run := range slices.Backward(t.automationRuns) {
		if run.automation == a && (statuses == nil || slices.Contains(statuses, run.Status)) {
			runs = append(runs, run)
		}
	}
	slices.SortStableFunc(runs, func(x, y *automationRun) int { return y.Started.Compare(x.Started) })
	found := []automationRunAnswer{}
	for _, run := range runs {
		found = append(found, run.answer())
	}
	p, err := paginateBy(t, r, automationPaging(10), found)
	if err != nil {
		return nil, err
	}
	return ok(p), nil
}

// runInPath returns the run in the request's path. The caller holds mu.
func (t *Tenant) runInPath(r *request) (*automationRun, error) {
	a, err := t.runnableAutomation(r)
	if err != nil {
		return nil, err
	}
	for _, run := range t.automationRuns {
		if run.automation == a && run.ID == r.PathValue("run") {
			return run, nil
		}
	}
	return nil, notFound(codeUnknownAutomation, "run", r.PathValue("run"))
}

func (t *Tenant) getAutomationRun(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	run, err := t.runInPath(r)
	if err != nil {
		return nil, err
	}
	return ok(run.answer()), nil
}

// stopAutomationRun stops a run, which first has the status must stop. Qlik does not document the answer for a run that has ended: here it
// is 400.
func (t *Tenant) stopAutomationRun(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	run, err := t.runInPath(r)
	if err != nil {
		return nil, err
	}
	if run.over || run.Status == automationMustStop {
		return nil, badRequest(codeInvalidAutomation, "the run cannot be stopped: it is %s", run.Status)
	}
	run.Status = automationMustStop
	t.announceAutomation(run)
	t.halt(&run.life)
	return &response{status: http.StatusNoContent}, nil
}
