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

// Key is where an item stands in the chain's table.
type Key struct{ PK, SK string }

// Item is what the table holds under a key.
type Item struct {
	Key
	Version int // of the last write, from 1
	Doc     []byte
}

// Write is one item to be written. Exactly one condition holds for it.
type Write struct {
	Key
	Doc     any       // stored as JSON
	Expires time.Time // when the table forgets it; zero: never

	Version int  // the version that it replaces; 0: there is no item yet
	Rank    int  // when not 0, instead of Version: there is none of this rank or a higher one yet
	Delete  bool // when set, instead of both: it is deleted if it is there
}

// ErrConflict says that a condition of a write did not hold: somebody else was faster.
var ErrConflict = errors.New("the item was changed meanwhile")

// Store is the chain's table. It is safe for concurrent use, and a write that has returned is seen by every later read.
type Store interface {
	// Get returns nil when there is no such item.
	Get(ctx context.Context, key Key) (*Item, error)
	// Query returns the items with this partition key whose sort key begins with prefix.
	Query(ctx context.Context, query Query) ([]Item, error)
	// Write carries out all writes or none, and returns ErrConflict in the latter case.
	Write(ctx context.Context, writes ...Write) error
	// Count adds one to the counter under the key and returns the sum.
	Count(ctx context.Context, key Key, expires time.Time) (int, error)
}

// Query asks for items in the order of their sort keys.
type Query struct {
	PK     string
	Prefix string // of the sort key; empty: all
	From   string // the sort key after which the answer begins; empty: at the first
	Newest bool   // the other way round
	AtMost int    // items; 0: all
}

// The table's items. Each kind's document is beside it.
//
//	RELOAD#<event>   -                             what a reload carries out, and whether its end was handled  reloadDoc
//	RUN#<run>        RUN                           a run                                                      RunRecord
//	RUN#<run>        START#<step>#<start>#<nn>     one attempt of one start in a run                          Start
//	RUN#<run>        EDGE#<to>#<event>             what became of a link                                      Edge
//	RUNS             <run>                         the runs, to list them                                     RunRecord
//	OPEN#<step>      <start>#<nn>                  an attempt whose reload has not ended                      startRef
//	JOIN#<step>      -                             what a step that waits for all has seen                    chain.Join
//	BEGIN#<cause>    -                             the start of a run that the chain was asked to begin           startRef
//	SWEEP            -                             how far the sweeps have come                               sweepDoc
//	NOTICE#<notice>  -                             what people were told, or are being told                       noticeDoc
//	RATE             <minute>                      how many starts are put off to that minute                 a counter
//	ORDERS           PAUSED                        that the chain is paused                                   chain.Order
//	ORDERS           CANCELED#<run>                that a run was canceled                                    chain.Order
//	HELD             <start>#<step>#<nn>#<hold>    a start that a pause holds                                 heldDoc
//	RUN#<run>        OPERATION#<time>#<cause>      what somebody did with the run                             Operation
//	RUN#<run>        RERUN#<step>                  the latest start of the step that somebody asked for       startRef
//	OPERATIONS       <time>#<cause>                what somebody did, to list it                              Operation
//
// Beside them there is REQUEST#<hash>, what package idempotency remembers of a request.
func reloadKey(event string) Key { return Key{"RELOAD#" + event, "-"} }
func runPK(run string) string    { return chain.RunPKPrefix + run }
func runKey(run string) Key      { return Key{runPK(run), "RUN"} }
func listKey(run string) Key     { return Key{runsPK, run} }
func openPK(step string) string  { return "OPEN#" + step }
func joinKey(step string) Key    { return Key{"JOIN#" + step, "-"} }
func beginningKey(c string) Key  { return Key{"BEGIN#" + c, "-"} }
func noticeKey(id string) Key    { return Key{"NOTICE#" + id, "-"} }
func rateKey(t time.Time) Key    { return Key{"RATE", t.UTC().Format("2006-01-02T15:04")} }

func pausedKey() Key                { return Key{chain.OrdersPK, chain.PausedSK} }
func canceledKey(run string) Key    { return Key{chain.OrdersPK, canceledPrefix + run} }
func rerunKey(run, step string) Key { return Key{runPK(run), "RERUN#" + step} }

// edgeKey needs no name of the upstream: an event has one. A sort key has at most 1,024 bytes.
func edgeKey(run, to, event string) Key { return Key{runPK(run), edgePrefix + to + "#" + event} }

var sweepKey = Key{"SWEEP", "-"}

const (
	runsPK          = chain.RunsPK
	heldPK          = "HELD"
	operationsPK    = "OPERATIONS"
	startPrefix     = chain.StartSKPrefix
	edgePrefix      = "EDGE#"
	operationPrefix = "OPERATION#"
	canceledPrefix  = "CANCELED#"
)

// startRef names one attempt of one start.
type startRef struct {
	Run     string `json:"run"`
	Step    string `json:"step"`
	ID      string `json:"id"`
	Attempt int    `json:"attempt"`
}

func (r startRef) key() Key {
	return Key{runPK(r.Run), fmt.Sprintf("%s%s#%s#%02d", startPrefix, r.Step, r.ID, r.Attempt)}
}

func (r startRef) openKey() Key {
	return Key{openPK(r.Step), fmt.Sprintf("%s#%02d", r.ID, r.Attempt)}
}

// stored is a document and the version of its item; 0: there is none yet.
type stored[T any] struct {
	key     Key
	version int
	doc     T
}

// load reads an item's document; the zero one when there is none.
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
		return fmt.Errorf("the item %s %s of the chain's table is not what this release writes: %w", item.PK, item.SK, err)
	}
	return nil
}

// maxConflicts is how often a change is tried again after somebody else was faster: far more than executions that can meet on one item.
const maxConflicts = 100

// change reads an item, lets edit change its document, and writes it back, again until nobody came between. edit says false when
// there is nothing to write.
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
		if err := Pause(ctx, conflicts); err != nil {
			return s, err
		}
	}
	return stored[T]{}, fmt.Errorf("writing %s %s to the chain's table: others were faster %d times", key.PK, key.SK, maxConflicts)
}

// Pause waits a random while, longer after more conflicts, so that those who met do not meet again.
func Pause(ctx context.Context, conflicts int) error {
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

// write says what was written when that failed.
func write(ctx context.Context, store Store, writes ...Write) error {
	err := store.Write(ctx, writes...)
	if err == nil || errors.Is(err, ErrConflict) {
		return err
	}
	return fmt.Errorf("writing %s %s to the chain's table: %w", writes[0].PK, writes[0].SK, err)
}
