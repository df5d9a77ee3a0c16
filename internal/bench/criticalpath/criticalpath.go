// SPDX-License-Identifier: MPL-2.0

// Package criticalpath tells how long calls of services must take at the least when some of them need the answers of others, and all
// else happens at the same time.
package criticalpath

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// Call is one call that was made.
type Call struct {
	Operation string
	Took      time.Duration
}

// Order says which operations an operation has to come after. An operation that comes first has an empty list.
type Order map[string][]string

// Path is operations of which each had to wait for the one before.
type Path struct {
	Operations []string
	Took       time.Duration
}

func (p Path) String() string { return strings.Join(p.Operations, " → ") }

// UnknownError is operations that have no place in the order.
type UnknownError struct{ Operations []string }

func (e *UnknownError) Error() string {
	return fmt.Sprintf("the order does not say what comes before %s: add them", strings.Join(e.Operations, ", "))
}

// Longest returns the path that takes the longest. Several calls of one operation do not wait for each other: the slowest counts. An
// operation that was not called takes no time, but what comes after it still comes after what comes before it.
func (o Order) Longest(calls []Call) (Path, error) {
	took := map[string]time.Duration{}
	unknown := map[string]bool{}
	for _, call := range calls {
		if _, known := o[call.Operation]; !known {
			unknown[call.Operation] = true
		}
		took[call.Operation] = max(took[call.Operation], call.Took)
	}
	if len(unknown) > 0 {
		return Path{}, &UnknownError{slices.Sorted(maps.Keys(unknown))}
	}
	w := walk{order: o, took: took, done: map[string]Path{}, under: map[string]bool{}}
	var longest Path
	for _, operation := range slices.Sorted(maps.Keys(took)) {
		path, err := w.to(operation)
		if err != nil {
			return Path{}, err
		}
		if path.Took > longest.Took {
			longest = path
		}
	}
	return longest, nil
}

type walk struct {
	order Order
	took  map[string]time.Duration
	done  map[string]Path
	under map[string]bool // operations whose predecessors are being looked at
}

// to returns the longest path that ends with the operation.
func (w *walk) to(operation string) (Path, error) {
	if path, done := w.done[operation]; done {
		return path, nil
	}
	before, known := w.order[operation]
	if !known {
		return Path{}, &UnknownError{[]string{operation}}
	}
	if w.under[operation] {
		return Path{}, fmt.Errorf("the order has %s come after itself", operation)
	}
	w.under[operation] = true
	defer delete(w.under, operation)
	var longest Path
	for _, b := range before {
		path, err := w.to(b)
		if err != nil {
			return Path{}, err
		}
		if path.Took > longest.Took {
			longest = path
		}
	}
	if took, called := w.took[operation]; called {
		longest = Path{append(slices.Clone(longest.Operations), operation), longest.Took + took}
	}
	w.done[operation] = longest
	return longest, nil
}
