// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"strings"
)

// Kind is what a step starts in Qlik Cloud, or waits for. Its value is the name of the step's attribute.
type Kind string

// The kinds of steps. A script, a data flow and a table recipe are apps in Qlik Cloud (https://qlik.dev/apis/rest/apps).
const (
	KindApp        Kind = "app"        // reloads an app
	KindAutomation Kind = "automation" // runs an automation of Qlik Automate
	KindDataTask   Kind = "data_task"  // runs a data integration task of Qlik Talend Cloud
	KindSignal     Kind = "signal"     // starts nothing: waits until something outside Qlik Cloud reports that it is done
)

// Kinds returns every kind of step, the most frequent first.
func Kinds() []Kind { return []Kind{KindApp, KindAutomation, KindDataTask, KindSignal} }

// DataTask identifies a data integration task.
type DataTask struct {
	Project string `json:"project"` // the data project's id, for example 65f2a4b7c1d2e3f405162738
	Task    string `json:"task"`    // the task's id within the project, for example task-cYSY
}

// kinds returns the kinds of the attributes that the step has.
func (s Step) kinds() []Kind {
	var set []Kind
	for _, kind := range Kinds() {
		if s.is(kind) {
			set = append(set, kind)
		}
	}
	return set
}

func (s Step) is(kind Kind) bool {
	switch kind {
	case KindAutomation:
		return s.Automation != ""
	case KindDataTask:
		return s.DataTask != nil
	case KindSignal:
		return s.Signal != nil
	default:
		return s.App != ""
	}
}

// Kind returns the kind of a valid step.
func (s Step) Kind() Kind {
	if set := s.kinds(); len(set) > 0 {
		return set[0]
	}
	return KindApp
}

// StepID returns the name of a step within runs. It follows from what the step starts, so a change of the step's key has no effect on runs.
// A signal has nothing else than its key.
func (d *Definition) StepID(key string) string { return d.Steps[key].ID(key) }

// ID returns the name within runs of a step with this key; see StepID.
func (s Step) ID(key string) string {
	switch s.Kind() {
	case KindAutomation:
		return AutomationStep(s.Automation)
	case KindDataTask:
		return DataTaskStep(s.DataTask.Project, s.DataTask.Task)
	case KindSignal:
		sum := sha256.Sum256([]byte(key)) // a key may have any characters
		return "signal-" + hex.EncodeToString(sum[:8])
	default:
		return strings.ToLower(s.App)
	}
}

// AutomationStep returns the name within runs of the step that runs an automation.
func AutomationStep(automation string) string { return "automation-" + strings.ToLower(automation) }

// DataTaskStep returns the name within runs of the step that runs a data integration task.
func DataTaskStep(project, task string) string { return "data-task-" + project + "-" + task }

// Target identifies what a step starts. Its JSON is stored.
type Target struct {
	Kind    Kind   `json:"kind"`
	ID      string `json:"id,omitempty"`      // of the app, the automation or the data task; empty for a signal
	Project string `json:"project,omitempty"` // of the data task
}

// Target returns what a valid step starts.
func (s Step) Target() Target {
	switch kind := s.Kind(); kind {
	case KindAutomation:
		return Target{Kind: kind, ID: s.Automation}
	case KindDataTask:
		return Target{Kind: kind, ID: s.DataTask.Task, Project: s.DataTask.Project}
	case KindSignal:
		return Target{Kind: kind}
	default:
		return Target{Kind: kind, ID: s.App}
	}
}

// Run returns the word for one run of what the step starts, as Qlik Cloud calls it.
func (k Kind) Run() string {
	switch k {
	case KindAutomation, KindDataTask:
		return "run"
	case KindSignal:
		return "signal"
	default:
		return "reload"
	}
}
