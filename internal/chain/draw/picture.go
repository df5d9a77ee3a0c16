// SPDX-License-Identifier: MPL-2.0

// Package draw makes pictures of a chain: as Mermaid for plans and pull requests, as DOT and SVG for documents, and as the model that the
// live page draws. It is pure: the caller adds the events of runs to the model.
package draw

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// Picture is a chain as nodes and edges, with the events so far. Its JSON form is what the live page draws.
type Picture struct {
	Chain            string    `json:"chain"`
	Timezone         string    `json:"timezone"` // of the displayed times, an IANA name
	TenantURL        string    `json:"tenant_url"`
	DefinitionSHA256 string    `json:"definition_sha256"`
	Runs             []Run     `json:"runs"`        // the runs in the picture, newest first; empty: only the definition
	At               time.Time `json:"at,omitzero"` // when the newest of them began
	Outdated         bool      `json:"outdated"`    // one of them began with another definition of the chain
	Notices          []string  `json:"notices"`     // sentences for the viewer that need attention
	Nodes            []Node    `json:"nodes"`       // sorted by ID
	Edges            []Edge    `json:"edges"`       // sorted by From, then To

	Attention []Attention `json:"attention"` // what an operator must look at, the most urgent first; empty: nothing
	LastGood  *Run        `json:"last_good"` // the latest run that succeeded or recovered; null if there is none, or for one run
	Schedules []Schedule  `json:"schedules"` // the chain's first, then by step
	Deadlines []Deadline  `json:"deadlines"` // by their next time
}

// Kind is the kind of a node.
type Kind string

// The kinds of nodes.
const (
	KindStep Kind = "step" // a step
	KindJoin Kind = "join" // the point where a step waits for all of its upstreams
)

// Node is a step, or the join before one.
type Node struct {
	ID      string       `json:"id"` // Kind, a colon and the step's key
	Kind    Kind         `json:"kind"`
	Step    string       `json:"step"`
	Root    bool         `json:"root"`            // it has no upstream
	Enabled bool         `json:"enabled"`         // whether the chain may start it
	Notes   []string     `json:"notes,omitempty"` // its schedule, how it waits and how often it is tried
	Target  chain.Target `json:"target,omitzero"` // what the step starts
	URL     string       `json:"url,omitempty"`   // of the target, in the tenant; empty unless its address is documented
	State
}

// State is the latest state of a node.
type State struct {
	Status    Status    `json:"status"`
	Reason    string    `json:"reason,omitempty"` // why, as the rest of a sentence about the step
	Run       string    `json:"run,omitempty"`
	Attempt   int       `json:"attempt,omitempty"`
	Of        int       `json:"of,omitempty"` // most attempts; for a join: number of upstreams
	Reload    string    `json:"reload,omitempty"`
	DueAt     time.Time `json:"due_at,omitzero"`
	StartedAt time.Time `json:"started_at,omitzero"`
	EndedAt   time.Time `json:"ended_at,omitzero"`
	Seconds   float64   `json:"seconds,omitempty"`
	Queued    float64   `json:"queued_seconds,omitempty"` // how long Qlik Cloud had it in its queue before that
	Earlier   bool      `json:"earlier,omitempty"`        // from a round before the newest
	Arrived   int       `json:"arrived,omitempty"`        // for a join: how many of its upstreams have arrived
	Missing   []string  `json:"missing,omitempty"`        // for a join: the missing upstreams
	Until     time.Time `json:"until,omitzero"`           // for a waiting step or join: the end of the cycle

	Error   *chain.JobError `json:"error,omitempty"`   // why it failed
	Link    string          `json:"link,omitempty"`    // where to look in the tenant; empty unless its address is documented
	Blocked int             `json:"blocked,omitempty"` // how many steps do not start because of it
	Blocks  []string        `json:"blocks,omitempty"`  // some of them
}

// Edge leads from one node to another.
type Edge struct {
	From      string          `json:"from"` // a node's ID
	To        string          `json:"to"`
	Condition chain.Condition `json:"condition,omitempty"` // none between a join and its step
	Way       Way             `json:"way,omitempty"`
	Reason    string          `json:"reason,omitempty"` // why it was not taken, as the rest of a sentence about the step
	At        time.Time       `json:"at,omitzero"`      // when the upstream's reload had ended
}

