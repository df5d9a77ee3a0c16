// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Key is the key of an item in the chain's table.
type Key struct{ PK, SK string }

// Item is an item of the table.
type Item struct {
	Key
	Version int // of the last write, from 1
	Doc     []byte
}

// Write is one item to write. At most one of its conditions is set.
type Write struct {
	Key
	Doc     any       // stored as JSON
	Expires time.Time // when the item expires; zero: never

	Version int  // the version that it replaces; 0: there is no item yet
	Always  bool // if set, instead: it is written in any case
	Delete  bool // if set, instead: the item is deleted if it exists
}

// ErrConflict is the error of a write with a failed condition: another execution has changed the item.
var ErrConflict = errors.New("the item was changed meanwhile")

// Store is the chain's table. It is safe for concurrent use, and every later read sees a write that has returned.
type Store interface {
	// Get returns nil if there is no such item.
	Get(ctx context.Context, key Key) (*Item, error)
	// Query returns the items with this partition key and a sort key that begins with prefix.
	Query(ctx context.Context, query Query) ([]Item, error)
	// Write carries out all writes or none. In the latter case it returns ErrConflict.
	Write(ctx context.Context, writes ...Write) error
	// Count adds one to the counter under the key and returns the sum.
	Count(ctx context.Context, key Key, expires time.Time) (int, error)
}

// Query requests items in the order of their sort keys.
type Query struct {
	PK     string
	Prefix string // of the sort key; empty: all
	From   string // the sort key after which the answer begins; empty: at the first
	Newest bool   // in reverse order
	AtMost int    // maximum number of items; 0: all
}

// The table's items. Each kind's document is beside it.
//
//	CYCLE#<cycle>    R#<run>                       a run                                                      runDoc
//	CYCLE#<cycle>    S#<run>#<step>                what was decided of a step in a run                        stepDoc
//	CYCLE#<cycle>    E#<run>#<step>#<nn>           how an attempt of it ended                                 endDoc
//	CYCLE#<cycle>    OVER                          that the cycle's end was handled                           time.Time
//	CYCLE#<cycle>    TIMER                         that a timer is set for it                                 time.Time
//	CYCLE#<cycle>    K#<step>                      that an operator skips the step in this cycle              chain.Operation
//	USES#<cycle>     <step>#<hash>                 the run that has started a step with these results         string
//	CARRY            <step>#<outcome>              the latest result of a step that another one may carry over  carriedDoc
//	SHAPE            <hash>                        the chain's shape when runs began                          shapeDoc
//	RUNS             <run>                         the runs, to list them                                     RunRecord
//	RUN#<run>        START#<step>#<nn>             one attempt of a start                                     Start
//	RUN#<run>        ERROR#<step>#<nn>             why an attempt failed, if Qlik Cloud was asked             chain.JobError
//	RUN#<run>        STANDINGS#<nn>                how the steps stood when the run ended                     standingsDoc
//	RUN#<run>        RERUN#<run>                   a run that repeats this one                                time.Time
//	RUN#<run>        REPEATED#<nnn>                how often it is repeated                                   time.Time
//	RUN#<run>        OPERATION#<time>#<cause>      what an operator did with the run                          Operation
//	RELOAD#<event>   -                             the start that it carries out, and whether its end was handled  reloadDoc
//	NOW              PAUSED                        that the chain is paused                                   chain.Operation
//	NOW              CANCELED#<run>                that a run was canceled                                    chain.Operation
//	NOW              OPEN#<step>#<run>#<nn>        an attempt that has not ended                              startRef
//	NOW              QUEUED#<run>                  a run that waits until its schedule's previous run has ended   queuedRun
//	NOW              SLOT#<n>                      the attempt that has a slot of max_running                 startRef
//	PARKED           <run>#<step>#<nn>#<number>    a parked start                                             parkedDoc
//	QUIET            OPEN#<step>                   signals that wait for the end of their step's quiet time         quietDoc
//	QUIET            OVER#<id>                     those with a quiet time that is over, until they are reported    quietDoc
//	SWEEP            -                             how far the sweeps have come                               sweepDoc
//	NOTICE#<notice>  -                             a notice or an event that was sent, or is being sent       messageDoc
//	RATE             <minute>                      how many starts are put off to that minute                 a counter
//	OPERATIONS       <time>#<cause>                what an operator did, to list it                           Operation
//
// <step> is the id of a step in runs, <nn> the number of an attempt. Package idempotency keeps requests as REQUEST#<hash>.
func runInCycle(cycle, id string) Key      { return Key{cyclePrefix + cycle, "R#" + id} }
func stepKey(cycle, id, step string) Key   { return Key{cyclePrefix + cycle, "S#" + id + "#" + step} }
func overKey(cycle string) Key             { return Key{cyclePrefix + cycle, overSK} }
func cycleTimerKey(cycle string) Key       { return Key{cyclePrefix + cycle, timerSK} }
func skipKey(cycle, step string) Key       { return Key{cyclePrefix + cycle, "K#" + step} }
func usesKey(cycle, step, hash string) Key { return Key{usesPrefix + cycle, step + "#" + hash} }
func carriedKey(k carryKey) Key            { return Key{carryPK, k.step + "#" + string(k.outcome)} }
func shapeKey(hash string) Key             { return Key{"SHAPE", hash} }
func listKey(id string) Key                { return Key{runsPK, id} }
func runPK(id string) string               { return chain.RunPKPrefix + id }
func standingsKey(id string, part int) Key {
	return Key{runPK(id), fmt.Sprintf("%s%02d", standingsPrefix, part)}
}
func errorKey(r startRef) Key {
	return Key{runPK(r.Run), fmt.Sprintf("%s%s#%02d", errorPrefix, r.Step, r.Attempt)}
}
func repeatedKey(id string, n int) Key { return Key{runPK(id), fmt.Sprintf("REPEATED#%03d", n)} }
func rerunKey(id, by string) Key       { return Key{runPK(id), rerunPrefix + by} }
func reloadKey(event string) Key       { return Key{"RELOAD#" + event, "-"} }
func noticeKey(id string) Key          { return Key{"NOTICE#" + id, "-"} }
func rateKey(t time.Time) Key          { return Key{"RATE", t.UTC().Format("2006-01-02T15:04")} }
func pausedKey() Key                   { return Key{chain.NowPK, chain.PausedSK} }
func queuedKey(id string) Key          { return Key{chain.NowPK, queuedPrefix + id} }
func canceledKey(id string) Key        { return Key{chain.NowPK, canceledPrefix + id} }

