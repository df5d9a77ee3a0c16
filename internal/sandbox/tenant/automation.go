// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"fmt"
	"time"

	"github.com/google/uuid"
)

// The statuses of an automation's run, as in the Automations API, in the order in which a run has them.
const (
	automationNotStarted   = "not started"
	automationQueued       = "queued"
	automationStarting     = "starting"
	automationRunning      = "running"
	automationMustStop     = "must stop"
	automationFinished     = "finished"
	automationFailed       = "failed"
	automationLimit        = "exceeded limit"
	automationStopped      = "stopped"
	longestAutomation      = 4 * time.Hour // Qlik's limit for a run
	automationTimeFormat   = "2006-01-02T15:04:05.000000Z"
	automationContextAPI   = "api_sync"
	automationContextOwner = "detail" // started in the editor's detail view
)

// Automation is an automation to be added to the tenant.
type Automation struct {
	ID                string // a UUID; made up when empty
	Name              string
	SpaceID           string        // empty for the owner's personal space
	OwnerID           string        // APIKey's user when empty
	Duration          time.Duration // of a run; Config.ReloadDuration when 0
	Outcomes          []string      // of its runs, one after another: see SetAutomationOutcomes
	MaxConcurrentRuns int           // 1 when 0: Qlik's default is not documented
	Disabled          bool          // no run of it can be started
}

type automation struct {
	Automation
	owner    *user
	itemID   string
	created  time.Time
	outcomes []string
}

// AutomationRun is the record of an automation's run.
type AutomationRun struct {
	ID           string
	AutomationID string
	UserID       string // who started it
	Context      string // api_sync for the API
	Status       string
	Created      time.Time
	Started      time.Time
	Stopped      time.Time
}

type automationRun struct {
	AutomationRun
	life
	automation *automation
}

// AddAutomation adds an automation and returns its id.
func (t *Tenant) AddAutomation(a Automation) string {
	t.mu.Lock()
	defer t.mu.Unlock()
	if a.ID == "" {
		a.ID = uuid.NewString()
	}
	if a.Duration == 0 {
		a.Duration = t.config.ReloadDuration
	}
	if a.MaxConcurrentRuns == 0 {
		a.MaxConcurrentRuns = 1
	}
	owner := t.owner
	if a.OwnerID != "" {
		owner = t.findUser(a.OwnerID)
	}
	t.automations = append(t.automations, &automation{
		Automation: a, owner: owner, itemID: newObjectID(), created: t.now(), outcomes: a.Outcomes,
	})
	return a.ID
}

// SetAutomationOutcomes sets how the automation's next runs end, in this order: finished, finished with warnings, failed, exceeded limit or
// stopped. The last one applies to all later runs. Without outcomes, runs finish. It reports whether the automation exists.
func (t *Tenant) SetAutomationOutcomes(id string, outcomes ...string) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.findAutomation(id)
	if a != nil {
		a.outcomes = outcomes
	}
	return a != nil
}

// AutomationRuns returns all runs of automations so far, oldest first.
func (t *Tenant) AutomationRuns() []AutomationRun {
	t.mu.Lock()
	defer t.mu.Unlock()
	all := make([]AutomationRun, 0, len(t.automationRuns))
	for _, r := range t.automationRuns {
		all = append(all, r.AutomationRun)
	}
	return all
}

// StartAutomation starts a run of an automation as its owner does in Qlik Automate.
func (t *Tenant) StartAutomation(id string) (AutomationRun, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	a := t.findAutomation(id)
	if a == nil {
		return AutomationRun{}, fmt.Errorf("the tenant has no automation with the id %q", id)
	}
	r, err := t.startAutomation(a, a.owner, automationContextOwner)
	if err != nil {
		return AutomationRun{}, fmt.Errorf("running the automation %s: %w", a.Name, err)
	}
	return r.AutomationRun, nil
}

func (t *Tenant) findAutomation(id string) *automation {
	for _, a := range t.automations {
		if a.ID == id {
			return a
		}
	}
	return nil
}

