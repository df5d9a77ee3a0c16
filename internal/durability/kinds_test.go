// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"testing"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/chaintest"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/tenant"
)

// The ends of reloads in the words of automations and of data tasks.
var (
	automationEnds = map[string]string{
		"SUCCEEDED": "finished with warnings", "FAILED": "failed", "EXCEEDED_LIMIT": "exceeded limit", "CANCELED": "stopped",
	}
	dataTaskEnds = map[string]string{"SUCCEEDED": "COMPLETED", "FAILED": "FAILED", "EXCEEDED_LIMIT": "FAILED", "CANCELED": "CANCELED"}
)

func translated(endings []string, words map[string]string) []string {
	all := make([]string, len(endings))
	for i, ending := range endings {
		all[i] = words[ending]
	}
	return all
}

// addRunnables adds the automations and data tasks of the chain to the tenant.
func (d *deployment) addRunnables(endings map[string][]string) {
	d.Tenant.AddDataProject(tenant.DataProject{ID: chaintest.Project, Name: "project"})
	for key, s := range d.definition.Steps {
		switch s.Kind() {
		case chain.KindAutomation:
			d.Tenant.AddAutomation(tenant.Automation{ID: s.Automation, Name: key, Outcomes: translated(endings[key], automationEnds)})
		case chain.KindDataTask:
			d.Tenant.AddDataTask(tenant.DataTask{
				ID: s.DataTask.Task, ProjectID: s.DataTask.Project, Name: key, Outcomes: translated(endings[key], dataTaskEnds),
			})
		default:
		}
	}
}

// countRunnables counts the runs of automations and data tasks so far, by step.
func (d *deployment) countRunnables(made map[string]int) {
	index := chain.NewIndex(d.definition)
	count := func(id string) {
		if key, known := index.StepOf(id); known {
			made[key]++
		}
	}
	for _, r := range d.Tenant.AutomationRuns() {
		count(chain.AutomationStep(r.AutomationID))
	}
	for _, r := range d.Tenant.DataTaskRuns() {
		count(chain.DataTaskStep(r.ProjectID, r.TaskID))
	}
}

// TestDataTaskCrashes kills the function's process at calls of a chain in which a data task follows an app: its runs have no id that a
// start could return. Each round has a deployment of its own, since a clock that is set back would show a run as older than the one before.
func TestDataTaskCrashes(t *testing.T) {
	t.Parallel()
	load := step(0, after(chain.ConditionSuccess, "first"))
	load.App, load.DataTask = "", &chain.DataTask{Project: chaintest.Project, Task: "task-load"}
	d := often(&chain.Definition{Version: chain.Version, Name: "datatask", Timezone: "UTC", Steps: map[string]chain.Step{
		"first": step(1, nil), "load": load, "last": step(2, after(chain.ConditionSuccess, "load")),
	}})
	want := map[string]int{"first": 1, "load": 1, "last": 1}
	round := func(t *testing.T, call int, afterwards bool) (dep *deployment, happened bool) {
		t.Helper()
		dep = deploy(t, quick(), d, nil)
		dep.cutOffAfter(3)
		dep.ResetOutsideCalls()
		crash := dep.CrashAt(call, afterwards)
		dep.reload("first")
		dep.quiet()
		point, happened := crash.Point()
		if made := dep.made(); !maps.Equal(made, want) {
			t.Errorf("after a crash at call %d, %s (after it: %t), there were %v, want %v", call, point, afterwards, keysOf(made), keysOf(want))
		}
		if letters := dep.deadLetters(); len(letters) > 0 {
			t.Errorf("after a crash at call %d, %s, in the dead-letter queue is %v", call, point, letters)
		}
		return dep, happened
	}
	dep, _ := round(t, 0, false)
	calls := len(dep.OutsideCalls())
	rounds, happened := 6, 0
	if *whole {
		rounds = 2 * calls
	}
	for i, n := range rand.New(rand.NewPCG(firstSeed(), 0)).Perm(2 * calls)[:rounds] {
		t.Run(fmt.Sprint(i), func(t *testing.T) {
			if _, came := round(t, 1+n/2, n%2 == 1); came {
				happened++
			}
		})
	}
	fmt.Printf("data task crashes: %d points of %d, %d reached, each run once\n", rounds, 2*calls, happened)
}
