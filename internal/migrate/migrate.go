// SPDX-License-Identifier: MPL-2.0

// Package migrate turns task chains that run elsewhere into the HCL of a qlik_task_chain: those of a function that reads an apps.js, and
// those of Qlik Sense on Windows. What cannot be carried over is told, never dropped in silence. It does no I/O.
package migrate

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Chain is what was read.
type Chain struct {
	Definition *chain.Definition
	Names      map[string]string // of apps or tasks, by step
	LookedUp   map[string]bool   // steps whose app's id is not known: it is looked up by its name
	Notes      []Note            // what could not be carried over, in the order in which it was found
}

// Note is something that could not be carried over, or that has to be looked at.
type Note struct {
	Step string // empty: of the whole
	Text string // a sentence
}

// String is the note with its step.
func (n Note) String() string {
	if n.Step == "" {
		return n.Text
	}
	return n.Step + ": " + n.Text
}

// found is a step as a reader finds it.
type found struct {
	ref      string // what links refer to it by, besides its name
	name     string
	step     chain.Step // without After and Schedule
	triggers []trigger  // any of which starts it
	// schedules start it too. A step has one at most, and only if no other starts it.
	schedules []*chain.Schedule
}

// trigger is a set of links that start a step together.
type trigger struct {
	links  []link
	window time.Duration // of several links; 0 for the default
}

// link is from another step.
type link struct {
	from      string // ref or name
	condition chain.Condition
}

// builder makes a chain of what a reader finds.
type builder struct {
	all    []*found
	same   map[*found]*found // the step that one of the same app has become
	keys   map[*found]string
	byRef  map[string]*found
	circle map[[2]*found]bool // links that close a circle, from and to
	notes  []pendingNote
	result *Chain
}

