// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/google/uuid"
)

// The states of a data task's run, as in the data integration API.
const (
	dataStarting  = "STARTING"
	dataRunning   = "RUNNING"
	dataStopping  = "STOPPING"
	dataCompleted = "COMPLETED"
	dataFailed    = "FAILED"
	dataCanceled  = "CANCELED"
)

// DataProject is a data integration project of the tenant.
type DataProject struct {
	ID      string // 24 hex digits; made up when empty
	Name    string
	SpaceID string
	OwnerID string // APIKey's user when empty
}

// DataTask is a data task to be added to a project.
type DataTask struct {
	ID             string // task-cYSY; made up when empty
	ProjectID      string
	Name           string
	Type           string        // TRANSFORM when empty; a REPLICATION or STREAMING_… task runs until it is stopped
	CapturesChange bool          // a LANDING task with it runs until it is stopped, too
	Duration       time.Duration // of a run; Config.ReloadDuration when 0
	Outcomes       []string      // of its runs, one after another: see SetDataTaskOutcomes
	NotRunnable    string        // why the task cannot run, for example that it is not prepared; empty if it can
}

type dataTask struct {
	DataTask
	project  *DataProject
	outcomes []string
}

// neverEnds reports whether a run of the task ends only when it is stopped.
func (d *dataTask) neverEnds() bool {
	return d.Type == "REPLICATION" || strings.HasPrefix(d.Type, "STREAMING_") || d.capturesChanges() && d.Type == "LANDING"
}

func (d *dataTask) capturesChanges() bool { return d.CapturesChange || d.Type == "REPLICATION" }

// DataTaskRun is the record of a data task's run.
type DataTaskRun struct {
	ID        string // in the history only: a start does not return it
	ProjectID string
	TaskID    string
	UserID    string // who started it
	State     string
	Message   string // why it failed
	Started   time.Time
	Ended     time.Time
}

type dataTaskRun struct {
	DataTaskRun
	life
	task *dataTask
}

// AddDataProject adds a data integration project and returns its id.
func (t *Tenant) AddDataProject(p DataProject) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.ID == "" {
		p.ID = newObjectID()
	}
	if p.OwnerID == "" {
		p.OwnerID = t.owner.id
	}
	t.dataProjects = append(t.dataProjects, &p)
	return p.ID
}

// AddDataTask adds a task to a project and returns its id, empty if the project does not exist.
func (t *Tenant) AddDataTask(d DataTask) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.findDataProject(d.ProjectID)
	if p == nil {
		return ""
	}
	if d.ID == "" {
		d.ID = "task-" + randomHex(2)
	}
	if d.Type == "" {
		d.Type = "TRANSFORM"
	}
	if d.Duration == 0 {
		d.Duration = t.config.ReloadDuration
	}
	t.dataTasks = append(t.dataTasks, &dataTask{DataTask: d, project: p, outcomes: d.Outcomes})
	return d.ID
}

// SetDataTaskOutcomes sets how the task's next runs end, in this order: COMPLETED, FAILED or CANCELED. The last one applies to all later
// runs. Without outcomes, runs complete. It reports whether the task exists.
func (t *Tenant) SetDataTaskOutcomes(projectID, id string, outcomes ...string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.findDataTask(projectID, id)
	if d != nil {
		d.outcomes = outcomes
	}
	return d != nil
}

// DataTaskRuns returns all runs of data tasks so far, oldest first.
func (t *Tenant) DataTaskRuns() []DataTaskRun {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]DataTaskRun, 0, len(t.dataTaskRuns))
	for _, r := range t.dataTaskRuns {
		all = append(all, r.DataTaskRun)
	}
	return all
}

// StartDataTask starts a task as its owner does in Qlik Talend Cloud.
func (t *Tenant) StartDataTask(projectID, id string) (DataTaskRun, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	d := t.findDataTask(projectID, id)
	if d == nil {
		return DataTaskRun{}, fmt.Errorf("the tenant has no data task %q in the project %q", id, projectID)
	}
	r, err := t.startDataTask(d, d.project.OwnerID)
	if err != nil {
		return DataTaskRun{}, fmt.Errorf("starting the data task %s: %w", d.Name, err)
	}
	return r.DataTaskRun, nil
}

func (t *Tenant) findDataProject(id string) *DataProject {
	for _, p := range t.dataProjects {
		if p.ID == id {
			return p
		}
	}
	return nil
}

