// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"slices"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

// OutsideCalls names the calls that functions have made to AWS and to Qlik Cloud since the last ResetOutsideCalls, in order of arrival:
// "ssm GetParameters", "dynamodb PutItem STEP#transform", "qlik POST /api/v1/reloads".
func (s *Sandbox) OutsideCalls() []string {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	return slices.Clone(s.watch.calls)
}

// ResetOutsideCalls restarts the count and drops pending crashes.
func (s *Sandbox) ResetOutsideCalls() {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.watch.calls, s.watch.crashes = nil, nil
}

// CrashAt kills the processes of the function that makes the outside call with this number. Counting starts at 1 after ResetOutsideCalls.
// after selects the moment: false is before the call is carried out, true is after that and before the answer. The crash happens once.
func (s *Sandbox) CrashAt(call int, after bool) *Crash {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	c := &Crash{watch: s.watch, call: call, after: after}
	s.watch.crashes = append(s.watch.crashes, c)
	return c
}

// Crash is the end of a function's processes at one of its outside calls.
type Crash struct {
	watch *watch
	call  int
	after bool

	name     string // of the call; watch's mu guards it
	happened bool
}

// Point names the outside call and reports whether the crash has happened. The name is empty if the call never came.
func (c *Crash) Point() (name string, happened bool) {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	return c.name, c.happened
}

// Cancel prevents a crash that has not happened yet.
func (c *Crash) Cancel() {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	c.watch.crashes = slices.DeleteFunc(c.watch.crashes, func(other *Crash) bool { return other == c && !c.happened })
}

// watch sees all outside calls and makes functions crash.
type watch struct {
	mu      sync.Mutex
	kill    func(function string) int
	calls   []string
	crashes []*Crash
}

// guard sets the function that ends a function's processes. It is called before any function runs.
func (w *watch) guard(kill func(function string) int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kill = kill
}

// take implements outside.Hook.
func (w *watch) take(call outside.Call, do func()) (answer bool) {
	crash, kill := w.note(call)
	if crash == nil {
		do()
		return true
	}
	if crash.after {
		do()
	}
	kill(call.Function)
	w.mu.Lock()
	defer w.mu.Unlock()
	crash.happened = true
	return false
}

// note counts a call and returns the crash planned for it, if any.
func (w *watch) note(call outside.Call) (*Crash, func(function string) int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = append(w.calls, call.String())
	for _, crash := range w.crashes {
		if crash.call == len(w.calls) {
			crash.name = call.String()
			return crash, w.kill
		}
	}
	return nil, nil
}
