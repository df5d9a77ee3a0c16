// SPDX-License-Identifier: MPL-2.0

package explain

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// stepClauses describes what differs between two forms of a step: the rest of a sentence about it.
func stepClauses(before, after *chain.Definition, old, step chain.Step) []string {
	var clauses []string
	add := func(changed bool, format string, args ...any) {
		if changed {
			clauses = append(clauses, fmt.Sprintf(format, args...))
		}
	}
	add(old.Target() != step.Target(), "%s", targetClause(old, step))
	clauses = append(clauses, linkClauses(old, step)...)
	if old.WaitsFor() != step.WaitsFor() && len(step.After) > 1 {
		clauses = append(clauses, "waits for "+waits[step.WaitsFor()])
	}
	add(old.Enabled && !step.Enabled, "is disabled")
	add(!old.Enabled && step.Enabled, "is enabled")
	if old.When != step.When {
		add(step.When != "", "starts only when `%s`", strings.Join(strings.Fields(step.When), " "))
		add(step.When == "", "starts whatever its guard said, which is removed")
	}
	if old.Delay != step.Delay {
		add(step.Delay != 0, "starts %s after it is due", step.Delay)
		add(step.Delay == 0, "starts as soon as it is due")
	}
	if a, b := old.Retry.Attempts(), step.Retry.Attempts(); a != b {
		add(b > 1, "is tried up to %d times instead of %d", b, a)
		add(b == 1, "is tried once instead of up to %d times", a)
	}
	clauses = append(clauses, scheduleClause(before, after, old.Schedule, step.Schedule)...)
	a, b := old, step
	for _, s := range []*chain.Step{&a, &b} { // what the clauses above describe
		s.App, s.Automation, s.After, s.WaitFor, s.Enabled, s.When, s.Delay, s.Schedule = "", "", nil, "", true, "", 0, nil
		if old.Target() != step.Target() {
			s.DataTask, s.Signal = nil, nil
		}
		if sameButAttempts(old.Retry, step.Retry) {
			s.Retry = nil
		}
	}
	return append(clauses, others(a, b)...)
}

// sameButAttempts reports whether two retries differ in nothing but the number of attempts. A default may be spelled out in one of them.
func sameButAttempts(a, b *chain.Retry) bool {
	if a == nil || b == nil {
		return true
	}
	for _, failure := range chain.RetryOns() {
		if a.Covers(string(failure)) != b.Covers(string(failure)) {
			return false
		}
	}
	return a.Wait(2) == b.Wait(2) && a.Wait(3) == b.Wait(3) // the interval, and with the rate the wait after it
}

func targetClause(old, step chain.Step) string {
	if kind := step.Kind(); kind != old.Kind() {
		return map[chain.Kind]string{
			chain.KindApp: "reloads an app", chain.KindAutomation: "runs an automation", chain.KindDataTask: "runs a data task",
			chain.KindSignal: "waits for a signal",
		}[kind] + " instead of " + map[chain.Kind]string{
			chain.KindApp: "reloading an app", chain.KindAutomation: "running an automation", chain.KindDataTask: "running a data task",
			chain.KindSignal: "waiting for a signal",
		}[old.Kind()]
	}
	return map[chain.Kind]string{
		chain.KindApp: "reloads another app", chain.KindAutomation: "runs another automation", chain.KindDataTask: "runs another data task",
		chain.KindSignal: "waits for another signal",
	}[step.Kind()]
}

var waits = map[chain.WaitFor]string{
	chain.WaitForAll: "all of its upstreams", chain.WaitForAny: "the first of its upstreams only",
	chain.WaitForAllStarted: "those of its upstreams that start", chain.WaitForAllSettled: "all of its upstreams, however they end",
}