func (t *Tenant) findDataTask(projectID, id string) *dataTask {
	for _, d := range t.dataTasks {
		if d.ProjectID == projectID && d.ID == id {
			return d
		}
	}
	return nil
}

// lastRun returns the task's current run, or its last one; nil if it never ran.
func (t *Tenant) lastRun(d *dataTask) *dataTaskRun {
	for _, r := range slices.Backward(t.dataTaskRuns) {
		if r.task == d {
			return r
		}
	}
	return nil
}

// readiness says whether the task can be started now.
func (t *Tenant) readiness(d *dataTask) (state, message string) {
	switch last := t.lastRun(d); {
	case d.NotRunnable != "":
		return "NOT_RUNNABLE", d.NotRunnable
	case last != nil && !last.over:
		return "ALREADY_RUNNING", "the task is running"
	default:
		return "READY_TO_RUN", ""
	}
}

// startDataTask begins a run, unless the task is not ready. The run is the task's last one at once. The caller holds mu.
func (t *Tenant) startDataTask(d *dataTask, userID string) (*dataTaskRun, error) {
	if state, message := t.readiness(d); state != "READY_TO_RUN" {
		return nil, badRequest(codeInvalidDataTask, "the task %s cannot be started: %s: %s", d.ID, state, message)
	}
	r := &dataTaskRun{task: d, DataTaskRun: DataTaskRun{
		ID: uuid.NewString(), ProjectID: d.ProjectID, TaskID: d.ID, UserID: userID, State: dataStarting, Started: t.now(),
	}}
	if !t.liveDataTask(r, nextOf(&d.outcomes, dataCompleted)) {
		return nil, errClosed
	}
	t.dataTaskRuns = append(t.dataTaskRuns, r)
	t.announceDataTask(r)
	return r, nil
}

func (t *Tenant) liveDataTask(r *dataTaskRun, outcome string) bool {
	lasts := r.task.Duration
	if r.task.neverEnds() {
		lasts = forever
	}
	end := func(state string, at time.Time) {
		r.State, r.Ended = state, at
		if state == dataFailed {
			r.Message = "the task failed, as its outcome says"
		}
		t.announceDataTask(r)
		t.send(t.dataTaskEvent(r))
	}
	return t.live(&r.life, t.config.QueueDuration, func(at time.Time) { end(dataCanceled, at) },
		func(time.Time) time.Duration {
			r.State = dataRunning
			t.announceDataTask(r)
			return lasts
		},
		func(at time.Time) time.Duration { end(outcome, at); return 0 })
}

// announceDataTask sends the run's current state to the watchers. The caller holds mu.
func (t *Tenant) announceDataTask(r *dataTaskRun) {
	record := r.DataTaskRun
	t.announce(Change{DataTaskRun: &record})
}

// dataTaskEvent returns an event with the members of https://qlik.dev/apis/event/di-projects/.
func (t *Tenant) dataTaskEvent(r *dataTaskRun) *event {
	d := r.task
	e := &event{
		id: uuid.NewString(), source: "com.qlik/data-app-design", time: r.Ended, userID: r.UserID, owner: d.project.OwnerID,
		about: subject{spaceID: d.project.SpaceID, seenBy: func(u *user) bool { return t.seesProject(u, d.project) }},
		data: map[string]any{
			"dataTask": map[string]any{
				"id": d.ID, "name": d.Name, "type": d.Type, "ownerId": d.project.OwnerID, "spaceId": d.project.SpaceID, "projectId": d.ProjectID,
			},
			"startTime": timestamp(r.Started), "startMethod": "USER",
		},
	}
	if r.State == dataCanceled {
		e.kind = typeDataTaskStopped
		e.data["stoppedBy"], e.data["stoppedTime"] = r.UserID, timestamp(r.Ended)
		return e
	}
	e.kind = typeDataTaskCompleted
	e.data["startedBy"], e.data["endTime"] = r.UserID, timestamp(r.Ended)
	if r.State == dataFailed {
		e.kind = typeDataTaskFailed
		e.data["errorMessage"] = r.Message
		e.data["errorDetails"] = map[string]any{"code": "SANDBOX", "title": r.Message, "source": "com.qlik/qdi-app-manager", "status": 500}
	}
	return e
}

func (t *Tenant) seesProject(u *user, p *DataProject) bool {
	return t.seenBy(u, p.SpaceID, t.findUser(p.OwnerID))
}
