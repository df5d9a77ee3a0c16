// SPDX-License-Identifier: MPL-2.0

package verifycloud

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/shape"
)

// life plays the life of one chain in one place.
type life struct {
	options    Options
	place      *place
	clients    *clients
	recorder   *shape.Recorder
	recordFile string
	journal    *journal
	log        io.Writer // for terraform's output
	say        func(format string, args ...any)

	variables variables
	root      *rootModule
	outputs   outputs
	api       *chainAPI

	terraformVersion string // and its platform

	unreachable string // why the chain's URL cannot be called; empty if it can
	results     []result
}

// newName makes up a chain's name.
func newName() string {
	random := make([]byte, 4)
	_, _ = rand.Read(random) // never fails: crypto/rand ends the program first
	return namePrefix + hex.EncodeToString(random)
}

// newLife prepares a life below dir. It makes nothing in AWS or in the tenant yet.
func newLife(options Options, p *place, dir string, say func(string, ...any)) (*life, error) {
	j, err := newJournal(dir, newName(), p)
	if err != nil {
		return nil, err
	}
	return openLife(options, p, j, say)
}

// openLife continues a run from its journal.
func openLife(options Options, p *place, j *journal, say func(string, ...any)) (*life, error) {
	l := &life{options: options, place: p, journal: j, say: say, recordFile: filepath.Join(j.dir, "answers.jsonl")}
	l.variables = variables{Name: j.Name, Architecture: options.Architecture, WebhookLevel: options.WebhookLevel, Apps: j.Apps, Rotation: "1"}
	var err error
	if l.recorder, err = shape.Open(l.recordFile); err != nil {
		return nil, err
	}
	if l.clients, err = newClients(p, l.recorder); err != nil {
		return nil, err
	}
	file := filepath.Join(j.dir, "terraform.log")
	log, err := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600) //nolint:gosec // in the run's folder
	l.log = log
	return l, err
}

// close closes the life's files. What it made is removed by clean.
func (l *life) close() error {
	log, _ := l.log.(io.Closer)
	return errors.Join(l.recorder.Close(), log.Close())
}

// object returns the name of the chain's objects.
func (l *life) object() string { return "qlik-task-chain-" + l.variables.Name }

// outcome is how a phase ended.
type outcome string

const (
	passed  outcome = "passed"
	failed  outcome = "failed"
	leftOut outcome = "left out"
)

// result is the result of a phase.
type result struct {
	Phase   string
	Outcome outcome
	Took    time.Duration
	Why     string // it failed, or was left out
}

// phase is a part of a life.
type phase struct {
	name  string
	needs []string // phases that must pass before this one
	calls bool     // whether it calls the chain's URL
	limit time.Duration
	play  func(ctx context.Context) error
}

func (l *life) phases() []phase {
	return []phase{
		{"make three apps", nil, false, 10 * time.Minute, l.makeApps},
		{"create", []string{"make three apps"}, false, 30 * time.Minute, l.create},
		{"reach the chain's URL", []string{"create"}, false, 5 * time.Minute, l.reach},
		{"a run with a failing branch and a join", []string{"create"}, true, 45 * time.Minute, l.runChain},
		{"empty plan", []string{"create"}, false, 10 * time.Minute, l.planNothing},
		{"pause", []string{"a run with a failing branch and a join"}, true, 10 * time.Minute, l.pause},
		{"resume", []string{"pause"}, true, 45 * time.Minute, l.resume},
		{"pause and resume by Terraform", []string{"resume"}, true, 20 * time.Minute, l.pauseByTerraform},
		{"drift of three components", []string{"create"}, false, 20 * time.Minute, l.drift},
		{"rotation of key and secret", []string{"a run with a failing branch and a join", "pause and resume by Terraform"}, true,
			60 * time.Minute, l.rotate},
		{"import into an empty state", []string{"create"}, false, 20 * time.Minute, l.importChain},
		{"destroy", []string{"create"}, false, 60 * time.Minute, l.destroy},
	}
}

// play plays all phases. It ends early only if ctx does. The caller cleans up in any case.
func (l *life) play(ctx context.Context) {
	ended := map[string]outcome{}
	for _, p := range l.phases() {
		r := l.playPhase(ctx, p, ended)
		ended[p.name] = r.Outcome
		l.results = append(l.results, r)
		l.say("  %-42s %-9s %6.1fs  %s", r.Phase, r.Outcome, r.Took.Seconds(), firstLine(r.Why))
	}
}

func firstLine(text string) string {
	const most = 300
	line, _, _ := strings.Cut(text, "\n")
	if len(line) > most {
		line = line[:most] + "…"
	}
	return line
}

