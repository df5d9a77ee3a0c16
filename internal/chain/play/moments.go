// SPDX-License-Identifier: MPL-2.0

package play

import (
	"cmp"
	"container/heap"
	"time"
)

// moment is a future event.
type moment struct {
	at     time.Time
	rank   int
	key    string // orders moments with the same time and rank
	number int    // orders moments that also have the same key
	happen func() error
}

// The order of events in the same moment.
const (
	rankEnd   = iota // of a reload
	rankTimer        // of a delay, or of a further attempt
	rankCycle        // its end
	rankEvent        // of the script
)

func (p *player) push(m moment) {
	p.pushed++
	m.number = p.pushed
	heap.Push(&p.queue, m)
}

// moments is a heap with the earliest moment on top.
type moments []moment

// Len implements sort.Interface.
func (m moments) Len() int { return len(m) }

// Less implements sort.Interface.
func (m moments) Less(i, j int) bool {
	return cmp.Or(m[i].at.Compare(m[j].at), cmp.Compare(m[i].rank, m[j].rank), cmp.Compare(m[i].key, m[j].key), cmp.Compare(m[i].number,
		m[j].number)) < 0
}

// Swap implements sort.Interface.
func (m moments) Swap(i, j int) { m[i], m[j] = m[j], m[i] }

// Push implements heap.Interface.
func (m *moments) Push(x any) { *m = append(*m, x.(moment)) } //nolint:forcetypeassert // nothing else is pushed

// Pop implements heap.Interface.
func (m *moments) Pop() any {
	last := (*m)[len(*m)-1]
	*m = (*m)[:len(*m)-1]
	return last
}
