// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// predicted lists the reloads of one run that begins at these steps, as the model has it, as made does.
func (w *world) predicted(origins ...string) []string {
	return w.predictedBy(w.index.Definition(), origins...)
}

// predictedAlone is predicted for a chain of one step.
func (w *world) predictedAlone(name string) []string {
	step := w.index.Definition().Steps[name]
	step.After = nil
	return w.predictedBy(&chain.Definition{Steps: map[string]chain.Step{name: step}}, name)
}

func (w *world) predictedBy(d *chain.Definition, origins ...string) []string {
	names, ids := map[string]string{}, []string{}
	for name := range d.Steps {
		names[w.stepID(name)] = name
	}
	for _, origin := range origins {
		ids = append(ids, w.stepID(origin))
	}
	m := modelOf(d)
	var made []string
	clock := int64(0)
	due := m.Begin(reference.Run{ID: "run", Cycle: "cycle", Origins: ids})
	for len(due) > 0 {
		name := names[due[0].Step]
		outcome, attempts := "", 1
		if retry := d.Steps[name].Retry; retry != nil {
			attempts = retry.MaxAttempts
		}
		for n := 1; n <= attempts; n++ {
			made = append(made, fmt.Sprintf("%s #%d", name, n))
			outcome = map[string]string{"SUCCEEDED": reference.Succeeded, "CANCELED": reference.Canceled}[w.ending(name, n)]
			if outcome != "" {
				break
			}
			outcome = reference.Failed
		}
		clock++
		more := m.End(reference.Result{Run: "run", Step: due[0].Step, Outcome: outcome, Reload: fmt.Sprint(clock), Start: clock, End: clock})
		due = append(due[1:], more...)
	}
	slices.Sort(made)
	return made
}

// twice lists what was started more than once: a step in a run, with the same results, or two reloads for one attempt.
func (w *world) twice() []string {
	w.t.Helper()
	var wrong []string
	uses, reloads := map[string]string{}, map[string]string{}
	for key, doc := range w.store.Items() {
		switch {
		case strings.HasPrefix(key.PK, "CYCLE#"):
			f, says := factOf(key, doc)
			if !says || f.started == nil || len(f.started.Uses) == 0 {
				continue
			}
			used := fmt.Sprint(f.cycle, f.step, f.started.Uses)
			if other, taken := uses[used]; taken {
				wrong = append(wrong, fmt.Sprintf("%s was started in %s and in %s with the same results", f.step, other, f.run))
			}
			uses[used] = f.run
		case strings.HasPrefix(key.SK, "START#"):
			var s engine.Start
			if err := json.Unmarshal([]byte(doc), &s); err != nil {
				w.t.Fatal(err)
			}
			if s.Reload == "" {
				continue
			}
			if other, taken := reloads[s.Reload]; taken {
				wrong = append(wrong, fmt.Sprintf("the reload %s carries out %s and %s", s.Reload, other, key.PK+key.SK))
			}
			reloads[s.Reload] = key.PK + key.SK
		}
	}
	for _, r := range w.reloads {
		if reloads[r.recordedID()] == "" {
			wrong = append(wrong, fmt.Sprintf("no start has the reload %s of %s by %s", r.ID, r.step, r.Type))
		}
	}
	return wrong
}

// inDoubt lists how what the table holds in the end differs from what the model makes of the same facts: in the standings, the ends of the
// runs, and in what is left to decide. What an operator skips when a run has ended, or in that moment, changes nothing in that run: the
// execution that wrote the end had not read it.
func (w *world) inDoubt() []string {
	w.t.Helper()
	items := w.store.Items()
	m := w.modelOfAll(items, math.MaxInt)
	var wrong []string
	for _, r := range m.Runs {
		doubts := w.doubts(items, m, r.ID)
		if len(doubts) > 0 && slices.ContainsFunc(w.readBeforeTheEnd(r.ID), func(read int) bool {
			return len(w.doubts(items, w.modelOfAll(items, read), r.ID)) == 0
		}) {
			continue
		}
		wrong = append(wrong, doubts...)
	}
	return wrong
}

// readBeforeTheEnd is how many entries the journal had each time when the execution that wrote a run's end had read a cycle. It may have
// read one again for something else, beside the end.
func (w *world) readBeforeTheEnd(run string) []int {
	for _, e := range w.journal.entries {
		if slices.ContainsFunc(e.facts, func(f fact) bool { return f.run == run && f.ended != "" }) {
			return e.seen
		}
	}
	return nil
}