func (l *life) playPhase(ctx context.Context, p phase, ended map[string]outcome) result {
	if ctx.Err() != nil {
		return result{p.name, leftOut, 0, "interrupted"}
	}
	for _, needed := range p.needs {
		if ended[needed] != passed {
			return result{p.name, leftOut, 0, "it needs the phase: " + needed}
		}
	}
	if p.calls && l.unreachable != "" {
		return result{p.name, leftOut, 0, l.unreachable}
	}
	start := time.Now()
	err := l.guarded(ctx, p)
	r := result{p.name, passed, time.Since(start), ""}
	switch {
	case err != nil && ctx.Err() != nil:
		r.Outcome, r.Why = failed, "interrupted: "+err.Error()
	case err != nil:
		r.Outcome, r.Why = failed, err.Error()
	}
	return r
}

// guarded plays a phase within its limit. It turns a panic into an error, so that what was made is removed.
func (l *life) guarded(ctx context.Context, p phase) (err error) {
	limited, cancel := context.WithTimeout(ctx, p.limit)
	defer cancel()
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("panic: %v\n%s", r, debug.Stack())
		}
	}()
	if l.options.before != nil {
		l.options.before(p.name)
	}
	return p.play(limited)
}

// clean removes everything that the life has made. Its error lists what is left.
func (l *life) clean(ctx context.Context) error {
	var errs []error
	if err := l.destroyState(ctx); err != nil {
		errs = append(errs, fmt.Errorf("terraform destroy failed, so the objects are removed one by one: %w", err))
	}
	left, err := l.removeAll(ctx)
	if err == nil && len(left) == 0 {
		return nil // regardless of the error of destroy
	}
	return errors.Join(append(errs, err, stillThere(left))...)
}

func stillThere(left []object) error {
	if len(left) == 0 {
		return nil
	}
	names := make([]string, len(left))
	for i, o := range left {
		names[i] = o.String()
	}
	return fmt.Errorf("still there: %s", strings.Join(names, ", "))
}

// destroyState lets terraform destroy what this run, or an interrupted one, has in its state. It waits for a terraform that still works on
// the state.
func (l *life) destroyState(ctx context.Context) error {
	if l.root == nil {
		work := filepath.Join(l.journal.dir, "work")
		if _, err := os.Stat(filepath.Join(work, ".terraform.lock.hcl")); err != nil {
			return nil //nolint:nilerr // terraform has made nothing: it was not even initialized
		}
		again, err := l.newRoot(ctx, filepath.Join(l.journal.dir, newName()))
		if err != nil {
			return err
		}
		again.Dir = work
		if err := again.run(ctx, "init", "-input=false", "-upgrade"); err != nil { // the provider may have been built anew
			return err
		}
		l.root = again
	}
	return l.root.destroy(ctx)
}

// removeAll removes the chain's objects in order, until none is found or the time is over. It returns what is left. An error of one service
// does not stop the removal in the others.
func (l *life) removeAll(ctx context.Context) (left []object, err error) {
	waits := l.pace(time.Second, 10*time.Minute)
	err = waits.until(ctx, func(ctx context.Context) error {
		var unknown error
		left, unknown = l.find(ctx)
		if len(left) == 0 {
			return unknown
		}
		problems := []error{errNotYet, unknown}
		for _, o := range left {
			if err := o.remove(ctx); err != nil && !isGone(err) {
				problems = append(problems, fmt.Errorf("removing the %s: %w", o, err))
			}
		}
		return errors.Join(problems...)
	})
	return left, err
}

// find finds the existing objects of the chain, its apps by their ids too: the tenant's catalog shows a new app late. It also returns what
// it found if there is an error.
func (l *life) find(ctx context.Context) ([]object, error) {
	all, err := l.clients.find(ctx, l.variables.Name)
	errs := []error{err}
	found := map[string]bool{}
	for _, o := range all {
		found[o.id] = true
	}
	for _, id := range l.journal.Apps {
		if found[id] {
			continue
		}
		_, err := l.clients.qlik.App(ctx, id)
		app, err := one(object{"app", id, func(ctx context.Context) error { return l.clients.qlik.DeleteApp(ctx, id) }}, err)
		all, errs = append(all, app...), append(errs, err)
	}
	return all, errors.Join(errs...)
}

// pace returns how often to ask: in real places a fifth as often.
func (l *life) pace(every, limit time.Duration) pace {
	if l.place.local() {
		return pace{every / 5, limit}
	}
	return pace{every, limit}
}
