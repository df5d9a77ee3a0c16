// SPDX-License-Identifier: MPL-2.0

package chain

import (
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"
)

// What the function's present engine takes for the window of a join, until the decision of package run replaces it.
const (
	DefaultWindow = 12 * time.Hour
	MaxWindow     = 7 * 24 * time.Hour
)

// JoinWindow returns how far apart the upstreams of a step that waits for all may end.
func (s Step) JoinWindow() time.Duration { return DefaultWindow }

// WaitsForAll tells whether the step joins its upstreams: it has several, and starts when the last of them has ended.
func (s Step) WaitsForAll() bool { return s.IsJoin() }

// RunRef names a run and where it began.
type RunRef struct {
	ID     string `json:"id"`
	Origin string `json:"origin"` // key of the step whose reload began the run
}

// Arrival is the end of an upstream's reload, as a step that waits for it sees it.
type Arrival struct {
	Upstream string        `json:"upstream"`
	Event    string        `json:"event"` // tells one reload's end from every other; the same when it is told again
	At       time.Time     `json:"at"`    // when the reload ended
	Outcome  Outcome       `json:"outcome"`
	Duration time.Duration `json:"duration,omitempty"`
	Attempt  int           `json:"attempt"`
	Run      string        `json:"run"`   // that the reload is recorded in
	Runs     []RunRef      `json:"runs"`  // all runs that have met in it, by id
	Depth    int           `json:"depth"` // steps in a row from its run's first, which has 1
}

// Fire is a step's becoming due.
type Fire struct {
	ID     string    `json:"id"`     // derives from the step and the arrivals: the same for the same ones, in whatever order they came
	Causes []Arrival `json:"causes"` // by upstream
}

// NewFire is the fire of a step that these arrivals make due.
func NewFire(step string, causes []Arrival) Fire {
	slices.SortFunc(causes, func(a, b Arrival) int { return strings.Compare(a.Upstream, b.Upstream) })
	hash := sha256.New()
	hash.Write([]byte(step))
	for _, c := range causes {
		hash.Write([]byte("\x00" + c.Upstream + "\x00" + c.Event))
	}
	return Fire{ID: hex.EncodeToString(hash.Sum(nil)[:8]), Causes: causes}
}

// Last is the cause that ended last, by upstream when several did in the same moment.
func (f Fire) Last() Arrival {
	return slices.MaxFunc(f.Causes, func(a, b Arrival) int {
		if c := a.At.Compare(b.At); c != 0 {
			return c
		}
		return strings.Compare(a.Upstream, b.Upstream)
	})
}

// Run is the run that the step belongs to: of those that its causes are recorded in the earliest, since a run's id begins with its time.
func (f Fire) Run() string {
	return slices.MinFunc(f.Causes, func(a, b Arrival) int { return strings.Compare(a.Run, b.Run) }).Run
}

// Runs are the runs of all causes, by id.
func (f Fire) Runs() []RunRef {
	var all []RunRef
	for _, c := range f.Causes {
		all = append(all, c.Runs...)
	}
	slices.SortFunc(all, func(a, b RunRef) int { return strings.Compare(a.ID, b.ID) })
	return slices.CompactFunc(all, func(a, b RunRef) bool { return a.ID == b.ID })
}

// Depth is how many steps in a row lead from a run's first step to the one that is due.
func (f Fire) Depth() int {
	deepest := 0
	for _, c := range f.Causes {
		deepest = max(deepest, c.Depth)
	}
	return deepest + 1
}

// Join is what a step that waits for all of its upstreams has seen. The zero value has seen nothing. Its JSON form is stored.
//
// Arrivals of the same run belong together. What is not in the run, because the upstreams begin runs of their own or because
// somebody reloaded one of them by hand, is stood in for by the latest arrival of a run that began elsewhere, but each arrival
// stands in only once: when the step becomes due, all that were held are used up. Two runs of the same origin never mix:
// of a chain that is started again before it has ended, each round is joined for itself.
type Join struct {
	Arrivals []HeldArrival `json:"arrivals"` // in the order in which they came
}

// HeldArrival is an arrival, and what became of it.
type HeldArrival struct {
	Arrival
	Used  string   `json:"used,omitempty"`  // the fire that used it up last; empty: it waits
	Fired []string `json:"fired,omitempty"` // the events that went into the fire that it brought about
}

// JoinResult is what an arrival has brought about.
type JoinResult struct {
	Fire   *Fire     // the step is due; the same again when the arrival is told again
	Passed []Arrival // of Fire, the first time: those that waited too, and for which later ones stood in
	UsedBy string    // told again, and used up meanwhile by this fire that another arrival brought about
	Waits  []string  // else: the upstreams that are missing
	Until  time.Time // and until when it waits for them

	Changed bool // the join has to be stored
}

// Says what an arrival waits for, of that many upstreams, as the rest of a sentence about the step.
func (r JoinResult) Says(of int) string {
	return fmt.Sprintf("waits for %s, %d of %d", Listed(r.Waits), of-len(r.Waits), of)
}

// Listed is names as a sentence has them: a, b and c.
func Listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	return strings.Join(names[:len(names)-1], ", ") + " and " + names[len(names)-1]
}

// keepUsed is how long an arrival that is used up is remembered, to know it when it is told again: twice as long as Lambda and
// EventBridge Scheduler are told to keep trying.
const keepUsed = 12 * time.Hour

