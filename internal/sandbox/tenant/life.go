// SPDX-License-Identifier: MPL-2.0

package tenant

import (
	"context"
	"slices"
	"time"
)

// life is the course of a run by the clock. The tenant's mu guards it.
type life struct {
	due    time.Time // of the next stage; zero if it never comes by itself
	over   bool
	cancel func()
}

// stage takes a run to its next state at its planned time. It returns how long that state lasts; the last stage's answer does not matter.
type stage func(at time.Time) time.Duration

// forever is the duration of a state that only a stop ends.
const forever = time.Duration(-1)

// waits reports whether the clock takes the run on.
func (l *life) waits() bool { return !l.over && !l.due.IsZero() }

// live begins a run, which goes through the stages. wait is the time until the first one. If halt is called before the last one, ended
// follows instead of the stages that are left. The caller holds mu.
func (t *Tenant) live(l *life, wait time.Duration, ended func(at time.Time), stages ...stage) bool {
	ctx, cancel := context.WithCancel(t.ctx)
	l.due, l.cancel = t.now().Add(wait), cancel
	if !t.background(func() { t.goThrough(ctx, l, ended, stages) }) {
		cancel()
		return false
	}
	t.lives = append(t.lives, l)
	return true
}

func (t *Tenant) goThrough(ctx context.Context, l *life, ended func(at time.Time), stages []stage) {
	defer l.cancel()
	defer t.forget(l)
	for i, enter := range stages {
		due := t.dueOf(l)
		if due.IsZero() {
			<-ctx.Done()
		} else {
			t.config.Clock.Wait(ctx, due)
		}
		if last := i == len(stages)-1; !t.enterStage(ctx, l, due, last, enter, ended) {
			return
		}
	}
}

func (t *Tenant) dueOf(l *life) time.Time {
	t.mu.Lock()
	defer t.mu.Unlock()
	return l.due
}

// enterStage enters a stage, or ends the run if it was stopped. It reports whether the run goes on.
func (t *Tenant) enterStage(ctx context.Context, l *life, due time.Time, last bool, enter stage, ended func(time.Time)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	switch {
	case t.ctx.Err() != nil:
		return false // the tenant is closing: nothing happens from now on
	case ctx.Err() != nil:
		l.over = true
		ended(t.now())
		return false
	}
	lasts := enter(due)
	l.over, l.due = last, due.Add(lasts)
	if lasts == forever {
		l.due = time.Time{}
	}
	return true
}

// forget drops a run that is over from those that the clock takes on.
func (t *Tenant) forget(l *life) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.lives = slices.DeleteFunc(t.lives, func(other *life) bool { return other == l })
}

// halt ends a run before its last stage. The caller holds mu.
func (t *Tenant) halt(l *life) {
	l.due = t.now()
	l.cancel()
}
