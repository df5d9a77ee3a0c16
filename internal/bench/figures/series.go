// SPDX-License-Identifier: MPL-2.0

// Package figures turns measurements into medians, ratios and tables.
package figures

import (
	"math"
	"slices"
)

// Series is one measurement repeated, in the order of the rounds. A round that has no value for it holds NaN.
type Series []float64

// Known are the values that there are.
func (s Series) Known() Series {
	return slices.DeleteFunc(slices.Clone(s), math.IsNaN)
}

// Median is the value in the middle, or the mean of the two in the middle; NaN when there is none.
func (s Series) Median() float64 {
	known := s.Known()
	if len(known) == 0 {
		return math.NaN()
	}
	slices.Sort(known)
	middle := len(known) / 2
	if len(known)%2 == 1 {
		return known[middle]
	}
	return (known[middle-1] + known[middle]) / 2
}

// Range is the smallest and the largest value; NaN when there is none.
func (s Series) Range() (least, most float64) {
	known := s.Known()
	if len(known) == 0 {
		return math.NaN(), math.NaN()
	}
	return slices.Min(known), slices.Max(known)
}

// Ratio compares two series.
type Ratio struct {
	OfMedians float64
	Min, Max  float64 // of the ratios within one round
}

// RatioOf divides the median of a by that of b, and their values round by round: what disturbs a machine disturbs a whole round, so the
// second tells how far the first may be trusted. Rounds that only one of the two has do not count.
func RatioOf(a, b Series) Ratio {
	var each Series
	for i := range min(len(a), len(b)) {
		each = append(each, a[i]/b[i])
	}
	least, most := each.Range()
	return Ratio{OfMedians: a.Median() / b.Median(), Min: least, Max: most}
}
