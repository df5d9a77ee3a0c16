// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"errors"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// nodesOf makes nodes of "name: before, before".
func nodesOf(lines ...string) []*node {
	byName := map[string]*node{}
	var nodes []*node
	for _, line := range lines {
		name, before, _ := strings.Cut(line, ":")
		n := &node{title: name}
		for _, b := range strings.Fields(before) {
			n.after = append(n.after, byName[b])
		}
		byName[name] = n
		nodes = append(nodes, n)
	}
	return nodes
}

func TestRunKeepsTheOrder(t *testing.T) {
	t.Parallel()
	nodes := nodesOf("a", "b", "c: a b", "d: c", "e: a")
	var mu sync.Mutex
	var order []string
	err := run(t.Context(), nodes, (*node).dependencies, func(_ context.Context, n *node) error {
		mu.Lock()
		defer mu.Unlock()
		for _, b := range n.after {
			if !slices.Contains(order, b.title) {
				t.Errorf("%s ran before %s", n.title, b.title)
			}
		}
		order = append(order, n.title)
		return nil
	})
	if err != nil || len(order) != len(nodes) {
		t.Fatalf("ran %q, %v", order, err)
	}
}

func TestRunRunsIndependentNodesAtTheSameTime(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var meet sync.WaitGroup
		meet.Add(3)
		err := run(t.Context(), nodesOf("a", "b", "c"), (*node).dependencies, func(context.Context, *node) error {
			meet.Done()
			meet.Wait() // never returns unless all three are here; synctest then fails with a deadlock
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

func TestRunLeavesOutWhatNeedsAFailedNode(t *testing.T) {
	t.Parallel()
	broken := errors.New("broken")
	var mu sync.Mutex
	var ran []string
	err := run(t.Context(), nodesOf("a", "b: a", "c: b", "d"), (*node).dependencies, func(_ context.Context, n *node) error {
		mu.Lock()
		defer mu.Unlock()
		ran = append(ran, n.title)
		if n.title == "a" {
			return broken
		}
		return nil
	})
	slices.Sort(ran)
	if !slices.Equal(ran, []string{"a", "d"}) {
		t.Errorf("ran %q; only a and d do not need a", ran)
	}
	if !errors.Is(err, broken) || err.Error() != "broken" {
		t.Errorf("the error is %q", err)
	}
}

func TestDependentsAreTheReverse(t *testing.T) {
	t.Parallel()
	s := &Stack{nodes: nodesOf("a", "b: a", "c: a b")}
	var names []string
	for _, n := range s.dependents(s.nodes[0]) {
		names = append(names, n.title)
	}
	if !slices.Equal(names, []string{"b", "c"}) {
		t.Errorf("what stands on a is %q", names)
	}
}

// TestWhatIsMadeDoesNotWaitForWhatItIsChangedAfter checks that an existing table gets another key only after the role may use that key.
func TestWhatIsMadeDoesNotWaitForWhatItIsChangedAfter(t *testing.T) {
	t.Parallel()
	role := &node{title: "role"}
	for _, there := range []bool{false, true} {
		c := &table{}
		if there {
			c.seen = &types.TableDescription{}
		}
		n := &node{component: c, changed: []*node{role}}
		if waits := slices.Contains(n.dependencies(), role); waits != there {
			t.Errorf("a table that is there: %t; it waits for the role: %t", there, waits)
		}
	}
}
