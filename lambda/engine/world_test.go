// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/clock"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine/enginetest"
)

// world is a tenant, a table, timers and Lambda's asynchronous queue in memory, in which time moves as the test says and executions can be
// cut off at any call.
type world struct {
	t      testing.TB
	random *rand.Rand
	clock  *clock.Clock
	store  *enginetest.Memory
	index  *chain.Index

	ending      func(step string, attempt int) string // Qlik's status
	refuse      func(app string, n int) error         // what the n-th request for an app's reload meets; nil: nothing
	crashes     float64                               // how likely an execution is cut off at a call
	cutAt       int                                   // when set, instead: 2n-1 before the n-th call of all, 2n after it
	calls       atomic.Int64                          // of all executions
	reads       atomic.Int64                          // of the table; a query is one
	writes      atomic.Int64                          // of the table; a transaction is one
	silent      bool                                  // no event reports the end of a job that is no reload
	dropStarts  int                                   // how many starts of data tasks Qlik Cloud accepts and forgets
	notRunnable string                                // why Qlik Cloud runs no data task; empty: it does
	stateRead   func()                                // called before the state of a data task is read; nil: nothing

	torn    bool                   // a query is no snapshot
	lose    bool                   // the answers to requests for reloads
	listing func(app string) error // what a request for an app's reloads meets; nil: nothing

	lookUps int                                  // of single reloads and of their logs
	getting func(id string) error                // what a request for one reload meets; nil: nothing
	logOf   func(app, id string) ([]byte, error) // of a reload; nil: there is none

	slowLogs bool                                     // a request for a log has no answer in time
	why      func(step string) (code, message string) // of a failed reload; nil: nothing is said

	listed func(app string) // called when a request for an app's reloads was answered, before the answer is used

	webhooks engine.Webhooks

	refuseCancel func(reload string) error // what a request to cancel a reload meets; nil: nothing

	notices *sentNotices // nil: no notices are sent
	events  *putEvents   // nil: no events are put

	pendingActive bool          // an app that has a reload gets no second one
	making        func(*reload) // called when a reload was made, before the answer

	mu         sync.Mutex
	reloads    []*reload
	timers     map[string]chain.Timer
	fired      map[string]time.Time // timers that have come, by name
	queue      []invocation
	requests   int // for reloads
	largest    int // write, in items
	sent       []qlik.ReloadRequest
	handled    int // invocations
	operations int
	cut        int // of them, those that were cut off
	asked      map[string]int

	journal journal
}

type reload struct {
	qlik.Reload
	step     string
	n        int  // of the step's app
	canceled bool // ends so
}

// invocation is what Lambda's queue holds.
type invocation struct {
	id        string
	body      []byte            // of a delivery
	timer     *chain.Timer      // or this
	beginning *engine.Beginning // or this

	operation func(e *engine.Engine, id string) error // or this
	once      bool                                    // it is not repeated when it is cut off
}

func newWorld(t testing.TB, seed uint64, d *chain.Definition) *world {
	t.Helper()
	return &world{
		t: t, random: rand.New(rand.NewPCG(seed, 1)), clock: clock.NewFrozen(time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)),
		store: enginetest.NewMemory(), index: chain.NewIndex(d), timers: map[string]chain.Timer{}, fired: map[string]time.Time{},
		asked:  map[string]int{},
		ending: func(string, int) string { return "SUCCEEDED" },
	}
}

