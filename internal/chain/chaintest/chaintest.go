// SPDX-License-Identifier: MPL-2.0

// Package chaintest makes random chains for tests, and large ones.
package chaintest

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// AppID returns the id of the n-th app.
func AppID(n int) string { return fmt.Sprintf("80c6f35f-c9d7-4488-bb5a-%012x", n) }

// Tree makes a chain with a number of steps. Each but the first has one step before it, and each but the last ones has three after it.
func Tree(steps int) *chain.Definition {
	d := &chain.Definition{Version: chain.Version, Name: "tree", Steps: make(map[string]chain.Step, steps)}
	name := func(i int) string { return fmt.Sprintf("app %04d", i) }
	for i := range steps {
		s := chain.Step{App: AppID(i), Enabled: true}
		if i > 0 {
			s.After = map[string]chain.Condition{name((i - 1) / 3): chain.ConditionSuccess}
		}
		d.Steps[name(i)] = s
	}
	return d
}

// Random makes a valid chain of 2 to the given number of steps, with the given number of roots. It uses every way to wait, guards, retries,
// delays, disabled steps and schedules of steps.
func Random(r *rand.Rand, steps, roots int) *chain.Definition {
	n := 2 + r.IntN(steps-1)
	roots = min(roots, n-1)
	d := &chain.Definition{Version: chain.Version, Name: "random", Timezone: "UTC", Steps: make(map[string]chain.Step, n)}
	for i := range n {
		s := chain.Step{App: AppID(i + 1), Enabled: i < roots || r.IntN(20) > 0}
		if i < roots {
			if r.IntN(3) == 0 {
				s.Schedule = &chain.Schedule{Cron: fmt.Sprintf("%d %d * * ? *", r.IntN(60), r.IntN(24))}
			}
		} else {
			follow(r, &s, i)
		}
		if r.IntN(4) == 0 {
			s.Retry = &chain.Retry{MaxAttempts: 2 + r.IntN(2), Interval: chain.Duration(time.Minute)}
		}
		d.Steps[stepName(i)] = s
		if len(d.Validate()) > 0 { // it could never start: it waits for several steps that exclude each other
			first := s.Upstreams()[0]
			s.After, s.WaitFor, s.When = map[string]chain.Condition{first: s.After[first]}, "", ""
			d.Steps[stepName(i)] = s
		}
	}
	return d
}

func stepName(i int) string { return fmt.Sprintf("s%02d", i) }

// follow makes the i-th step start after some of the steps before it.
func follow(r *rand.Rand, s *chain.Step, i int) {
	s.After = map[string]chain.Condition{}
	wants := 1
	if r.IntN(2) == 0 {
		wants = 1 + r.IntN(min(i, 4))
	}
	upstream := ""
	for range wants {
		upstream = stepName(r.IntN(i))
		s.After[upstream] = chain.Conditions()[[]int{0, 0, 0, 1, 2}[r.IntN(5)]]
	}
	if len(s.After) > 1 {
		s.WaitFor = chain.WaitFors()[[]int{0, 0, 0, 1, 2, 3}[r.IntN(6)]]
	}
	if r.IntN(8) == 0 {
		s.Delay = chain.Duration(time.Duration(1+r.IntN(10)) * time.Minute)
	}
	if r.IntN(8) == 0 {
		s.When = []string{
			`status == "success"`, `attempt < 2`, `year > 2000`, fmt.Sprintf("upstream == %q", upstream),
			fmt.Sprintf(`results[%q] != "failed"`, upstream),
		}[r.IntN(5)]
	}
}

// Project is the id of the data project of the data tasks that Mix makes.
const Project = "65f2a4b7c1d2e3f405162738"

// Mix makes automations and data tasks of some steps of a chain.
func Mix(r *rand.Rand, d *chain.Definition) {
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		s := d.Steps[key]
		if s.App == "" {
			continue
		}
		switch r.IntN(3) {
		case 0:
			s.Automation, s.App = s.App, ""
		case 1:
			s.DataTask, s.App = &chain.DataTask{Project: Project, Task: "task-" + s.App[len(s.App)-4:]}, ""
		default:
			continue
		}
		d.Steps[key] = s
	}
}

// Endings returns random ends of reloads: a step with retries may fail first.
func Endings(seed uint64, d *chain.Definition) func(step string, attempt int) string {
	return func(step string, attempt int) string {
		r := rand.New(rand.NewPCG(seed, uint64(step[1])<<8|uint64(step[2]))) //nolint:gosec // to be repeatable, not secret
		statuses := []string{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "SUCCEEDED", "FAILED", "EXCEEDED_LIMIT", "CANCELED"}
		if d.Steps[step].Retry != nil && attempt <= r.IntN(4) {
			return "FAILED"
		}
		return statuses[r.IntN(len(statuses))]
	}
}

// Roots returns the steps where a chain begins, sorted.
func Roots(d *chain.Definition) []string {
	var roots []string
	for key, s := range d.Steps {
		if len(s.After) == 0 {
			roots = append(roots, key)
		}
	}
	slices.Sort(roots)
	return roots
}
