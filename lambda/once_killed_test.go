// SPDX-License-Identifier: MPL-2.0

package main

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/aws"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// mortal is a table, and its function is killed before one of its calls: none of the later ones is carried out.
type mortal struct {
	engine.Store
	mu          sync.Mutex
	calls, dies int // 0: never
}

var errKilled = errors.New("killed")

func (m *mortal) lives() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.calls++
	if m.dies > 0 && m.calls >= m.dies {
		return errKilled
	}
	return nil
}

func (m *mortal) Get(ctx context.Context, key engine.Key) (*engine.Item, error) {
	if err := m.lives(); err != nil {
		return nil, err
	}
	return m.Store.Get(ctx, key)
}

func (m *mortal) Query(ctx context.Context, q engine.Query) ([]engine.Item, error) {
	if err := m.lives(); err != nil {
		return nil, err
	}
	return m.Store.Query(ctx, q)
}

func (m *mortal) Write(ctx context.Context, writes ...engine.Write) error {
	if err := m.lives(); err != nil {
		return err
	}
	return m.Store.Write(ctx, writes...)
}

// restart is a new environment of the function, over a table.
func (f *function) restart(store engine.Store) {
	s := f.deployment.services
	s.store, s.log = store, slog.New(slog.NewJSONHandler(&f.output, nil))
	f.handler = newHandler(s)
}

// operators are the requests that change something, each with what has to be so before and after it.
var operators = map[string]struct {
	kind   chain.OperationKind
	before func(t *testing.T, f *function) (path string)
	after  func(t *testing.T, f *function) bool
}{
	"start": {
		chain.OperationStart,
		func(*testing.T, *function) string { return "/start/a" },
		func(t *testing.T, f *function) bool { return len(f.tenant.apps()) == 1 && len(f.allRuns(t)) == 1 },
	},
	"rerun": {
		chain.OperationRerun,
		func(t *testing.T, f *function) string {
			f.deliver(t, eventBody(t, "reload-finished"))
			return "/runs/" + f.allRuns(t)[0].ID + "/rerun/a"
		},
		func(t *testing.T, f *function) bool { return len(f.tenant.apps()) == 3 && len(f.allRuns(t)) == 2 },
	},
	"start the chain": {
		chain.OperationStart,
		func(*testing.T, *function) string { return "/start?cycle=2026-11-24" },
		func(t *testing.T, f *function) bool {
			runs := f.allRuns(t)
			return len(f.tenant.apps()) == 1 && len(runs) == 1 && runs[0].Date == "2026-11-24"
		},
	},
	"rerun what failed": {
		chain.OperationRerun,
		func(t *testing.T, f *function) string {
			f.deliver(t, strings.ReplaceAll(eventBody(t, "reload-finished"), `"SUCCEEDED"`, `"FAILED"`)) // c and d start
			return "/runs/" + f.allRuns(t)[0].ID + "/rerun"
		},
		func(t *testing.T, f *function) bool { return len(f.tenant.apps()) == 3 && len(f.allRuns(t)) == 2 },
	},
	"mark": {
		chain.OperationMark,
		func(t *testing.T, f *function) string {
			f.deliver(t, strings.ReplaceAll(eventBody(t, "reload-finished"), `"SUCCEEDED"`, `"FAILED"`))
			return "/runs/" + f.allRuns(t)[0].ID + "/succeed/a"
		},
		func(t *testing.T, f *function) bool { return len(f.tenant.apps()) == 4 && len(f.allRuns(t)) == 2 }, // b and d too
	},
	"skip": {
		chain.OperationSkip,
		func(*testing.T, *function) string { return "/skip/b" },
		func(t *testing.T, f *function) bool {
			f.deliver(t, eventBody(t, "reload-finished"))
			return slices.Equal(f.tenant.apps(), []string{appD})
		},
	},
	"signal": {
		chain.OperationSignal,
		func(_ *testing.T, f *function) string {
			f.parameters.values[f.deployment.settings.definitionParameter] = signaled
			return "/signal/dbt/nightly"
		},
		func(t *testing.T, f *function) bool {
			return slices.Equal(f.tenant.apps(), []string{appB}) && len(f.allRuns(t)) == 1
		},
	},
	"pause": {
		chain.OperationPause,
		func(*testing.T, *function) string { return "/pause" },
		func(t *testing.T, f *function) bool { return f.isPaused(t) },
	},
	"resume": {
		chain.OperationResume,
		func(t *testing.T, f *function) string {
			f.post(t, f.keyed("/pause", "earlier", ""), 202)
			f.deliver(t, eventBody(t, "reload-finished"))
			return "/resume"
		},
		func(t *testing.T, f *function) bool { return len(f.tenant.apps()) == 2 && !f.isPaused(t) },
	},
	"cancel": {
		chain.OperationCancel,
		func(t *testing.T, f *function) string {
			f.deliver(t, eventBody(t, "reload-finished"))
			return "/runs/" + f.allRuns(t)[0].ID + "/cancel"
		},
		func(_ *testing.T, f *function) bool { return len(f.tenant.apps()) == 2 && f.tenant.cancels() >= 2 },
	},
	"redrive": {
		chain.OperationRedrive,
		func(t *testing.T, f *function) string {
			body, err := json.Marshal(signed(eventBody(t, "reload-finished")))
			if err != nil {
				t.Fatal(err)
			}
			f.deployment.queue = &letters{messages: []aws.QueueMessage{{ID: "1", Body: string(body), Sent: f.now}}}
			return "/redrive"
		},
		func(t *testing.T, f *function) bool { return len(f.tenant.apps()) == 2 && len(f.allRuns(t)) == 1 },
	},
}