// startAutomation begins a run, unless a limit is reached. The caller holds mu.
func (t *Tenant) startAutomation(a *automation, by *user, origin string) (*automationRun, error) {
	ofAutomation, ofTenant := 0, 0
	for _, r := range t.automationRuns {
		if !r.over {
			ofTenant++
			if r.automation == a {
				ofAutomation++
			}
		}
	}
	if ofAutomation >= a.MaxConcurrentRuns || t.config.AutomationRuns > 0 && ofTenant >= t.config.AutomationRuns {
		return nil, t.runLimit()
	}
	r := &automationRun{automation: a, AutomationRun: AutomationRun{
		ID: uuid.NewString(), AutomationID: a.ID, UserID: by.id, Context: origin, Status: automationNotStarted, Created: t.now(),
	}}
	if !t.liveAutomation(r, nextOf(&a.outcomes, automationFinished)) {
		return nil, errClosed
	}
	t.automationRuns = append(t.automationRuns, r)
	t.announceAutomation(r)
	return r, nil
}

// runLimit returns the refusal of a run over a limit. Its status and code are our choice.
func (t *Tenant) runLimit() *apiError {
	e := &apiError{status: 429, code: "AUTOMATIONS-429", title: "Too many runs", detail: "the limit of runs at the same time is reached"}
	if t.config.AutomationLimitConflict {
		e.status, e.code = 409, "AUTOMATIONS-409"
	}
	return e
}

// liveAutomation takes a run through its statuses. The first three share Config.QueueDuration. The caller holds mu.
func (t *Tenant) liveAutomation(r *automationRun, outcome string) bool {
	share := t.config.QueueDuration / 3
	duration := r.automation.Duration
	if duration > longestAutomation {
		duration, outcome = longestAutomation, automationLimit
	}
	become := func(status string, lasts time.Duration) stage {
		return func(at time.Time) time.Duration {
			if r.Status = status; status == automationRunning {
				r.Started = at
			}
			t.announceAutomation(r)
			return lasts
		}
	}
	end := func(status string, at time.Time) {
		r.Status, r.Stopped = status, at
		t.announceAutomation(r)
		t.send(t.automationEvent(r))
	}
	return t.live(&r.life, share, func(at time.Time) { end(automationStopped, at) },
		become(automationQueued, share), become(automationStarting, t.config.QueueDuration-2*share), become(automationRunning, duration),
		func(at time.Time) time.Duration { end(outcome, at); return 0 })
}

// announceAutomation sends the run's current state to the watchers. The caller holds mu.
func (t *Tenant) announceAutomation(r *automationRun) {
	record := r.AutomationRun
	t.announce(Change{AutomationRun: &record})
}

// automationEvent returns an event with the members of https://qlik.dev/apis/event/automations/.
func (t *Tenant) automationEvent(r *automationRun) *event {
	a := r.automation
	data := map[string]any{
		"id": r.ID, "title": "", "status": r.Status, "context": r.Context, "ownerId": a.owner.id, "spaceId": a.SpaceID, "testRun": false,
		"isTestRun": false, "archived": false, "isArchived": false, "billable": false, "executedById": r.UserID,
		"createdAt": automationTime(r.Created), "updatedAt": automationTime(r.Stopped), "stopTime": automationTime(r.Stopped),
	}
	if !r.Started.IsZero() {
		data["startTime"] = automationTime(r.Started)
	}
	return &event{
		id: uuid.NewString(), kind: typeAutomationRunEnded, source: "com.qlik/automations", time: r.Stopped, userID: r.UserID,
		owner: a.owner.id, data: data,
		about: subject{a.ID, a.SpaceID, func(u *user) bool { return t.seenBy(u, a.SpaceID, a.owner) }},
	}
}

// automationTime writes a time as the Automations API does, with microseconds.
func automationTime(moment time.Time) string { return moment.UTC().Format(automationTimeFormat) }
