// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package durability_test

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"sync"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// The chain that is cut off at every point: a fan-out, a retry that helps, a join, a delay, and a branch that is not taken. hr runs an
// automation.
func crashing() *chain.Definition {
	transform, report := step(4, after(chain.ConditionSuccess, "sales", "hr")), step(5, after(chain.ConditionSuccess, "sales"))
	report.Delay = chain.Duration(time.Minute) // beside the retry's: what waits moves the clock on
	hr := step(3, after(chain.ConditionSuccess, "root"))
	hr.App, hr.Automation = "", hr.App
	hr.Retry = &chain.Retry{MaxAttempts: 2}
	return often(&chain.Definition{Version: chain.Version, Name: "crashing", Timezone: "UTC", Steps: map[string]chain.Step{
		"root": step(1, nil), "sales": step(2, after(chain.ConditionSuccess, "root")), "hr": hr, "transform": transform, "report": report,
		"fallback": step(6, after(chain.ConditionFailure, "hr")),
	}})
}

// often is a chain with steps that start again and again in one hour.
func often(d *chain.Definition) *chain.Definition {
	for key, s := range d.Steps {
		s.MaxStartsPerHour = chain.MaxMaxStartsPerHour
		d.Steps[key] = s
	}
	return d
}

var crashingEndings = map[string][]string{"hr": {"FAILED", "SUCCEEDED"}}

// resetClock sets the clock to the function's. Waits have moved it on, and a start takes no reload for its own that was made long after it.
func (d *deployment) resetClock() { d.Clock.Advance(time.Since(d.Clock.Now())) }

// crashRound lets the chain run once from its root, cut off at one point, and returns what that point is, and what was reloaded.
func crashRound(d *deployment, call int, afterwards bool) (point string, happened bool, made map[string]int) {
	d.t.Helper()
	d.Tenant.SetAutomationOutcomes(d.definition.Steps["hr"].Automation, translated(crashingEndings["hr"], automationEnds)...)
	d.resetClock()
	before := d.made()
	d.ResetOutsideCalls()
	crash := d.CrashAt(call, afterwards)
	d.reload("root")
	d.quiet()
	made = d.made()
	for key := range made {
		made[key] -= before[key]
	}
	maps.DeleteFunc(made, func(_ string, n int) bool { return n == 0 })
	point, happened = crash.Point()
	return point, happened, made
}

// TestCrashes kills the function's process before and after each of its calls to AWS and Qlik Cloud. Lambda tries the event again;
// then every step that is due must have had exactly one reload, an attempt that failed one more.
func TestCrashes(t *testing.T) {
	t.Parallel()
	first := deploy(t, quick(), crashing(), nil)
	first.cutOffAfter(3)
	_, _, made := crashRound(first, 0, false)
	want := predicted(first.definition, crashingEndings)
	if !maps.Equal(made, want) {
		t.Fatalf("without a crash the reloads are %v, want %v", keysOf(made), keysOf(want))
	}
	calls := len(first.OutsideCalls())

	type point struct {
		call  int
		after bool
	}
	var points []point
	for call := 1; call <= calls; call++ {
		points = append(points, point{call, false}, point{call, true})
	}
	if !*whole {
		rand.New(rand.NewPCG(firstSeed(), 0)).Shuffle(len(points), func(i, j int) { points[i], points[j] = points[j], points[i] })
		points = points[:min(len(points), 12)]
	}
	todo := make(chan point, len(points))
	for _, p := range points {
		todo <- p
	}
	close(todo)
	var all sync.WaitGroup
	var mu sync.Mutex
	crashes, once := 0, 0
	for i := range 4 {
		d := first
		if i > 0 {
			d = deploy(t, quick(), crashing(), nil)
			d.cutOffAfter(3)
		}
		all.Go(func() {
			for p := range todo {
				name, happened, made := crashRound(d, p.call, p.after)
				when := map[bool]string{false: "before", true: "after"}[p.after]
				mu.Lock()
				if happened {
					crashes++
				}
				if maps.Equal(made, want) {
					once++
				} else {
					t.Errorf("killed %s call %d, %s: the reloads are %v, want %v", when, p.call, name, keysOf(made), keysOf(want))
				}
				if letters := d.deadLetters(); len(letters) > 0 {
					t.Errorf("killed %s call %d, %s: in the dead-letter queue is %v", when, p.call, name, letters)
				}
				mu.Unlock()
			}
		})
	}
	all.Wait()
	fmt.Printf("crashes: %d points, %d exactly once (%d of them were reached, of %d calls)\n", len(points), once, crashes, calls)
	if crashes < len(points)*3/4 {
		t.Errorf("only %d of %d crashes happened", crashes, len(points))
	}
}