// Way reports whether an edge was taken.
type Way string

// The ways.
const (
	WayTaken    Way = "taken"
	WayNotTaken Way = "not taken"
	WayWaits    Way = "waits" // for the other upstreams of a join
)

// StepNode returns the id of a step's node.
func StepNode(step string) string { return string(KindStep) + ":" + step }

// JoinNode returns the id of the join before a step.
func JoinNode(step string) string { return string(KindJoin) + ":" + step }

// Of returns the picture of a definition in which nothing has happened yet. It leaves out links to steps that do not exist.
func Of(d *chain.Definition) *Picture {
	zone := d.Timezone
	if zone == "" {
		zone = chain.DefaultTimezone
	}
	p := &Picture{Chain: d.Name, Timezone: zone, Runs: []Run{}, Notices: []string{}, Nodes: []Node{}, Edges: []Edge{},
		Attention: []Attention{}, Schedules: []Schedule{}, Deadlines: []Deadline{}}
	for _, key := range slices.Sorted(maps.Keys(d.Steps)) {
		s := d.Steps[key]
		step := Node{
			ID: StepNode(key), Kind: KindStep, Step: key, Root: len(s.After) == 0, Enabled: s.Enabled, Notes: notes(d, s),
			Target: s.Target(), State: State{Status: StatusIdle},
		}
		p.Nodes = append(p.Nodes, step)
		if s.IsJoin() {
			p.Nodes = append(p.Nodes, Node{
				ID: JoinNode(key), Kind: KindJoin, Step: key, Enabled: s.Enabled, Notes: joinNotes(s),
				State: State{Status: StatusIdle, Of: len(s.After)},
			})
			p.Edges = append(p.Edges, Edge{From: JoinNode(key), To: StepNode(key)})
		}
	}
	for _, l := range d.Links() {
		to := StepNode(l.To)
		if d.Steps[l.To].IsJoin() {
			to = JoinNode(l.To)
		}
		p.Edges = append(p.Edges, Edge{From: StepNode(l.From), To: to, Condition: l.Condition})
	}
	slices.SortFunc(p.Nodes, func(a, b Node) int { return strings.Compare(a.ID, b.ID) })
	slices.SortFunc(p.Edges, func(a, b Edge) int {
		if c := strings.Compare(a.From, b.From); c != 0 {
			return c
		}
		return strings.Compare(a.To, b.To)
	})
	return p
}

// guardLength is the maximum length of a guard in a note, in characters.
const guardLength = 60

// joinNotes describes which of its upstreams a join waits for, if not for all, and which results may come from an earlier cycle.
func joinNotes(s chain.Step) []string {
	var all []string
	switch s.WaitsFor() {
	case chain.WaitForAllStarted:
		all = append(all, "those that start")
	case chain.WaitForAllSettled:
		all = append(all, "however they end")
	case chain.WaitForAll, chain.WaitForAny:
	}
	for _, upstream := range slices.Sorted(maps.Keys(s.CarryOver)) {
		all = append(all, fmt.Sprintf("%s up to %s old", upstream, s.CarryOver[upstream].String()))
	}
	return all
}

// notes describes when a schedule starts a step, how it waits besides a join, and how often it is tried.
func notes(d *chain.Definition, s chain.Step) []string {
	var all []string
	if s.Schedule != nil {
		all = append(all, d.DescribeSchedule(s.Schedule))
	}
	if len(s.After) > 1 && !s.IsJoin() {
		all = append(all, fmt.Sprintf("any of %d", len(s.After)))
	}
	if s.When != "" {
		guard := []rune(strings.Join(strings.Fields(s.When), " "))
		if len(guard) > guardLength {
			guard = append(guard[:guardLength-1], '…')
		}
		all = append(all, "when "+string(guard))
	}
	if s.Delay != 0 {
		all = append(all, "delay "+s.Delay.String())
	}
	if attempts := s.Retry.Attempts(); attempts > 1 {
		all = append(all, fmt.Sprintf("%d attempts", attempts))
	}
	return all
}
