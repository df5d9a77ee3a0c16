// SPDX-License-Identifier: MPL-2.0

// Package verifycloud plays the life of a task chain with the real terraform and the built provider. It uses the AWS account and the Qlik
// Cloud tenant of the environment, and compares the shapes of their answers with those of the sandbox.
package verifycloud

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/function"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/shape"
)

// Options holds the options of the command.
type Options struct {
	Root      string // the project's folder, with bin/
	Dir       string // for journals and reports
	Terraform string // the binary
	Version   string // of the provider, as the page names it

	Yes          bool   // asks nothing
	Sandbox      bool   // plays in the built-in sandbox alone
	Architecture string // of the function: arm64 or x86_64; empty for this host's on this machine, else arm64
	WebhookLevel string // tenant or user
	SpaceID      string // of the apps; empty for the personal space
	NoRehearsal  bool   // skips the life in the sandbox, and with it the comparison
	Remove       string // the name of a chain of an earlier run, to remove instead of playing

	In  io.Reader
	Out io.Writer

	before func(phase string) // a test's, before each phase
}

// errNotPassed ends a run in which not every phase passed. The output contains the reason.
var errNotPassed = errors.New("not every phase passed")

// cleanWithin is the time limit for cleaning up. API Gateway deletes one API of an account in 30 seconds.
const cleanWithin = 45 * time.Minute

// Run carries out the options. When ctx ends, it removes what it made and returns. hurry ends the removal too.
func Run(ctx, hurry context.Context, o Options) (err error) {
	say := func(format string, args ...any) { fmt.Fprintf(o.Out, format+"\n", args...) }
	o.In = bufio.NewReader(o.In)
	p, err := choosePlace(ctx, o)
	if p != nil {
		defer func() { err = errors.Join(err, p.close()) }()
	}
	if err != nil {
		return err
	}
	if err := p.identify(ctx); err != nil {
		return err
	}
	o = o.withDefaults(p)
	if o.Remove != "" {
		return removeNamed(hurry, o, p, say)
	}
	if err := removeEarlier(ctx, hurry, o, p, say); err != nil {
		return err
	}
	say("%s", estimate(p))
	if err := confirm(ctx, o, "Go on?"); err != nil {
		return err
	}
	rehearsal, err := rehearse(ctx, hurry, o, say)
	if interrupted := ctx.Err(); interrupted != nil {
		return fmt.Errorf("interrupted in the sandbox; nothing was made elsewhere: %w", interrupted)
	}
	if err != nil {
		return fmt.Errorf("the life does not pass in the sandbox, so it was not played in %s: %w", p.kind, err)
	}
	return perform(ctx, hurry, o, p, rehearsal, say)
}

func choosePlace(ctx context.Context, o Options) (*place, error) {
	if o.Sandbox {
		return startSandbox(ctx, o.Root)
	}
	return findPlace(ctx)
}

func (o Options) withDefaults(p *place) Options {
	if o.Architecture == "" {
		o.Architecture = "arm64"
		if p.local() {
			o.Architecture = function.HostArchitecture()
		}
	}
	return o
}

// confirm asks the user. No answer means no.
func confirm(ctx context.Context, o Options, question string) error {
	if o.Yes {
		return nil
	}
	fmt.Fprintf(o.Out, "%s [y/N] ", question)
	type reply struct {
		line string
		err  error
	}
	replies := make(chan reply, 1)
	go func() { // it may block forever: an interrupt does not end it
		line, err := bufio.NewReader(o.In).ReadString('\n') // the same reader each time: Run has made it
		replies <- reply{line, err}
	}()
	select {
	case <-ctx.Done():
		return fmt.Errorf("interrupted; nothing was done: %w", ctx.Err())
	case r := <-replies:
		answer := strings.ToLower(strings.TrimSpace(r.line))
		switch {
		case answer == "y" || answer == "yes":
			return nil
		case r.err != nil:
			return errors.New("there was no answer, so nothing was done. Answer y, or pass -yes")
		default:
			return errors.New("nothing was done")
		}
	}
}

// rehearse plays the life in the built-in sandbox, and returns the record of its answers. It returns nil if the options skip it.
func rehearse(ctx, hurry context.Context, o Options, say func(string, ...any)) (record shape.Set, err error) {
	if o.NoRehearsal {
		return nil, nil
	}
	say("The same life in the sandbox first. If it fails there, nothing is made elsewhere.")
	p, err := startSandbox(ctx, o.Root)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, p.close()) }()
	if err := p.identify(ctx); err != nil {
		return nil, err
	}
	dir, err := os.MkdirTemp("", "verify-cloud")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	o.Architecture, o.SpaceID, o.before = function.HostArchitecture(), "", nil
	l, err := playAndClean(ctx, hurry, o, p, dir, say)
	if err != nil {
		return nil, err
	}
	for _, r := range l.results {
		if r.Outcome != passed {
			return nil, fmt.Errorf("%s: %s", r.Phase, r.Why)
		}
	}
	return shape.Read(l.recordFile)
}

