// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain/run"
)

// cycle holds what the table knows of one cycle: the facts of its runs. One query reads it. So an execution that has written a fact sees
// every fact that was written before.
type cycle struct {
	run.Cycle
	id    string
	state *run.State
	runs  map[string]storedRun
	steps map[Key]int // the versions of the steps' items
	ends  map[startRef]endDoc
	timer time.Time         // of the cycle's end; zero: none is set
	over  stored[time.Time] // when the cycle's end was handled

	carried map[carryKey]stored[carriedDoc]
	unknown bool // Qlik Cloud was asked for more of it and has not answered
}

// storedRun is a run with the version of its item.
type storedRun struct {
	runDoc
	version int
}

// cycleAt returns the cycle that contains a time.
func (e *Engine) cycleAt(t time.Time) run.Cycle { return e.calendar().At(t) }

func (e *Engine) calendar() run.Calendar {
	calendar, err := e.Index.Definition().Calendar()
	if err != nil { // the zone of a valid definition can be loaded
		return run.DefaultCalendar(e.zone())
	}
	return run.Calendar(calendar)
}

// cycleOf returns the cycle with an id, according to the chain's current calendar.
func (e *Engine) cycleOf(id string) (run.Cycle, error) {
	begin, err := time.Parse("20060102T1504Z", id)
	if err != nil {
		return run.Cycle{}, fmt.Errorf("the chain's table has a cycle %q: %w", id, err)
	}
	c := e.calendar().At(begin)
	c.Begin = begin // also if the chain's cycles have changed since
	return c, nil
}

// load reads a cycle.
func (w *work) load(ctx context.Context, id string) (*cycle, error) {
	c := &cycle{id: id, runs: map[string]storedRun{}, steps: map[Key]int{}, ends: map[startRef]endDoc{}}
	var err error
	if c.Cycle, err = w.cycleOf(id); err != nil {
		return nil, err
	}
	var items []Item
	_, err = parallel(3, func(i int) (_ bool, err error) {
		switch i {
		case 0:
			items, err = w.Store.Query(ctx, Query{PK: cyclePrefix + id})
		case 1:
			c.carried, c.unknown, err = w.loadCarried(ctx)
		case 2:
			err = w.beside(ctx, func() error { return nil })
		}
		return true, err
	})
	if err != nil {
		return nil, fmt.Errorf("reading the cycle %s from the chain's table: %w", id, err)
	}
	c.state = &run.State{Begin: c.Begin, End: c.End, Runs: map[string]*run.Run{}, Skips: map[string]string{}}
	for i := range items { // in this order: ends, skips, OVER, runs, steps, TIMER
		if err := c.take(&items[i], w); err != nil {
			return nil, err
		}
	}
	for ref, end := range c.ends {
		if r := c.state.Runs[ref.Run]; r != nil && r.Steps[ref.Step] != nil {
			c.attempt(r.Steps[ref.Step], ref, end)
		}
	}
	c.state.Carried = w.carriedInto(c)
	if c.state.Busy, err = w.busy(ctx, id); err != nil {
		return nil, err
	}
	first := true
	for _, r := range c.runs { // if the length of cycles changed within this one, the longest length of its runs counts
		if !r.CycleEnd.IsZero() && (first || r.CycleEnd.After(c.End)) {
			c.End, first = r.CycleEnd, false
		}
		if c.state.Runs[r.ID].Shape, err = w.shape(ctx, r.Shape); err != nil {
			return nil, err
		}
	}
	c.lasts(c.End)
	return c, nil
}

// lasts sets the end of a cycle. A shorter one that began at the same time may have ended before, until the chain's cycles changed.
func (c *cycle) lasts(until time.Time) {
	c.End, c.state.End = until, until
	c.state.Over = c.over.version > 0 && !c.over.doc.Before(until)
}

