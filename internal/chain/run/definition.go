// SPDX-License-Identifier: MPL-2.0

package run

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// ShapeOf returns the part of a definition that a run keeps.
func ShapeOf(d *chain.Definition) Shape {
	shape := make(Shape, len(d.Steps))
	for key, s := range d.Steps {
		w := Waits{For: WaitForAll}
		if s.WaitFor != "" {
			w.For = WaitFor(s.WaitFor)
		}
		if len(s.After) > 0 {
			w.After = make(map[string]chain.Condition, len(s.After))
		}
		for upstream, condition := range s.After {
			w.After[d.StepID(upstream)] = condition
		}
		shape[s.ID(key)] = w
	}
	return shape
}

// Current holds the rules of a definition. It is safe for concurrent use.
type Current struct {
	index  *chain.Index
	zone   func() (*time.Location, error)
	guards sync.Map // *chain.Guard by expression; each is compiled on first use
}

// NewCurrent returns the rules of an indexed definition.
func NewCurrent(x *chain.Index) *Current {
	return &Current{index: x, zone: sync.OnceValues(x.Definition().Location)}
}

// step returns the step with this id, and its key in the definition. known is false if it is not in the chain.
func (c *Current) step(id string) (s chain.Step, key string, known bool) {
	key, known = c.index.StepOf(id)
	return c.index.Definition().Steps[key], key, known
}

// Name returns a step's key in the definition. It is empty if the step is not in it.
func (c *Current) Name(step string) string {
	_, key, _ := c.step(step)
	return key
}

// Enabled implements Settings.
func (c *Current) Enabled(step string) bool {
	s, _, known := c.step(step)
	return known && s.Enabled
}

// Delay implements Rules.
func (c *Current) Delay(step string) time.Duration {
	s, _, _ := c.step(step)
	return time.Duration(s.Delay)
}

// Retry implements Rules.
func (c *Current) Retry(step string, attempt int, r Result) (again bool, after time.Duration) {
	s, _, _ := c.step(step)
	return r.Outcome == chain.OutcomeFailure && attempt < s.Retry.Attempts() && s.Retry.Covers(r.Status), s.Retry.Wait(attempt + 1)
}

// MaxRunning implements Limits.
func (c *Current) MaxRunning() int { return c.index.Definition().MaxRunning }

// StartsNothing implements Limits.
func (c *Current) StartsNothing(step string) bool {
	s, _, known := c.step(step)
	return known && s.Kind() == chain.KindSignal
}

// MaxStartsPerHour implements Limits.
func (c *Current) MaxStartsPerHour(step string) int {
	s, _, _ := c.step(step)
	return s.StartsPerHour()
}

// Overlap implements Limits.
func (c *Current) Overlap(string) Overlap {
	return cmp.Or(Overlap(c.index.Definition().Overlap), OverlapAllow)
}

// MaxDuration implements Limits.
func (c *Current) MaxDuration(step string) (most time.Duration, then OnExceeded) {
	limit := c.index.Definition().MaxDuration
	if step != "" {
		s, _, _ := c.step(step)
		limit = s.MaxDuration
	}
	if limit == nil {
		return 0, OnExceededAlarm
	}
	return time.Duration(limit.After), cmp.Or(OnExceeded(limit.OnExceeded), OnExceededAlarm)
}

// Guard implements Rules.
func (c *Current) Guard(s *State, r *Run, step string, uses []Use) (pass bool, reason string, err error) {
	definition, _, _ := c.step(step)
	if definition.When == "" {
		return true, "", nil
	}
	guard, err := c.guard(definition.When)
	if err != nil {
		return false, "", inGuard(err)
	}
	zone, err := c.zone()
	if err != nil {
		return false, "", err
	}
	in := c.guardInput(s, r, step, uses, zone)
	pass, err = guard.Eval(in)
	switch {
	case err != nil:
		return false, "", inGuard(err)
	case pass:
		return true, "", nil
	default:
		return false, "is skipped: " + guard.Explain(in), nil
	}
}

func (c *Current) guard(expression string) (*chain.Guard, error) {
	if known, ok := c.guards.Load(expression); ok {
		return known.(*chain.Guard), nil //nolint:forcetypeassert // nothing else is stored
	}
	guard, err := chain.CompileGuard(expression)
	if err == nil {
		c.guards.Store(expression, guard)
	}
	return guard, err
}

// inGuard adds to an error its position in the guard.
func inGuard(err error) error {
	if at, ok := errors.AsType[*chain.GuardError](err); ok {
		return fmt.Errorf("line %d, column %d: %s", at.Line, at.Column, at.Message)
	}
	return err
}

// guardInput returns the input of a guard: the cycle's date, the moment in which the step is due, the upstream that ended last and all
// results. An origin has no upstream that made it due: its moment is the run's begin, and the results are the cycle's latest.
func (c *Current) guardInput(s *State, r *Run, step string, uses []Use, zone *time.Location) chain.GuardInput {
	in := chain.GuardInput{Time: r.At, Date: s.Cycle(zone).Date, Timezone: zone.String(), ByReload: r.ByHand}
	if len(r.Origins) > 0 {
		in.Origin = cmp.Or(c.Name(r.Origins[0]), r.Origins[0])
	}
	var last *Result
	results := upstreamResults(s, r, step, uses)
	in.Results = c.guardResults(s, r, step, uses, results)
	for _, result := range results {
		if last == nil || compareEnds(result, last) > 0 {
			last = result
		}
	}
	if last != nil {
		in.Upstream, in.Outcome, in.Attempt = cmp.Or(c.Name(last.Step), last.Step), last.Outcome, last.Attempt
		in.Duration = last.Ended.Sub(last.Started)
		if last.Ended.After(in.Time) {
			in.Time = last.Ended
		}
	}
	in.Time = in.Time.In(zone)
	return in
}

// guardResults returns the results of a step's upstreams, by their names, in the words of guards. An upstream that has not settled has
// none.
func (c *Current) guardResults(s *State, r *Run, step string, uses []Use, known map[string]*Result) map[string]string {
	results := make(map[string]string, len(r.Shape[step].After))
	for upstream := range r.Shape[step].After {
		name := cmp.Or(c.Name(upstream), upstream)
		if result := known[upstream]; result != nil {
			results[name] = string(statusOf(result.Outcome))
			continue
		}
		stand, _ := s.stands(c, r, upstream)
		if stand.Status == StatusSkipped || slices.ContainsFunc(uses, func(u Use) bool { return u.Step == upstream && u.Reload == "" }) {
			results[name] = chain.ResultSkipped
		}
	}
	return results
}

// upstreamResults returns the results of a step's upstreams, by their ids, when the step is due: those that made it due, else those in its
// run. For an origin, it returns the cycle's latest results. A skipped upstream has none.
func upstreamResults(s *State, r *Run, step string, uses []Use) map[string]*Result {
	results := map[string]*Result{}
	used := map[string]bool{}
	for _, use := range uses {
		used[use.Step] = true
		if use.Reload == "" {
			continue
		}
		if carried, ok := s.Carried[CarryKey{step, use.Step}]; ok && carried.Reload == use.Reload {
			results[use.Step] = &carried
		} else if from := s.Runs[use.Run]; from != nil && from.facts(use.Step).Result != nil {
			results[use.Step] = from.facts(use.Step).Result
		}
	}
	for upstream := range r.Shape[step].After {
		if used[upstream] {
			continue
		}
		result := r.facts(upstream).Result
		if len(uses) == 0 {
			result = s.latestSeen(r, upstream)
		}
		if result != nil {
			results[upstream] = result
		}
	}
	return results
}
