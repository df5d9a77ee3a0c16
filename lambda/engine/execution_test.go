// SPDX-License-Identifier: MPL-2.0

package engine_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/qlik"
	"github.com/qlik-task-chain/terraform-provider-qlik/internal/sandbox/cloud/constraint"
	"github.com/qlik-task-chain/terraform-provider-qlik/lambda/engine"
)

// errCut is what a call of an execution that was cut off would return, if it still ran.
var errCut = errors.New("the execution was cut off")

// execution is one execution of the function: once it is cut off, nothing that it calls does anything.
type execution struct {
	*world
	store engine.Store

	mu     sync.Mutex
	random *rand.Rand
	dead   bool

	seen, knew []int // how many entries the journal had when it read a cycle, and the orders
}

// cut decides whether the execution ends at a call; before says that the call itself is not carried out.
func (x *execution) cut(do func() error) error {
	x.mu.Lock()
	dead := x.dead
	before, after := x.random.Float64() < x.crashes/2, x.random.Float64() < x.crashes/2
	if call := int(x.calls.Add(1)); !dead && x.cutAt != 0 {
		before, after = 2*call-1 == x.cutAt, 2*call == x.cutAt
	}
	x.dead = dead || before || after
	others := x.random.IntN(3)
	x.mu.Unlock()
	for range others { // let others go first: of executions at the same time each call may come at any time
		runtime.Gosched()
	}
	if dead || before {
		return errCut
	}
	err := do()
	if after {
		return errCut
	}
	return err
}

func (x *execution) Get(ctx context.Context, key engine.Key) (item *engine.Item, err error) {
	x.reads.Add(1)
	err = x.cut(func() (err error) { item, err = x.store.Get(ctx, key); return })
	return item, err
}

func (x *execution) Query(ctx context.Context, q engine.Query) (items []engine.Item, err error) {
	x.reads.Add(1)
	err = x.cut(func() (err error) {
		x.journal.mu.Lock()
		defer x.journal.mu.Unlock()
		switch {
		case strings.HasPrefix(q.PK, "CYCLE#"):
			x.seen = append(x.seen, len(x.journal.entries))
		case q.PK == chain.NowPK:
			x.knew = append(x.knew, len(x.journal.entries))
		}
		items, err = x.store.Query(ctx, q)
		return err
	})
	if err == nil && x.torn {
		return x.tear(ctx, q, items)
	}
	return items, err
}

// tear returns what a query finds that reads one item after the other while others write, as DynamoDB's does: it is no snapshot.
func (x *execution) tear(ctx context.Context, q engine.Query, before []engine.Item) ([]engine.Item, error) {
	for range 10 {
		runtime.Gosched()
	}
	after, err := x.store.Query(ctx, q)
	if err != nil || len(after) == 0 || q.Newest {
		return after, err
	}
	x.mu.Lock()
	split := after[x.random.IntN(len(after))].SK
	x.mu.Unlock()
	var items []engine.Item
	for _, item := range before {
		if item.SK < split {
			items = append(items, item)
		}
	}
	for _, item := range after {
		if item.SK >= split {
			items = append(items, item)
		}
	}
	return items, nil
}

func (x *execution) Write(ctx context.Context, writes ...engine.Write) error {
	x.world.mu.Lock()
	x.largest = max(x.largest, len(writes))
	x.world.mu.Unlock()
	x.writes.Add(1)
	return x.cut(func() error {
		if err := ctx.Err(); err != nil { // as the AWS SDK does
			return err
		}
		x.journal.mu.Lock()
		defer x.journal.mu.Unlock()
		err := x.store.Write(ctx, writes...)
		if err == nil {
			x.journal.write(x, writes)
		}
		return err
	})
}

func (x *execution) Count(ctx context.Context, key engine.Key, until time.Time) (n int, err error) {
	x.writes.Add(1)
	err = x.cut(func() (err error) { n, err = x.store.Count(ctx, key, until); return })
	return n, err
}

