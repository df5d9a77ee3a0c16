// SPDX-License-Identifier: MPL-2.0

//go:build acceptance

package docs_test

import (
	"strings"
	"sync"
	"testing"
	"time"
)

// screen is what a terminal shows.
type screen struct {
	mu      sync.Mutex
	text    strings.Builder
	written chan struct{} // has an element when something was written since the last look
}

func newScreen() *screen { return &screen{written: make(chan struct{}, 1)} }

// Write shows more.
func (s *screen) Write(p []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case s.written <- struct{}{}:
	default:
	}
	return s.text.Write(p)
}

func (s *screen) shows() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.text.String()
}

// take returns what is shown, and clears the screen.
func (s *screen) take() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	text := s.text.String()
	s.text.Reset()
	return text
}

// await takes what is shown once it has a whole line with this text.
func (s *screen) await(t *testing.T, b *block, text string) string {
	t.Helper()
	limit := time.After(patience)
	for {
		if _, rest, found := strings.Cut(s.shows(), text); found && (strings.HasSuffix(text, "\n") || strings.Contains(rest, "\n")) {
			return s.take()
		}
		select {
		case <-s.written:
		case <-limit:
			t.Fatalf("%s: after %s there is no %q in %s", b.at(), patience, text, s.shows())
		}
	}
}

// quiet is how long nothing has to be written before what was typed has had its effect, where the guide does not say what that is.
const quiet = 10 * time.Second

// awaitWhat takes what is shown once it is as wanted. If wanted is nil, it waits until nothing more is added.
func (s *screen) awaitWhat(t *testing.T, b *block, wanted func(shown string) bool) string {
	t.Helper()
	limit := time.After(patience)
	for {
		if wanted != nil && wanted(s.shows()) {
			return s.take()
		}
		var still <-chan time.Time
		if wanted == nil && s.shows() != "" {
			still = time.After(quiet)
		}
		select {
		case <-s.written:
		case <-still:
			return s.take()
		case <-limit:
			t.Errorf("%s: after %s the sandbox shows something else", b.at(), patience)
			return s.take()
		}
	}
}