// Arrive takes in an arrival for a step, whose upstreams these are. Telling the same arrival again changes nothing.
func (j *Join) Arrive(step string, upstreams []string, window time.Duration, x Arrival) JoinResult {
	held := j.Find(x.Event)
	known := held != nil
	if !known {
		j.forget(x.At, window)
		j.Arrivals = append(j.Arrivals, HeldArrival{Arrival: x})
		held = &j.Arrivals[len(j.Arrivals)-1]
	}
	switch {
	case len(held.Fired) > 0:
		if fire := j.fire(step, held.Fired); fire != nil {
			return JoinResult{Fire: fire}
		}
		return JoinResult{UsedBy: held.Used}
	case held.Used != "":
		return JoinResult{UsedBy: held.Used}
	}
	causes, missing := j.causes(upstreams, window, x)
	if len(missing) > 0 {
		return JoinResult{Waits: missing, Until: earliest(causes).Add(window), Changed: !known}
	}
	fire := NewFire(step, causes)
	for _, c := range fire.Causes {
		held.Fired = append(held.Fired, c.Event)
	}
	result := JoinResult{Fire: &fire, Changed: true}
	for i := range j.Arrivals {
		a := &j.Arrivals[i]
		if a.Used == "" && !slices.Contains(held.Fired, a.Event) {
			result.Passed = append(result.Passed, a.Arrival)
		}
		a.Used = fire.ID
	}
	return result
}

// Missing are the upstreams that an arrival still waits for.
func (j *Join) Missing(upstreams []string, window time.Duration, x Arrival) []string {
	_, missing := j.causes(upstreams, window, x)
	return missing
}

// Find returns the arrival of an event, or nil when it is not remembered.
func (j *Join) Find(event string) *HeldArrival {
	for i := range j.Arrivals {
		if a := &j.Arrivals[i]; a.Event == event {
			return a
		}
	}
	return nil
}

// Caused tells whether an arrival went into a fire.
func (j *Join) Caused(a *HeldArrival) bool {
	return slices.ContainsFunc(j.Arrivals, func(b HeldArrival) bool { return slices.Contains(b.Fired, a.Event) })
}

// Upstreams are the keys of After, sorted.
func (s Step) Upstreams() []string { return slices.Sorted(maps.Keys(s.After)) }

// fire is the fire that these events went into; nil when not all of them are remembered any more.
func (j *Join) fire(step string, events []string) *Fire {
	var causes []Arrival
	for i := range j.Arrivals {
		if slices.Contains(events, j.Arrivals[i].Event) {
			causes = append(causes, j.Arrivals[i].Arrival)
		}
	}
	if len(causes) < len(events) {
		return nil
	}
	fire := NewFire(step, causes)
	return &fire
}

// forget drops what nothing can come of any more.
func (j *Join) forget(now time.Time, window time.Duration) {
	j.Arrivals = slices.DeleteFunc(j.Arrivals, func(a HeldArrival) bool {
		if a.Used == "" {
			return now.Sub(a.At) > window+keepUsed
		}
		return now.Sub(a.At) > keepUsed
	})
}

// causes are x and the arrival that goes with it of each other upstream; missing are the upstreams that have none.
func (j *Join) causes(upstreams []string, window time.Duration, x Arrival) (causes []Arrival, missing []string) {
	causes = []Arrival{x}
	for _, upstream := range upstreams {
		if upstream == x.Upstream {
			continue
		}
		if partner := j.partner(upstream, window, x); partner != nil {
			causes = append(causes, *partner)
		} else {
			missing = append(missing, upstream)
		}
	}
	// Each partner is near enough to x, but two of them may be too far apart, one before x and one after.
	for _, c := range causes {
		if latest(causes).Sub(c.At) > window {
			missing = append(missing, c.Upstream)
		}
	}
	slices.Sort(missing)
	return causes, missing
}

// partner is the arrival of an upstream that goes with x: the latest of x's own run, else the latest that waits and whose run
// began elsewhere.
func (j *Join) partner(upstream string, window time.Duration, x Arrival) *Arrival {
	var own, other *Arrival
	for i := range j.Arrivals {
		a := &j.Arrivals[i]
		if a.Upstream != upstream || a.At.Sub(x.At).Abs() > window {
			continue
		}
		switch {
		case share(a.Runs, x.Runs, func(r RunRef) string { return r.ID }):
			own = later(own, &a.Arrival)
		case a.Used == "" && !share(a.Runs, x.Runs, func(r RunRef) string { return r.Origin }):
			other = later(other, &a.Arrival)
		}
	}
	if own != nil {
		return own
	}
	return other
}

func share(a, b []RunRef, of func(RunRef) string) bool {
	return slices.ContainsFunc(a, func(x RunRef) bool {
		return slices.ContainsFunc(b, func(y RunRef) bool { return of(x) == of(y) })
	})
}

// later is the arrival that ended later, of two that ended in the same moment the one with the greater event.
func later(a, b *Arrival) *Arrival {
	if a == nil || a.At.Before(b.At) || a.At.Equal(b.At) && a.Event < b.Event {
		return b
	}
	return a
}

func earliest(arrivals []Arrival) time.Time {
	return slices.MinFunc(arrivals, func(a, b Arrival) int { return a.At.Compare(b.At) }).At
}

func latest(arrivals []Arrival) time.Time {
	return slices.MaxFunc(arrivals, func(a, b Arrival) int { return a.At.Compare(b.At) }).At
}
