// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// OperationRecord is an action of an operator, or of Terraform, on the chain or on one of its runs.
type OperationRecord struct {
	chain.Operation
	Kind  chain.OperationKind `json:"operation"`
	Run   string              `json:"run,omitempty"`
	Step  string              `json:"step,omitempty"`
	Cycle string              `json:"cycle,omitempty"` // for a skip
}

// audit returns the writes that record an operation, to be made together with its effect. id is the same if the same operation comes again.
func (w *work) audit(o OperationRecord, id string) []Write {
	// Of fixed length, so that the keys sort by time.
	key := o.At.UTC().Format("20060102T150405.000Z") + "#" + hashed(string(o.Kind) + "#" + id)[:8]
	writes := []Write{{Key: Key{operationsPK, key}, Doc: o, Expires: w.kept()}}
	if o.Run != "" {
		writes = append(writes, Write{Key: Key{runPK(o.Run), operationPrefix + key}, Doc: o, Expires: w.kept()})
	}
	return writes
}

// Record records an operation that the engine does not carry out itself. id is the same for every repetition.
func (e *Engine) Record(ctx context.Context, id string, o OperationRecord) error {
	w := &work{Engine: e}
	if err := write(ctx, w.Store, w.audit(o, id)...); !errors.Is(err, ErrConflict) {
		return err
	}
	return nil
}

// Operations lists the operations on a chain.
type Operations struct {
	Paused     *chain.Operation  `json:"paused"`     // since when; null: the chain is not paused
	Parked     int               `json:"parked"`     // number of parked starts
	ParkedOf   []ParkedStep      `json:"parked_of"`  // the same by step, sorted by name
	Operations []OperationRecord `json:"operations"` // the newest first
}

// ParkedStep is how many starts of a step are parked.
type ParkedStep struct {
	Step   string    `json:"step"`
	Starts int       `json:"starts"`
	Run    string    `json:"run"` // of the newest start, which goes when the chain is resumed
	Since  time.Time `json:"since"`
}

// Operations returns the latest operations, at most limit, and whether the chain is paused.
func (e *Engine) Operations(ctx context.Context, limit int) (*Operations, error) {
	w := &work{Engine: e}
	var items []Item
	err := w.beside(ctx, func() (err error) {
		items, err = e.Store.Query(ctx, Query{PK: operationsPK, Newest: true, AtMost: limit})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing the operations in the chain's table: %w", err)
	}
	all := &Operations{Paused: w.paused(), Operations: make([]OperationRecord, len(items))}
	for i := range items {
		if err := decode(&items[i], &all.Operations[i]); err != nil {
			return nil, err
		}
	}
	parked, err := e.Store.Query(ctx, Query{PK: parkedPK})
	if err != nil {
		return nil, fmt.Errorf("counting the parked starts in the chain's table: %w", err)
	}
	all.Parked = len(parked)
	all.ParkedOf, err = w.parkedOf(parked)
	return all, err
}

// parkedOf groups the items of parked starts by step.
func (w *work) parkedOf(items []Item) ([]ParkedStep, error) {
	of := map[string]ParkedStep{}
	for i := range items {
		var doc parkedDoc
		if err := decode(&items[i], &doc); err != nil {
			return nil, err
		}
		name := w.nameOf(doc.Step)
		one := of[name]
		if one.Starts++; one.Starts == 1 || doc.At.Before(one.Since) {
			one.Since = doc.At
		}
		one.Step, one.Run = name, max(one.Run, doc.Run)
		of[name] = one
	}
	all := make([]ParkedStep, 0, len(of))
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, of[name])
	}
	return all, nil
}
