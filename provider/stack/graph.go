// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// node is a component's place in the order.
type node struct {
	title     string // for messages: "IAM role"
	object    string // its name in the service
	component component
	after     []*node // what must be there before it is set up, and until it is gone
	changed   []*node // what must be there before it is changed, but need not be when it is made
	standsOn  []*node // what may be set up at the same time, but must be there until it is gone
	findAfter []*node // what must be found before it can be found
}

func (n *node) dependencies() []*node {
	if len(n.changed) == 0 {
		return n.after
	}
	if c, ok := n.component.(creatable); ok && !c.exists() {
		return n.after
	}
	return slices.Concat(n.after, n.changed)
}

func (n *node) finders() []*node { return n.findAfter }

// dependents are the nodes that stand on n, and go before it.
func (s *Stack) dependents(n *node) []*node {
	var on []*node
	for _, other := range s.nodes {
		if slices.Contains(other.after, n) || slices.Contains(other.standsOn, n) {
			on = append(on, other)
		}
	}
	return on
}

// failed says what was being done when err came, or nil when err is nil.
func (n *node) failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return &ComponentError{Doing: doing, Title: n.title, Object: n.object, Err: err}
}

// errBlocked stands for a node that was not tried because one before it failed.
var errBlocked = errors.New("blocked")

// run calls do for every node, each as soon as the nodes before it are done, independent ones at the same time. A node behind
// a failed one is left out. It returns all failures, joined, in the order of the nodes.
func run(ctx context.Context, nodes []*node, before func(*node) []*node, do func(context.Context, *node) error) error {
	type outcome struct {
		done chan struct{}
		err  error
	}
	outcomes := make(map[*node]*outcome, len(nodes))
	for _, n := range nodes {
		outcomes[n] = &outcome{done: make(chan struct{})}
	}
	var all sync.WaitGroup
	for _, n := range nodes {
		all.Go(func() {
			mine := outcomes[n]
			defer close(mine.done)
			for _, b := range before(n) {
				<-outcomes[b].done
				if outcomes[b].err != nil {
					mine.err = errBlocked
				}
			}
			if mine.err == nil {
				mine.err = do(ctx, n)
			}
		})
	}
	all.Wait()
	var errs []error
	for _, n := range nodes {
		if err := outcomes[n].err; err != nil && !errors.Is(err, errBlocked) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}
