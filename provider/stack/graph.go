// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"slices"
	"sync"
)

// component is one part of the stack. A component reads what its dependencies have found or created.
type component interface {
	// ensure changes the component to match want. It requires that find has run.
	ensure(ctx context.Context, want *Spec) error
}

// These are the optional methods of a component. Another component may do the work instead.
type (
	// finder looks the component up. That it is missing is not an error.
	finder interface {
		find(ctx context.Context) error
	}

	// differ returns the differences from want. A missing component is a difference too.
	differ interface{ diff(want *Spec) []Difference }

	// remover deletes the component. It requires that find has run. It ignores a missing component, or one that another configuration owns.
	remover interface {
		remove(ctx context.Context) error
	}

	// reporter writes what is known about the component to a new state.
	reporter interface{ report(state *State) }

	// named returns the component's name in its service. The other components have the chain's name, see objectName.
	named interface{ object() string }
)

// node is a component with its dependencies.
type node struct {
	title     string // for messages: "IAM role"
	object    string // its name in the service
	component component
	after     []*node // what must exist before it is set up, and until it is deleted
	changed   []*node // what must exist before it is changed, but not before it is created
	standsOn  []*node // what may be set up at the same time, but must exist until it is deleted
	findAfter []*node // what must be found before it can be found
}

// need adds a component's dependencies.
type need func(s *Stack, n *node)

func after(parts ...component) need {
	return func(s *Stack, n *node) { n.after = append(n.after, s.nodesOf(parts)...) }
}

func changedAfter(parts ...component) need {
	return func(s *Stack, n *node) { n.changed = append(n.changed, s.nodesOf(parts)...) }
}

func standingOn(parts ...component) need {
	return func(s *Stack, n *node) { n.standsOn = append(n.standsOn, s.nodesOf(parts)...) }
}

func foundAfter(parts ...component) need {
	return func(s *Stack, n *node) { n.findAfter = append(n.findAfter, s.nodesOf(parts)...) }
}

// add adds a component to the stack with its dependencies.
func add[C component](s *Stack, c C, title string, needs ...need) C {
	n := &node{title: title, object: s.objectName(), component: c}
	if c, ok := any(c).(named); ok {
		n.object = c.object()
	}
	for _, need := range needs {
		need(s, n)
	}
	s.nodes = append(s.nodes, n)
	return c
}

// nodesOf returns the nodes of components.
func (s *Stack) nodesOf(parts []component) []*node {
	var nodes []*node
	for _, part := range parts {
		nodes = append(nodes, s.nodes[slices.IndexFunc(s.nodes, func(n *node) bool { return n.component == part })])
	}
	return nodes
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

// dependents returns the nodes that depend on n, and are deleted before it.
func (s *Stack) dependents(n *node) []*node {
	var on []*node
	for _, other := range s.nodes {
		if slices.Contains(other.after, n) || slices.Contains(other.standsOn, n) {
			on = append(on, other)
		}
	}
	return on
}

// failed adds to err what was being done. It returns nil when err is nil.
func (n *node) failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	return &ComponentError{Doing: doing, Title: n.title, Object: n.object, Err: err}
}

// errBlocked marks a node that was not tried because one of its dependencies failed.
var errBlocked = errors.New("blocked")

// run calls do for every node as soon as its dependencies are done. Independent nodes run at the same time. A node that depends on a failed
// one is skipped. It returns all failures, joined, in the order of the nodes.
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
