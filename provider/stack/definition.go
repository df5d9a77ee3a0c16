// SPDX-License-Identifier: MPL-2.0

package stack

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"github.com/qlik-task-chain/terraform-provider-qlik/internal/chain"
)

// definition is the parameter with the chain's definition. If the definition does not fit into one parameter, its parts are in the
// parameters below it. A part is never changed, so writing the parameter itself switches from one definition to the next.
type definition struct {
	parameter
	parts map[string]*parameter // by id: all existing ones, also those that the parameter does not name
}

func newDefinition(s *Stack) *definition {
	return &definition{parameter: parameter{s: s, suffix: "definition", title: "definition"}}
}

func (c *definition) newPart(id string) *parameter {
	return &parameter{s: c.s, suffix: c.suffix + "/" + id, title: "part " + id + " of the definition"}
}

// find looks up all of the chain's parameters with one list.
func (c *definition) find(ctx context.Context) error {
	all, err := listParameters(ctx, c.s.SSM, parameterRoot+c.s.chain)
	if err != nil {
		return err
	}
	c.parts = map[string]*parameter{}
	var there []*parameter
	for _, p := range []*parameter{&c.parameter, &c.s.credentials.parameter, &c.s.signingSecret.parameter} {
		p.seen, p.tags = nil, nil
		if found, ok := all[p.path()]; ok {
			p.seen, there = &found, append(there, p)
		}
	}
	for name, found := range all {
		if id, below := strings.CutPrefix(name, c.path()+"/"); below && chain.IsPartID(id) { // other parameters are not the chain's
			c.parts[id] = c.newPart(id)
			c.parts[id].seen, there = &found, append(there, c.parts[id])
		}
	}
	entries := c.s.owner.entriesOf(all)
	for _, entry := range entries {
		if !c.s.brief || entry.record.Instance == "" { // a deletion needs the tags only where the value names no owner
			there = append(there, &entry.parameter)
		}
	}
	if err := together(ctx, there, func(ctx context.Context, p *parameter) error { return p.findTags(ctx) }); err != nil {
		return err
	}
	maps.DeleteFunc(c.parts, func(_ string, part *parameter) bool { return part.seen == nil })
	c.s.owner.takeOver(entries)
	return nil
}

// named returns the ids of the parts that the parameter names. There are none when it holds the definition itself, or is unreadable.
func (c *definition) named() []string {
	if c.seen == nil {
		return nil
	}
	ids, _, err := chain.PartsOf(aws.ToString(c.seen.Value))
	if err != nil {
		return nil
	}
	return ids
}

// stale returns the ids of the chain's parts that the parameter does not name.
func (c *definition) stale() []string {
	named := c.named()
	return slices.DeleteFunc(slices.Sorted(maps.Keys(c.parts)), func(id string) bool {
		return !c.s.ours(c.parts[id].tags) || slices.Contains(named, id)
	})
}

func (c *definition) removeParts(ctx context.Context, ids []string) error {
	for _, id := range ids {
		if err := c.parts[id].remove(ctx); err != nil {
			return err
		}
		if c.parts[id].seen == nil { // another owner's part stays
			delete(c.parts, id)
		}
	}
	return nil
}

// stored returns the definition that the parameters hold, or nil when there is none.
func (c *definition) stored() (*chain.Definition, error) {
	if c.seen == nil {
		return nil, nil
	}
	parts := map[string]string{}
	for id, part := range c.parts {
		parts[id] = aws.ToString(part.seen.Value)
	}
	return chain.Assemble(aws.ToString(c.seen.Value), parts)
}

// differs describes how the stored definition differs from the wanted one. It compares their meaning, because another release may compress
// to other bytes.
func (c *definition) differs(want *Spec) (words string, err error) {
	stored, err := c.stored()
	if err != nil {
		return fmt.Sprintf("a definition that cannot be read: %v", err), nil
	}
	if stored == nil {
		return missing, nil
	}
	have, err := stored.SHA256()
	if err != nil {
		return "", err
	}
	wanted, err := want.Definition.SHA256()
	if err != nil || have == wanted {
		return "", err
	}
	return "another definition", nil
}

func (c *definition) diff(want *Spec) []Difference {
	all := c.diffTags(want)
	if c.seen == nil {
		return all
	}
	for _, id := range c.named() {
		if part := c.parts[id]; part != nil { // the definition is unreadable when a part is missing
			all = append(all, part.diffTags(want)...)
		}
	}
	if words, err := c.differs(want); err == nil && words != "" {
		all = append(all, Difference{Setting: c.setting(), Have: words})
	}
	return all
}

func (c *definition) ensure(ctx context.Context, want *Spec) error {
	if err := c.ensureTags(ctx, want); err != nil {
		return err
	}
	words, err := c.differs(want)
	if err != nil {
		return err
	}
	if words == "" {
		for _, id := range c.named() {
			if err := c.parts[id].ensureTags(ctx, want); err != nil {
				return err
			}
		}
		return nil
	}
	store, err := want.Definition.Store()
	if err != nil {
		return err
	}
	for _, id := range keys(store.Parts) {
		if err := c.ensurePart(ctx, want, id, store.Parts[id]); err != nil {
			return err
		}
	}
	if c.seen != nil && aws.ToString(c.seen.Value) == store.Value { // a part was repaired
		return nil
	}
	return c.put(ctx, want, store.Value)
}

func (c *definition) ensurePart(ctx context.Context, want *Spec, id, value string) error {
	part := c.parts[id]
	if part == nil {
		part = c.newPart(id)
	}
	if err := part.ensureTags(ctx, want); err != nil {
		return err
	}
	if part.seen == nil || aws.ToString(part.seen.Value) != value {
		if err := part.put(ctx, want, value); err != nil {
			return err
		}
	}
	c.parts[id] = part
	return nil
}

// remove deletes the parameter first: without it no reader looks for the parts.
func (c *definition) remove(ctx context.Context) error {
	if err := c.parameter.remove(ctx); err != nil {
		return err
	}
	return c.removeParts(ctx, slices.Sorted(maps.Keys(c.parts)))
}

func (c *definition) report(state *State) {
	for _, part := range c.parts {
		state.note(c.s.ours(part.tags))
	}
	if state.note(c.ours()) {
		state.Definition, _ = c.stored() // diff reports what is wrong with it
	}
}