// linkClauses describes what differs in the upstreams.
func linkClauses(old, step chain.Step) []string {
	var fresh, gone, clauses []string
	for _, upstream := range slices.Sorted(maps.Keys(step.After)) {
		condition := step.After[upstream]
		was, known := old.After[upstream]
		switch {
		case !known && condition == chain.ConditionSuccess:
			fresh = append(fresh, upstream)
		case !known:
			fresh = append(fresh, end(condition, upstream))
		case was != condition && condition == chain.ConditionCompletion:
			clauses = append(clauses, "starts on any end of "+upstream)
		case was != condition:
			only := " only"
			if step.WaitsFor() == chain.WaitForAny && len(step.After) > 1 { // the others start it too
				only = ""
			}
			clauses = append(clauses, fmt.Sprintf("starts on %s of %s%s", condition, upstream, only))
		}
	}
	for _, upstream := range slices.Sorted(maps.Keys(old.After)) {
		if _, still := step.After[upstream]; !still {
			gone = append(gone, upstream)
		}
	}
	switch kept := len(step.After) - len(fresh); {
	case len(fresh) > 0 && kept == 0 && len(gone) == 0:
		clauses = append(clauses, "no longer begins the chain: it "+starts(step))
	case len(fresh) > 0 && kept == 0:
		clauses = append(clauses, starts(step)+" instead of "+chain.Listed(gone))
		gone = nil
	case len(fresh) > 0 && step.WaitsFor() == chain.WaitForAny:
		clauses = append(clauses, "also starts after "+chain.Listed(fresh))
	case len(fresh) > 0:
		clauses = append(clauses, "also waits for "+chain.Listed(fresh))
	}
	switch {
	case len(gone) > 0 && len(step.After) == 0:
		clauses = append(clauses, "begins the chain: it no longer starts after "+chain.Listed(gone))
	case len(gone) > 0 && old.WaitsFor() == chain.WaitForAny:
		clauses = append(clauses, "no longer starts after "+chain.Listed(gone))
	case len(gone) > 0:
		clauses = append(clauses, "no longer waits for "+chain.Listed(gone))
	}
	return clauses
}

func scheduleClause(before, after *chain.Definition, old, schedule *chain.Schedule) []string {
	if reflect.DeepEqual(old, schedule) {
		return nil
	}
	if schedule == nil {
		return []string{"no longer starts by a schedule (before: " + before.DescribeSchedule(old) + ")"}
	}
	text := "starts by a schedule: " + after.DescribeSchedule(schedule)
	if old != nil {
		if was := before.DescribeSchedule(old); was != after.DescribeSchedule(schedule) {
			return []string{text + " (before: " + was + ")"}
		}
		return []string{text + ", with other variables"}
	}
	return []string{text}
}

// others describes the differences in attributes that no clause describes.
func others(old, step any, said ...string) []string {
	a, b := attributes(old), attributes(step)
	all := maps.Clone(a)
	maps.Copy(all, b)
	var clauses []string
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if slices.Contains(said, name) || a[name] == b[name] {
			continue
		}
		switch {
		case b[name] == "":
			clauses = append(clauses, fmt.Sprintf("has no %s (before: %s)", name, a[name]))
		case a[name] == "":
			clauses = append(clauses, fmt.Sprintf("has %s = %s", name, b[name]))
		default:
			clauses = append(clauses, fmt.Sprintf("has %s = %s (before: %s)", name, b[name], a[name]))
		}
	}
	return clauses
}

// attributes returns the JSON of each attribute that is set.
func attributes(value any) map[string]string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err) // definitions are plain data
	}
	var raw map[string]json.RawMessage
	if err := json.Unmarshal(text.Bytes(), &raw); err != nil {
		panic(err)
	}
	all := map[string]string{}
	for name, value := range raw {
		all[name] = string(value)
	}
	return all
}

// chainSentences describes what differs beside the steps.
func chainSentences(before, after *chain.Definition) []string {
	var sentences []string
	for _, clause := range scheduleClause(before, after, before.Schedule, after.Schedule) {
		sentences = append(sentences, "The chain "+clause+".")
	}
	for _, clause := range others(before, after, "steps", "schedule", "version") {
		sentences = append(sentences, "The chain "+clause+".")
	}
	return sentences
}
