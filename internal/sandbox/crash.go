// SPDX-License-Identifier: MPL-2.0

package sandbox

import (
	"slices"
	"sync"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/outside"
)

// OutsideCalls names the calls that functions have made to AWS and to Qlik Cloud since the last ResetOutsideCalls, in the order
// in which they came: "ssm GetParameters", "dynamodb PutItem STEP#transform", "qlik POST /api/v1/reloads".
func (s *Sandbox) OutsideCalls() []string {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	return slices.Clone(s.watch.calls)
}

// ResetOutsideCalls begins to count anew, and forgets the crashes that have not happened.
func (s *Sandbox) ResetOutsideCalls() {
	s.watch.mu.Lock()
	defer s.watch.mu.Unlock()
	s.watch.calls, s.watch.crashes = nil, nil
}

// CrashAt kills the processes of the function that makes the outside call of this number, counted from 1 since the last
// ResetOutsideCalls: before anything is done about the call, or after that and before it is answered. Once.
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

// Point names the outside call, and reports whether the crash has happened. A call that never came has no name.
func (c *Crash) Point() (name string, happened bool) {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	return c.name, c.happened
}

// Cancel keeps a crash from happening that has not happened.
func (c *Crash) Cancel() {
	c.watch.mu.Lock()
	defer c.watch.mu.Unlock()
	c.watch.crashes = slices.DeleteFunc(c.watch.crashes, func(other *Crash) bool { return other == c && !c.happened })
}

// watch sees all outside calls, and lets functions crash.
type watch struct {
	mu      sync.Mutex
	kill    func(function string) int
	calls   []string
	crashes []*Crash
}

// guard tells what ends a function's processes. No function runs before.
func (w *watch) guard(kill func(function string) int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.kill = kill
}

// take is the outside.Hook.
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

// note counts a call, and returns the crash that is to happen at it, if any.
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
