// SPDX-License-Identifier: MPL-2.0

// Package migrate converts existing task chains into the HCL of a qlik_task_chain: those of a function that reads an apps.js, those of Qlik
// Sense on Windows, and those of Qlik Cloud's own scheduler. A note names each part of the input that is not carried over.
// The package does no I/O.
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

// Chain is the result of reading an input.
type Chain struct {
	Definition *chain.Definition
	Names      map[string]string // of apps or tasks, by step
	Tasks      map[string]string // their ids, by step, if tasks have ids of their own
	LookedUp   map[string]bool   // steps with an unknown app id: the id is looked up by the app's name
	Notes      []Note            // what was not carried over or needs a check, in the order in which it was found
}

// Note names something that was not carried over, or that needs a check.
type Note struct {
	Step string // empty: the whole chain
	Text string // a sentence
}

// String returns the note with its step.
func (n Note) String() string {
	if n.Step == "" {
		return n.Text
	}
	return n.Step + ": " + n.Text
}

// found is a step in the form in which a reader finds it.
type found struct {
	ref      string // a unique id that links refer to; empty if there is none
	task     bool   // ref is that of a task, not of an app
	name     string
	step     chain.Step // without After and Schedule
	triggers []trigger  // any of them starts it
	// schedules start it too. A step has one at most, and only if no other step starts it.
	schedules []namedSchedule
}

// String returns a description of the step.
func (f *found) String() string {
	if f.task {
		return fmt.Sprintf("%q (task %s)", f.name, f.ref)
	}
	return fmt.Sprintf("%q", f.name)
}

// trigger is a set of links that start a step together.
type trigger struct {
	name   string // empty if it has none
	links  []link
	window time.Duration // how far apart its links may be fulfilled; a chain has cycles instead
}

// link is a link from another step.
type link struct {
	source    *found // nil: only from is known
	from      string // ref or name
	label     string // its name in notes
	condition chain.Condition
}

// String returns a description of the link.
func (l link) String() string {
	if l.from == "" || l.from == l.label {
		return fmt.Sprintf("%s of %q", l.condition, l.label)
	}
	return fmt.Sprintf("%s of %q (%s)", l.condition, l.label, l.from)
}

// String returns a description of the trigger.
func (t trigger) String() string {
	var words []string
	for _, l := range t.links {
		words = append(words, l.String())
	}
	text := strings.Join(words, " and ")
	if text == "" {
		text = "nothing"
	}
	if t.name != "" {
		text = fmt.Sprintf("%q (%s)", t.name, text)
	}
	if t.window != 0 {
		text += " within " + chain.FormatDuration(t.window)
	}
	return text
}

// builder makes a chain from the findings of a reader.
type builder struct {
	all    []*found
	same   map[*found]*found // the step that another one of the same app is part of
	keys   map[*found]string
	byRef  map[string]*found
	byName map[string][]*found
	never  map[string]*found  // by ref: disabled tasks with an enabled task that starts their step
	circle map[[2]*found]bool // links that close a cycle, from and to
	notes  []pendingNote
	result *Chain
}

// pendingNote is a note on a step that has no key yet.
type pendingNote struct {
	about *found // nil: the whole
	Note
}

var uuid = regexp.MustCompile(`^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$`)

// build makes the chain. It fails if nothing is left of the chain, or if the user must change the input first.
func (b *builder) build(name string) (*Chain, error) {
	b.result = &Chain{
		Definition: &chain.Definition{Version: chain.Version, Name: name, Steps: map[string]chain.Step{}},
		Names:      map[string]string{}, Tasks: map[string]string{}, LookedUp: map[string]bool{},
	}
	b.mergeApps()
	b.nameSteps()
	for _, f := range b.all {
		b.result.Names[b.keys[f]] = f.name
		if f.task {
			b.result.Tasks[b.keys[f]] = f.ref
		}
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
	if len(d.Steps) == 0 {
		return nil, fmt.Errorf("it contains no chain: no app starts after another. Found: %s", inSentences(b.result.Notes))
	}
	b.timezone()
	b.result.Notes = append(b.result.Notes, passOver(d)...)
	if err := b.result.check(); err != nil {
		return nil, err
	}
	return b.result, nil
}

// check fails if the chain breaks a rule. It ignores ids that are still to be looked up.
func (c *Chain) check() error {
	d := *c.Definition
	d.Steps = maps.Clone(d.Steps)
	for n, key := range slices.Sorted(maps.Keys(c.LookedUp)) {
		s := d.Steps[key]
		s.App = fmt.Sprintf("ffffffff-ffff-4fff-8fff-%012x", n)
		d.Steps[key] = s
	}
	if problems := d.Validate(); len(problems) > 0 {
		return &chain.InvalidError{Problems: problems}
	}
	_, err := d.Store()
	return err
}

func inSentences(notes []Note) string {
	var all []string
	for _, n := range notes {
		all = append(all, n.String())
	}
	if len(all) == 0 {
		return "nothing."
	}
	return strings.Join(all, " ")
}

// note adds a note about the step with a key, or about the whole chain if step is empty.
func (b *builder) note(step, format string, args ...any) {
	b.add(pendingNote{Note: Note{step, fmt.Sprintf(format, args...)}})
}

func (b *builder) noteOn(f *found, format string, args ...any) {
	b.add(pendingNote{f, Note{Text: fmt.Sprintf(format, args...)}})
}

// add adds a note unless it exists.
func (b *builder) add(n pendingNote) {
	if !slices.Contains(b.notes, n) {
		b.notes = append(b.notes, n)
	}
}

// nameSteps gives every step a key.
func (b *builder) nameSteps() {
	b.keys = map[*found]string{}
	taken := map[string]bool{}
	for _, f := range b.all {
		key := uniqueKey(f.name, f.step.App, taken)
		taken[key] = true
		b.keys[f] = key
		if uuid.MatchString(f.step.App) {
			continue
		}
		if f.step.App != "" {
			b.note(key, "%q is no app id. The app is looked up by the name %q: check that name.", f.step.App, f.name)
		} else {
			b.note(key, "There is no app id. The app is looked up by the name %q: check that name.", f.name)
		}
		f.step.App = ""
	}
}

// dropUnlinked removes steps without links.
func (b *builder) dropUnlinked() {
	linked := map[string]bool{}
	for _, l := range b.result.Definition.Links() {
		linked[l.From], linked[l.To] = true, true
	}
	for _, f := range b.all {
		key := b.keys[f]
		if !linked[key] {
			b.note("", "%s starts after no other step, and no other starts after it: it is left out (%s).", f, inWords(f.step))
			delete(b.result.Definition.Steps, key)
			continue
		}
		if f.step.App == "" {
			b.result.LookedUp[key] = true
		}
	}
}

// inWords describes what a reader found of a step.
func inWords(s chain.Step) string {
	words := []string{fmt.Sprintf("app: %q, enabled: %t, partial: %t", s.App, s.Enabled, s.Partial)}
	if s.Retry != nil {
		words = append(words, fmt.Sprintf("retries: %d", s.Retry.MaxAttempts-1))
	}
	if s.Weight != 0 {
		words = append(words, fmt.Sprintf("weight: %d", s.Weight))
	}
	if len(s.Variables) > 0 {
		words = append(words, fmt.Sprintf("variables: %d", len(s.Variables)))
	}
	return strings.Join(words, ", ")
}
