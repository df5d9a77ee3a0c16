// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"cmp"
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run/reference"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// journal is all that was written to the table, in the order of the writes, with what each execution had read before.
type journal struct {
	mu      sync.Mutex
	entries []entry
}

// entry is one transaction.
type entry struct {
	by    *execution
	seen  []int // how many entries there were when the execution had read a cycle; each time that it did
	knew  []int // the same for the orders
	facts []fact
}

// fact is what one write of the table says, for the model. Those that say nothing to it are left out.
type fact struct {
	run, step, cycle string

	begun     *beginning
	started   *reference.Start
	passed    *reference.Skip
	continued *reference.Mark
	result    *reference.Result
	ended     string // the run's status
	over      bool
	canceled  bool
	waived    string // a step that an operator skips
}

type beginning struct {
	run reference.Run
	end time.Time // of its cycle
}

// decision reports whether a fact is one that the engine has decided, not one that has come from outside.
func (f fact) decision() bool { return f.started != nil || f.passed != nil || f.continued != nil }

// docs of the table, as far as the model needs them.
type (
	runDocument struct {
		Run      string    `json:"run"`
		Cycle    string    `json:"cycle"`
		At       time.Time `json:"at"`
		Origins  []string  `json:"origins"`
		ByHand   bool      `json:"by_hand"`
		Only     bool      `json:"only"`
		CycleEnd time.Time `json:"cycle_end"`
		Status   string    `json:"status"`
	}
	stepDocument struct {
		Uses      []reference.Use `json:"uses"`
		At        time.Time       `json:"at"`
		Passed    string          `json:"passed"`
		Continued string          `json:"continued"`
	}
	endDocument struct {
		Reload  string    `json:"reload"`
		Outcome string    `json:"outcome"`
		Started time.Time `json:"started"`
		Ended   time.Time `json:"ended"`
		Next    time.Time `json:"next"`
	}
)

// modelOutcome are the model's words for the outcomes.
var modelOutcome = map[string]string{"success": reference.Succeeded, "failure": reference.Failed, "canceled": reference.Canceled}

// factOf reads what an item says; false: nothing that the model knows.
func factOf(key engine.Key, doc string) (fact, bool) {
	read := func(to any) {
		if err := json.Unmarshal([]byte(doc), to); err != nil {
			panic(err)
		}
	}
	if id, canceled := strings.CutPrefix(key.SK, "CANCELED#"); canceled && key.PK == chain.NowPK {
		return fact{run: id, canceled: true}, true
	}
	cycle, of := strings.CutPrefix(key.PK, "CYCLE#")
	if !of {
		return fact{}, false
	}
	parts := strings.Split(key.SK, "#")
	f := fact{cycle: cycle}
	if len(parts) > 1 {
		f.run = parts[1]
	}
	if len(parts) > 2 {
		f.step = parts[2]
	}
	switch parts[0] {
	case "R":
		var d runDocument
		read(&d)
		if f.ended = d.Status; f.ended == "" {
			f.begun = &beginning{reference.Run{ID: d.Run, Cycle: d.Cycle, Begins: d.At.UnixNano(), Origins: d.Origins, ByHand: d.ByHand,
				Only: d.Only}, d.CycleEnd}
		}
	case "S":
		var d stepDocument
		read(&d)
		switch {
		case d.Continued != "":
			f.continued = &reference.Mark{Run: f.run, Step: f.step, In: d.Continued}
		case d.Passed != "":
			f.passed = &reference.Skip{Run: f.run, Step: f.step, Kind: d.Passed, Uses: d.Uses}
		default:
			f.started = &reference.Start{Run: f.run, Step: f.step, Uses: d.Uses}
		}
	case "E":
		var d endDocument
		read(&d)
		if !d.Next.IsZero() { // another attempt follows
			return fact{}, false
		}
		f.result = &reference.Result{
			Run: f.run, Step: f.step, Outcome: modelOutcome[d.Outcome], Reload: d.Reload, Start: d.Started.UnixNano(), End: d.Ended.UnixNano(),
		}
	case "K":
		f = fact{cycle: cycle, waived: parts[1]}
	case "OVER":
		f.over = true
	default:
		return fact{}, false
	}
	return f, true
}

// write notes a transaction that was carried out. The caller holds mu.
func (j *journal) write(x *execution, writes []engine.Write) {
	e := entry{by: x, seen: slices.Clone(x.seen), knew: slices.Clone(x.knew)}
	for _, w := range writes {
		if w.Delete {
			continue
		}
		doc, err := json.Marshal(w.Doc)
		if err != nil {
			panic(err)
		}
		if f, says := factOf(w.Key, string(doc)); says {
			e.facts = append(e.facts, f)
		}
	}
	if len(e.facts) > 0 {
		j.entries = append(j.entries, e)
	}
}

// modelOf is the model of a chain: its steps by their ids, upstream first.
func modelOf(d *chain.Definition) *reference.Model {
	var steps []reference.Step
	placed := map[string]bool{}
	var place func(name string)
	place = func(name string) {
		if placed[name] {
			return
		}
		placed[name] = true
		s := d.Steps[name]
		step := reference.Step{Name: d.StepID(name), WaitFor: cmp.Or(string(s.WaitFor), reference.All)}
		for upstream, on := range s.After {
			place(upstream)
			step.After = append(step.After, reference.Link{From: d.StepID(upstream), On: string(on)})
		}
		slices.SortFunc(step.After, func(a, b reference.Link) int { return cmp.Compare(a.From, b.From) })
		steps = append(steps, step)
	}
	for _, name := range slices.Sorted(maps.Keys(d.Steps)) {
		place(name)
	}
	m := reference.New(steps)
	for name, s := range d.Steps {
		m.Disabled[d.StepID(name)] = !s.Enabled
		m.Refuses[d.StepID(name)] = s.When == never
	}
	return m
}

// The answers of these guards are known to the model.
const (
	always = "attempt >= 0"
	never  = "attempt < 0"
)

// take passes a fact to the model. Of a cycle's end it must know when that is.
func take(m *reference.Model, f fact, ends map[string]time.Time) {
	switch {
	case f.begun != nil:
		m.Runs = append(m.Runs, f.begun.run)
		ends[f.begun.run.Cycle] = f.begun.end
		if _, over := m.Over[f.begun.run.Cycle]; over {
			m.Over[f.begun.run.Cycle] = f.begun.end.UnixNano()
		}
	case f.ended != "":
		m.Ended = append(m.Ended, reference.Ending{Run: f.run, Status: f.ended})
	case f.over:
		m.Over[f.cycle] = ends[f.cycle].UnixNano()
	case f.waived != "":
		m.Waived[f.waived] = true
	case f.canceled:
		m.Stopped = append(m.Stopped, f.run)
	case f.result != nil:
		m.Results = append(m.Results, *f.result)
	default:
		m.Starts = slices.DeleteFunc(m.Starts, func(s reference.Start) bool { return s.Run == f.run && s.Step == f.step })
		switch {
		case f.started != nil:
			m.Starts = append(m.Starts, *f.started)
		case f.passed != nil:
			m.Skips = append(m.Skips, *f.passed)
		case f.continued != nil:
			m.Marks = append(m.Marks, *f.continued)
		}
	}
}

// stepID is how runs name a step.
func (w *world) stepID(name string) string { return w.index.Definition().StepID(name) }
