// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"maps"
	"slices"
	"time"
)

// maxSharedResults is the maximum number of results that two compared guards may read together.
const maxSharedResults = 4

// exclusions finds and caches which steps' guards exclude each other. It refers to steps by number.
type exclusions struct {
	steps     func(i int) Step
	guards    map[string]*cachedGuard // by expression; nil: it does not compile
	compared  []bitSet                // by step: the steps it was compared with
	exclusive []bitSet                // by step: those of them that it excludes
}

// cachedGuard is a guard with its cached results.
type cachedGuard struct {
	*Guard
	answers map[string][]uint64 // by case: one bit for each day
}

func newExclusions(number int, steps func(i int) Step) *exclusions {
	return &exclusions{steps: steps, guards: map[string]*cachedGuard{}, compared: make([]bitSet, number), exclusive: make([]bitSet, number)}
}

// among returns two of the steps if their guards are never both true in a run. found is false if there are none.
func (x *exclusions) among(guarded bitSet) (a, b int, found bool) {
	for i := range guarded.each() {
		if x.compared[i] == nil {
			x.compared[i], x.exclusive[i] = newBits(len(x.compared)), newBits(len(x.compared))
		}
		for j := range guarded.without(x.compared[i]).each() {
			x.compared[i].set(j)
			if i < j && x.compare(x.steps(i), x.steps(j)) {
				x.exclusive[i].set(j)
			}
		}
		excluded := slices.Clone(x.exclusive[i])
		excluded.keep(guarded)
		for j := range excluded.each() {
			return i, j, true
		}
	}
	return 0, 0, false
}

// compare evaluates both guards in every possible case. It returns false for guards that read more than the cycle's date, results, and the
// status of the one upstream that both steps share: it cannot compare these.
func (x *exclusions) compare(a, b Step) bool {
	one, other := x.guard(a.When), x.guard(b.When)
	if one == nil || other == nil {
		return false
	}
	results := slices.Compact(slices.Sorted(slices.Values(slices.Concat(one.results, other.results))))
	statuses := []Outcome{OutcomeSuccess}
	for _, name := range slices.Concat(one.variables(), other.variables()) {
		switch {
		case slices.Contains(guardDates, name):
		case name == guardResults && len(results) <= maxSharedResults && settled(a) && settled(b):
		case name == "status" && sameUpstream(a, b):
			statuses = []Outcome{OutcomeSuccess, OutcomeFailure, OutcomeCanceled}
		default:
			return false
		}
	}
	// Guards without a year repeat after 28 years, which contain each date on each day of the week.
	years := 28
	if slices.ContainsFunc([]*cachedGuard{one, other}, func(g *cachedGuard) bool { return g.used["year"] || g.used["date"] }) {
		years = 150
	}
	for _, status := range statuses {
		for _, words := range assignments(results) {
			in := GuardInput{Outcome: status, Results: words}
			for days := range years * 366 / 64 {
				if one.answer(in, days)&other.answer(in, days) != 0 {
					return false
				}
			}
		}
	}
	return true
}

func (x *exclusions) guard(expression string) *cachedGuard {
	guard, known := x.guards[expression]
	if !known {
		if compiled, problem := compileGuard(expression); problem == nil {
			guard = &cachedGuard{Guard: compiled, answers: map[string][]uint64{}}
		}
		x.guards[expression] = guard
	}
	return guard
}

func (g *cachedGuard) variables() []string { return slices.Collect(maps.Keys(g.used)) }

// answer returns a bit for each of 64 days. A bit is set if the guard is true or cannot be evaluated.
func (g *cachedGuard) answer(in GuardInput, days int) uint64 {
	ofCase := string(in.Outcome)
	for _, step := range g.results {
		ofCase += " " + in.Results[step]
	}
	for known := len(g.answers[ofCase]); known <= days; known++ {
		var word uint64
		for day := range 64 {
			in.Date = time.Date(2000, 1, 1+64*known+day, 0, 0, 0, 0, time.UTC)
			if pass, err := g.Eval(in); pass || err != nil {
				word |= 1 << day
			}
		}
		g.answers[ofCase] = append(g.answers[ofCase], word)
	}
	return g.answers[ofCase][days]
}

// settled reports whether all upstreams of a step have a result when its guard is evaluated.
func settled(s Step) bool {
	return len(s.After) < 2 || s.WaitsFor() == WaitForAll || s.WaitsFor() == WaitForAllSettled
}

func sameUpstream(a, b Step) bool {
	return len(a.After) == 1 && len(b.After) == 1 && slices.Equal(a.Upstreams(), b.Upstreams())
}

// assignments returns all combinations of results of these steps.
func assignments(steps []string) []map[string]string {
	all := []map[string]string{{}}
	for _, step := range steps {
		var more []map[string]string
		for _, known := range all {
			for _, word := range GuardResults() {
				one := maps.Clone(known)
				one[step] = word
				more = append(more, one)
			}
		}
		all = more
	}
	return all
}
