// SPDX-License-Identifier: MPL-2.0

package engine

import (
	"errors"
	"slices"
	"sync"
)

// MaxParallel is the maximum number of steps that are handled at the same time.
const MaxParallel = 32

// parallel calls do for 0 to n-1, some at the same time. It returns whether all returned safe, and the errors.
func parallel(n int, do func(i int) (safe bool, err error)) (bool, error) {
	return parallelBy(MaxParallel, n, do)
}

// parallelBy is parallel with at most atOnce calls at the same time.
func parallelBy(atOnce, n int, do func(i int) (safe bool, err error)) (bool, error) {
	safes, errs := make([]bool, n), make([]error, n)
	slots := make(chan struct{}, atOnce)
	var all sync.WaitGroup
	for i := range n {
		slots <- struct{}{}
		all.Go(func() {
			defer func() { <-slots }()
			safes[i], errs[i] = do(i)
		})
	}
	all.Wait()
	return !slices.Contains(safes, false), errors.Join(errs...)
}
