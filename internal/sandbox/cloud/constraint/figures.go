// SPDX-License-Identifier: MPL-2.0

package constraint

import (
	"fmt"
	"sync"
)

// Tally counts the requests that were checked against the constraints.
type Tally struct {
	Requests   int
	Operations map[string]int // how many requests of each: ssm PutParameter
	Refused    []string       // operation and answer of each request that breaks a constraint
}

// Add counts a request. refusal is nil for one that meets all constraints.
func (t *Tally) Add(scope, operation string, refusal error) {
	if t.Operations == nil {
		t.Operations = map[string]int{}
	}
	name := scope + " " + operation
	t.Requests++
	t.Operations[name]++
	if refusal != nil {
		t.Refused = append(t.Refused, fmt.Sprintf("%s: %v", name, refusal))
	}
}

func (t *Tally) addAll(other Tally) {
	if t.Operations == nil {
		t.Operations = map[string]int{}
	}
	t.Requests += other.Requests
	for name, n := range other.Operations {
		t.Operations[name] += n
	}
	t.Refused = append(t.Refused, other.Refused...)
}

// Figures counts the requests of the product, which must meet all constraints, and those of other clients. Tests also send invalid requests
// on purpose.
type Figures struct {
	Product Tally // the provider, and the functions that it deploys
	Others  Tally
	// Provoked counts the product's requests in tests that make it break the constraints.
	Provoked Tally
}

// AddAll adds the figures of another sandbox.
func (f *Figures) AddAll(other Figures) {
	f.Product.addAll(other.Product)
	f.Others.addAll(other.Others)
	f.Provoked.addAll(other.Provoked)
}

// String returns the figures in one line.
func (f *Figures) String() string {
	return fmt.Sprintf("constraints: %d requests of %d operations checked, %d refused; "+
		"provoked by tests: %d of %d refused; of other clients: %d of %d refused",
		f.Product.Requests, len(f.Product.Operations), len(f.Product.Refused), len(f.Provoked.Refused), f.Provoked.Requests,
		len(f.Others.Refused), f.Others.Requests)
}

// Sum adds the figures of all sandboxes of a test. It is safe for concurrent use.
type Sum struct {
	mu  sync.Mutex
	all Figures
}

// Add adds the figures of a sandbox.
func (s *Sum) Add(f Figures) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all.AddAll(f)
}

func (s *Sum) String() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.all.String()
}
