// SPDX-License-Identifier: MPL-2.0

package run_test

import (
	"crypto/sha256"
	"testing"
)

// digest stands for a state. Two of a chain's million states have the same one with a chance of 10^-27: then one would not be explored.
type digest [16]byte

func (p *pair) digest() digest {
	sum := sha256.Sum256(p.key())
	return digest(sum[:16])
}

// exploration plays every order of events on one chain, from each distinct state once, breadth first. Of a state it keeps the path that led
// to it. Those of the last layer it plays on with as soon as it finds them: all that take fewer events have been seen before.
type exploration struct {
	*tally
	t     *testing.T
	start *pair
	stood stood
	seen  map[digest]struct{}
}

// path leads to a state: the numbers of the moves from the start.
type path string

// explore plays every order of so many events on one chain.
func (c *tally) explore(t *testing.T, start *pair, events int) {
	t.Helper()
	c.chains++
	e := exploration{tally: c, t: t, start: start, stood: stoodFor(start), seen: map[digest]struct{}{}}
	if e.stood.never(start, events) {
		c.stood++
		return
	}
	layer := []path{""}
	for left := events - 1; left > 1; left-- {
		var next []path
		for _, to := range layer {
			e.next(e.at(to), left, func(_ *pair, i int) { next = append(next, to+path(rune(i))) })
		}
		layer = next
	}
	for _, to := range layer {
		if events == 1 {
			e.next(e.at(to), 0, nil)
		} else {
			e.next(e.at(to), 1, func(q *pair, _ int) { e.next(q, 0, nil) })
		}
	}
}

// at plays what leads to a state. It was compared when it was found.
func (e *exploration) at(to path) *pair {
	p := e.start.clone()
	for _, i := range to {
		m := p.moves()[i]
		p.unwritten = true
		if err := p.take(m); err != nil {
			panic(err)
		}
	}
	return p
}

// next takes each move in a state. It passes to found the new states from which so many events are left, with the numbers of the moves.
func (e *exploration) next(p *pair, left int, found func(q *pair, i int)) {
	e.states++
	for i, m := range p.moves() {
		if e.stood.by(p, m, left) {
			continue
		}
		q := p.clone()
		q.unwritten = left == 0
		e.events++
		if err := q.take(m); err != nil {
			e.differs(e.t, q, err)
			continue
		}
		if left == 0 {
			continue
		}
		d := q.digest()
		if _, seen := e.seen[d]; !seen {
			e.seen[d] = struct{}{}
			found(q, i)
		}
	}
}
