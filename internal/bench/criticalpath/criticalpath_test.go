// SPDX-License-Identifier: MPL-2.0

package criticalpath_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/bench/criticalpath"
)

// order is a → b → d, a → c → d, and e beside them.
var order = criticalpath.Order{"a": nil, "b": {"a"}, "c": {"a"}, "d": {"b", "c"}, "e": nil}

// calls are calls of the operations that took as long, in the same order.
func calls(operations string, took ...time.Duration) []criticalpath.Call {
	var all []criticalpath.Call
	for i, operation := range strings.Fields(operations) {
		all = append(all, criticalpath.Call{Operation: operation, Took: took[i]})
	}
	return all
}

func TestLongest(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		calls []criticalpath.Call
		path  string
		took  time.Duration
	}{
		"nothing":                      {nil, "", 0},
		"one":                          {calls("e", 5), "e", 5},
		"the slower branch":            {calls("a b c d e", 1, 2, 3, 4, 5), "a → c → d", 8},
		"something beside is slower":   {calls("a b e", 1, 2, 50), "e", 50},
		"the slowest of several calls": {calls("a b b b c d", 1, 2, 9, 3, 4, 1), "a → b → d", 11},
		"a link that was not called":   {calls("a d", 1, 4), "a → d", 5},
		"in any order":                 {calls("d c a", 4, 3, 1), "a → c → d", 8},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path, err := order.Longest(test.calls)
			if err != nil || path.String() != test.path || path.Took != test.took {
				t.Errorf("Longest() = %s in %d, %v; want %s in %d", path, path.Took, err, test.path, test.took)
			}
		})
	}
}

func TestLongestRefuses(t *testing.T) {
	t.Parallel()
	_, err := order.Longest(calls("y a x y", 1, 1, 1, 1))
	var unknown *criticalpath.UnknownError
	if !errors.As(err, &unknown) || !slices.Equal(unknown.Operations, []string{"x", "y"}) {
		t.Errorf("unknown operations: %v", err)
	}
	if _, err := (criticalpath.Order{"a": {"b"}}).Longest(calls("a", 1)); !errors.As(err, &unknown) {
		t.Errorf("an operation after an unknown one: %v", err)
	}
	if _, err := (criticalpath.Order{"a": {"b"}, "b": {"a"}}).Longest(calls("a", 1)); err == nil || !strings.Contains(err.Error(), "after itself") {
		t.Errorf("a cycle: %v", err)
	}
}
