// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"iter"
	"math/bits"
)

// bitSet is a set of numbers from 0 to a bound.
type bitSet []uint64

func newBits(most int) bitSet { return make(bitSet, (most+63)/64) }

func (b bitSet) set(i int)      { b[i/64] |= 1 << (i % 64) }
func (b bitSet) has(i int) bool { return b[i/64]&(1<<(i%64)) != 0 }

// add adds the numbers of another set.
func (b bitSet) add(other bitSet) {
	for i, word := range other {
		b[i] |= word
	}
}

// keep removes the numbers that another set does not contain.
func (b bitSet) keep(other bitSet) {
	for i, word := range other {
		b[i] &= word
	}
}

// without returns the numbers that another set does not contain.
func (b bitSet) without(other bitSet) bitSet {
	left := make(bitSet, len(b))
	for i, word := range b {
		left[i] = word &^ other[i]
	}
	return left
}

// each yields the numbers in ascending order.
func (b bitSet) each() iter.Seq[int] {
	return func(yield func(int) bool) {
		for i, word := range b {
			for ; word != 0; word &= word - 1 {
				if !yield(i*64 + bits.TrailingZeros64(word)) {
					return
				}
			}
		}
	}
}
