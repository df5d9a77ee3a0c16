// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"net/http"
	"slices"
	"time"
)

// The error codes of the data integration API are our choice: the documentation lists none. It has only the statuses 400 and 404.
const (
	codeInvalidDataTask   = "DI-400"
	codeForbiddenDataTask = "DI-403"
	codeUnknownDataTask   = "DI-404"
)

var dataService = service{traced: true}

// dataTaskRoles are the roles that may start and stop a space's data tasks, by type of space. The documentation does not name them: these
// are the ones of https://qlik.dev/manage/access-control/space-roles/ that change or operate.
var dataTaskRoles = map[string][]string{
	"shared": {"facilitator", "producer"}, "data": {"facilitator", "producer", "operator"},
}

func (t *Tenant) handleDataTasks(handle func(string, service, tier, handler, ...string)) {
	const base = "/api/v1/di-projects"
	const task = base + "/{project}/di-tasks/{task}"
	handle("GET "+base, dataService, tier1, t.listDataProjects, "spaceId")
	handle("GET "+base+"/{project}/di-tasks", dataService, tier1, t.listDataTasks)
	handle("GET "+task, dataService, tier1, t.getDataTask)
	handle("GET "+task+"/runtime/state", dataService, tier1, t.getDataTaskState)
	handle("POST "+task+"/runtime/actions/start", dataService, tier2, t.postDataTaskStart)
	handle("POST "+task+"/runtime/actions/stop", dataService, tier2, t.postDataTaskStop)
	handle("POST "+task+"/runtime/runs/actions/search", dataService, tier1, t.searchDataTaskRuns)
}

type dataProjectAnswer struct {
	ID           string `json:"id"`
	Name         string `json:"name"`
	Description  string `json:"description"`
	OwnerID      string `json:"ownerId"`
	SpaceID      string `json:"spaceId"`
	Type         string `json:"type"`
	PlatformType string `json:"platformType"`
}

func (t *Tenant) listDataProjects(r *request) (*response, error) {
	space := r.URL.Query().Get("spaceId")
	t.mu.Lock()
	defer t.mu.Unlock()
	found := []dataProjectAnswer{}
	for _, p := range t.dataProjects {
		if t.seesProject(r.user, p) && (space == "" || space == p.SpaceID) {
			found = append(found, dataProjectAnswer{p.ID, p.Name, "", p.OwnerID, p.SpaceID, "DATA_PIPELINE", "SNOWFLAKE"})
		}
	}
	return ok(struct {
		Projects []dataProjectAnswer `json:"projects"`
	}{found}), nil
}

type dataTaskAnswer struct {
	ID          string `json:"id"`
	Name        string `json:"name"`
	Description string `json:"description"`
	OwnerID     string `json:"ownerId"`
	SpaceID     string `json:"spaceId"`
	Type        string `json:"type"`
}

func (d *dataTask) answer() dataTaskAnswer {
	return dataTaskAnswer{ID: d.ID, Name: d.Name, OwnerID: d.project.OwnerID, SpaceID: d.project.SpaceID, Type: d.Type}
}

func (t *Tenant) listDataTasks(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.findDataProject(r.PathValue("project"))
	if p == nil || !t.seesProject(r.user, p) {
		return nil, notFound(codeUnknownDataTask, "project", r.PathValue("project"))
	}
	found := []dataTaskAnswer{}
	for _, d := range t.dataTasks {
		if d.project == p {
			found = append(found, d.answer())
		}
	}
	return ok(struct {
		Tasks []dataTaskAnswer `json:"dataTasks"`
	}{found}), nil
}

// visibleDataTask returns the task in the request's path. The caller holds mu.
func (t *Tenant) visibleDataTask(r *request) (*dataTask, error) {
	d := t.findDataTask(r.PathValue("project"), r.PathValue("task"))
	if d == nil || !t.seesProject(r.user, d.project) {
		return nil, notFound(codeUnknownDataTask, "data task", r.PathValue("task"))
	}
	return d, nil
}

func (t *Tenant) getDataTask(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d, err := t.visibleDataTask(r)
	if err != nil {
		return nil, err
	}
	return ok(d.answer()), nil
}

type dataTaskStateAnswer struct {
	Name         string             `json:"name"`
	Type         string             `json:"type"`
	RunReadiness runReadinessAnswer `json:"runReadiness"`
	LastRun      *lastRunAnswer     `json:"lastRun,omitempty"`
}

type runReadinessAnswer struct {
	State   string `json:"state"`
	Message string `json:"message,omitempty"`
}

type lastRunAnswer struct {
	State     string           `json:"state"`
	StartTime *time.Time       `json:"startTime,omitempty"`
	EndTime   *time.Time       `json:"endTime,omitempty"`
	Message   string           `json:"message,omitempty"`
	Errors    []errorItem      `json:"errors,omitempty"`
	CDCStatus *cdcStatusAnswer `json:"cdcStatus,omitempty"`
}

type cdcStatusAnswer struct {
	Latency string `json:"latency"`
}

func (t *Tenant) getDataTaskState(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d, err := t.visibleDataTask(r)
	if err != nil {
		return nil, err
	}
	answer := dataTaskStateAnswer{Name: d.Name, Type: d.Type}
	answer.RunReadiness.State, answer.RunReadiness.Message = t.readiness(d)
	if last := t.lastRun(d); last != nil {
		answer.LastRun = &lastRunAnswer{
			State: last.State, StartTime: timeOrNil(last.Started), EndTime: timeOrNil(last.Ended), Message: last.Message,
		}
		if last.Message != "" {
			answer.LastRun.Errors = []errorItem{{Code: "SANDBOX", Title: last.Message}}
		}
		if d.capturesChanges() {
			answer.LastRun.CDCStatus = &cdcStatusAnswer{Latency: "00:00:00"}
		}
	}
	return ok(answer), nil
}

