// SPDX-License-Identifier: MPL-2.0

// Command mutants checks that the tests notice wrong code. It changes the code in one place at a time, according to a table, builds the
// tests with it and runs them. A mutant that no test notices is a gap in the tests, unless the table explains why it changes nothing.
package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"time"
)

func main() {
	every := flag.Int("every", 1, "try one in so many mutants")
	verbose := flag.Bool("v", false, "say of each mutant what became of it")
	only := flag.String("only", "", "try those mutants alone that have this text in their file or their change")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, *every, *only, *verbose); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1) //nolint:gocritic // the deferred stop has nothing left to stop
	}
}

// root is the folder of the module.
func root(ctx context.Context) (string, error) {
	out, err := exec.CommandContext(ctx, "go", "list", "-m", "-f", "{{.Dir}}").Output()
	if err != nil {
		return "", fmt.Errorf("cannot find the module: %w. Run this in its folder", err)
	}
	return strings.TrimSpace(string(out)), nil
}

// run tries mutants and reports those with a wrong entry in the table.
func run(ctx context.Context, every int, only string, verbose bool) error {
	dir, err := root(ctx)
	if err != nil {
		return err
	}
	scratch, err := os.MkdirTemp("", "mutants")
	if err != nil {
		return err
	}
	defer os.RemoveAll(scratch) //nolint:errcheck // the system removes what is left
	l := laboratory{root: dir, scratch: scratch}
	tried, caught, equivalent, wrong := 0, 0, 0, 0
	for _, a := range areas {
		mutants, err := a.mutants()
		if err != nil {
			return err
		}
		healthy := false
		for i, m := range mutants {
			if i%every != 0 || only != "" && !strings.Contains(m.file+m.was+m.is, only) {
				continue
			}
			if !healthy {
				if err := l.healthy(ctx, a); err != nil {
					return err
				}
				healthy = true
			}
			began := time.Now()
			noticed, err := l.try(ctx, a, m)
			if verbose {
				fmt.Printf("noticed: %t, in %s: %v\n", noticed, time.Since(began).Round(time.Second), m)
			}
			switch {
			case errors.Is(err, errBuild):
				wrong++
				fmt.Println(err)
			case err != nil:
				return err
			case noticed && m.equivalent == "":
				tried, caught = tried+1, caught+1
			case !noticed && m.equivalent != "":
				equivalent++
			case noticed:
				wrong++
				fmt.Printf("noticed, so it is not equivalent: %v\n", m)
			default:
				tried, wrong = tried+1, wrong+1
				fmt.Printf("not noticed: %v\n", m)
			}
		}
	}
	fmt.Printf("mutants: %d of %d caught (%d equivalent)\n", caught, tried, equivalent)
	if wrong > 0 {
		return fmt.Errorf("%d mutants are other than the table says: add a test, or say why no test can notice the change", wrong)
	}
	return nil
}

func (m mutant) String() string {
	return fmt.Sprintf("%s: %q instead of %q", m.file, m.is, m.was)
}

// mutate returns the code with the mutant's change.
func (m mutant) mutate(code string) (string, error) {
	if n := strings.Count(code, m.was); n != 1 {
		return "", fmt.Errorf("%s has %q %d times: bring the table of mutants up to date", m.file, m.was, n)
	}
	return strings.Replace(code, m.was, m.is, 1), nil
}

// laboratory builds tests and runs them. It does not change the tree: the compiler reads changed files from another folder.
type laboratory struct{ root, scratch string }

// healthy checks that the tests pass without a change.
func (l laboratory) healthy(ctx context.Context, a area) error {
	overlay, err := l.overlay(nil)
	if err != nil {
		return err
	}
	for _, s := range a.tests {
		noticed, err := l.test(ctx, s, overlay)
		if err != nil {
			return err
		}
		if noticed {
			return fmt.Errorf("the tests of %s fail without a change: repair them first", s.pkg)
		}
	}
	return nil
}

// try reports whether a test notices a mutant.
func (l laboratory) try(ctx context.Context, a area, m mutant) (bool, error) {
	path := filepath.Join(l.root, m.file)
	code, err := os.ReadFile(path) //nolint:gosec // a file of the table
	if err != nil {
		return false, err
	}
	changed, err := m.mutate(string(code))
	if err != nil {
		return false, err
	}
	file := filepath.Join(l.scratch, "mutant.go")
	if err := os.WriteFile(file, []byte(changed), 0o600); err != nil { //nolint:gosec // of its own scratch folder
		return false, err
	}
	overlay, err := l.overlay(map[string]string{path: file})
	if err != nil {
		return false, err
	}
	for _, s := range a.tests {
		if noticed, err := l.test(ctx, s, overlay); noticed || err != nil {
			if err != nil {
				err = fmt.Errorf("%v: %w", m, err)
			}
			return noticed, err
		}
	}
	return false, nil
}

func (l laboratory) overlay(replace map[string]string) (string, error) {
	text, err := json.Marshal(map[string]any{"Replace": replace})
	if err != nil {
		return "", err
	}
	path := filepath.Join(l.scratch, "overlay.json")
	return path, os.WriteFile(path, text, 0o600)
}

var errBuild = errors.New("do not build")

// patience is the time limit for the tests of a mutant. A mutant that never ends counts as noticed.
const patience = 5 * time.Minute

// test builds a suite with an overlay and runs it. It reports whether a test fails.
func (l laboratory) test(ctx context.Context, s suite, overlay string) (noticed bool, err error) {
	binary := filepath.Join(l.scratch, "suite.test")
	//nolint:gosec // the package is one of the table's
	build := exec.CommandContext(ctx, "go", "test", "-c", "-vet=off", "-ldflags=-s -w", "-overlay", overlay, "-o", binary, s.pkg)
	build.Dir = l.root
	if out, err := build.CombinedOutput(); err != nil {
		return false, fmt.Errorf("the tests of %s %w: %w\n%s", s.pkg, errBuild, err, bytes.TrimSpace(out))
	}
	args := append([]string{"-test.failfast", "-test.timeout", patience.String()}, s.args...)
	tests := exec.CommandContext(ctx, binary, args...) //nolint:gosec // it was built just now
	tests.Dir = filepath.Join(l.root, s.pkg)
	err = tests.Run()
	if ctx.Err() != nil {
		return false, ctx.Err()
	}
	if _, failed := errors.AsType[*exec.ExitError](err); failed {
		return true, nil
	}
	return false, err
}