func (x *execution) Set(_ context.Context, name string, timer chain.Timer) error {
	if broken := brokenTimerName(name); broken != nil { // as EventBridge Scheduler does
		return fmt.Errorf("ValidationException: the timer's name %q: %v", name, broken)
	}
	return x.cut(func() error {
		x.world.mu.Lock()
		defer x.world.mu.Unlock()
		_, there := x.timers[name]
		if came, ok := x.fired[name]; there || ok && x.clock.Now().Sub(came) < time.Minute { // one that has come is deleted only shortly after
			return nil
		}
		x.timers[name] = timer
		return nil
	})
}

func (x *execution) StartReload(_ context.Context, request qlik.ReloadRequest) (made *qlik.Reload, err error) {
	err = x.cut(func() (err error) {
		x.world.mu.Lock()
		x.sent = append(x.sent, request)
		x.world.mu.Unlock()
		made, err = x.reloadBy(request.AppID, "external")
		return err
	})
	return made, err
}

func (x *execution) GetReload(_ context.Context, id string) (found *qlik.Reload, err error) {
	err = x.cut(func() error {
		x.world.mu.Lock()
		defer x.world.mu.Unlock()
		x.lookUps++
		if x.getting != nil {
			if err := x.getting(id); err != nil {
				return err
			}
		}
		i := slices.IndexFunc(x.reloads, func(r *reload) bool { return r.ID == id })
		if i < 0 {
			return &qlik.Error{Method: "GET", Status: 404}
		}
		record := x.reloads[i].Reload
		found = &record
		return nil
	})
	return found, err
}

func (x *execution) ReloadLogTail(ctx context.Context, app, id string, _ int) (log []byte, err error) {
	err = x.cut(func() error {
		if x.slowLogs {
			<-ctx.Done()
			return ctx.Err()
		}
		x.world.mu.Lock()
		defer x.world.mu.Unlock()
		x.lookUps++
		if x.logOf == nil {
			return &qlik.Error{Method: "GET", Status: 404}
		}
		log, err = x.logOf(app, id)
		return err
	})
	return log, err
}

func (x *execution) ListReloads(_ context.Context, f qlik.ReloadFilter) (list []qlik.Reload, err error) {
	err = x.cut(func() error {
		x.world.mu.Lock()
		defer x.world.mu.Unlock()
		if x.listing != nil {
			if err := x.listing(f.AppID); err != nil {
				return err
			}
		}
		for _, r := range slices.Backward(x.reloads) {
			if f.Limit > 0 && len(list) == f.Limit {
				break
			}
			if r.AppID == f.AppID && (len(f.Statuses) == 0 || slices.Contains(f.Statuses, r.Status)) {
				list = append(list, r.Reload)
			}
		}
		return nil
	})
	if x.listed != nil {
		x.listed(f.AppID)
	}
	return list, err
}

func (x *execution) CancelReload(_ context.Context, id string) error {
	return x.cut(func() error {
		x.world.mu.Lock()
		defer x.world.mu.Unlock()
		i := slices.IndexFunc(x.reloads, func(r *reload) bool { return r.ID == id })
		if x.refuseCancel != nil {
			if err := x.refuseCancel(id); err != nil {
				return err
			}
		}
		if i < 0 {
			return &qlik.Error{Method: "POST", Status: 404}
		}
		if x.reloads[i].Status.Final() || x.reloads[i].canceled {
			return &qlik.Error{Method: "POST", Status: 409, Code: "RELOADS-008"}
		}
		x.reloads[i].canceled = true
		return nil
	})
}

// brokenTimerName is what EventBridge Scheduler has against a timer's name, which goes there as the schedule's name and as the ClientToken.
func brokenTimerName(name string) []string {
	var broken []string
	for _, member := range []string{"Name", "ClientToken"} {
		rule, err := constraint.RuleOf("scheduler", "CreateSchedule", member)
		if err != nil {
			return []string{err.Error()}
		}
		broken = append(broken, rule.Broken(name)...)
	}
	return broken
}

// contextOf is the context of an execution that has time enough.
func contextOf() context.Context { return context.Background() }