// operableDataTask returns the task in the request's path if the user may start and stop it. The caller holds mu.
func (t *Tenant) operableDataTask(r *request) (*dataTask, error) {
	d, err := t.visibleDataTask(r)
	if err != nil {
		return nil, err
	}
	if !t.hasRole(r.user, d.project.SpaceID, dataTaskRoles) {
		return nil, forbidden(codeForbiddenDataTask, "the caller may not operate the data task "+d.ID)
	}
	return d, nil
}

// postDataTaskStart starts a task without saying which run that is. It takes no body: its members are for replications only.
func (t *Tenant) postDataTaskStart(r *request) (*response, error) {
	if len(r.body) > 0 {
		return nil, badRequest(codeInvalidDataTask, "the sandbox starts data tasks without a body")
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	d, err := t.operableDataTask(r)
	if err != nil {
		return nil, err
	}
	if _, err := t.startDataTask(d, r.user.id); err != nil {
		return nil, err
	}
	return &response{status: http.StatusNoContent}, nil
}

// postDataTaskStop stops the task's run, which first has the state STOPPING.
func (t *Tenant) postDataTaskStop(r *request) (*response, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d, err := t.operableDataTask(r)
	if err != nil {
		return nil, err
	}
	last := t.lastRun(d)
	if last == nil || last.over || last.State == dataStopping {
		return nil, badRequest(codeInvalidDataTask, "the task %s does not run", d.ID)
	}
	last.State = dataStopping
	t.announceDataTask(last)
	t.halt(&last.life)
	return &response{status: http.StatusNoContent}, nil
}

type runSearchBody struct {
	Filters []runSearchFilter `json:"filters"`
	LastID  string            `json:"lastId"`
	Limit   *int              `json:"limit"`
}

type runSearchFilter struct {
	Field    string   `json:"field"`
	Operator string   `json:"operator"`
	Value    []string `json:"value"`
}

// matches reports whether a run passes the filter. Qlik does not document which of a run's times a period is compared with: here it is the
// start.
func (f runSearchFilter) matches(r *dataTaskRun) (bool, error) {
	value := r.ID
	switch {
	case f.Field == "PERIOD" && f.Operator == "BETWEEN" && len(f.Value) == 2:
		from, fromErr := time.Parse(time.RFC3339, f.Value[0])
		to, toErr := time.Parse(time.RFC3339, f.Value[1])
		if fromErr != nil || toErr != nil {
			return false, badRequest(codeInvalidDataTask, "the period %v is not two times", f.Value)
		}
		return !r.Started.Before(from) && !r.Started.After(to), nil
	case f.Field == "STATUS":
		if value = r.State; value == dataStopping {
			value = dataRunning // a history has no such status
		}
	case f.Field != "ID":
		return false, badRequest(codeInvalidDataTask, "the sandbox does not filter by %s %s %v", f.Field, f.Operator, f.Value)
	}
	switch f.Operator {
	case "IN":
		return slices.Contains(f.Value, value), nil
	case "NOT_IN":
		return !slices.Contains(f.Value, value), nil
	default:
		return false, badRequest(codeInvalidDataTask, "the operator %s is not for %s", f.Operator, f.Field)
	}
}

type dataTaskRunAnswer struct {
	RunID        string     `json:"runId"`
	Status       string     `json:"status"`
	StartTime    *time.Time `json:"startTime,omitempty"`
	EndTime      *time.Time `json:"endTime,omitempty"`
	ErrorMessage string     `json:"errorMessage,omitempty"`
}

// searchDataTaskRuns lists runs, latest first.
func (t *Tenant) searchDataTaskRuns(r *request) (*response, error) {
	var body runSearchBody
	if err := r.decode(codeInvalidDataTask, &body); err != nil {
		return nil, err
	}
	limit := 10
	if body.Limit != nil {
		limit = *body.Limit
	}
	if limit < 1 || limit > 100 {
		return nil, badRequest(codeInvalidDataTask, "limit must be from 1 to 100, not %d", limit)
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	d, err := t.visibleDataTask(r)
	if err != nil {
		return nil, err
	}
	found, err := t.history(d, body.Filters)
	if err != nil {
		return nil, err
	}
	if body.LastID != "" {
		last := slices.IndexFunc(found, func(run dataTaskRunAnswer) bool { return run.RunID == body.LastID })
		if last < 0 {
			return nil, badRequest(codeInvalidDataTask, "lastId %q is not a run of the search", body.LastID)
		}
		found = found[last+1:]
	}
	var answer struct {
		Runs   []dataTaskRunAnswer `json:"runs"`
		LastID string              `json:"lastId,omitempty"`
		More   bool                `json:"nextPageExists"`
	}
	answer.Runs, answer.More = found[:min(limit, len(found))], len(found) > limit
	if n := len(answer.Runs); n > 0 {
		answer.LastID = answer.Runs[n-1].RunID
	}
	return ok(answer), nil
}

// history returns the task's runs that pass all filters, latest first. The caller holds mu.
func (t *Tenant) history(d *dataTask, filters []runSearchFilter) ([]dataTaskRunAnswer, error) {
	found := []dataTaskRunAnswer{}
	for _, run := range slices.Backward(t.dataTaskRuns) {
		matches := run.task == d
		for _, filter := range filters {
			passes, err := filter.matches(run)
			if err != nil {
				return nil, err
			}
			matches = matches && passes
		}
		if matches {
			status := run.State
			if status == dataStopping {
				status = dataRunning
			}
			found = append(found, dataTaskRunAnswer{run.ID, status, timeOrNil(run.Started), timeOrNil(run.Ended), run.Message})
		}
	}
	return found, nil
}