// take adds an item to the cycle.
func (c *cycle) take(item *Item, w *work) error {
	parts := strings.Split(item.SK, "#")
	switch {
	case item.SK == overSK:
		c.over.version = item.Version
		return decode(item, &c.over.doc)
	case item.SK == timerSK:
		return decode(item, &c.timer)
	case parts[0] == "R" && len(parts) == 2:
		doc, err := decodeOnce[runDoc](w, item)
		if err != nil {
			return err
		}
		c.runs[doc.ID] = storedRun{doc, item.Version}
		_, canceled := w.active.Load().canceled[doc.ID]
		c.state.Runs[doc.ID] = &run.Run{
			ID: doc.ID, At: doc.At, Origins: doc.Origins, ByHand: doc.ByHand, RerunOf: doc.RerunOf, Steps: map[string]*run.Facts{},
			Canceled: canceled || doc.Canceled, Ended: doc.Status, Schedule: doc.Schedule, Queued: doc.Queued, From: doc.From, Overran: doc.Overran,
		}
	case parts[0] == "K" && len(parts) == 2:
		var operation chain.Operation
		if err := decode(item, &operation); err != nil {
			return err
		}
		c.state.Skips[parts[1]] = "was skipped " + w.given(operation)
	case parts[0] == "S" && len(parts) == 3:
		doc, err := decodeOnce[stepDoc](w, item)
		if err != nil {
			return err
		}
		c.steps[item.Key] = item.Version
		if r := c.state.Runs[parts[1]]; r != nil {
			r.Steps[parts[2]] = doc.facts()
			if by := c.runs[r.ID].StartedBy; len(doc.Uses) == 0 && !by.starts() && r.Steps[parts[2]].Start != nil {
				r.Steps[parts[2]].Start.At = time.Time{} // the chain did not start it
			}
		}
	case parts[0] == "E" && len(parts) == 4:
		doc, err := decodeOnce[endDoc](w, item)
		if err != nil {
			return err
		}
		attempt, err := strconv.Atoi(parts[3])
		if err != nil {
			return fmt.Errorf("the chain's table has an item %s %s: %w", item.PK, item.SK, err)
		}
		c.ends[startRef{Cycle: c.id, Run: parts[1], Step: parts[2], Attempt: attempt}] = doc
	}
	return nil
}

// decoded is a document that an invocation has already decoded.
type decoded struct {
	text []byte
	doc  any
}

// decodeOnce is decode for an item of a cycle. An invocation reads a cycle several times, and most of its items have not changed. Callers
// must not change the result.
func decodeOnce[T any](w *work, item *Item) (T, error) {
	if known, ok := w.decoded.Load(item.Key); ok {
		if d := known.(decoded); bytes.Equal(d.text, item.Doc) { //nolint:forcetypeassert // nothing else is stored
			return d.doc.(T), nil //nolint:forcetypeassert // a key has documents of one kind
		}
	}
	var doc T
	err := decode(item, &doc)
	if err == nil {
		w.decoded.Store(item.Key, decoded{item.Doc, doc})
	}
	return doc, err
}

func (d stepDoc) facts() *run.Facts {
	f := &run.Facts{Uses: d.Uses, Passed: d.Passed, Reason: d.Reason, Missing: d.Missing, Continued: d.Continued}
	if !d.At.IsZero() {
		f.Start = &run.Start{Attempt: 1, DueAt: d.DueAt, Phase: run.PhaseRequested}
		if !d.Parked {
			f.Start.At = d.DueAt
		}
	}
	return f
}

// attempt adds the end of an attempt to a step's facts.
func (c *cycle) attempt(f *run.Facts, ref startRef, end endDoc) {
	switch {
	case f.Start == nil:
	case end.Next.IsZero():
		f.Start.Attempt, f.Start.Phase, f.Result = ref.Attempt, run.PhaseSettled, end.result(ref)
	case f.Result == nil && f.Start.Attempt <= ref.Attempt:
		f.Start.Attempt, f.Start.DueAt, f.Start.Last = ref.Attempt+1, end.Next, end.result(ref) // At stays: max_starts_per_hour counts it
	}
}

// start returns what is known of a step's start in a run, or nil.
func (c *cycle) start(in, step string) *run.Start {
	if r := c.state.Runs[in]; r != nil && r.Steps[step] != nil {
		return r.Steps[step].Start
	}
	return nil
}

// shapeDoc is the chain's shape as runs store it, with the names that its steps had.
type shapeDoc struct {
	Shape run.Shape         `json:"shape"`
	Names map[string]string `json:"names"`
}