// reloadBy makes a reload of an app.
func (w *world) reloadBy(app, trigger string) (*qlik.Reload, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if trigger == "external" {
		w.requests++
		w.asked[app]++
		if w.refuse != nil {
			if err := w.refuse(app, w.asked[app]); err != nil {
				return nil, err
			}
		}
	}
	step, _ := w.index.StepOf(app)
	r := &reload{step: step, Reload: qlik.Reload{
		ID: fmt.Sprintf("reload%06d", len(w.reloads)+1), AppID: app, Type: trigger, Status: qlik.StatusQueued,
		CreationTime: qlik.Timestamp{Time: w.clock.Now()},
	}}
	for _, other := range w.reloads {
		if other.step != step {
			continue
		}
		if w.pendingActive && !other.Status.Final() {
			return nil, &qlik.Error{Method: "POST", Status: 429, Code: "RELOADS-010"}
		}
		r.n++
	}
	r.n++
	w.reloads = append(w.reloads, r)
	made := r.Reload
	w.mu.Unlock()
	defer w.mu.Lock()
	if w.making != nil {
		w.making(r)
	}
	if w.lose && trigger == "external" {
		return nil, &qlik.Error{Method: "POST", Err: errors.New("connection reset")}
	}
	return &made, nil
}

// begin is another client's job of a step. Qlik Cloud runs a data task once at a time.
func (w *world) begin(step string) {
	id := w.index.Definition().StepID(step)
	if runs := w.of(id); strings.HasPrefix(id, "data-task-") && len(runs) > 0 && !runs[0].Status.Final() {
		return
	}
	if _, err := w.reloadBy(id, "hub"); err != nil {
		w.t.Fatal(err)
	}
}

// schedule has a step's schedule come, so many times.
func (w *world) schedule(step string, copies int) {
	b := &engine.Beginning{Step: step, At: w.clock.Now(), StartedBy: engine.StartedBySchedule, ID: step + "#" +
		w.clock.Now().Format(time.RFC3339)}
	for i := range copies {
		w.queue = append(w.queue, invocation{id: fmt.Sprintf("schedule-%s-%d", b.ID, i), beginning: b})
	}
}

// end ends a reload and puts its event into Lambda's queue so many times.
func (w *world) end(r *reload, copies int) {
	w.clock.Advance(time.Second)
	r.Status = qlik.Status(w.ending(r.step, r.n))
	if r.canceled {
		r.Status = qlik.StatusCanceled
	}
	r.EndTime = qlik.Timestamp{Time: w.clock.Now()}
	if w.why != nil && r.Status != qlik.StatusSucceeded {
		r.ErrorCode, r.ErrorMessage = w.why(r.step)
	}
	if w.silent && !isApp(r) {
		return
	}
	for i := range copies {
		w.queue = append(w.queue, w.eventOf(r, i))
	}
}

// isApp reports whether a job is the reload of an app.
func isApp(r *reload) bool {
	return !strings.HasPrefix(r.AppID, "automation-") && !strings.HasPrefix(r.AppID, "data-task-")
}

