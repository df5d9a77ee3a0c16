// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// sameAfter compares a state with the one before it after its changes were made to that.
func sameAfter(s, before *run.State) error {
	changes := s.Since(before)
	if !reflect.DeepEqual(s.Clone(), patched(before, s, changes)) {
		return fmt.Errorf("the changes %v are not all", changes)
	}
	return nil
}

// patched makes changes to a state.
func patched(before, s *run.State, changes []run.Change) *run.State {
	p := before.Clone()
	p.Paused = s.Paused
	for _, c := range changes {
		switch c.Kind {
		case run.ChangeBegun:
			r := *s.Runs[c.Run]
			r.Steps, r.Canceled, r.Ended = map[string]*run.Facts{}, false, ""
			p.Runs[c.Run] = &r
		case run.ChangeCanceled:
			p.Runs[c.Run].Canceled = true
		case run.ChangeRun:
			r := s.Runs[c.Run]
			p.Runs[c.Run].Queued, p.Runs[c.Run].From, p.Runs[c.Run].Overran = r.Queued, r.From, r.Overran
		case run.ChangeFacts:
			p.Runs[c.Run].Steps[c.Step] = c.After
		case run.ChangeEnded:
			p.Runs[c.Run].Ended = s.Runs[c.Run].Ended
		case run.ChangeCycleOver:
			p.Over = true
		}
	}
	return p
}

func TestSince(t *testing.T) {
	t.Parallel()
	n := newNight(t, "b: a; d: c", rules{delay: map[string]time.Duration{"b": time.Hour}})
	since := func(take func(), want ...string) {
		t.Helper()
		before := n.state.Clone()
		take()
		var have []string
		for _, c := range n.state.Since(before) {
			text := string(c.Kind) + " " + c.Run + " " + c.Step
			if c.Kind == run.ChangeFacts {
				text += fmt.Sprintf(" new=%v", c.Before == nil)
			}
			have = append(have, text)
		}
		if !slices.Equal(have, want) {
			t.Errorf("changes %q, want %q", have, want)
		}
	}
	since(func() {})
	since(func() { n.begin("02:00", "N", "a", "c") }, "begun N ", "facts N a new=true", "facts N c new=true")
	since(func() { n.ends("02:10", "N", "a", success) }, "facts N a new=false", "facts N b new=true")
	since(func() { n.ends("02:20", "N", "c", failure) }, "facts N c new=false")
	since(func() { n.take("03:10", run.Woke{Run: "N", Step: "b", Attempt: 1}) }, "facts N b new=false")
	since(func() { n.byHand("03:11", "A", "d", success) }, "begun A ", "facts A d new=true", "ended A ")
	since(func() { n.take("03:20", run.Canceled{Run: "N"}) }, "canceled N ", "ended N ")
	n.rules.longest = map[string]time.Duration{"": time.Minute}
	n.begin("04:00", "M", "a")
	since(func() { n.take("04:10", run.Overran{Run: "M"}) }, "run M ")
	since(func() { n.take("17:59", run.CycleEnded{}) }, "cycle_over  ")
}

// TestRunsOfOneShape checks that runs of one shape cover their own steps, whatever the names are, also after a Clone.
func TestRunsOfOneShape(t *testing.T) {
	t.Parallel()
	shape := run.Shape{"a": {}, "b": {}, "a b": {}, "c": {After: map[string]chain.Condition{"a b": chain.ConditionSuccess}}}
	s := &run.State{Begin: at("18:00"), End: at("18:00").Add(24 * time.Hour), Runs: map[string]*run.Run{
		"1": {ID: "1", At: at("19:00"), Origins: []string{"a", "b"}, Shape: shape},
		"2": {ID: "2", At: at("20:00"), Origins: []string{"a b"}, Shape: shape},
		"3": {ID: "3", At: at("21:00"), Origins: []string{"a b"}, Shape: run.Shape{"a b": {}}},
	}}
	want := `map["1":["a" "b"] "2":["a b" "c"] "3":["a b"]]`
	for range 2 {
		covered := map[string][]string{}
		for id, steps := range s.Evaluate(rules{}) {
			covered[id] = slices.Sorted(maps.Keys(steps))
		}
		if have := fmt.Sprintf("%q", covered); have != want {
			t.Errorf("covered are %q", covered)
		}
		s = s.Clone()
	}
}