// modelOfAll is the model that knows all facts in the table, but for what operators have skipped after so many entries of the journal.
func (w *world) modelOfAll(items map[engine.Key]string, entries int) *reference.Model {
	w.t.Helper()
	m, ends := modelOf(w.index.Definition()), map[string]time.Time{}
	for _, prefix := range []string{"R#", "S#", "E#", "K#", "CANCELED#", "OVER"} {
		for _, key := range sortedKeys(items) {
			f, says := factOf(key, items[key])
			if !says || !strings.HasPrefix(key.SK, prefix) {
				continue
			}
			if f.skips() && w.writtenAt(f) >= entries {
				continue
			}
			if f.ended != "" { // the run's item holds how it began, too
				begun, _ := factOf(key, strings.Replace(items[key], `"status":`, `"was":`, 1))
				take(m, begun, ends)
			}
			take(m, f, ends)
		}
	}
	return m
}

// skips reports whether a fact is that an operator skips a step in its cycle, or what follows from that in a run.
func (f fact) skips() bool {
	return f.waived != "" || f.passed != nil && f.passed.Kind == reference.Operator
}

// writtenAt is the index of the first entry of the journal with what an operator skips.
func (w *world) writtenAt(f fact) int {
	return slices.IndexFunc(w.journal.entries, func(e entry) bool {
		return slices.ContainsFunc(e.facts, func(other fact) bool {
			return other.skips() && other.waived == f.waived && other.cycle == f.cycle && other.run == f.run && other.step == f.step
		})
	})
}

// doubts are those about one run.
func (w *world) doubts(items map[engine.Key]string, m *reference.Model, id string) []string {
	w.t.Helper()
	have := map[string]struct{ Status, Skip string }{}
	for key, doc := range items {
		if key.PK != "RUN#"+id || !strings.HasPrefix(key.SK, "STANDINGS#") {
			continue
		}
		if err := json.Unmarshal([]byte(doc), &have); err != nil {
			w.t.Fatal(err)
		}
	}
	var wrong []string
	stands := m.Standings()[id]
	for step, s := range stands {
		h := have[step]
		switch {
		case h.Status == s.Is && h.Skip == s.Kind:
		case h.Status == reference.Canceled && slices.Contains(m.Stopped, id): // its reload ended later
		default:
			wrong = append(wrong, fmt.Sprintf("%s of %s: the table has %s %s, the model %s %s", step, id, h.Status, h.Skip, s.Is, s.Kind))
		}
	}
	if len(have) != len(stands) {
		wrong = append(wrong, fmt.Sprintf("the run %s covers %d steps, in the model %d", id, len(have), len(stands)))
	}
	for _, e := range m.Ended {
		if status := m.Status(e.Run, stands); e.Run == id && status != e.Status {
			wrong = append(wrong, fmt.Sprintf("the run %s has ended %s, in the model %s", id, e.Status, status))
		}
	}
	undecided := *m
	undecided.Ended = nil
	for _, request := range undecided.Look() {
		if request.Run == id {
			wrong = append(wrong, fmt.Sprintf("%s of %s was never started", request.Step, id))
		}
	}
	return wrong
}

// reloadsWhat reports whether the reload of the run that goes on with a step has begun when all had ended that the step's own start has
// used.
func (w *world) reloadsWhat(m *reference.Model, f fact) bool {
	var used int64
	for _, s := range m.Starts {
		for _, u := range s.Uses {
			i := slices.IndexFunc(m.Results, func(r reference.Result) bool { return r.Reload == u.Reload })
			if s.Run == f.run && s.Step == f.step && i >= 0 {
				used = max(used, m.Results[i].End)
			}
		}
	}
	return slices.ContainsFunc(w.journal.entries, func(e entry) bool {
		return slices.ContainsFunc(e.facts, func(other fact) bool {
			return other.result != nil && other.run == f.continued.In && other.step == f.step && other.result.Start >= used
		})
	})
}

func sortedKeys(items map[engine.Key]string) []engine.Key {
	return slices.SortedFunc(maps.Keys(items), func(a, b engine.Key) int { return strings.Compare(a.PK+"\x00"+a.SK, b.PK+"\x00"+b.SK) })
}

// unjustified lists the decisions in the journal that the model does not come to when it knows what the execution knew that has taken them.
func (w *world) unjustified() []string {
	var wrong []string
	for i, e := range w.journal.entries {
		for n, f := range e.facts {
			if f.decision() && !w.justified(i, n) {
				wrong = append(wrong, fmt.Sprintf("%s of %s: %+v %+v %+v", f.step, f.run, f.started, f.passed, f.continued))
			}
		}
	}
	return wrong
}