var sweepKey = Key{"SWEEP", "-"}

const (
	cyclePrefix     = "CYCLE#"
	usesPrefix      = "USES#"
	carryPK         = "CARRY"
	overSK          = "OVER"
	timerSK         = "TIMER"
	runsPK          = chain.RunsPK
	parkedPK        = "PARKED"
	operationsPK    = chain.OperationsPK
	startPrefix     = "START#"
	operationPrefix = "OPERATION#"
	rerunPrefix     = "RERUN#"
	standingsPrefix = "STANDINGS#"
	errorPrefix     = "ERROR#"
	canceledPrefix  = "CANCELED#"
	slotPrefix      = "SLOT#"
	queuedPrefix    = "QUEUED#"
)

// startRef names one attempt of a step's start in a run.
type startRef struct {
	Cycle   string `json:"cycle"`
	Run     string `json:"run"`
	Step    string `json:"step"`
	Attempt int    `json:"attempt"`
}

func (r startRef) key() Key {
	return Key{runPK(r.Run), fmt.Sprintf("%s%s#%02d", startPrefix, r.Step, r.Attempt)}
}

func (r startRef) openKey() Key {
	return Key{chain.NowPK, fmt.Sprintf("%s%s#%s#%02d", chain.OpenSKPrefix, r.Step, r.Run, r.Attempt)}
}

func (r startRef) endKey() Key {
	return Key{cyclePrefix + r.Cycle, fmt.Sprintf("E#%s#%s#%02d", r.Run, r.Step, r.Attempt)}
}

// stored is a document with the version of its item; 0: there is none yet.
type stored[T any] struct {
	key     Key
	version int
	doc     T
}

// load reads an item's document, or returns the zero value if there is none.
func load[T any](ctx context.Context, store Store, key Key) (stored[T], error) {
	s := stored[T]{key: key}
	item, err := store.Get(ctx, key)
	if err != nil {
		return s, fmt.Errorf("reading %s %s from the chain's table: %w", key.PK, key.SK, err)
	}
	if item == nil {
		return s, nil
	}
	s.version = item.Version
	return s, decode(item, &s.doc)
}

func decode(item *Item, doc any) error {
	if err := json.Unmarshal(item.Doc, doc); err != nil {
		return fmt.Errorf("the item %s %s of the chain's table was written by another release: %w", item.PK, item.SK, err)
	}
	return nil
}

// maxConflicts is how often a change is repeated after a write conflict. It is far above the number of executions that can meet on one
// item.
const maxConflicts = 100

// change reads an item, calls edit to change its document, and writes it back, until there is no write conflict. edit returns false if it
// has changed nothing.
func change[T any](ctx context.Context, store Store, key Key, expires time.Time, edit func(*T) bool) (stored[T], error) {
	for conflicts := range maxConflicts {
		s, err := load[T](ctx, store, key)
		if err != nil {
			return s, err
		}
		if !edit(&s.doc) {
			return s, nil
		}
		err = write(ctx, store, s.write(expires))
		if err == nil {
			s.version++
			return s, nil
		}
		if !errors.Is(err, ErrConflict) {
			return s, err
		}
		if err := Backoff(ctx, conflicts); err != nil {
			return s, err
		}
	}
	return stored[T]{}, fmt.Errorf("cannot write %s %s to the chain's table: gave up after %d write conflicts", key.PK, key.SK, maxConflicts)
}

// Backoff waits for a random time, longer after more write conflicts, so that the executions do not meet again.
func Backoff(ctx context.Context, conflicts int) error {
	timer := time.NewTimer(rand.N(time.Millisecond << min(conflicts, 8))) //nolint:gosec // no secret depends on it
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (s *stored[T]) write(expires time.Time) Write {
	return Write{Key: s.key, Doc: s.doc, Version: s.version, Expires: expires}
}

// write writes items. Its error names what was to be written.
func write(ctx context.Context, store Store, writes ...Write) error {
	err := store.Write(ctx, writes...)
	if err == nil || errors.Is(err, ErrConflict) {
		return err
	}
	return fmt.Errorf("writing %s %s to the chain's table: %w", writes[0].PK, writes[0].SK, err)
}