// shapes holds the known shapes: the current one, and those that were read. It is safe for concurrent use.
type shapes struct {
	mu      sync.Mutex
	current string // the hash of the current one
	known   map[string]shapeDoc
	written map[string]bool // those that this engine has stored
}

// currentShape returns the chain's shape and its hash.
func (e *Engine) currentShape() (string, shapeDoc) {
	e.shapes.mu.Lock()
	defer e.shapes.mu.Unlock()
	if e.shapes.current == "" {
		d := e.Index.Definition()
		doc := shapeDoc{Shape: run.ShapeOf(d), Names: make(map[string]string, len(d.Steps))}
		for name, step := range d.Steps {
			doc.Names[step.ID(name)] = name
		}
		e.shapes.known, e.shapes.written = map[string]shapeDoc{}, map[string]bool{}
		e.shapes.current = e.shapes.add(doc)
	}
	return e.shapes.current, e.shapes.known[e.shapes.current]
}

// shapeAlone returns the hash of the shape of one step, after which nothing follows.
func (e *Engine) shapeAlone(step string) string {
	_, whole := e.currentShape()
	e.shapes.mu.Lock()
	defer e.shapes.mu.Unlock()
	return e.shapes.add(shapeDoc{Shape: run.Shape{step: whole.Shape[step]}, Names: map[string]string{step: whole.Names[step]}})
}

// add adds a shape to the known ones, if it is new, and returns its hash. The caller holds mu.
func (s *shapes) add(doc shapeDoc) string {
	text, err := json.Marshal(doc)
	if err != nil {
		panic(err) // strings alone
	}
	sum := sha256.Sum256(text)
	hash := hex.EncodeToString(sum[:])
	if _, known := s.known[hash]; !known {
		s.known[hash] = doc
	}
	return hash
}

// shapeWrite returns the write that stores a known shape, or none if this engine has already stored it.
func (w *work) shapeWrite(hash string) []Write {
	w.shapes.mu.Lock()
	defer w.shapes.mu.Unlock()
	if w.shapes.written[hash] {
		return nil
	}
	return []Write{{Key: shapeKey(hash), Doc: w.shapes.known[hash], Always: true, Expires: w.expires().Add(shapeLonger)}}
}

// shapeLonger is how much longer a shape is kept than its runs: an engine writes it once, and lives for minutes.
const shapeLonger = 24 * time.Hour

func (w *work) shapeWritten(hash string) {
	w.shapes.mu.Lock()
	defer w.shapes.mu.Unlock()
	w.shapes.written[hash] = true
}

// shape returns the shape with a hash.
func (w *work) shape(ctx context.Context, hash string) (run.Shape, error) {
	doc, err := w.shapeDoc(ctx, hash)
	return doc.Shape, err
}

// knownShape returns the shape with a hash that was made or read before.
func (w *work) knownShape(hash string) shapeDoc {
	w.shapes.mu.Lock()
	defer w.shapes.mu.Unlock()
	return w.shapes.known[hash]
}

func (w *work) shapeDoc(ctx context.Context, hash string) (shapeDoc, error) {
	w.currentShape()
	w.shapes.mu.Lock()
	doc, known := w.shapes.known[hash]
	w.shapes.mu.Unlock()
	if known {
		return doc, nil
	}
	found, err := load[shapeDoc](ctx, w.Store, shapeKey(hash))
	if err != nil || found.version == 0 {
		return found.doc, err
	}
	w.shapes.mu.Lock()
	defer w.shapes.mu.Unlock()
	w.shapes.known[hash] = found.doc
	return found.doc, nil
}

// nameOf returns a step's name: the current one, or its last one if it is no longer in the chain.
func (e *Engine) nameOf(step string) string {
	if name, known := e.Index.StepOf(step); known {
		return name
	}
	e.shapes.mu.Lock()
	defer e.shapes.mu.Unlock()
	for _, doc := range e.shapes.known {
		if name, known := doc.Names[step]; known {
			return name
		}
	}
	return step
}

// stepOf returns the definition's step with an id. It returns false if the step was removed.
func (e *Engine) stepOf(id string) (chain.Step, bool) {
	name, known := e.Index.StepOf(id)
	if !known {
		return chain.Step{}, false
	}
	return e.step(name)
}
