// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// whole plays a good night of a chain, and returns how many reloads it asked for.
func whole(shape run.Shape, origins []string) int {
	s := &run.State{Begin: at("18:00"), End: at("18:00").Add(24 * time.Hour)}
	now := at("19:00")
	queue := run.Decide(s, rules{}, now, run.Began{Run: run.Run{ID: "N", At: now, Origins: origins, Shape: shape}})
	requests := 0
	for len(queue) > 0 {
		e := queue[0]
		queue = queue[1:]
		if e.Kind != run.EffectRequest {
			continue
		}
		requests++
		now = now.Add(time.Second)
		queue = append(queue, run.Decide(s, rules{}, now, run.Ended{Result: run.Result{
			Step: e.Step, Run: e.Run, Reload: fmt.Sprint(requests), Outcome: success, Attempt: 1, Started: now, Ended: now,
		}})...)
	}
	return requests
}

// tree is a chain of n steps. Each starts two others.
func tree(n int) run.Shape {
	s := run.Shape{"s0000": {For: run.WaitForAll}}
	for i := 1; i < n; i++ {
		s[fmt.Sprintf("s%04d", i)] = run.Waits{
			For: run.WaitForAll, After: map[string]chain.Condition{fmt.Sprintf("s%04d", (i-1)/2): chain.ConditionSuccess},
		}
	}
	return s
}

// fanIn is one step after n others.
func fanIn(n int) (run.Shape, []string) {
	s, after, origins := run.Shape{}, map[string]chain.Condition{}, []string{}
	for i := range n {
		name := fmt.Sprintf("s%04d", i)
		s[name], after[name] = run.Waits{For: run.WaitForAll}, chain.ConditionSuccess
		origins = append(origins, name)
	}
	s["end"] = run.Waits{For: run.WaitForAll, After: after}
	return s, origins
}

// ownRuns plays a fan-in with each upstream in a run of its own, and returns how many reloads were asked for and
// how long the longest event took.
func ownRuns(shape run.Shape, origins []string) (requests int, longest time.Duration) {
	s := &run.State{Begin: at("18:00"), End: at("18:00").Add(24 * time.Hour)}
	now := at("19:00")
	for i, origin := range origins {
		now = now.Add(time.Second)
		begin := time.Now()
		for _, e := range run.Decide(s, rules{}, now, run.Reloaded{
			Run:    run.Run{ID: fmt.Sprintf("R%04d", i), At: now, Origins: []string{origin}, Shape: shape, ByHand: true},
			Result: run.Result{Step: origin, Reload: fmt.Sprint(i), Outcome: success, Attempt: 1, Started: now, Ended: now},
		}) {
			if e.Kind == run.EffectRequest {
				requests++
			}
		}
		longest = max(longest, time.Since(begin))
	}
	return requests, longest
}

func BenchmarkTreeOf1000(b *testing.B) {
	shape := tree(1000)
	for b.Loop() {
		if have := whole(shape, []string{"s0000"}); have != 1000 {
			b.Fatal(have)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/1001, "us/event")
}

func BenchmarkFanInOf300(b *testing.B) {
	shape, origins := fanIn(300)
	for b.Loop() {
		if have := whole(shape, origins); have != 301 {
			b.Fatal(have)
		}
	}
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/302, "us/event")
}

func BenchmarkFanInOf300Runs(b *testing.B) {
	shape, origins := fanIn(300)
	var longest time.Duration
	for b.Loop() {
		have, event := ownRuns(shape, origins)
		if have != 1 {
			b.Fatal(have)
		}
		longest = max(longest, event)
	}
	b.ReportMetric(float64(longest.Microseconds()), "us/longest")
	b.ReportMetric(float64(b.Elapsed().Microseconds())/float64(b.N)/300, "us/event")
}