// pendingNote is a note on a step that has no key yet.
type pendingNote struct {
	about *found // nil: the whole
	Note
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// build makes the chain. It fails when nothing is left of it, or when it breaks a rule that only whoever runs this can mend.
func (b *builder) build(name string) (*Chain, error) {
	b.result = &Chain{
		Definition: &chain.Definition{Version: chain.Version, Name: name, Apps: map[string]chain.Step{}}, Names: map[string]string{}, LookedUp: map[string]bool{},
	}
	b.mergeApps()
	b.nameSteps()
	for _, f := range b.all {
		b.result.Names[b.keys[f]] = f.name
	}
	for _, f := range b.all {
		b.chooseTriggers(f)
	}
	b.findCircles()
	for _, f := range b.all {
		b.link(f)
	}
	b.dropUnlinked()
	for _, n := range b.notes {
		if n.about != nil {
			if same := b.same[n.about]; same != nil {
				n.about = same
			}
			n.Step = b.keys[n.about]
		}
		b.result.Notes = append(b.result.Notes, n.Note)
	}
	d := b.result.Definition
	if len(d.Apps) == 0 {
		return nil, fmt.Errorf("there is no chain in it: no app starts after another. What was found: %s", said(b.result.Notes))
	}
	if depth := d.Longest(); depth > chain.DefaultMaxDepth {
		d.MaxDepth = depth
	}
	if err := b.result.check(); err != nil {
		return nil, err
	}
	return b.result, nil
}

// check fails when the chain breaks a rule, whatever the ids are that are to be looked up.
func (c *Chain) check() error {
	d := *c.Definition
	d.Apps = maps.Clone(d.Apps)
	for n, key := range slices.Sorted(maps.Keys(c.LookedUp)) {
		s := d.Apps[key]
		s.ID = fmt.Sprintf("ffffffff-ffff-4fff-8fff-%012x", n)
		d.Apps[key] = s
	}
	if problems := d.Validate(); len(problems) > 0 {
		return &chain.InvalidError{Problems: problems}
	}
	_, err := d.Store()
	return err
}

func said(notes []Note) string {
	var all []string
	for _, n := range notes {
		all = append(all, n.String())
	}
	if len(all) == 0 {
		return "nothing."
	}
	return strings.Join(all, " ")
}

// note is about a step with a key, or with "" about the whole.
func (b *builder) note(step, format string, args ...any) {
	b.notes = append(b.notes, pendingNote{Note: Note{step, fmt.Sprintf(format, args...)}})
}

func (b *builder) noteOn(f *found, format string, args ...any) {
	b.notes = append(b.notes, pendingNote{f, Note{Text: fmt.Sprintf(format, args...)}})
}

// mergeApps makes one step of several that reload the same app: an app can be in a chain once.
func (b *builder) mergeApps() {
	b.byRef, b.same = map[string]*found{}, map[*found]*found{}
	first := map[string]*found{}
	var kept []*found
	for _, f := range b.all {
		id := strings.ToLower(f.step.ID)
		same := first[id]
		if id == "" || same == nil {
			kept = append(kept, f)
			first[id] = f
			same = f
		} else {
			b.same[f] = same
			b.noteOn(f, "%q and %q reload the same app, %s. They are one step, which starts after what either of them started after.", same.name, f.name, f.step.ID)
			same.triggers, same.schedules = append(same.triggers, f.triggers...), append(same.schedules, f.schedules...)
		}
		for _, ref := range []string{f.ref, strings.ToLower(f.ref), f.name} {
			if ref != "" && b.byRef[ref] == nil {
				b.byRef[ref] = same
			}
		}
	}
	b.all = kept
}

// nameSteps gives every step a key.
func (b *builder) nameSteps() {
	b.keys = map[*found]string{}
	taken := map[string]bool{}
	for _, f := range b.all {
		key := uniqueKey(f.name, f.step.ID, taken)
		taken[key] = true
		b.keys[f] = key
		if uuid.MatchString(f.step.ID) {
			continue
		}
		if f.step.ID != "" {
			b.note(key, "%q is no app id. The app is looked up by its name, %q.", f.step.ID, f.name)
		} else {
			b.note(key, "There is no app id. The app is looked up by its name, %q.", f.name)
		}
		f.step.ID = ""
	}
}

// chooseTriggers leaves a step those of its triggers that a step can have.
func (b *builder) chooseTriggers(f *found) {
	f.triggers = slices.DeleteFunc(f.triggers, func(t trigger) bool { return len(t.links) == 0 })
	several := slices.ContainsFunc(f.triggers, func(t trigger) bool { return len(t.links) > 1 })
	if len(f.triggers) > 1 && several {
		b.noteOn(f, "It has %d triggers, of which one waits for several others. A step has one: the first was taken; look at the others.", len(f.triggers))
		f.triggers = f.triggers[:1]
	}
}

// findCircles finds links without which there is no circle: of one, the link is taken that leads back in the order of the file.
func (b *builder) findCircles() {
	b.circle = map[[2]*found]bool{}
	number := map[*found]int{}
	for i, f := range b.all {
		number[f] = i
	}
	next := map[*found][]*found{}
	for _, forward := range []bool{true, false} {
		for _, to := range b.all {
			for _, from := range b.upstreams(to) {
				switch {
				case from == to || (number[from] < number[to]) != forward:
				case leads(next, to, from):
					b.circle[[2]*found{from, to}] = true
				default:
					next[from] = append(next[from], to)
				}
			}
		}
	}
}

// upstreams are the steps that a step starts after, as far as they are in the file.
func (b *builder) upstreams(f *found) []*found {
	var all []*found
	for _, t := range f.triggers {
		for _, l := range t.links {
			if from := b.find(l.from); from != nil && !slices.Contains(all, from) {
				all = append(all, from)
			}
		}
	}
	return all
}

func (b *builder) find(ref string) *found {
	if f := b.byRef[ref]; f != nil {
		return f
	}
	return b.byRef[strings.ToLower(ref)]
}

// leads tells whether there is a way from one step to another.
func leads(next map[*found][]*found, from, to *found) bool {
	seen := map[*found]bool{}
	open := []*found{from}
	for len(open) > 0 {
		f := open[len(open)-1]
		open = open[:len(open)-1]
		if f == to {
			return true
		}
		if !seen[f] {
			seen[f] = true
			open = append(open, next[f]...)
		}
	}
	return false
}

// link takes over what a step starts after.
func (b *builder) link(f *found) {
	step := f.step
	step.After = map[string]chain.Condition{}
	for _, t := range f.triggers {
		for _, l := range t.links {
			b.after(f, step.After, l)
		}
	}
	switch {
	case len(step.After) == 0:
		step.After = nil
	case len(step.After) > 1 && len(f.triggers) > 1:
		step.WaitFor = chain.WaitForAny
	case len(step.After) > 1:
		step.Window = f.triggers[0].window
	}
	switch {
	case len(f.schedules) > 0 && len(step.After) > 0:
		b.noteOn(f, "It has a schedule and starts after others. A step has one of the two: the schedule was left out.")
	case len(f.schedules) > 0:
		step.Schedule = f.schedules[0]
	}
	if len(f.schedules) > 1 {
		b.noteOn(f, "It has %d schedules. A step has one: look at the others.", len(f.schedules))
	}
	b.result.Definition.Apps[b.keys[f]] = step
}

// after adds a link, unless there is no such step or it would lead round in a circle.
func (b *builder) after(f *found, after map[string]chain.Condition, l link) {
	upstream := b.find(l.from)
	if upstream == nil {
		b.noteOn(f, "It started after %q, which is not in the file. That link is missing.", l.from)
		return
	}
	from := b.keys[upstream]
	switch {
	case upstream == f:
		b.noteOn(f, "It started after itself, on %s. That link is missing.", l.condition)
		return
	case b.circle[[2]*found{upstream, f}]:
		b.noteOn(f, "It started after %s, on %s, which closes a circle. That link is missing.", from, l.condition)
		return
	}
	if other, there := after[from]; there && other != l.condition {
		l.condition = chain.ConditionCompletion // either way
		b.noteOn(f, "It started after a success and after a failure of %s: it starts after any end, a cancellation too.", from)
	}
	after[from] = l.condition
}

// dropUnlinked leaves out what is in no chain.
func (b *builder) dropUnlinked() {
	linked := map[string]bool{}
	for _, l := range b.result.Definition.Links() {
		linked[l.From], linked[l.To] = true, true
	}
	for _, f := range b.all {
		key := b.keys[f]
		if !linked[key] {
			b.note("", "%q starts after nothing, and nothing starts after it: it is left out.", f.name)
			delete(b.result.Definition.Apps, key)
			continue
		}
		if f.step.ID == "" {
			b.result.LookedUp[key] = true
		}
	}
}