func (f *function) allRuns(t *testing.T) []engine.RunRecord {
	t.Helper()
	var runs runsPage
	f.ask(t, request("GET", "", "/runs"), &runs)
	return runs.Runs
}

// recorded is how many operations of a kind the record has.
func (f *function) recorded(t *testing.T, kind chain.OperationKind) (n int) {
	t.Helper()
	var seen operations
	f.ask(t, request("GET", "", "/operations"), &seen)
	for _, o := range seen.Operations.Operations {
		if o.Kind == kind {
			n++
		}
	}
	return n
}

// TestAKilledRequestIsCompleted: the function is killed before each of its calls of the table in turn. The client sends the request
// again until it is answered, and once more.
func TestAKilledRequestIsCompleted(t *testing.T) {
	t.Parallel()
	for name, operator := range operators {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			kills, ended := 0, false
			for dies := 1; !ended; dies++ {
				f := newFunction(t)
				f.tenant.lists = true
				r := f.keyed(operator.before(t, f), "k", `{"reason": "night shift"}`)
				table := &mortal{Store: f.table, dies: dies}
				f.restart(table)
				var content any
				response, _ := f.ask(t, r, &content)
				if ended = table.calls < dies; ended && response.StatusCode != 202 {
					t.Fatalf("without a kill: %d %s", response.StatusCode, response.Body)
				}
				if !ended {
					kills++
				}
				f.restart(f.table)
				if underWay, _ := f.ask(t, r, &content); dies > 2 && !ended && response.StatusCode == 500 && underWay.StatusCode != 409 {
					t.Errorf("killed before call %d; sent again at once, the answer is %d %s", dies, underWay.StatusCode, underWay.Body)
				}
				f.now = f.now.Add(2 * time.Minute)
				if queue, ok := f.deployment.queue.(*letters); ok {
					queue.reappear() // after 90 seconds
				}
				second := f.post(t, r, 202)
				if third := f.post(t, r, 202); third.Body != second.Body || third.Headers[replayed] != "true" {
					t.Errorf("killed before call %d; the answers are %s and %s", dies, second.Body, third.Body)
				}
				if !operator.after(t, f) || f.recorded(t, operator.kind) != 1 {
					t.Errorf("killed before call %d; %d operations are recorded, the apps %q were reloaded, in the runs %+v",
						dies, f.recorded(t, operator.kind), f.tenant.apps(), f.allRuns(t))
				}
			}
			t.Logf("killed %d times", kills)
			if kills < 4 {
				t.Errorf("the function was killed %d times only", kills)
			}
		})
	}
}

// TestAKilledPauseIsNoSecondOne: another operator resumes the chain before the request is sent again.
func TestAKilledPauseIsNoSecondOne(t *testing.T) {
	t.Parallel()
	for dies := 1; dies <= 4; dies++ {
		f := newFunction(t)
		r := f.keyed("/pause", "k", "")
		f.restart(&mortal{Store: f.table, dies: dies})
		var content any
		f.ask(t, r, &content)
		f.restart(f.table)
		had := f.isPaused(t)
		f.post(t, f.keyed("/resume", "other", ""), 202)
		f.now = f.now.Add(longestInvocation + 2*time.Second)
		f.post(t, r, 202)
		if f.isPaused(t) == had {
			t.Errorf("killed before call %d, the pause had an effect: %t; after its repetition the chain is paused: %t", dies, had, f.isPaused(t))
		}
	}
}