// justified reports whether the model, with what an execution had read when it decided a fact, comes to the same.
func (w *world) justified(at, number int) bool {
	e := w.journal.entries[at]
	f := e.facts[number]
	if len(e.seen) == 0 {
		return false
	}
	for _, seen := range slices.Backward(e.seen) {
		for _, knew := range slices.Backward(e.knew) {
			if w.follows(seen, knew, w.own(at, number, seen), f) {
				return true
			}
		}
	}
	return false
}

// follows reports whether the model comes to a decision when it knows so much, and takes the other facts of the same execution in some
// order.
func (w *world) follows(seen, knew int, own []fact, f fact) bool {
	if w.decides(seen, knew, own, f) {
		return true
	}
	var known, left []fact
	for _, other := range own {
		if other.decision() {
			left = append(left, other)
		} else {
			known = append(known, other)
		}
	}
	for {
		if w.decides(seen, knew, known, f) {
			return true
		}
		next := slices.IndexFunc(left, func(other fact) bool { return w.decides(seen, knew, known, other) })
		if next < 0 {
			return false
		}
		known, left = append(known, left[next]), slices.Delete(left, next, next+1)
	}
}

// own are the other facts that the execution itself has written since it read.
func (w *world) own(at, number, seen int) []fact {
	var own []fact
	for i := seen; i < len(w.journal.entries); i++ {
		e := w.journal.entries[i]
		if e.by != w.journal.entries[at].by || !slices.Contains(e.seen, seen) || i > at && len(e.seen) > len(w.journal.entries[at].seen) {
			continue
		}
		for n, f := range e.facts {
			if i != at || n != number {
				own = append(own, f)
			}
		}
	}
	return own
}

func (w *world) decides(seen, knew int, own []fact, f fact) bool {
	m, ends := modelOf(w.index.Definition()), map[string]time.Time{}
	for i, e := range w.journal.entries[:max(seen, knew)] {
		for _, known := range e.facts {
			if known.canceled && i < knew || !known.canceled && i < seen {
				take(m, known, ends)
			}
		}
	}
	for _, known := range own {
		take(m, known, ends)
	}
	s, covered := m.Standings()[f.run][f.step]
	if !covered {
		return false
	}
	waits := w.index.Definition().Steps[w.nameOf(f.step)]
	switch {
	case f.started != nil:
		if s.Is != reference.Due || s.In != "" || s.Kind != "" || m.Disabled[f.step] || m.Refuses[f.step] {
			return s.Is == reference.UnderWay || w.byHand(f) // a further fact of the same start
		}
		return waits.WaitFor == chain.WaitForAny || slices.Equal(s.Uses, f.started.Uses)
	case f.passed != nil && f.passed.Kind == reference.Expired:
		return s.Is == reference.Waiting && len(m.Over) > 0
	case f.passed != nil:
		switch f.passed.Kind {
		case reference.Guard:
			return s.Is == reference.Due && m.Refuses[f.step]
		case reference.Disabled:
			return m.Disabled[f.step] && (s.Is == reference.Due || s.Is == reference.Waiting || s.Is == reference.Skipped &&
				s.Kind == reference.Disabled)
		default:
			return s.Is == reference.Due && s.Kind == f.passed.Kind
		}
	case s.Is == reference.UnderWay: // cut off at its start, it has found the reload of another run's start
		return w.reloadsWhat(m, f)
	default: // the other run goes on with it, or has taken the step while this one waited, or has used the same results
		if s.Is == reference.Due && s.In == f.continued.In || s.Meets {
			return true
		}
		return s.Is == reference.Due && slices.ContainsFunc(m.Starts,
			func(o reference.Start) bool { return o.Run == f.continued.In && o.Step == f.step })
	}
}

// byHand reports whether a start is the reload with which its run has begun.
func (w *world) byHand(f fact) bool {
	for _, e := range w.journal.entries {
		for _, other := range e.facts {
			if other.begun != nil && other.begun.run.ID == f.run {
				return other.begun.run.ByHand && slices.Contains(other.begun.run.Origins, f.step)
			}
		}
	}
	return false
}

// nameOf is the name of a step in the definition.
func (w *world) nameOf(id string) string {
	name, _ := w.index.StepOf(id)
	return name
}