// perform plays the life in the real place, and writes the page.
func perform(ctx, hurry context.Context, o Options, p *place, rehearsal shape.Set, say func(string, ...any)) error {
	say("Now in %s, region %s.", p.kind, p.region)
	start := time.Now()
	l, cleanErr := playAndClean(ctx, hurry, o, p, o.Dir, say)
	if l == nil {
		return cleanErr
	}
	if err := writePage(l, rehearsal, cleanErr, start, say); err != nil {
		return errors.Join(cleanErr, err)
	}
	if cleanErr != nil {
		return cleanErr
	}
	if err := l.journal.end(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("interrupted; what was made is removed: %w", err)
	}
	for _, r := range l.results {
		if r.Outcome != passed {
			return errNotPassed
		}
	}
	return nil
}

// writePage writes the page, and beside it the record on which it is based.
func writePage(l *life, rehearsal shape.Set, cleanErr error, start time.Time, say func(string, ...any)) error {
	record, err := shape.Read(l.recordFile)
	if err != nil {
		return err
	}
	name := filepath.Join(l.options.Dir, "report-"+start.UTC().Format("20060102T150405Z"))
	if err := os.Rename(l.recordFile, name+".jsonl"); err != nil {
		return err
	}
	if err := os.WriteFile(name+".md", []byte(pageOf(l, record, rehearsal, cleanErr, start)), 0o600); err != nil {
		return err
	}
	if rehearsal != nil {
		say("Differences from the sandbox's answers: %d.", len(shape.Compare(record, rehearsal)))
	}
	say("The page, without values, to read and to attach to an issue: %s", name+".md")
	return nil
}

// playAndClean plays the life and removes what it made, however it ended.
func playAndClean(ctx, hurry context.Context, o Options, p *place, dir string, say func(string, ...any)) (l *life, err error) {
	if l, err = newLife(o, p, dir, say); err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, l.close()) }()
	l.play(ctx)
	return l, cleanUp(hurry, l, say)
}

// cleanUp removes what a life made. It does not end with the life's context, but with hurry.
func cleanUp(hurry context.Context, l *life, say func(string, ...any)) error {
	start := time.Now()
	ctx, cancel := context.WithTimeout(hurry, cleanWithin)
	defer cancel()
	err := l.clean(ctx)
	if err != nil {
		return fmt.Errorf("cleaning up failed: %w. Run `make verify-cloud` again, which offers to remove the rest of %s", err, l.variables.Name)
	}
	say("  %-42s %-9s %6.1fs", "clean up: nothing is left", passed, time.Since(start).Seconds())
	return nil
}

// removeEarlier offers to remove what earlier runs in the same place left.
func removeEarlier(ctx, hurry context.Context, o Options, p *place, say func(string, ...any)) error {
	journals, err := earlierRuns(o.Dir)
	if err != nil {
		return err
	}
	for _, j := range journals {
		if !j.madeIn(p) {
			say("An earlier run, %s of %s, was in another account, region or tenant. Run this with its credentials to remove what it left.",
				j.Name, j.Started)
			continue
		}
		say("An earlier run, %s of %s, was cut off.", j.Name, j.Started)
		if err := confirm(ctx, o, "Remove what it left?"); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := removeRun(hurry, o, p, j, say); err != nil {
			return err
		}
	}
	return nil
}

func removeRun(hurry context.Context, o Options, p *place, j *journal, say func(string, ...any)) error {
	l, err := openLife(o, p, j, say)
	if err != nil {
		return err
	}
	if err := errors.Join(cleanUp(hurry, l, say), l.close()); err != nil {
		return err
	}
	return j.end()
}

// removeNamed removes what a run without a journal here left.
func removeNamed(hurry context.Context, o Options, p *place, say func(string, ...any)) error {
	if !strings.HasPrefix(o.Remove, namePrefix) || strings.ContainsAny(o.Remove, `/\`) {
		return fmt.Errorf("%q is no chain of this command: its names begin with %s", o.Remove, namePrefix)
	}
	journals, err := earlierRuns(o.Dir)
	if err != nil {
		return err
	}
	for _, j := range journals {
		switch {
		case j.Name == o.Remove && j.madeIn(p):
			return removeRun(hurry, o, p, j, say)
		case j.Name == o.Remove:
			return fmt.Errorf("%s is in another account, region or tenant: run this with the credentials that made it", j.Name)
		}
	}
	j := &journal{Name: o.Remove, dir: filepath.Join(o.Dir, o.Remove), Apps: map[string]string{}}
	if _, err := os.Stat(filepath.Join(j.dir, journalFile)); err == nil {
		return fmt.Errorf("the run %s is still under way: interrupt it, and it removes what it made", j.Name)
	}
	if err := os.MkdirAll(j.dir, 0o700); err != nil {
		return err
	}
	return removeRun(hurry, o, p, j, say)
}