// eventOf is the delivery of the event of a reload that has ended.
func (w *world) eventOf(r *reload, number int) invocation {
	if body := w.kindEvent(r); body != nil {
		return invocation{id: fmt.Sprintf("%s-%d", r.ID, number), body: body}
	}
	body, err := json.Marshal(map[string]any{
		"id": "event-" + r.ID, "type": qlik.EventReloadFinished, "tenantid": tenantID, "time": r.EndTime,
		"data": map[string]any{
			"id": r.ID, "appId": r.AppID, "status": r.Status, "type": r.Type, "creationTime": r.CreationTime,
			"durationSeconds": r.EndTime.Sub(r.CreationTime.Time).Seconds(),
			"errorCode":       r.ErrorCode, "errorMessage": r.ErrorMessage,
		},
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return invocation{id: fmt.Sprintf("%s-%d", r.ID, number), body: body}
}

// run lets executions handle what is in the queue, so many at once, in random order. What fails is repeated a minute later.
func (w *world) run(parallel int) {
	w.random.Shuffle(len(w.queue), func(i, j int) { w.queue[i], w.queue[j] = w.queue[j], w.queue[i] })
	batch := w.queue[:min(parallel, len(w.queue))]
	w.queue = w.queue[len(batch):]
	var all sync.WaitGroup
	again := make([]bool, len(batch))
	for i, in := range batch {
		x := &execution{world: w, store: w.store, random: rand.New(rand.NewPCG(w.random.Uint64(), 2))}
		all.Go(func() {
			again[i] = w.invoke(x, in) != nil || x.dead
		})
	}
	all.Wait()
	w.handled += len(batch)
	for i, repeat := range again {
		if repeat {
			w.cut++
			if !batch[i].once {
				w.queue = append(w.queue, batch[i])
			}
		}
	}
	if slices.Contains(again, true) {
		w.clock.Advance(time.Minute)
	}
}

func (w *world) engine(x *execution) *engine.Engine {
	e := &engine.Engine{
		Index: w.index, DefinitionSHA256: "sum", TenantID: tenantID, SigningSecret: chain.SigningSecret{Current: secret}, Reloads: x,
		Automations: x, DataTasks: x, Webhooks: w.webhooks, Store: x, Timers: x, Now: w.clock.Now,
	}
	if w.notices != nil {
		e.Notices = living{x, w.notices}
	}
	if w.events != nil {
		e.Events = w.events
	}
	return e
}

func (w *world) invoke(x *execution, in invocation) error {
	var err error
	switch {
	case in.timer != nil:
		_, err = w.engine(x).Wake(w.t.Context(), in.id, *in.timer)
	case in.operation != nil:
		err = in.operation(w.engine(x), in.id)
	case in.beginning != nil:
		_, err = w.engine(x).Begin(w.t.Context(), in.id, *in.beginning)
	default:
		_, err = w.engine(x).Handle(w.t.Context(), in.id, in.body, qlik.Sign(secret, in.body))
	}
	return err
}

// tick puts the next timer into the queue and moves the clock to it; false: there is none.
func (w *world) tick() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	first := ""
	for name, timer := range w.timers {
		if first == "" || timer.Due.Before(w.timers[first].Due) || timer.Due.Equal(w.timers[first].Due) && name < first {
			first = name
		}
	}
	if first == "" {
		return false
	}
	timer := w.timers[first]
	delete(w.timers, first)
	w.fired[first] = timer.Due
	w.clock.Advance(max(0, timer.Due.Sub(w.clock.Now())))
	w.queue = append(w.queue, invocation{id: "timer-" + first, timer: &timer})
	return true
}

// active are the reloads that have not ended.
func (w *world) active() []*reload {
	return slices.DeleteFunc(slices.Clone(w.reloads), func(r *reload) bool { return r.Status.Final() })
}

// play lets everything happen, in random order, until nothing is left to happen.
func (w *world) play(copies, parallel int) {
	for {
		active := w.active()
		switch {
		case len(active) > 0 && (len(w.queue) == 0 || w.random.IntN(3) == 0):
			w.end(active[w.random.IntN(len(active))], copies)
		case len(w.queue) > 0:
			w.run(parallel)
		case !w.tick():
			return
		}
	}
}

// made lists the reloads that there were, as step and number, sorted.
func (w *world) made() []string {
	var made []string
	for _, r := range w.reloads {
		made = append(made, fmt.Sprintf("%s #%d", r.step, r.n))
	}
	slices.Sort(made)
	return made
}

// difference says what is only in one of two sorted lists.
func difference(got, want []string) string {
	var b strings.Builder
	for _, s := range got {
		if !slices.Contains(want, s) {
			fmt.Fprintf(&b, "\n  too much: %s", s)
		}
	}
	for _, s := range want {
		if !slices.Contains(got, s) {
			fmt.Fprintf(&b, "\n  missing:  %s", s)
		}
	}
	return b.String()
}

const (
	tenantID = "AbCdEfGhIjKlMnOpQrStUvWxYz012345"
	secret   = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
)

// unfinished lists the attempts and the runs that have come to no end.
func (w *world) unfinished() []string {
	w.t.Helper()
	var unfinished []string
	for key, doc := range w.store.Items() {
		if key.PK == chain.NowPK && strings.HasPrefix(key.SK, chain.OpenSKPrefix) {
			unfinished = append(unfinished, key.SK)
		}
		if key.PK == chain.RunsPK && !strings.Contains(doc, `"status":`) {
			unfinished = append(unfinished, doc)
		}
	}
	return unfinished
}
